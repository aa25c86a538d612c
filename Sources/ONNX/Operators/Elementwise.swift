import GraphIR
import GraphTracing
import HostTensors

let elementwiseOperators: [OperatorDefinition] = [
    row("Abs") { abs(try $0.x) },
    row("Acos") { node in
        let x = try node.x
        return 2 * arctangent(sqrt((1 - x) / (1 + x)))
    },
    row("Acosh", since: 9) { node in
        let x = try node.x
        return log(x + sqrt(square(x) - 1))
    },
    row("Add") { try $0.tensor(0) + $0.tensor(1) },
    row("Asin") { node in
        let x = try node.x
        return 2 * arctangent(x / (1 + sqrt((1 - x) * (1 + x))))
    },
    row("Asinh", since: 9) { node in
        // sign(x) ln(|x| + √(x² + 1)), accurate near 0.
        let x = try node.x
        let magnitude = abs(x)
        return sign(x) * log1p(magnitude + square(magnitude) / (1 + sqrt(square(magnitude) + 1)))
    },
    row("Atan") { arctangent(try $0.x) },
    row("Atanh", since: 9) { node in
        let x = try node.x
        return 0.5 * log1p(2 * x / (1 - x))
    },
    row("BitShift", since: 11, ["direction"]) { node in
        let direction = node.text("direction", "")
        guard ["LEFT", "RIGHT"].contains(direction) else {
            throw node.failure("attribute 'direction' is '\(direction)', expected LEFT or RIGHT")
        }
        return try node.binary(direction == "LEFT" ? "shiftLeft" : "shiftRight")
    },
    row("BitwiseAnd", since: 18) { try $0.binary("and") },
    row("BitwiseNot", since: 18) { .!(try $0.x) },
    row("BitwiseOr", since: 18) { try $0.binary("or") },
    row("BitwiseXor", since: 18) { try $0.binary("xor") },
    row("Ceil") { ceil(try $0.x) },
    row("Clip", ["max", "min"], limits: "NaN in `min` and `max` is not passed over") { node in
        var x = try node.x
        if let low = node.scalar(1, "min", dtype: x.dtype) { x = maximum(x, low) }
        if let high = node.scalar(2, "max", dtype: x.dtype) { x = minimum(x, high) }
        return x
    },
    row("Cos") { cos(try $0.x) },
    row("Cosh", since: 9) { node in
        let x = try node.x
        return 0.5 * (exp(x) + exp(-x))
    },
    row("Div") { try $0.tensor(0) / $0.tensor(1) },
    row("Erf", since: 9) { erf(try $0.x) },
    row("Exp") { exp(try $0.x) },
    row("Floor") { floor(try $0.x) },
    row("Log") { log(try $0.x) },
    row("Max") { try $0.folded { maximum($0, $1) } },
    row("Mean") { node in try node.folded { x, y in x + y } / Double(node.tensors.count) },
    row("Min") { try $0.folded { minimum($0, $1) } },
    row("Mod", since: 10, ["fmod"]) { node in
        let (x, y) = (try node.tensor(0), try node.tensor(1))
        return node.bool("fmod") ? remainder(x, y) : modulo(x, y)
    },
    row("Mul") { try $0.tensor(0) * $0.tensor(1) },
    row("Neg") { -(try $0.x) },
    row("Pow") { node in
        let (x, y) = (try node.tensor(0), try node.tensor(1))
        if node.optional(1)?.constant?.doubles() == [2] {
            return square(x).broadcast(to: try Tensor.commonShape("Pow", x.type, y.type))
        }
        if x.dtype.isFloat { return pow(x, y.cast(to: x.dtype)) }
        return pow(x.cast(to: .f64), y.cast(to: .f64)).cast(to: x.dtype)
    },
    row("Reciprocal") { 1 / (try $0.x) },
    row("Round", since: 11) { round(try $0.x) },
    row("Sign", since: 9) { sign(try $0.x) },
    row("Sin") { sin(try $0.x) },
    row("Sinh", since: 9) { node in
        // (e^x - e^-x) / 2, accurate near 0.
        let x = try node.x
        return 0.5 * (expm1(x) - expm1(-x))
    },
    row("Sqrt") { sqrt(try $0.x) },
    row("Sub") { try $0.tensor(0) - $0.tensor(1) },
    row("Sum") { try $0.folded { x, y in x + y } },
    row("Tan") { node in
        let x = try node.x
        return sin(x) / cos(x)
    },
]

/// The angle whose tangent is `x`: brought to |x| ≤ 0.66, and there a quotient of polynomials (Moshier's Cephes, `atan.c`).
private func arctangent(_ x: Tensor) -> Tensor {
    func polynomial(_ z: Tensor, _ factors: [Double]) -> Tensor {
        factors.dropFirst().reduce(Tensor.full(factors[0], z.type)) { $0 * z + $1 }
    }
    let size = abs(x)
    let (isLarge, isSmall) = (size .> 2.414_213_562_373_095, size .<= 0.66)
    let y = select(isLarge, -1 / size, select(isSmall, size, (size - 1) / (size + 1)))
    let z = square(y)
    let above = polynomial(
        z,
        [
            -8.750608600031904122785e-1, -1.615753718733365076637e1, -7.500855792314704667340e1,
            -1.228866684490136173410e2, -6.485021904942025371773e1,
        ])
    let below = polynomial(
        z,
        [
            1, 2.485846490142306297962e1, 1.650270098316988542046e2, 4.328810604912902668951e2,
            4.853903996359136964868e2, 1.945506571482613964425e2,
        ])
    let angle = y + y * z * above / below
    let start = select(
        isLarge, .scalar(Double.pi / 2, dtype: x.dtype),
        select(isSmall, .scalar(0, dtype: x.dtype), .scalar(Double.pi / 4, dtype: x.dtype)))
    return select(x .< 0, -(start + angle), start + angle)
}

extension Node {
    /// A binary operation of the op table on the first two inputs, repeated to their common shape.
    func binary(_ name: String, _ attributes: Attributes = [:]) throws -> Tensor {
        let (x, y) = (try tensor(0), try tensor(1))
        let shape = try Tensor.commonShape(name, x.type, y.type)
        return Tensor.apply(name, [x.broadcast(to: shape), y.broadcast(to: shape)], attributes)
    }

    /// All inputs combined, from the first on.
    func folded(_ combine: (Tensor, Tensor) -> Tensor) throws -> Tensor {
        let first = try x
        return tensors.dropFirst().reduce(first, combine)
    }
}
