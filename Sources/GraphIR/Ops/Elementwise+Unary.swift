import HostTensors

/// 2/√π, the derivative of erf at 0.
private let twoOverRootPi = 1.128_379_167_095_512_6

/// Why rounding functions and signs pass no gradient.
private let flat = "its value is constant between jumps"

/// Elementwise operations of one operand.
let unaryOps: [OpDefinition] = [
    .unary("neg", .neg, "Negation; integers wrap.", "-x", on: .numbers) { try $0.neg($1.cotangent) },
    .unary("abs", .abs, "The magnitude; the least integer stays itself.", "|x|", on: .numbers) {
        try $0.mul($1.cotangent, $0.unary("sign", $1.operand(0)))
    },
    .unary(
        "sign", .sign, "-1, 0 or 1; NaN stays NaN, zeros keep their sign.", "x < 0 ? -1 : x > 0 ? 1 : x", on: .numbers,
        noGradient: flat),
    .unary("exp", .exp, "The exponential.", "e^x", on: .floats) { try $0.mul($1.cotangent, $1.result) },
    .unary("log", .log, "The natural logarithm.", "ln x", on: .floats) { try $0.div($1.cotangent, $1.operand(0)) },
    .unary("log1p", .log1p, "The natural logarithm of 1 + x, accurate near 0.", "ln(1 + x)", on: .floats) {
        try $0.div($1.cotangent, $0.add($0.splat(1, like: $1.result), $1.operand(0)))
    },
    .unary("expm1", .expm1, "The exponential minus 1, accurate near 0.", "e^x - 1", on: .floats) {
        try $0.mul($1.cotangent, $0.add($1.result, $0.splat(1, like: $1.result)))
    },
    .unary("sqrt", .sqrt, "The square root; NaN below 0.", "√x", on: .floats) {
        try $0.div($0.scaled($1.cotangent, by: 0.5), $1.result)
    },
    .unary("rsqrt", .rsqrt, "The reciprocal square root.", "1/√x", on: .floats) {
        let cube = try $0.mul($1.result, $0.mul($1.result, $1.result))
        return try $0.mul($0.scaled($1.cotangent, by: -0.5), cube)
    },
    .unary("tanh", .tanh, "The hyperbolic tangent.", "tanh x", on: .floats) {
        let one = try $0.splat(1, like: $1.result)
        return try $0.mul($1.cotangent, $0.sub(one, $0.mul($1.result, $1.result)))
    },
    .unary("logistic", .logistic, "The logistic function.", "1/(1 + e^-x)", on: .floats) {
        let one = try $0.splat(1, like: $1.result)
        return try $0.mul($1.cotangent, $0.mul($1.result, $0.sub(one, $1.result)))
    },
    .unary("erf", .erf, "The error function.", "2/√π ∫₀ˣ e^-t² dt", on: .floats) {
        let x = $1.operand(0)
        let density = try $0.unary("exp", $0.neg($0.mul(x, x)))
        return try $0.mul($1.cotangent, $0.scaled(density, by: twoOverRootPi))
    },
    .unary("sin", .sin, "The sine of radians.", "sin x", on: .floats) {
        try $0.mul($1.cotangent, $0.unary("cos", $1.operand(0)))
    },
    .unary("cos", .cos, "The cosine of radians.", "cos x", on: .floats) {
        try $0.neg($0.mul($1.cotangent, $0.unary("sin", $1.operand(0))))
    },
    .unary("floor", .floor, "The largest whole number not above.", "⌊x⌋", on: .floats, noGradient: flat),
    .unary("ceil", .ceil, "The smallest whole number not below.", "⌈x⌉", on: .floats, noGradient: flat),
    .unary("round", .round, "The nearest whole number, halves to even.", "⌊x⌉", on: .floats, noGradient: flat),
    .unary(
        "not", .not, "Negation of a truth value, or of every bit of an integer.", "¬x", on: .integersAndBools,
        noGradient: "it has no floating-point operands"),
    .unary(
        "isFinite", .isFinite, "Whether a number is neither infinite nor NaN.", "|x| < ∞", on: .floats,
        noGradient: "its result is bool"),
    castOp,
]

private let castOp = OpDefinition(
    name: "cast", summary: "Conversion to another element type; `docs/semantics.md` says how values are rounded.",
    formula: "to(x)", operands: .fixed(["x"]), elements: .any, attributes: [AttributeSchema("to", .dtype)],
    infer: { [TensorType($0.attributes.dtype("to") ?? .f32, $0.operands[0].shape)] },
    meaning: .primitive { [try ScalarOp.cast.evaluate($0.operands, to: $0.results[0].dtype)] },
    scalar: .elementwise { _ in .cast },
    gradient: .rule { builder, input in
        let dtype = builder.type(input.operand(0)).dtype
        return [dtype.isFloat ? try builder.cast(input.cotangent, to: dtype) : nil]
    },
    fusion: .elementwise, inPlace: [], flops: { _, results, _ in results[0].count })
