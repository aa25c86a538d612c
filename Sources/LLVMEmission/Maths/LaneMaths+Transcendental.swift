import GraphIR
import HostTensors
import KernelIR

/// Transcendental functions without a library: f32 by short polynomials (errors in ulp in docs/semantics.md), f64 and the rarer f32
/// functions in double precision.
extension LaneMaths {
    /// The exponential. f32: range reduction by ln 2 in two parts and a polynomial of degree 6 whose largest relative error is 2^-28;
    /// f64: degree 13 of the series.
    mutating func exp(_ x: String) -> String {
        let double = dtype == .f64
        let scalesAtOnce = scaling != nil
        var limited = scalesAtOnce ? atMost(x, 89) : clamp(x, double ? -746 : -104, double ? 710 : 89)
        // The nearest whole number, and 3 · 2^22 (3 · 2^51) above it, where its lowest bits are the integer's.
        let raise = constant(double ? 0x1.8p52 : 0x1.8p23)
        let raised = fma(limited, constant(1.442695040888963407), raise)
        let n = sub(raised, raise)
        let y: String
        if double {
            limited = fma(n, constant(-6.93147180369123816490e-01), limited)
            let r = fma(n, constant(-1.90821492927058770002e-10), limited)
            y = polynomial(r, (0...13).reversed().map { 1 / Self.factorial($0) })
        } else {
            limited = fma(n, constant(-0.693359375), limited)
            let r = fma(n, constant(2.12194440e-4), limited)
            y = polynomial(
                r,
                [
                    0.0013821169268339872, 0.008368665352463722, 0.04166825860738754, 0.1666652113199234,
                    0.4999999403953552, 1, 1,
                ])
        }
        // Processors take a hundred times as long for a product that rounds to 0 as for one by 0.
        let least = constant(double ? -745.1332191019412 : -103.972084)
        if scalesAtOnce { return scaleAtOnce(y, byPowerOfTwo: n, where: compare("uge", x, least)) }
        let vanishes = compare("olt", x, least)
        return scale(select(vanishes, constant(0), y), raised: raised)
    }

    /// The instruction for `y · 2^n`, and the type of its mask; nil where there is none.
    private var scaling: (name: String, mask: String)? {
        guard dtype == .f32, target.hasMaskRegisters else { return nil }
        switch lanes {
        case 16: return ("llvm.x86.avx512.mask.scalef.ps.512", "i16")
        case 8: return ("llvm.x86.avx512.mask.scalef.ps.256", "i8")
        default: return nil
        }
    }

    /// `y · 2^n`, rounded once, and 0 where a condition does not hold.
    private mutating func scaleAtOnce(_ y: String, byPowerOfTwo n: String, where holds: String) -> String {
        guard let scaling else { return scale(y, raised: n) }
        let mask = writer.value("bitcast \(condition) \(holds) to \(scaling.mask)")
        let rounding = lanes == 16 ? (", i32", ", i32 4") : ("", "")
        writer.declare("declare \(type) @\(scaling.name)(\(type), \(type), \(type), \(scaling.mask)\(rounding.0))")
        return writer.value(
            "call \(type) @\(scaling.name)(\(type) \(y), \(type) \(n), \(type) \(constant(0)), \(scaling.mask) \(mask)\(rounding.1))"
        )
    }

    private static func factorial(_ n: Int) -> Double { n < 2 ? 1 : (2...n).reduce(1.0) { $0 * Double($1) } }

    /// `y · 2^n` for a whole n that may pass the exponent's range, given `raised` as for `integer`: in two steps. A NaN y stays one.
    private mutating func scale(_ y: String, raised: String) -> String {
        let (bias, shift) = dtype == .f64 ? (1023, 52) : (127, 23)
        let whole = integer(raised: raised)
        let first = writer.value("ashr \(bits) \(whole), \(bitsConstant(1))")
        let second = writer.value("sub \(bits) \(whole), \(first)")
        var result = y
        for part in [first, second] {
            let biased = writer.value("add \(bits) \(part), \(bitsConstant(bias))")
            let exponent = writer.value("shl \(bits) \(biased), \(bitsConstant(shift))")
            result = mul(result, fromBits(exponent))
        }
        return result
    }

