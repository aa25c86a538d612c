import Glibc
import HostTensors

extension GraphGenerator {
    /// A function of one floating-point value.
    mutating func growUnary() throws -> [Known] {
        let x = try chooseFloat()
        let names = [
            "neg", "abs", "exp", "log", "log1p", "expm1", "sqrt", "rsqrt", "tanh", "logistic", "erf", "sin", "cos",
            "floor", "ceil", "round", "sign",
        ]
        guard let name = random.pick(names) else { throw Misfit() }
        switch name {
        case "log", "rsqrt", "sqrt": return [try monotone(name, positive(x))]
        case "log1p": return [try monotone(name, x.low >= -0.5 ? x : positive(x))]
        case "exp", "expm1":
            guard x.high <= 3 else { throw Misfit() }
            return [try monotone(name, x)]
        case "tanh", "logistic", "erf": return [try monotone(name, x)]
        case "floor", "ceil", "round", "sign":
            guard x.isExact else { throw Misfit() }
            return [made(try builder.unary(name, x.id), floor(x.low), ceil(x.high) + 1, exact: true)]
        case "neg": return [made(try builder.neg(x.id), -x.low, -x.high, exact: x.isExact)]
        case "abs": return [try magnitude(x)]
        default: return [made(try builder.unary(name, x.id), -1, 1)]
        }
    }

    private mutating func monotone(_ name: String, _ x: Known) throws -> Known {
        func value(_ at: Double) -> Double {
            switch name {
            case "exp": exp(at)
            case "expm1": expm1(at)
            case "log": log(at)
            case "log1p": log1p(at)
            case "sqrt": sqrt(at)
            case "rsqrt": 1 / sqrt(at)
            case "tanh": tanh(at)
            case "erf": erf(at)
            default: 1 / (1 + exp(-at))
            }
        }
        return made(try builder.unary(name, x.id), value(x.low), value(x.high))
    }

    private mutating func magnitude(_ x: Known) throws -> Known {
        let low = x.low > 0 ? x.low : x.high < 0 ? -x.high : 0
        return made(try builder.unary("abs", x.id), low, x.magnitude, exact: x.isExact)
    }

    /// The value itself if it is at least 1/4, else its magnitude plus 1/2.
    mutating func positive(_ x: Known) throws -> Known {
        if x.low >= 0.25 { return x }
        let size = try magnitude(x)
        let sum = try builder.add(size.id, builder.splat(0.5, like: size.id))
        return made(sum, size.low + 0.5, size.high + 0.5)
    }

    /// A function of two floating-point values.
    mutating func growBinary() throws -> [Known] {
        let x = try chooseFloat()
        let y = try partner(x.type, besides: x.id)
        switch random.below(9) {
        case 0, 1: return [made(try builder.add(x.id, y.id), x.low + y.low, x.high + y.high)]
        case 2: return [made(try builder.sub(x.id, y.id), x.low - y.high, x.high - y.low)]
        case 3, 4: return [try product(x, y)]
        case 5:
            return [
                made(
                    try builder.binary("max", x.id, y.id), max(x.low, y.low), max(x.high, y.high),
                    exact: x.isExact && y.isExact)
            ]
        case 6:
            return [
                made(
                    try builder.binary("min", x.id, y.id), min(x.low, y.low), min(x.high, y.high),
                    exact: x.isExact && y.isExact)
            ]
        case 7: return [try power(x)]
        default:
            let divisor = try positive(y)
            let bound = x.magnitude / divisor.low
            return [made(try builder.div(x.id, divisor.id), -bound, bound)]
        }
    }

    /// A power with a base of at least 1/4 and an exponent from -2 to 2.
    private mutating func power(_ x: Known) throws -> Known {
        let base = try positive(x)
        let exponent = Double(random.number(in: -8...8)) / 4
        let ends = [pow(base.low, exponent), pow(base.high, exponent)]
        return made(try builder.binary("pow", base.id, builder.splat(exponent, like: base.id)), ends[0], ends[1])
    }

    private mutating func product(_ x: Known, _ y: Known) throws -> Known {
        let ends = [x.low * y.low, x.low * y.high, x.high * y.low, x.high * y.high]
        return made(try builder.mul(x.id, y.id), ends.min() ?? 0, ends.max() ?? 0)
    }

