import HostTensors

/// Activation functions of the rectifier and sigmoid families.
let unitOps: [OpDefinition] = [
    unit(
        "leakyRelu", "x where it is positive, else a small part of it.", "x > 0 ? x : slope · x",
        attributes: [AttributeSchema("slope", .float, default: .float(0.01))]
    ) { builder, x, attributes in
        try builder.select(
            builder.isPositive(x), x, builder.scaled(x, by: attributes.float("slope")))
    },
    unit("relu6", "The positive part, at most 6.", "min(max(x, 0), 6)") { builder, x, _ in
        try builder.binary("min", builder.emit1("relu", x), builder.splat(6, like: x))
    },
    unit(
        "elu", "x where it is positive, else an exponential that ends at -alpha (Clevert and others, 2016).",
        "x > 0 ? x : alpha (e^x - 1)", attributes: [AttributeSchema("alpha", .float, default: .float(1))]
    ) { builder, x, attributes in
        try builder.exponentialUnit(x, scale: 1, alpha: attributes.float("alpha"))
    },
    unit(
        "selu", "The exponential unit whose results keep mean 0 and variance 1 (Klambauer and others, 2017).",
        "λ (x > 0 ? x : α (e^x - 1)), λ = 1.0507…, α = 1.6732…"
    ) { builder, x, _ in
        try builder.exponentialUnit(x, scale: 1.050_700_987_355_480_5, alpha: 1.673_263_242_354_377_2)
    },
    .composite(
        "softplus", "A smooth positive part.", "ln(1 + e^x)", operands: ["x"], infer: sameFloat,
        gradient: .rule { builder, input in
            [try builder.mul(input.cotangent, builder.unary("logistic", input.operand(0)))]
        }, flopsPerElement: 4
    ) { builder, op in [try builder.softplus(op.operands[0])] },
    unit("logSigmoid", "The logarithm of the logistic function.", "-ln(1 + e^-x)") { builder, x, _ in
        try builder.neg(builder.emit1("softplus", builder.neg(x)))
    },
    unit("softsign", "x divided by 1 and its magnitude.", "x / (1 + |x|)") { builder, x, _ in
        try builder.div(x, builder.add(builder.splat(1, like: x), builder.unary("abs", x)))
    },
    unit("mish", "x times the hyperbolic tangent of its softplus (Misra, 2019).", "x tanh(ln(1 + e^x))") {
        builder, x, _ in
        try builder.mul(x, builder.unary("tanh", builder.emit1("softplus", x)))
    },
    unit("hardSigmoid", "The logistic function in three straight lines.", "min(max(x + 3, 0), 6) / 6") {
        builder, x, _ in try builder.hardSigmoid(x)
    },
    unit("hardSwish", "x times its hard sigmoid.", "x min(max(x + 3, 0), 6) / 6") { builder, x, _ in
        try builder.mul(x, builder.hardSigmoid(x))
    },
    unit("hardTanh", "x kept between -1 and 1.", "min(max(x, -1), 1)") { builder, x, _ in
        let raised = try builder.binary("max", x, builder.splat(-1, like: x))
        return try builder.binary("min", raised, builder.splat(1, like: x))
    },
    .composite(
        "prelu", "x where it is positive, else a learned part of it; `slope` has the last axes of `x`, or none.",
        "x > 0 ? x : slope · x", operands: ["x", "slope"],
        infer: { input in
            let (x, slope) = (input.type(0), input.type(1))
            try input.require(.floats, of: 0, named: "x")
            let expected = TensorType(x.dtype, Array(x.shape.suffix(slope.rank)))
            guard slope == expected else { throw input.failure("slope must be \(expected) for x \(x), got \(slope)") }
            return [x]
        }, flopsPerElement: 2
    ) { builder, op in
        let (x, slope) = (op.operands[0], op.operands[1])
        let rank = builder.type(x).rank
        let spread = try builder.broadcast(
            slope, axes: Array((rank - builder.type(slope).rank)..<rank), shape: builder.type(x).shape)
        return [try builder.select(builder.isPositive(x), x, builder.mul(x, spread))]
    },
]

/// A row for an activation of one floating-point operand whose body is differentiated.
private func unit(
    _ name: String, _ summary: String, _ formula: String, attributes: [AttributeSchema] = [],
    body: @escaping @Sendable (inout FunctionBuilder, ValueID, Attributes) throws -> ValueID
) -> OpDefinition {
    .composite(
        name, summary, formula, operands: ["x"], attributes: attributes, infer: sameFloat, flopsPerElement: 4
    ) { builder, op in [try body(&builder, op.operands[0], op.attributes)] }
}

extension FunctionBuilder {
    fileprivate mutating func isPositive(_ x: ValueID) throws -> ValueID {
        try compare("greater", x, splat(0, like: x))
    }

    /// `max(x, 0) + ln(1 + e^-|x|)`, which does not overflow.
    fileprivate mutating func softplus(_ x: ValueID) throws -> ValueID {
        let tail = try unary("exp", neg(unary("abs", x)))
        return try add(binary("max", x, splat(0, like: x)), unary("log1p", tail))
    }

    /// The exponential only sees numbers below 0: its overflow would spoil the gradient of the other branch.
    fileprivate mutating func exponentialUnit(_ x: ValueID, scale: Double, alpha: Double) throws -> ValueID {
        let isPositive = try isPositive(x)
        let negative = try select(isPositive, splat(0, like: x), x)
        let curved = try scaled(unary("expm1", negative), by: scale * alpha)
        return try select(isPositive, scaled(x, by: scale), curved)
    }

    fileprivate mutating func hardSigmoid(_ x: ValueID) throws -> ValueID {
        let raised = try binary("max", add(x, splat(3, like: x)), splat(0, like: x))
        return try scaled(binary("min", raised, splat(6, like: x)), by: 1.0 / 6)
    }
}