    /// A whole number below 2^22 (2^51) as an integer; any integer for others and NaN. With 3 · 2^22 (3 · 2^51) added, its
    /// lowest bits are the integer's.
    private mutating func integer(_ n: String) -> String {
        integer(raised: add(n, constant(dtype == .f64 ? 0x1.8p52 : 0x1.8p23)))
    }

    /// The same, when that has been added.
    private mutating func integer(raised: String) -> String {
        let least = bitsConstant(dtype == .f64 ? 0x4338_0000_0000_0000 : 0x4b40_0000)
        return writer.value("sub \(bits) \(asBits(raised)), \(least)")
    }

    /// The natural logarithm; -inf at 0, NaN below.
    mutating func log(_ x: String) -> String {
        let result = dtype == .f64 ? logDouble(x) : logSingle(x)
        let atZero = select(compare("oeq", x, constant(0)), constant(-.infinity), result)
        let below = select(compare("olt", x, constant(0)), constant(.nan), atZero)
        let infinite = select(compare("oeq", x, constant(.infinity)), x, below)
        return select(compare("uno", x, x), x, infinite)
    }

    /// Splits x into m · 2^e with m near 1; `least` is the bit pattern of the smallest m.
    private mutating func splitExponent(_ x: String, least: Int, shift: Int) -> (m: String, e: String) {
        let pattern = asBits(x)
        let offset = writer.value("sub \(bits) \(pattern), \(bitsConstant(least))")
        let exponent = writer.value("ashr \(bits) \(offset), \(bitsConstant(shift))")
        let shifted = writer.value("shl \(bits) \(exponent), \(bitsConstant(shift))")
        let m = fromBits(writer.value("sub \(bits) \(pattern), \(shifted)"))
        return (m, writer.value("sitofp \(bits) \(exponent) to \(type)"))
    }

    private mutating func logSingle(_ x: String) -> String {
        // Subnormal numbers are scaled up first.
        let tiny = compare("olt", x, constant(0x1p-126))
        let scaled = select(tiny, mul(x, constant(0x1p25)), x)
        let (m, plainExponent) = splitExponent(scaled, least: 0x3f35_04f3, shift: 23)
        let e = select(tiny, sub(plainExponent, constant(25)), plainExponent)
        return logSingle(near: sub(m, constant(1)), exponent: e)
    }

    /// `ln((1 + z) · 2^e)` for 1 + z from √½ to √2.
    private mutating func logSingle(near z: String, exponent e: String) -> String {
        let square = mul(z, z)
        let p = polynomial(
            z,
            [
                7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
                2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
            ])
        var y = mul(mul(p, square), z)
        y = fma(e, constant(-2.12194440e-4), y)
        y = fma(square, constant(-0.5), y)
        return fma(e, constant(0.693359375), add(z, y))
    }

    /// `ln(1 + x)`: the logarithm of u = 1 + x, with what rounding took from u added where u is nearest to 1.
    mutating func log1pSingle(_ x: String) -> String {
        let u = add(constant(1), x)
        let lost = select(
            compare("ogt", x, constant(1)), sub(constant(1), sub(u, x)), sub(x, sub(u, constant(1))))
        let (m, e) = splitExponent(u, least: 0x3f35_04f3, shift: 23)
        // 2^-e as m / u, which are the same digits; beyond 2^24 all that is lost is less than the result shows.
        let exponent = writer.value("sub \(bits) \(asBits(u)), \(asBits(m))")
        let power = fromBits(writer.value("sub \(bits) \(bitsConstant(0x3f80_0000)), \(exponent)"))
        let scale = select(compare("olt", x, constant(0x1p24)), power, constant(0))
        let value = logSingle(near: fma(lost, scale, sub(m, constant(1))), exponent: e)
        let atPole = select(compare("oeq", x, constant(-1)), constant(-.infinity), value)
        let below = select(compare("olt", x, constant(-1)), constant(.nan), atPole)
        // Infinity, NaN and what is its own result.
        let isItself = writer.value(
            "or \(condition) \(compare("ueq", x, constant(.infinity))), \(compare("olt", abs(x), constant(0x1p-25)))")
        return select(isItself, x, below)
    }

