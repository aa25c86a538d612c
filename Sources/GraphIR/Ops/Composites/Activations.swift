import HostTensors

/// Activation functions.
let activationOps: [OpDefinition] = [
    .composite(
        "relu", "The positive part; NaN stays NaN.", "max(x, 0)", operands: ["x"], infer: sameFloat,
        gradient: .rule { builder, input in
            let zero = try builder.splat(0, like: input.result)
            let isCut = try builder.compare("lessEqual", input.result, zero)
            return [try builder.select(isCut, zero, input.cotangent)]
        }
    ) { [try $0.binary("max", $1.operands[0], $0.splat(0, like: $1.operands[0]))] },
    .composite(
        "gelu", "x times the normal distribution function, exact or by tanh.",
        "x Φ(x) = x/2 (1 + erf(x/√2)); x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))", operands: ["x"],
        attributes: [
            AttributeSchema("approximate", .keyword(["exact", "tanh"]), default: .keyword("exact"))
        ],
        infer: sameFloat, flopsPerElement: 8
    ) { builder, op in
        let x = op.operands[0]
        let inner: ValueID
        if op.attributes.keyword("approximate") == "tanh" {
            let cube = try builder.mul(x, builder.mul(x, x))
            let sum = try builder.add(x, builder.scaled(cube, by: 0.044715))
            inner = try builder.unary("tanh", builder.scaled(sum, by: (2 / Double.pi).squareRoot()))
        } else {
            inner = try builder.unary("erf", builder.scaled(x, by: 0.5.squareRoot()))
        }
        let grown = try builder.add(builder.splat(1, like: x), inner)
        return [try builder.mul(builder.scaled(x, by: 0.5), grown)]
    },
    .composite(
        "silu", "x times the logistic function.", "x / (1 + e^-x)", operands: ["x"], infer: sameFloat,
        flopsPerElement: 2
    ) { [try $0.mul($1.operands[0], $0.unary("logistic", $1.operands[0]))] },
    .composite(
        "softmax", "Exponentials along an axis, scaled to sum to 1.", "e^(x-m) / Σ e^(x-m), m = max x",
        operands: ["x"], attributes: [AttributeSchema("axis", .int)], infer: alongAxis,
        gradient: .rule(softmaxGradient), flopsPerElement: 5
    ) { builder, op in
        let axis = op.attributes.int("axis")
        let exponentials = try builder.unary("exp", shifted(&builder, op.operands[0], axis: axis))
        let sum = try builder.reduce("sum", exponentials, axes: [axis])
        return [try builder.div(exponentials, builder.spread(sum, along: axis, like: exponentials))]
    },
    .composite(
        "logSoftmax", "The logarithm of softmax, without its underflow.", "x - m - ln Σ e^(x-m), m = max x",
        operands: ["x"], attributes: [AttributeSchema("axis", .int)], infer: alongAxis,
        gradient: .rule(logSoftmaxGradient), flopsPerElement: 5
    ) { builder, op in
        let axis = op.attributes.int("axis")
        let shifted = try shifted(&builder, op.operands[0], axis: axis)
        let sum = try builder.reduce("sum", builder.unary("exp", shifted), axes: [axis])
        let logSum = try builder.spread(builder.unary("log", sum), along: axis, like: shifted)
        return [try builder.sub(shifted, logSum)]
    },
    .composite(
        "logSumExp", "The logarithm of the sum of exponentials along `axes`, without their overflow.",
        "m + ln Σ e^(x-m), m = max x, 0 where that is infinite", operands: ["x"],
        attributes: [AttributeSchema("axes", .ints)],
        infer: { input in
            let (x, axes) = (input.type(0), input.ints("axes"))
            try input.require(.floats, of: 0, named: "x")
            try input.requireAxes(axes, rank: x.rank, attribute: "axes")
            return [TensorType(x.dtype, x.shape.indices.filter { !axes.contains($0) }.map { x.shape[$0] })]
        },
        gradient: .rule { builder, input in
            let (x, axes) = (input.operand(0), input.op.attributes.ints("axes"))
            let (sum, cotangent) = (
                try builder.spread(input.result, overAxes: axes, like: x),
                try builder.spread(input.cotangent, overAxes: axes, like: x)
            )
            return [try builder.mul(cotangent, builder.unary("exp", builder.sub(x, sum)))]
        },
        flops: { operands, _, _ in operands[0].count * 5 }
    ) { builder, op in
        let (x, axes) = (op.operands[0], op.attributes.ints("axes"))
        let largest = try builder.reduce("max", x, axes: axes)
        let base = try builder.select(
            builder.unary("isFinite", largest), largest, builder.splat(0, like: largest))
        let shifted = try builder.sub(x, builder.spread(base, overAxes: axes, like: x))
        let sum = try builder.reduce("sum", builder.unary("exp", shifted), axes: axes)
        return [try builder.add(base, builder.unary("log", sum))]
    },
]

/// One floating-point operand; the result has its type.
@Sendable
func sameFloat(_ input: InferenceInput) throws -> [TensorType] {
    try input.require(.floats, of: 0, named: "x")
    return [input.type(0)]
}

/// The same, with an axis to work along.
@Sendable
private func alongAxis(_ input: InferenceInput) throws -> [TensorType] {
    try input.requireAxes([input.int("axis")], rank: input.type(0).rank, attribute: "axis")
    return try sameFloat(input)
}

/// `x` minus its largest element along an axis.
private func shifted(_ builder: inout FunctionBuilder, _ x: ValueID, axis: Int) throws -> ValueID {
    let largest = try builder.reduce("max", x, axes: [axis])
    return try builder.sub(x, builder.spread(largest, along: axis, like: x))
}

/// `s · (c - Σ c s)`.
@Sendable
private func softmaxGradient(_ builder: inout FunctionBuilder, _ input: GradientInput) throws -> [ValueID?] {
    let axis = input.op.attributes.int("axis")
    let weighted = try builder.mul(input.cotangent, input.result)
    let sum = try builder.spread(
        builder.reduce("sum", weighted, axes: [axis]), along: axis, like: input.result)
    return [try builder.mul(input.result, builder.sub(input.cotangent, sum))]
}

/// `c - e^r · Σ c`.
@Sendable
private func logSoftmaxGradient(_ builder: inout FunctionBuilder, _ input: GradientInput) throws -> [ValueID?] {
    let axis = input.op.attributes.int("axis")
    let sum = try builder.spread(
        builder.reduce("sum", input.cotangent, axes: [axis]), along: axis, like: input.result)
    return [try builder.sub(input.cotangent, builder.mul(builder.unary("exp", input.result), sum))]
}
