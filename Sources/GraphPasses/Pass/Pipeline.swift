import GraphIR

/// Passes in order, with the forms that hold after each.
public struct Pipeline: Sendable {
    /// One pass and what it establishes.
    public struct Step: Sendable {
        /// The pass.
        public var pass: GraphPass
        /// Forms that hold from here to the end.
        public var ensures: [LegalForm]

        /// Makes a step.
        public init(_ pass: GraphPass, ensures: [LegalForm] = []) {
            self.pass = pass
            self.ensures = ensures
        }
    }

    /// The steps in order.
    public var steps: [Step]
    /// Forms that hold at the entry and after every step.
    public var invariants: [LegalForm]

    /// Makes a pipeline.
    public init(_ steps: [Step], invariants: [LegalForm] = [.ordered, .wellTyped]) {
        self.steps = steps
        self.invariants = invariants
    }

    /// What `optimize` runs.
    public static let standard = Pipeline(simplification.steps + completion.steps)

    /// The part of it that does not depend on how much memory there is.
    static let simplification = Pipeline([
        Step(.deadCode),
        Step(.expandComposites, ensures: [.primitivesOnly]),
        Step(.inlineBodies, ensures: [.noBodies]),
        Step(.widenHalf, ensures: [.noHalfArithmetic]),
        Step(.canonicalize),
        Step(.fold),
        Step(.canonicalize),
        Step(.separateOffsets),
        Step(.channelsLast, ensures: [.channelsInnermost]),
        Step(.canonicalize),
        Step(.commonSubexpressions),
        Step(.joinPads),
        Step(.joinProducts),
        Step(.commonSubexpressions),
        Step(.layout, ensures: [.plainConvolutions, .contiguousContractions]),
        Step(.fold),
        Step(.commonSubexpressions),
        Step(.deadCode),
    ])

    /// The part behind it.
    static let completion = Pipeline(
        [
            Step(.memoryOrder),
            Step(.recompute),
            Step(.deadCode, ensures: [.noDeadOps]),
        ], invariants: simplification.invariants + simplification.steps.flatMap(\.ensures))

    /// Runs all steps on a function. Throws a `GraphError` that names the pass whose result is not of legal form.
    ///
    /// `observe` is called after each step with the function before and after it.
    public func run(
        on function: inout GraphFunction, _ context: PassContext,
        observe: (_ pass: GraphPass, _ before: GraphFunction, _ after: GraphFunction) throws -> Void = { _, _, _ in }
    ) throws {
        var forms = invariants
        try check(function, forms, after: nil)
        for step in steps {
            let before = function
            let changed: Bool
            do { changed = try step.pass.run(&function, context) } catch let error as GraphError {
                throw GraphError("\(step.pass.name): \(error.message)", place: error.place, remedy: error.remedy)
            }
            forms += step.ensures
            if changed || !step.ensures.isEmpty { try check(function, forms, after: step.pass) }
            // Only what writes something out makes larger tensors.
            if changed, !step.ensures.isEmpty { try checkSizes(function, context, after: step.pass) }
            if changed { try observe(step.pass, before, function) }
        }
    }

    private func checkSizes(_ function: GraphFunction, _ context: PassContext, after pass: GraphPass) throws {
        for op in function.ops {
            guard let problem = function.sizeProblem(of: op, dims: context.dims) else { continue }
            throw GraphError(
                "\(pass.name): \(op.name): \(problem.message)", place: op.place?.description, remedy: problem.remedy)
        }
    }

    private func check(_ function: GraphFunction, _ forms: [LegalForm], after pass: GraphPass?) throws {
        for form in forms {
            guard let first = form.violations(function).first else { continue }
            let moment = pass.map { "after pass '\($0.name)'" } ?? "before the first pass"
            throw GraphError(
                "function '\(function.name)' \(moment): \(form.name), but \(first.message)", place: first.place,
                remedy: pass == nil
                    ? "verify the module first" : "this is a defect of the pass; --check-passes shows more")
        }
    }
}