    /// `e^x - 1`: with x = n · ln 2 + r, `2^n · (e^r - 1) + (2^n - 1)`, halved until the last step, so that no power overflows.
    mutating func expm1Single(_ x: String) -> String {
        let limited = clamp(x, -20, 89)
        let raise = constant(0x1.8p23)
        let raised = fma(limited, constant(1.442695040888963407), raise)
        let n = sub(raised, raise)
        let r = fma(n, constant(2.12194440e-4), fma(n, constant(-0.693359375), limited))
        let series = polynomial(r, (2...7).reversed().map { 1 / Self.factorial($0) })
        let near = fma(mul(r, r), series, r)
        let biased = writer.value("add \(bits) \(integer(raised: raised)), \(bitsConstant(126))")
        let half = fromBits(writer.value("shl \(bits) \(biased), \(bitsConstant(23))"))
        let value = mul(fma(near, half, sub(half, constant(0.5))), constant(2))
        return select(compare("olt", abs(x), constant(0x1p-25)), x, value)
    }

    private mutating func logDouble(_ x: String) -> String {
        let tiny = compare("olt", x, constant(0x1p-1022))
        let scaled = select(tiny, mul(x, constant(0x1p54)), x)
        let (m, plainExponent) = splitExponent(scaled, least: 0x3fe6_a09e_667f_3bcd, shift: 52)
        let e = select(tiny, sub(plainExponent, constant(54)), plainExponent)
        // log m = 2 atanh(s), s = (m - 1)/(m + 1), |s| < 0.172.
        let s = div(sub(m, constant(1)), add(m, constant(1)))
        let square = mul(s, s)
        let series = polynomial(square, (0...10).reversed().map { 2 / Double(2 * $0 + 3) })
        let tail = fma(e, constant(1.90821492927058770002e-10), mul(mul(s, square), series))
        return fma(e, constant(6.93147180369123816490e-01), add(add(s, s), tail))
    }

    /// Hyperbolic tangent: an odd rational function on [-7.905, 7.905] and what it gives there beyond (f32); by expm1 (f64). From
    /// 9.0109, where the function rounds to ±1, it is ±1 exactly: `x (1 + tanh x)` and `x (1 - tanh² x)` would grow with x otherwise.
    mutating func tanh(_ x: String) -> String {
        guard dtype != .f64 else {
            let magnitude = clamp(abs(x), 0, 40)
            let grown = expm1Double(add(magnitude, magnitude))
            return intrinsic("copysign", div(grown, add(grown, constant(2))), x)
        }
        let c = clamp(x, -7.90531110763549805, 7.90531110763549805)
        let square = mul(c, c)
        let p = polynomial(
            square,
            [
                -2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-08,
                1.48572235717979e-05, 6.37261928875436e-04, 4.89352455891786e-03,
            ])
        let q = polynomial(
            square, [1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03])
        let value = div(mul(p, c), q)
        let magnitude = abs(x)
        let bounded = select(compare("ogt", magnitude, constant(9.0109)), intrinsic("copysign", constant(1), x), value)
        // Below 4e-4 the function is its argument.
        return select(compare("olt", magnitude, constant(4e-4)), x, bounded)
    }

    /// `1/(1 + e^-x)`, for negative x as `e^x/(1 + e^x)`: the exponential never overflows, small results keep their digits.
    mutating func logistic(_ x: String) -> String {
        let decayed = exp(writer.value("fneg \(type) \(abs(x))"))
        let numerator = select(compare("olt", x, constant(0)), decayed, constant(1))
        return div(numerator, add(constant(1), decayed))
    }

    /// The error function. f32: an odd rational function on [-3.83, 3.83], beyond a multiple of x, and in all never beyond ±1: what is
    /// multiplied by 1 + erf would change its sign.
    mutating func erf(_ x: String) -> String {
        guard dtype != .f64 else { return erfDouble(x) }
        let square = atMost(mul(x, x), 14.688108807)
        let p = polynomial(
            square,
            [
                0.00022905065861350646, 0.0034082910107109506, 0.050955695062380861, 0.18520832239976145,
                1.128379143519084,
            ])
        let q = polynomial(
            square,
            [
                -1.1791602954361697e-7, 0.000023547966471313185, 0.0010179625278914885, 0.014070470171167667,
                0.11098505178285362, 0.49746925110067538, 1.0,
            ])
        return clamp(div(mul(p, x), q), -1, 1)
    }