    /// A comparison, a choice, logic or a conversion.
    mutating func growChoice() throws -> [Known] {
        switch random.below(7) {
        case 0, 1: return [try comparison(try choose { $0.isExact })]
        case 2, 3:
            let x = try choose { $0.type.rank > 0 }
            let y = try partner(x.type, besides: x.id)
            let condition = try truth(x.type.shape)
            let chosen = try builder.select(condition.id, x.id, y.id)
            return [made(chosen, min(x.low, y.low), max(x.high, y.high), exact: x.isExact && y.isExact)]
        case 4:
            let x = try choose { $0.type.dtype == .bool }
            if random.chance(1, outOf: 3) { return [made(try builder.unary("not", x.id), 0, 1, exact: true)] }
            let y = try partner(x.type, besides: x.id)
            guard let name = random.pick(["and", "or", "xor"]) else { throw Misfit() }
            return [made(try builder.binary(name, x.id, y.id), 0, 1, exact: true)]
        case 5: return [made(try builder.unary("isFinite", try chooseFloat().id), 0, 1, exact: true)]
        default: return [try conversion()]
        }
    }

    private mutating func comparison(_ x: Known) throws -> Known {
        let y = try partner(x.type, besides: x.id)
        guard y.isExact,
            let direction = random.pick(["equal", "notEqual", "less", "lessEqual", "greater", "greaterEqual"])
        else { throw Misfit() }
        return made(try builder.compare(direction, x.id, y.id), 0, 1, exact: true)
    }

    /// Truth values of a shape.
    private mutating func truth(_ shape: [Dim]) throws -> Known {
        let type = TensorType(.bool, shape)
        if let value = random.pick(known.filter({ $0.type == type })), random.chance(1, outOf: 2) { return value }
        let comparable = known.filter { $0.type.shape == shape && $0.isExact }
        if let x = random.pick(comparable), let made = try? comparison(x) { return made }
        return addInput(shape, .bool)
    }

    private mutating func conversion() throws -> Known {
        let x = try choose { _ in true }
        let targets: [DType] =
            x.type.dtype == dtype ? [.f64, .f32, .i32, .i64] : [dtype, dtype, x.type.dtype == .bool ? .i32 : dtype]
        guard let target = random.pick(targets.filter { $0 != x.type.dtype }) else { throw Misfit() }
        if x.isFloat, target.isInteger {
            guard x.isExact else { throw Misfit() }
            return made(try builder.cast(x.id, to: target), floor(x.low), ceil(x.high), exact: true)
        }
        return made(try builder.cast(x.id, to: target), x.low, x.high, exact: x.isExact)
    }

    /// Arithmetic on integers.
    mutating func growInteger() throws -> [Known] {
        guard random.chance(4, outOf: 5), let x = try? choose({ $0.type.dtype.isInteger }) else {
            return [addInput([batch, Dim(random.number(in: 1...6))], random.pick([.i32, .i32, .i64]) ?? .i32)]
        }
        let y = try partner(x.type, besides: x.id)
        let ends = [x.low * y.low, x.low * y.high, x.high * y.low, x.high * y.high]
        switch random.below(9) {
        case 0, 1: return [made(try builder.add(x.id, y.id), x.low + y.low, x.high + y.high, exact: true)]
        case 2: return [made(try builder.sub(x.id, y.id), x.low - y.high, x.high - y.low, exact: true)]
        case 3: return [made(try builder.mul(x.id, y.id), ends.min() ?? 0, ends.max() ?? 0, exact: true)]
        case 4:
            return [
                made(try builder.binary("max", x.id, y.id), max(x.low, y.low), max(x.high, y.high), exact: true)
            ]
        case 5:
            return [
                made(try builder.binary("min", x.id, y.id), min(x.low, y.low), min(x.high, y.high), exact: true)
            ]
        case 6:
            let divisor = try builder.splat(Double(random.number(in: 1...5)), like: x.id)
            guard let name = random.pick(["div", "rem"]) else { throw Misfit() }
            return [made(try builder.binary(name, x.id, divisor), -x.magnitude, x.magnitude, exact: true)]
        case 7:
            guard x.low >= 0 else { throw Misfit() }
            let isLeft = random.chance(1, outOf: 2)
            let distance = try builder.splat(Double(random.below(4)), like: x.id)
            let shifted = try builder.binary(isLeft ? "shiftLeft" : "shiftRight", x.id, distance)
            return [made(shifted, 0, isLeft ? x.high * 8 : x.high, exact: true)]
        default:
            guard x.low >= 0, y.low >= 0, let name = random.pick(["and", "or", "xor"]) else { throw Misfit() }
            return [made(try builder.binary(name, x.id, y.id), 0, 2 * max(x.high, y.high) + 1, exact: true)]
        }
    }
}
