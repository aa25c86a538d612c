import GraphIR
import HostTensors

extension RewriteRule {
    private static let x = Pattern.any("x")
    private static let y = Pattern.any("y")

    /// Laws of numbers. Floats obey IEEE 754: `x · 0` is not 0 (infinity, NaN, -0), `x + 0` is not x (-0 + 0 = 0),
    /// `x - x` is not 0 (infinity, NaN), and sums and products are not regrouped.
    static let arithmetic: [RewriteRule] =
        constantRight(["add", "mul", "max", "min", "and", "or", "xor"]) + [
            RewriteRule(
                "add-neutral", "x + -0 = x, also for x = 0; integers: x + 0 = x", .op("add", [x, .anySplat("c")])
            ) {
                rewriter, match in
                let neutral = match.type.dtype.isFloat ? -0.0 : 0.0
                return rewriter.splat(match["c"])?.bitPattern == neutral.bitPattern ? match["x"] : nil
            },
            RewriteRule("sub-zero", "x - 0 = x, also for x = -0", .op("sub", [x, .splat(0)])) { $1["x"] },
            RewriteRule("mul-one", "x · 1 = x", .op("mul", [x, .splat(1)])) { $1["x"] },
            RewriteRule("div-one", "x / 1 = x", .op("div", [x, .splat(1)])) { $1["x"] },
            RewriteRule("mul-minus-one", "x · -1 = -x: both flip the sign bit", .op("mul", [x, .splat(-1)])) {
                try $0.builder.neg($1["x"])
            },
            RewriteRule(
                "div-power", "x / 2ⁿ = x · 2⁻ⁿ: both are exact up to one rounding of the same number",
                .op("div", [x, .anySplat("c")])
            ) { rewriter, match in
                guard match.type.dtype.isFloat, let divisor = rewriter.splat(match["c"]),
                    let reciprocal = exactReciprocal(divisor, match.type.dtype)
                else { return nil }
                return try rewriter.builder.mul(match["x"], rewriter.builder.splat(reciprocal, match.type))
            },
            RewriteRule("neg-neg", "-(-x) = x", .op("neg", [.op("neg", [x])])) { $1["x"] },
            RewriteRule("add-neg", "x + (-y) = x - y", .op("add", [x, .op("neg", [y])])) {
                try $0.builder.sub($1["x"], $1["y"])
            },
            RewriteRule("neg-add", "(-x) + y = y - x", .op("add", [.op("neg", [x]), y])) {
                try $0.builder.sub($1["y"], $1["x"])
            },
            RewriteRule("sub-neg", "x - (-y) = x + y", .op("sub", [x, .op("neg", [y])])) {
                try $0.builder.add($1["x"], $1["y"])
            },
            RewriteRule("mul-neg-neg", "(-x) · (-y) = x · y", .op("mul", [.op("neg", [x]), .op("neg", [y])])) {
                try $0.builder.mul($1["x"], $1["y"])
            },
            RewriteRule("abs-neg", "|-x| = |x| where numbers have signs", .op("abs", [.op("neg", [x])])) {
                rewriter, match in
                guard match.type.dtype.isFloat || match.type.dtype.isSigned else { return nil }
                return try rewriter.builder.unary("abs", match["x"])
            },
            RewriteRule("abs-abs", "||x|| = |x|", .op("abs", [.op("abs", [x], as: "inner")])) {
                $1.op("inner").results[0]
            },
            RewriteRule("pow-one", "x¹ = x", .op("pow", [x, .splat(1)])) { $1["x"] },
            RewriteRule("pow-two", "x² = x · x", .op("pow", [x, .splat(2)])) { try $0.builder.mul($1["x"], $1["x"]) },
            RewriteRule("max-same", "max(x, x) = x", .op("max", [x, x])) { $1["x"] },
            RewriteRule("min-same", "min(x, x) = x", .op("min", [x, x])) { $1["x"] },
            RewriteRule("cast-same", "a conversion to the same dtype is none", .op("cast", [x])) { rewriter, match in
                rewriter.builder.type(match["x"]) == match.type ? match["x"] : nil
            },
            RewriteRule(
                "cast-cast", "A → B → C = A → C when B holds every number of A, and nothing is saturated",
                .op("cast", [.op("cast", [x], as: "inner")])
            ) { rewriter, match in
                let first = rewriter.builder.type(match["x"]).dtype
                let middle = rewriter.builder.type(match.op("inner").results[0]).dtype
                guard holdsExactly(middle, first) else { return nil }
                // An integer that C has not becomes its low bits, a real the nearest that C has.
                let last = match.type.dtype
                if first.isInteger, middle.isFloat, last.isInteger, !holdsExactly(last, first) { return nil }
                return try rewriter.builder.cast(match["x"], to: last)
            },
        ]