    /// The error function by the rational approximations of Cody (Mathematics of Computation 23, 1969): erf itself up to
    /// 0.46875, `1 - e^(-x²) R(|x|)` beyond, where it is ±1 from 6 on.
    private mutating func erfDouble(_ x: String) -> String {
        let magnitude = clamp(abs(x), 0, 6)
        let square = mul(magnitude, magnitude)
        let near = mul(
            magnitude,
            rational(
                square,
                [
                    1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2, 3.77485237685302021e2,
                    3.20937758913846947e3,
                ],
                [
                    1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3,
                ]))
        let ratio = rational(
            magnitude,
            [
                2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0, 6.61191906371416295e1,
                2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
                1.23033935479799725e3,
            ],
            [
                1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
                3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3,
            ])
        let far = sub(constant(1), mul(exp(writer.value("fneg \(type) \(square)")), ratio))
        return intrinsic("copysign", select(compare("olt", magnitude, constant(0.46875)), near, far), x)
    }

    /// A quotient of two polynomials, highest powers first.
    private mutating func rational(_ x: String, _ numerator: [Double], _ denominator: [Double]) -> String {
        let upper = polynomial(x, numerator)
        return div(upper, polynomial(x, denominator))
    }

    // MARK: In double precision

    /// Computes in double precision and rounds once.
    mutating func precise(_ op: ScalarOp, _ x: [String]) -> String {
        guard dtype != .f64 else { return double(op, x) }
        var wide = LaneMaths(dtype: .f64, lanes: lanes, target: target, writer: writer)
        let extended = x.map { wide.writer.value("fpext \(type) \($0) to \(wide.type)") }
        let result =
            op == .rem ? wide.remainderOfSingles(extended[0], extended[1]) : wide.double(op, extended)
        let rounded = wide.writer.value("fptrunc \(wide.type) \(result) to \(type)")
        writer = wide.writer
        return rounded
    }

    private mutating func double(_ op: ScalarOp, _ x: [String]) -> String {
        switch op {
        case .expm1: expm1Double(x[0])
        case .log1p: log1pDouble(x[0])
        case .pow: powDouble(x[0], x[1])
        case .rem: remainder(x[0], x[1])
        case .sin: sine(x[0], quarterTurns: 0)
        default: sine(x[0], quarterTurns: 1)
        }
    }

    /// `e^x - 1` without cancellation: the series where |x| < 0.3, else by exp.
    mutating func expm1Double(_ x: String) -> String {
        let series = polynomial(x, (1...14).reversed().map { 1 / Self.factorial($0) })
        let near = mul(series, x)
        let far = sub(exp(x), constant(1))
        return select(compare("olt", abs(x), constant(0.3)), near, far)
    }

    /// `log(1 + x)`: log u corrected by the rounding error of u = 1 + x.
    private mutating func log1pDouble(_ x: String) -> String {
        let u = add(constant(1), x)
        let correction = div(sub(x, sub(u, constant(1))), u)
        let value = add(log(u), correction)
        let isTiny = compare("olt", abs(x), constant(1e-16))
        let isExtreme = compare("uno", correction, correction)
        return select(isTiny, x, select(isExtreme, log(u), value))
    }

    /// x^y = e^(y log |x|), with the sign of x for odd whole y; NaN for negative x and y not whole.
    private mutating func powDouble(_ x: String, _ y: String) -> String {
        let size = abs(x)
        // Powers of ±1 are ±1, also where the exponent is infinite.
        let magnitude = select(compare("oeq", size, constant(1)), constant(1), exp(mul(y, log(size))))
        let isWhole = compare("oeq", floor(y), y)
        let halved = mul(y, constant(0.5))
        let isOdd = writer.value("and \(condition) \(isWhole), \(compare("one", floor(halved), halved))")
        let signed = select(isOdd, intrinsic("copysign", magnitude, x), magnitude)
        let isNegative = compare("olt", x, constant(0))
        let isInfinite = compare("oeq", size, constant(.infinity))
        let isDefined = writer.value("or \(condition) \(isWhole), \(isInfinite)")
        let ofNegative = select(isDefined, signed, constant(.nan))
        let value = select(isNegative, ofNegative, select(compare("oeq", x, constant(0)), signed, magnitude))
        let isOne = compare("oeq", x, constant(1))
        let isZeroPower = compare("oeq", y, constant(0))
        return select(writer.value("or \(condition) \(isOne), \(isZeroPower)"), constant(1), value)
    }

