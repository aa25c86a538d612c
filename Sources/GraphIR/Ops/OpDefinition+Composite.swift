import HostTensors

extension OpDefinition {
    typealias Infer = @Sendable (InferenceInput) throws -> [TensorType]
    typealias Body = @Sendable (inout FunctionBuilder, GraphOp) throws -> [ValueID]

    /// A row for an operation defined by a body in other operations; lowering expands those without an own kernel.
    static func composite(
        _ name: String, _ summary: String, _ formula: String, operands: [String], elements: DTypeClass = .floats,
        attributes: [AttributeSchema] = [], infer: @escaping Infer, gradient: GradientFacet = .fromBody,
        flopsPerElement: Int = 1, body: @escaping Body
    ) -> OpDefinition {
        composite(
            name, summary, formula, operands: operands, elements: elements, attributes: attributes, infer: infer,
            gradient: gradient, flops: { _, results, _ in results[0].count * Dim(flopsPerElement) }, body: body)
    }

    /// The same with its own count of floating-point operations.
    static func composite(
        _ name: String, _ summary: String, _ formula: String, operands: [String], elements: DTypeClass = .floats,
        attributes: [AttributeSchema] = [], infer: @escaping Infer, gradient: GradientFacet = .fromBody,
        flops: @escaping @Sendable ([TensorType], [TensorType], Attributes) -> Dim, body: @escaping Body
    ) -> OpDefinition {
        OpDefinition(
            name: name, summary: summary, formula: formula, operands: .fixed(operands), elements: elements,
            attributes: attributes, infer: infer, meaning: .composite(body: body), scalar: .none, gradient: gradient,
            fusion: .opaque,
            inPlace: [], flops: flops)
    }
}

extension FunctionBuilder {
    /// Repeats a tensor that lacks `axes` of `like` along these axes.
    mutating func spread(_ x: ValueID, overAxes axes: [Int], like: ValueID) throws -> ValueID {
        let shape = type(like).shape
        return try broadcast(x, axes: shape.indices.filter { !axes.contains($0) }, shape: shape)
    }

    /// Repeats a tensor that lacks `axis` of `like` along that axis.
    mutating func spread(_ x: ValueID, along axis: Int, like: ValueID) throws -> ValueID {
        let shape = type(like).shape
        return try broadcast(x, axes: shape.indices.filter { $0 != axis }, shape: shape)
    }
}
