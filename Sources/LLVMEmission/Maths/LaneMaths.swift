import GraphIR
import HostTensors
import KernelIR

/// Writes scalar operations on vectors of one element type.
struct LaneMaths {
    let dtype: DType
    let lanes: Int
    let target: Target
    var writer: IRWriter

    var element: String { LLVMSpelling.element(dtype) }
    var type: String { LLVMSpelling.vector(element, lanes) }
    var condition: String { LLVMSpelling.vector("i1", lanes) }
    /// Integers of the element's width, for bit patterns.
    var bits: String { LLVMSpelling.vector(dtype == .f64 ? "i64" : "i32", lanes) }

    func constant(_ value: Double) -> String {
        LLVMSpelling.splat(LLVMSpelling.number(value, dtype), element, lanes)
    }
    func whole(_ value: Int) -> String { LLVMSpelling.splat(String(value), element, lanes) }
    func bitsConstant(_ value: Int) -> String {
        LLVMSpelling.splat(String(value), dtype == .f64 ? "i64" : "i32", lanes)
    }

    // MARK: Building blocks

    mutating func binary(_ instruction: String, _ x: String, _ y: String) -> String {
        writer.value("\(instruction) \(type) \(x), \(y)")
    }
    mutating func add(_ x: String, _ y: String) -> String { binary("fadd", x, y) }
    mutating func sub(_ x: String, _ y: String) -> String { binary("fsub", x, y) }
    mutating func mul(_ x: String, _ y: String) -> String { binary("fmul", x, y) }
    mutating func div(_ x: String, _ y: String) -> String { binary("fdiv", x, y) }
    mutating func compare(_ predicate: String, _ x: String, _ y: String) -> String {
        writer.value("\(dtype.isFloat ? "fcmp" : "icmp") \(predicate) \(type) \(x), \(y)")
    }
    mutating func select(_ when: String, _ x: String, _ y: String) -> String {
        writer.value("select \(condition) \(when), \(type) \(x), \(type) \(y)")
    }
    mutating func intrinsic(_ name: String, _ operands: String..., flags: String = "") -> String {
        let full = "@llvm.\(name).\(LLVMSpelling.suffix(dtype, lanes))"
        writer.declare("declare \(type) \(full)(\(operands.map { _ in type }.joined(separator: ", ")))")
        return writer.value("call \(flags)\(type) \(full)(\(operands.map { "\(type) \($0)" }.joined(separator: ", ")))")
    }
    /// `x·y + z`: one rounding where the target has the instruction, two where it would be a library call.
    mutating func fma(_ x: String, _ y: String, _ z: String) -> String {
        target.hasFusedMultiplyAdd ? intrinsic("fma", x, y, z) : add(mul(x, y), z)
    }
    /// Horner's rule, highest power first.
    mutating func polynomial(_ x: String, _ coefficients: [Double]) -> String {
        var sum = constant(coefficients[0])
        for coefficient in coefficients.dropFirst() { sum = fma(sum, x, constant(coefficient)) }
        return sum
    }
    mutating func asBits(_ x: String) -> String { writer.value("bitcast \(type) \(x) to \(bits)") }
    mutating func fromBits(_ x: String) -> String { writer.value("bitcast \(bits) \(x) to \(type)") }
    mutating func abs(_ x: String) -> String { intrinsic("fabs", x) }
    mutating func clamp(_ x: String, _ low: Double, _ high: Double) -> String {
        // The comparison is false for NaN, which therefore passes through.
        atMost(select(compare("olt", x, constant(low)), constant(low), x), high)
    }
    mutating func atMost(_ x: String, _ high: Double) -> String {
        select(compare("ogt", x, constant(high)), constant(high), x)
    }

    // MARK: Rounding, without library calls on any level

    /// Whether floor, ceil and round-to-even are instructions.
    private var hasRounding: Bool { target.architecture == .aarch64 || target.level != .baseline }

