import GraphIR
import HostTensors

// before:                                              after:
//   %0 = constant value f32[2]{1, 2} : f32[2]            %0 = constant value f32[2]{2, 4} : f32[2]
//   %1 = add %0, %0 : f32[2]

extension GraphPass {
    /// Evaluates operations on constants with the op table's reference evaluation. A constant whose elements are all
    /// equal becomes a repeated scalar; results never outgrow the operands and `PassOptions.foldLimit`.
    public static let fold = GraphPass(
        name: "fold", summary: "Evaluates operations whose operands are constants."
    ) { function, context in
        try GraphRewriter.rebuild(&function, context) { op, rewriter in
            if op.name == "constant" { return try splatted(op, &rewriter) }
            guard let results = try folded(op, &rewriter, context.options) else { return nil }
            return try results.map { try emit($0, &rewriter.builder) }
        }
    }

    /// Operations that stay: they cost nothing to recompute, make data out of little, or are the user's code.
    private static let kept: Set<String> = ["constant", "broadcast", "iota", "random", "custom"]
    /// Largest operand that is expanded to be evaluated.
    private static let operandLimit = 65_536

    private static func folded(
        _ op: GraphOp, _ rewriter: inout GraphRewriter, _ options: PassOptions
    ) throws -> [HostTensor]? {
        guard !kept.contains(op.name), let row = OpTable.rows[op.name], !row.isComposite else { return nil }
        let types = try row.infer(
            InferenceInput(
                opName: op.name, operands: op.operands.map { rewriter.builder.type($0) }, attributes: op.attributes))
        var operands: [HostTensor] = []
        var largest = options.foldLimit
        for value in op.operands {
            guard let tensor = try constant(value, &rewriter) else { return nil }
            operands.append(tensor)
            if rewriter.maker(value)?.name == "constant" { largest = max(largest, tensor.count) }
        }
        let counts = types.map { $0.constantShape?.reduce(1, *) ?? Int.max }
        guard counts.allSatisfy({ $0 <= largest }) else { return nil }
        return try row.evaluate(operands: operands, attributes: op.attributes)
    }

    /// The contents of a value that is a constant or a small repetition of one.
    private static func constant(_ value: ValueID, _ rewriter: inout GraphRewriter) throws -> HostTensor? {
        guard let op = rewriter.maker(value) else { return nil }
        if op.name == "constant" { return op.attributes.tensor("value") }
        let type = rewriter.builder.type(value)
        guard op.name == "broadcast" || op.name == "iota", let shape = type.constantShape,
            shape.reduce(1, *) <= operandLimit, let row = OpTable.rows[op.name]
        else { return nil }
        var operands: [HostTensor] = []
        for operand in op.operands {
            guard let tensor = try constant(operand, &rewriter) else { return nil }
            operands.append(tensor)
        }
        return try row.evaluate(operands: operands, attributes: op.attributes).first
    }

    private static func splatted(_ op: GraphOp, _ rewriter: inout GraphRewriter) throws -> [ValueID]? {
        guard let tensor = op.attributes.tensor("value"), tensor.count > 1, tensor.hasOneValue else { return nil }
        return [try emit(tensor, &rewriter.builder)]
    }

    private static func emit(_ tensor: HostTensor, _ builder: inout FunctionBuilder) throws -> ValueID {
        guard tensor.count > 1, tensor.hasOneValue else { return try builder.constant(tensor) }
        let scalar = try tensor.withUnsafeBytes {
            try HostTensor(bytes: Array($0.prefix(tensor.dtype.byteCount)), dtype: tensor.dtype, shape: [])
        }
        return try builder.broadcast(builder.constant(scalar), axes: [], shape: tensor.shape.map { Dim($0) })
    }
}

extension HostTensor {
    /// Whether every element has the same bits.
    fileprivate var hasOneValue: Bool {
        let width = dtype.byteCount
        return withUnsafeBytes { bytes in
            guard bytes.count > width else { return true }
            return (width..<bytes.count).allSatisfy { bytes[$0] == bytes[$0 - width] }
        }
    }
}
