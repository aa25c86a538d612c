import HostTensors

/// Why bit operations pass no gradient.
private let discrete = "it has no floating-point operands"

/// Elementwise operations of two operands of one type.
let binaryOps: [OpDefinition] = [
    .binary("add", .add, "The sum; integers wrap.", "x + y", on: .numbers) { [$1.cotangent, $1.cotangent] },
    .binary("sub", .sub, "The difference; integers wrap.", "x - y", on: .numbers) {
        [$1.cotangent, try $0.neg($1.cotangent)]
    },
    .binary("mul", .mul, "The product; integers wrap.", "x · y", on: .numbers) {
        [try $0.mul($1.cotangent, $1.operand(1)), try $0.mul($1.cotangent, $1.operand(0))]
    },
    .binary("div", .div, "The quotient; integers truncate toward zero, and x/0 is 0.", "x / y", on: .numbers) {
        let share = try $0.div($1.cotangent, $1.operand(1))
        return [share, try $0.neg($0.mul(share, $1.result))]
    },
    .binary("pow", .pow, "The power; NaN for a negative base with a fractional exponent.", "x^y", on: .floats) {
        try powerGradient(&$0, $1)
    },
    .binary("max", .max, "The larger; NaN if either is NaN.", "x > y or x is NaN ? x : y", on: .numbers) {
        try extremumGradient(&$0, $1, direction: "greater")
    },
    .binary("min", .min, "The smaller; NaN if either is NaN.", "x < y or x is NaN ? x : y", on: .numbers) {
        try extremumGradient(&$0, $1, direction: "less")
    },
    .binary(
        "rem", .rem, "The remainder of truncated division, with the sign of x; for integers 0 when y is 0.",
        "x - y · trunc(x/y)", on: .numbers
    ) { builder, input in
        let quotient = try builder.div(
            builder.sub(input.operand(0), input.result), input.operand(1))
        return [input.cotangent, try builder.neg(builder.mul(input.cotangent, builder.unary("round", quotient)))]
    },
    .binary("and", .and, "Both, bit by bit for integers.", "x ∧ y", on: .integersAndBools, noGradient: discrete),
    .binary("or", .or, "Either, bit by bit for integers.", "x ∨ y", on: .integersAndBools, noGradient: discrete),
    .binary(
        "xor", .xor, "Exactly one, bit by bit for integers.", "x ⊕ y", on: .integersAndBools, noGradient: discrete),
    .binary(
        "shiftLeft", .shiftLeft, "Bits moved up; 0 when y, read as unsigned, is the bit width or more.", "x · 2^y",
        on: .integers, noGradient: discrete),
    .binary(
        "shiftRight", .shiftRight,
        "Bits moved down, signed types repeat the sign; y at the bit width or more shifts all bits out.", "⌊x / 2^y⌋",
        on: .integers, noGradient: discrete),
]

/// The larger operand gets the cotangent; of equal operands each gets half.
private func extremumGradient(
    _ builder: inout FunctionBuilder, _ input: GradientInput, direction: String
) throws -> [ValueID?] {
    let (x, y) = (input.operand(0), input.operand(1))
    let zero = try builder.splat(0, like: input.result)
    let half = try builder.scaled(input.cotangent, by: 0.5)
    let tied = try builder.select(builder.compare("equal", x, y), half, zero)
    return [
        try builder.select(builder.compare(direction, x, y), input.cotangent, tied),
        try builder.select(builder.compare(direction, y, x), input.cotangent, tied),
    ]
}

/// `y x^(y-1)` for the base (0 for y = 0), `x^y ln x` for the exponent (0 for x = 0).
///
/// What is not chosen is finite too, else derivatives of these would be 0 · ∞.
private func powerGradient(_ builder: inout FunctionBuilder, _ input: GradientInput) throws -> [ValueID?] {
    let (x, y) = (input.operand(0), input.operand(1))
    let (zero, one) = (try builder.splat(0, like: x), try builder.splat(1, like: x))
    let less = try builder.select(builder.compare("equal", y, zero), zero, builder.sub(y, one))
    let base = try builder.mul(y, builder.binary("pow", x, less))
    let isZero = try builder.compare("equal", x, zero)
    let logarithm = try builder.unary("log", builder.select(isZero, one, x))
    let exponent = try builder.select(isZero, zero, builder.mul(input.result, logarithm))
    return [try builder.mul(input.cotangent, base), try builder.mul(input.cotangent, exponent)]
}
