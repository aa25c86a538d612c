import HostTensors

private let noOperands = GradientFacet.nonDifferentiable("it has no floating-point operands")

/// Operations that make tensors out of nothing but their attributes (and a random position).
let sourceOps: [OpDefinition] = [
    OpDefinition(
        name: "constant", summary: "A tensor known when the graph is made.", formula: "value",
        operands: .fixed([]), elements: .any, attributes: [AttributeSchema("value", .tensor)],
        infer: { input in
            guard let value = input.attributes.tensor("value") else { throw input.failure("'value' is missing") }
            return [TensorType(value.dtype, value.shape.map { Dim($0) })]
        },
        meaning: .primitive { input in input.attributes.tensor("value").map { [$0] } ?? [] },
        scalar: .none, gradient: noOperands, fusion: .broadcast, inPlace: [], flops: { _, _, _ in 0 }),
    OpDefinition(
        name: "iota", summary: "Positions along an axis.", formula: "r[…, i, …] = i", operands: .fixed([]),
        elements: .numbers,
        attributes: [
            AttributeSchema("axis", .int), AttributeSchema("shape", .dims), AttributeSchema("dtype", .dtype),
        ],
        infer: { input in
            let (shape, dtype) = (input.dims("shape"), input.attributes.dtype("dtype") ?? .i32)
            guard shape.indices.contains(input.int("axis")) else {
                throw input.failure(
                    "'axis' is \(input.int("axis")), expected 0 to \(shape.count - 1) for shape "
                        + TensorType(dtype, shape).description)
            }
            guard dtype != .bool else { throw input.failure("'dtype' must be a number type, got bool") }
            return [TensorType(dtype, shape)]
        },
        meaning: .primitive { [try evaluateIota($0)] },
        scalar: .none, gradient: noOperands, fusion: .broadcast, inPlace: [], flops: { _, _, _ in 0 }),
    OpDefinition(
        name: "random",
        summary: "Uniform f32 numbers in [0, 1): Philox 4×32-10 of (seed, stream, step), element by element.",
        formula: "u(seed, stream, step, i)", operands: .fixed(["seed", "step"]), elements: .f32,
        attributes: [AttributeSchema("stream", .int), AttributeSchema("shape", .dims)],
        infer: { input in
            try input.requireRandomPosition(seed: 0, step: 1, streams: 0...Int(UInt32.max))
            return [TensorType(.f32, input.dims("shape"))]
        },
        meaning: .primitive { [try evaluateRandom($0)] },
        scalar: .none, gradient: .nonDifferentiable("random numbers depend on no floating-point operand"),
        fusion: .elementwise, inPlace: [], flops: { _, results, _ in results[0].count * 10 }),
]

extension InferenceInput {
    /// Throws unless seed and step are `i64[]` and the stream is in range.
    func requireRandomPosition(seed: Int, step: Int, streams: ClosedRange<Int>) throws {
        try require(TensorType(.i64), of: seed, named: "seed")
        try require(TensorType(.i64), of: step, named: "step")
        guard streams.contains(int("stream")) else {
            throw failure("'stream' is \(int("stream")), expected \(streams.lowerBound) to \(streams.upperBound)")
        }
    }
}