    mutating func roundEven(_ x: String) -> String {
        if hasRounding { return intrinsic("roundeven", x) }
        // Adding and taking away 2^23 (2^52) leaves no room for a fraction; larger numbers have none.
        let big = constant(dtype == .f64 ? 0x1p52 : 0x1p23)
        let magnitude = abs(x)
        let rounded = sub(add(magnitude, big), big)
        let signed = intrinsic("copysign", rounded, x)
        return select(compare("olt", magnitude, big), signed, x)
    }
    mutating func floor(_ x: String) -> String {
        if hasRounding { return intrinsic("floor", x) }
        let rounded = roundEven(x)
        let lower = select(compare("ogt", rounded, x), sub(rounded, constant(1)), rounded)
        return intrinsic("copysign", lower, x)
    }
    mutating func ceil(_ x: String) -> String {
        if hasRounding { return intrinsic("ceil", x) }
        let rounded = roundEven(x)
        let upper = select(compare("olt", rounded, x), add(rounded, constant(1)), rounded)
        return intrinsic("copysign", upper, x)
    }
    mutating func truncate(_ x: String) -> String {
        let down = floor(abs(x))
        return intrinsic("copysign", down, x)
    }

    // MARK: Operations

    /// Larger (or smaller) of two; NaN if either is.
    mutating func extremum(_ x: String, _ y: String, larger: Bool) -> String {
        if isNumber(y) { return select(compare(larger ? "olt" : "ogt", x, y), y, x) }
        if isNumber(x) { return select(compare(larger ? "olt" : "ogt", y, x), x, y) }
        // Of two zeros, either.
        return intrinsic(larger ? "maximum" : "minimum", x, y, flags: "nsz ")
    }
    private func isNumber(_ name: String) -> Bool { !name.contains("%") && !name.contains("0x7FF8") }

    mutating func float(_ op: ScalarOp, _ x: [String]) -> String {
        switch op {
        case .add: add(x[0], x[1])
        case .sub: sub(x[0], x[1])
        case .mul: mul(x[0], x[1])
        case .div: div(x[0], x[1])
        case .max: extremum(x[0], x[1], larger: true)
        case .min: extremum(x[0], x[1], larger: false)
        case .multiplyAdd: fma(x[0], x[1], x[2])
        case .neg: writer.value("fneg \(type) \(x[0])")
        case .abs: abs(x[0])
        case .sign: sign(x[0])
        case .sqrt: squareRoot(x[0])
        case .rsqrt: div(constant(1), squareRoot(x[0]))
        case .floor: floor(x[0])
        case .ceil: ceil(x[0])
        case .round: roundEven(x[0])
        case .isFinite: compare("olt", abs(x[0]), constant(.infinity))
        case .equal: compare("oeq", x[0], x[1])
        case .notEqual: compare("une", x[0], x[1])
        case .less: compare("olt", x[0], x[1])
        case .lessEqual: compare("ole", x[0], x[1])
        case .greater: compare("ogt", x[0], x[1])
        case .greaterEqual: compare("oge", x[0], x[1])
        case .exp: exp(x[0])
        case .log: log(x[0])
        case .tanh: tanh(x[0])
        case .logistic: logistic(x[0])
        case .erf: erf(x[0])
        case .log1p where dtype != .f64: log1pSingle(x[0])
        case .expm1 where dtype != .f64: expm1Single(x[0])
        case .log1p, .expm1, .sin, .cos: precise(op, x)
        case .pow, .rem: precise(op, x)
        case .not, .and, .or, .xor, .shiftLeft, .shiftRight, .cast, .select: x[0]
        }
    }

    private mutating func sign(_ x: String) -> String {
        let positive = compare("ogt", x, constant(0))
        let negative = compare("olt", x, constant(0))
        return select(positive, constant(1), select(negative, constant(-1), x))
    }

