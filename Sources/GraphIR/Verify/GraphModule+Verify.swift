import OrderedCollections

/// Everything that is wrong with a graph.
public struct VerificationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The module's name.
    public var module: String
    /// The findings, in the order of the module.
    public var diagnostics: [GraphError]

    /// The findings, one a line, after a headline.
    public var description: String {
        "module '\(module)' is not valid:\n" + diagnostics.map { "  \($0)" }.joined(separator: "\n")
    }
}

/// Throws a `VerificationError` with every finding unless the module is well formed: see `GraphModule.diagnostics()`.
public func verify(_ module: GraphModule) throws {
    let diagnostics = module.diagnostics()
    if !diagnostics.isEmpty { throw VerificationError(module: module.name, diagnostics: diagnostics) }
}

extension GraphModule {
    /// Everything that is wrong with the module, located; empty if it is well formed.
    ///
    /// Well formed means: names are identifiers and unique; dims have ranges; states have constant shapes, unique
    /// paths; operations read only what was made before, carry complete attributes, and have the types that inference
    /// gives; every size is positive; outputs and updates exist and have the right types.
    public func diagnostics() -> [GraphError] {
        var found: [GraphError] = []
        if name.isEmpty { found.append(GraphError("the module has no name", remedy: "give it one")) }
        found += dims.compactMap { ShapeCheck.problem(with: $0) }
        found += Duplicates.errors(dims.map(\.name), "dim") { "'\($0)'" }
        found += stateDiagnostics()
        found += Duplicates.errors(functions.map(\.name), "function") { "'@\($0)'" }
        found += clashingCodes
        for function in functions {
            var checker = FunctionChecker(function: function, module: self)
            found += checker.run()
        }
        return found
    }

    private func stateDiagnostics() -> [GraphError] {
        var found = Duplicates.errors(states.map(\.identifier), "state") { "'%\($0)'" }
        found += Duplicates.errors(states.map(\.path), "state path") { "\"\($0)\"" }
        for state in states {
            let place = "state %\(state.identifier)"
            if !Identifier.isValid(state.identifier) {
                found.append(
                    GraphError(
                        "'\(state.identifier)' is not an identifier", place: place,
                        remedy: "use letters, digits and underscores, a digit not first"))
            }
            if state.type.constantShape == nil {
                found.append(
                    GraphError(
                        "the shape \(state.type) is symbolic", place: place,
                        remedy: "a state lives across calls, so its sizes must be numbers"))
            }
            if let problem = ShapeCheck.problem(with: state.type, dims: dims) { found.append(problem.at(place)) }
        }
        return found
    }
}

/// Names that occur twice.
enum Duplicates {
    /// One error for every name that occurs again.
    static func errors(
        _ names: [String], _ what: String, place: String? = nil, _ shown: (String) -> String
    ) -> [GraphError] {
        var seen: Set<String> = []
        return names.filter { !seen.insert($0).inserted }.map {
            GraphError("duplicate \(what) \(shown($0))", place: place, remedy: "give each \(what) its own name")
        }
    }
}