    /// The remainder of two f32 numbers held in f64, exact: long division by 28 bits of the quotient at a time.
    private mutating func remainderOfSingles(_ x: String, _ y: String) -> String {
        let divisor = abs(y)
        var left = abs(x)
        // Quotients of f32 are below 2^277. 29 bits times the divisor's 24 are exact, and so is the difference.
        for _ in 0..<10 {
            let kept = writer.value("and \(bits) \(asBits(truncate(div(left, divisor)))), \(bitsConstant(-0x100_0000))")
            left = sub(left, mul(fromBits(kept), divisor))
        }
        // A quotient that was rounded up left one divisor too few.
        left = select(compare("olt", left, constant(0)), add(left, divisor), left)
        return closeRemainder(left, x, y)
    }

    /// `x - y · trunc(x/y)`, the sign of x; exact while the quotient is below 2^52.
    private mutating func remainder(_ x: String, _ y: String) -> String {
        let divisor = abs(y)
        let size = abs(x)
        var left = subtractProduct(truncate(div(size, divisor)), divisor, from: size)
        // A quotient that was rounded up left one divisor too few.
        left = select(compare("olt", left, constant(0)), add(left, divisor), left)
        return closeRemainder(left, x, y)
    }

    /// `z - x·y` with one rounding, for products near z; without a fused instruction by halves (Dekker, 1971).
    private mutating func subtractProduct(_ x: String, _ y: String, from z: String) -> String {
        if target.hasFusedMultiplyAdd { return fma(writer.value("fneg \(type) \(x)"), y, z) }
        let product = mul(x, y)
        let highs = [x, y].map { number in
            fromBits(writer.value("and \(bits) \(asBits(number)), \(bitsConstant(-0x800_0000))"))
        }
        let lows = [sub(x, highs[0]), sub(y, highs[1])]
        var error = sub(mul(highs[0], highs[1]), product)
        error = add(error, mul(highs[0], lows[1]))
        error = add(error, mul(lows[0], highs[1]))
        error = add(error, mul(lows[0], lows[1]))
        return sub(sub(z, product), error)
    }

    /// A remainder's special cases and sign: x itself for an infinite y, NaN for an infinite x.
    private mutating func closeRemainder(_ left: String, _ x: String, _ y: String) -> String {
        let ofInfinite = select(compare("oeq", abs(y), constant(.infinity)), x, left)
        let isSound = compare("olt", abs(x), constant(.infinity))
        return intrinsic("copysign", select(isSound, ofInfinite, constant(.nan)), x)
    }

    /// sin(x + turns·π/2): reduction by π/2 in three parts, then the series.
    private mutating func sine(_ x: String, quarterTurns: Int) -> String {
        let n = roundEven(mul(x, constant(0.63661977236758134308)))
        var r = fma(n, constant(-1.57079632673412561417e+00), x)
        r = fma(n, constant(-6.07710050630396597660e-11), r)
        r = fma(n, constant(-2.02226624879595063154e-21), r)
        let square = mul(r, r)
        let odd = polynomial(square, (0...8).reversed().map { ($0 % 2 == 0 ? 1 : -1) / Self.factorial(2 * $0 + 1) })
        let even = polynomial(square, (0...8).reversed().map { ($0 % 2 == 0 ? 1 : -1) / Self.factorial(2 * $0) })
        // The reduction loses the sign of a zero.
        let sinPart = select(compare("oeq", x, constant(0)), x, mul(odd, r))
        let turns = integer(n)
        let quadrant = writer.value("add \(bits) \(turns), \(bitsConstant(quarterTurns))")
        let low = writer.value("and \(bits) \(quadrant), \(bitsConstant(1))")
        let swaps = writer.value("icmp ne \(bits) \(low), \(bitsConstant(0))")
        let second = writer.value("and \(bits) \(quadrant), \(bitsConstant(2))")
        let negates = writer.value("icmp ne \(bits) \(second), \(bitsConstant(0))")
        let chosen = select(swaps, even, sinPart)
        return select(negates, writer.value("fneg \(type) \(chosen)"), chosen)
    }
}