    /// Laws of truth values.
    static let logic: [RewriteRule] = [
        RewriteRule("not-not", "¬¬x = x", .op("not", [.op("not", [x])])) { $1["x"] },
        RewriteRule("and-same", "x ∧ x = x", .op("and", [x, x])) { $1["x"] },
        RewriteRule("or-same", "x ∨ x = x", .op("or", [x, x])) { $1["x"] },
        RewriteRule("select-same", "c ? x : x = x", .op("select", [.any("c"), x, x])) { $1["x"] },
        RewriteRule("select-true", "true ? x : y = x", .op("select", [.splat(1), x, y])) { $1["x"] },
        RewriteRule("select-false", "false ? x : y = y", .op("select", [.splat(0), x, y])) { $1["y"] },
        RewriteRule("select-not", "¬c ? x : y = c ? y : x", .op("select", [.op("not", [.any("c")]), x, y])) {
            try $0.builder.select($1["c"], $1["y"], $1["x"])
        },
    ]

    /// `c ∘ x = x ∘ c` for commutative operations: the constant stands on the right.
    private static func constantRight(_ names: [String]) -> [RewriteRule] {
        names.map { name in
            RewriteRule("\(name)-constant-right", "c ∘ x = x ∘ c", .op(name, [.anySplat("c"), x])) { rewriter, match in
                guard rewriter.splat(match["x"]) == nil else { return nil }
                return try rewriter.builder.emit(name, [match["x"], match["c"]])[0]
            }
        }
    }

    /// 1/divisor, if divisor is a power of two and the reciprocal is a normal number of the dtype.
    private static func exactReciprocal(_ divisor: Double, _ dtype: DType) -> Double? {
        guard divisor.isNormal, abs(divisor).significand == 1 else { return nil }
        let limit = dtype == .f16 ? 14 : dtype == .f64 ? 1022 : 126
        return abs(Int(divisor.exponent)) < limit ? 1 / divisor : nil
    }

    /// Whether dtype `wide` holds every number of dtype `narrow`.
    private static func holdsExactly(_ wide: DType, _ narrow: DType) -> Bool {
        if wide == narrow { return true }
        if narrow == .bool { return true }
        guard let bits = significandBits(narrow), let room = significandBits(wide) else { return false }
        if narrow.isFloat { return wide.isFloat && room >= bits && exponentBits(wide) >= exponentBits(narrow) }
        if wide.isFloat { return room >= bits && wide != .f16 }
        return wide.isSigned == narrow.isSigned ? room >= bits : wide.isSigned && room >= bits
    }

    /// Bits of magnitude a dtype holds exactly.
    private static func significandBits(_ dtype: DType) -> Int? {
        switch dtype {
        case .f64: 53
        case .f32: 24
        case .f16: 11
        case .bf16: 8
        case .bool: nil
        default: dtype.byteCount * 8 - (dtype.isSigned ? 1 : 0)
        }
    }

    private static func exponentBits(_ dtype: DType) -> Int {
        switch dtype {
        case .f64: 11
        case .f16: 5
        default: 8
        }
    }
}
