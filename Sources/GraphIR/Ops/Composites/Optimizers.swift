import Glibc
import HostTensors

/// Optimizer steps: the new parameter first, then the new slots.
let optimizerOps: [OpDefinition] = [
    .composite(
        "sgd", "Gradient descent.", "p - rate · g", operands: ["p", "g", "rate"],
        infer: { try optimizerResults($0, slots: [], rate: 2) }, flopsPerElement: 2
    ) { builder, op in
        [try descended(&builder, op.operands[0], by: op.operands[1], rate: op.operands[2])]
    },
    .composite(
        "momentum", "Gradient descent with momentum (Polyak), or Nesterov's form of it.",
        "v' = momentum · v + g; p' = p - rate · v', Nesterov: p - rate · (g + momentum · v')",
        operands: ["p", "g", "velocity", "rate"],
        attributes: [
            AttributeSchema("momentum", .float, default: .float(0.9)),
            AttributeSchema("nesterov", .bool, default: .bool(false)),
        ],
        infer: { try optimizerResults($0, slots: [(2, "velocity")], rate: 3) }, flopsPerElement: 6
    ) { builder, op in
        let momentum = op.attributes.float("momentum")
        let velocity = try builder.add(builder.scaled(op.operands[2], by: momentum), op.operands[1])
        var direction = velocity
        if op.attributes.bool("nesterov") {
            direction = try builder.add(op.operands[1], builder.scaled(velocity, by: momentum))
        }
        return [try descended(&builder, op.operands[0], by: direction, rate: op.operands[3]), velocity]
    },
    .composite(
        "adam", "Adam (Kingma and Ba, 2015); `step` counts from 1.",
        "m' = β₁m + (1-β₁)g; v' = β₂v + (1-β₂)g²; p' = p - rate · (m'/(1-β₁ᵗ)) / (√(v'/(1-β₂ᵗ)) + ε)",
        operands: ["p", "g", "m", "v", "step", "rate"],
        attributes: [
            AttributeSchema("beta1", .float, default: .float(0.9)),
            AttributeSchema("beta2", .float, default: .float(0.999)),
            AttributeSchema("epsilon", .float, default: .float(1e-8)),
        ],
        infer: { input in
            try input.require(TensorType(.i64), of: 4, named: "step")
            for name in ["beta1", "beta2"] where !(0..<1).contains(input.float(name)) {
                throw input.failure("'\(name)' is \(input.float(name)), expected 0 or more and below 1")
            }
            return try optimizerResults(input, slots: [(2, "m"), (3, "v")], rate: 5)
        }, flopsPerElement: 14, body: adamBody),
]

/// `p` and the slots have one type with `g`, the rate is a single floating-point number.
private func optimizerResults(
    _ input: InferenceInput, slots: [(Int, String)], rate: Int
) throws -> [TensorType] {
    try input.require(.floats, of: 0, named: "p")
    for other in [(1, "g")] + slots { try input.requireSameType((0, "p"), other) }
    try input.require(.floats, of: rate, named: "rate")
    try input.requireRank(0, of: rate, named: "rate")
    return [input.type(0)] + slots.map { input.type($0.0) }
}

/// `p - rate · direction`.
private func descended(
    _ builder: inout FunctionBuilder, _ p: ValueID, by direction: ValueID, rate: ValueID
) throws -> ValueID {
    let type = builder.type(p)
    let rates = try repeated(&builder, builder.cast(rate, to: type.dtype), type.shape)
    return try builder.sub(p, builder.mul(rates, direction))
}

/// A rank-0 value repeated to a shape.
private func repeated(_ builder: inout FunctionBuilder, _ value: ValueID, _ shape: [Dim]) throws -> ValueID {
    shape.isEmpty ? value : try builder.broadcast(value, axes: [], shape: shape)
}

@Sendable
private func adamBody(_ builder: inout FunctionBuilder, _ op: GraphOp) throws -> [ValueID] {
    let (p, g, m, v) = (op.operands[0], op.operands[1], op.operands[2], op.operands[3])
    let type = builder.type(p)
    let (beta1, beta2) = (op.attributes.float("beta1"), op.attributes.float("beta2"))
    let step = try builder.cast(op.operands[4], to: type.dtype)

    let first = try builder.add(builder.scaled(m, by: beta1), builder.scaled(g, by: 1 - beta1))
    let square = try builder.mul(g, g)
    let second = try builder.add(builder.scaled(v, by: beta2), builder.scaled(square, by: 1 - beta2))

    // (m/c₁) / (√(v/c₂) + ε) = (√c₂/c₁) · m / (√v + ε√c₂): one division an element instead of three, the rest once a step
    // (Kingma and Ba, "Adam", section 2).
    let spreadScale = try builder.unary("sqrt", debiasing(&builder, beta2, step))
    let rate = try builder.mul(
        builder.cast(op.operands[5], to: type.dtype), builder.div(spreadScale, debiasing(&builder, beta1, step)))
    let epsilon = try builder.scaled(spreadScale, by: op.attributes.float("epsilon"))
    let spread = try builder.add(builder.unary("sqrt", second), repeated(&builder, epsilon, type.shape))
    let scaled = try builder.mul(repeated(&builder, rate, type.shape), first)
    return [try builder.sub(p, builder.div(scaled, spread)), first, second]
}

/// `1 - βᵗ` as `-expm1(t · ln β)`, which keeps its digits for β near 1 and small t; 1 for β = 0.
private func debiasing(_ builder: inout FunctionBuilder, _ beta: Double, _ step: ValueID) throws -> ValueID {
    if beta == 0 { return try builder.splat(1, like: step) }
    return try builder.neg(builder.unary("expm1", builder.scaled(step, by: log(beta))))
}