    mutating func integer(_ op: ScalarOp, _ x: [String]) -> String {
        let signed = dtype.isSigned
        let prefix = signed ? "s" : "u"
        switch op {
        case .add, .sub, .mul, .and, .or, .xor: return binary(op.rawValue, x[0], x[1])
        case .neg: return binary("sub", whole(0), x[0])
        case .not:
            return dtype == .bool
                ? binary("xor", x[0], LLVMSpelling.splat("true", "i1", lanes)) : binary("xor", x[0], whole(-1))
        case .abs: return signed ? select(compare("slt", x[0], whole(0)), binary("sub", whole(0), x[0]), x[0]) : x[0]
        case .sign:
            let positive = select(compare("ne", x[0], whole(0)), whole(1), whole(0))
            return signed ? select(compare("slt", x[0], whole(0)), whole(-1), positive) : positive
        case .max:
            return dtype == .bool ? binary("or", x[0], x[1]) : select(compare("\(prefix)gt", x[0], x[1]), x[0], x[1])
        case .min:
            return dtype == .bool ? binary("and", x[0], x[1]) : select(compare("\(prefix)lt", x[0], x[1]), x[0], x[1])
        case .div, .rem: return divide(op, x[0], x[1])
        case .shiftLeft, .shiftRight: return shift(op, x[0], x[1])
        case .equal: return compare("eq", x[0], x[1])
        case .notEqual: return compare("ne", x[0], x[1])
        case .less: return compare("\(prefix)lt", x[0], x[1])
        case .lessEqual: return compare("\(prefix)le", x[0], x[1])
        case .greater: return compare("\(prefix)gt", x[0], x[1])
        case .greaterEqual: return compare("\(prefix)ge", x[0], x[1])
        case .multiplyAdd:
            let product = binary("mul", x[0], x[1])
            return binary("add", product, x[2])
        case .isFinite: return LLVMSpelling.splat("true", "i1", lanes)
        case .pow: return integerPower(x[0], x[1])
        default: return x[0]
        }
    }

    /// Division towards zero; by zero it gives 0, and the most negative number by -1 wraps.
    private mutating func divide(_ op: ScalarOp, _ x: String, _ y: String) -> String {
        let isZero = compare("eq", y, whole(0))
        var divisor = select(isZero, whole(1), y)
        guard dtype.isSigned else {
            let quotient = binary(op == .div ? "udiv" : "urem", x, divisor)
            return select(isZero, whole(0), quotient)
        }
        let isMinusOne = compare("eq", y, whole(-1))
        divisor = select(isMinusOne, whole(1), divisor)
        let plain = binary(op == .div ? "sdiv" : "srem", x, divisor)
        let negated = op == .div ? binary("sub", whole(0), x) : whole(0)
        return select(isZero, whole(0), select(isMinusOne, negated, plain))
    }

    /// Shifts; by the element's width or more every bit is gone (or a copy of the sign).
    private mutating func shift(_ op: ScalarOp, _ x: String, _ y: String) -> String {
        let width = dtype.byteCount * 8
        let inRange = compare("ult", y, whole(width))
        if op == .shiftRight, dtype.isSigned { return binary("ashr", x, select(inRange, y, whole(width - 1))) }
        let safe = select(inRange, y, whole(0))
        return select(inRange, binary(op == .shiftLeft ? "shl" : "lshr", x, safe), whole(0))
    }

    /// x to the power y by repeated squaring; a negative y gives 0 (1 for x = 1, ±1 for x = -1).
    private mutating func integerPower(_ x: String, _ y: String) -> String {
        var result = whole(1)
        var square = x
        for bit in 0..<(dtype.byteCount * 8 - (dtype.isSigned ? 1 : 0)) {
            let isSet = compare("ne", binary("and", y, LLVMSpelling.splat(String(1 << bit), element, lanes)), whole(0))
            result = select(isSet, binary("mul", result, square), result)
            square = binary("mul", square, square)
        }
        guard dtype.isSigned else { return result }
        let odd = compare("ne", binary("and", y, whole(1)), whole(0))
        let ofMinusOne = select(odd, whole(-1), whole(1))
        let reciprocal = select(
            compare("eq", x, whole(1)), whole(1), select(compare("eq", x, whole(-1)), ofMinusOne, whole(0)))
        return select(compare("slt", y, whole(0)), reciprocal, result)
    }
}
