import GraphIR

/// A property of a function that holds from one step of the pipeline on.
public struct LegalForm: Sendable {
    /// The property, in words: `every convolution has zero padding`.
    public var name: String
    /// An error for each operation that violates it.
    public var violations: @Sendable (GraphFunction) -> [GraphError]

    /// Declares a form.
    public init(name: String, violations: @escaping @Sendable (GraphFunction) -> [GraphError]) {
        self.name = name
        self.violations = violations
    }

    /// A form that each operation has or violates by itself; `problem` says what is wrong with one, nil if nothing.
    init(_ name: String, problem: @escaping @Sendable (GraphOp, GraphFunction) -> String?) {
        self.init(name: name) { function in
            function.ops.compactMap { op in
                problem(op, function).map { GraphError("\(op.name): \($0)", place: op.place?.description) }
            }
        }
    }
}

extension LegalForm {
    /// Every operation is a primitive.
    public static let primitivesOnly = LegalForm("every operation is a primitive") { op, _ in
        guard let row = OpTable.rows[op.name] else { return "is not in the op table" }
        return row.isComposite ? "is a composite" : nil
    }

    /// Every operation reads only what inputs, states and earlier operations make.
    public static let ordered = LegalForm(name: "every value is made before it is read") { function in
        var isMade = function.values.map { $0.origin != .operation }
        var errors: [GraphError] = []
        for op in function.ops {
            for operand in op.operands where !isMade[operand.index] {
                errors.append(
                    GraphError(
                        "\(op.name): reads %\(operand.index) before it is made", place: op.place?.description))
            }
            for result in op.results { isMade[result.index] = true }
        }
        for value in function.liveOut where !isMade[value.index] {
            errors.append(GraphError("'\(function.name)' gives out %\(value.index), which nothing makes"))
        }
        return errors
    }

    /// Every operation's result types are what its shape rule infers.
    public static let wellTyped = LegalForm("every result has the type its shape rule gives") { op, function in
        do {
            let row = try OpTable.definition(of: op.name)
            try row.checkOperandCount(op.operands.count)
            let operands = op.operands.map { function.type(of: $0) }
            let inferred = try row.infer(
                InferenceInput(opName: op.name, operands: operands, attributes: op.attributes))
            let actual = op.results.map { function.type(of: $0) }
            return inferred == actual ? nil : "has results \(actual), its shape rule gives \(inferred)"
        } catch {
            return "\(error)"
        }
    }

    /// No operation has a body.
    public static let noBodies = LegalForm("no operation has a body") { op, _ in
        op.bodies.isEmpty ? nil : "has a body"
    }

    /// Nothing is computed on `f16` and `bf16` elements; they are moved and converted.
    public static let noHalfArithmetic = LegalForm("16-bit floats are only moved and converted") { op, function in
        if op.movesElements { return nil }
        let types = (op.operands + op.results).map { function.type(of: $0) }
        return types.first { $0.dtype.isHalf }.map { "computes on \($0)" }
    }

    /// Every operation leads to an output or update.
    public static let noDeadOps = LegalForm(name: "no operation is dead") { function in
        let live = liveOps(of: function)
        return function.ops.indices.filter { !live[$0] }.map {
            GraphError("\(function.ops[$0].name): nothing needs it", place: function.ops[$0].place?.description)
        }
    }

    /// Every convolution has zero padding and an input without holes.
    public static let plainConvolutions = LegalForm("every convolution reads its input without padding") { op, _ in
        guard op.name == "conv" else { return nil }
        if op.attributes.intLists("padding").contains(where: { $0 != [0, 0] }) { return "has padding" }
        return op.attributes.ints("inputDilation").contains { $0 != 1 } ? "spreads its input" : nil
    }

    /// Every `dot` finds its result's last axis contiguous in the operand that has it.
    public static let contiguousContractions = LegalForm("every dot reads vectors from contiguous memory") {
        op, function in
        guard op.name == "dot" else { return nil }
        return DotLayout(op, in: function.type(of:)).axisToMove == nil ? nil : "its vector axis is not innermost"
    }
}
