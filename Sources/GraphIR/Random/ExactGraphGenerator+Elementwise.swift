import HostTensors

extension ExactGraphGenerator {
    /// A function of one value, element by element.
    mutating func unary() throws -> Known {
        let x = try choose { _ in true }
        var names = ["neg", "abs", "sign"]
        if x.isFloat {
            names += ["sqrt", "floor", "ceil", "round", "isFinite", "leakyRelu", "hardTanh", "relu"]
        } else {
            names = x.isNumber ? names + ["not"] : ["not"]
        }
        guard let name = random.pick(names) else { throw Misfit() }
        let isWhole = !["sqrt", "leakyRelu", "not"].contains(name)
        return made(
            try builder.emit1(name, x.id), x, whole: isWhole ? x.whole : nil,
            isSure: name != "hardTanh" && name != "relu")
    }

    /// A function of two values, element by element.
    mutating func binary() throws -> Known {
        let x = try choose { _ in true }
        let y = try partner(x.type)
        var names = ["add", "sub", "mul", "div", "max", "min", "rem", "add", "mul"]
        if x.type.dtype == .f64 { names.removeAll { $0 == "rem" } }
        if x.type.dtype.isInteger { names += ["and", "or", "xor", "shiftLeft", "shiftRight"] }
        if !x.isNumber { names = ["and", "or", "xor"] }
        guard let name = random.pick(names), name != "div" || y.hasSureZeros else { throw Misfit() }
        var whole: Double?
        if let one = x.whole, let other = y.whole {
            switch name {
            case "add", "sub": whole = one + other
            case "mul": whole = one * other
            case "max", "min": whole = max(one, other)
            default: break
            }
        }
        return made(try builder.binary(name, x.id, y.id), x, y, whole: whole, isSure: name != "max" && name != "min")
    }

    /// A comparison, or a choice by one.
    mutating func choice() throws -> Known {
        let x = try choose { _ in true }
        let y = try partner(x.type)
        let condition = try truth(x.type.shape)
        guard random.chance(2, outOf: 3) else { return condition }
        let whole = x.whole.flatMap { one in y.whole.map { max(one, $0) } }
        return made(try builder.select(condition.id, x.id, y.id), x, y, whole: whole)
    }

    /// Truth values of a shape.
    mutating func truth(_ shape: [Dim]) throws -> Known {
        let x = try choose { $0.type.shape == shape }
        let directions = ["equal", "notEqual", "less", "lessEqual", "greater", "greaterEqual"]
        guard let direction = random.pick(directions) else { throw Misfit() }
        return made(try builder.compare(direction, x.id, try partner(x.type).id))
    }

    /// A conversion to any other type.
    mutating func conversion() throws -> Known {
        let x = try choose { _ in true }
        guard let dtype = random.pick(DType.allCases.filter { $0 != x.type.dtype }) else { throw Misfit() }
        return made(try builder.cast(x.id, to: dtype), x, whole: x.whole)
    }

    /// Positions, random numbers, whole numbers, or more data.
    mutating func source() throws -> Known {
        let shape = newShape()
        switch random.below(5) {
        case 0:
            guard let dtype = random.pick(DType.allCases.filter { $0 != .bool }), let axis = random.pick(shape.indices)
            else { throw Misfit() }
            return made(try builder.iota(axis: axis, shape: shape, dtype: dtype), whole: Double(count([shape[axis]])))
        case 1:
            let seed = try builder.constant(HostTensor(scalar: Int64(random.below(1000))))
            let step = try builder.constant(HostTensor(scalar: Int64(random.below(100))))
            return made(try builder.random(seed: seed, step: step, stream: random.below(4), shape: shape))
        case 2, 3:
            guard let dtype = random.pick([.f64, .f32, .f32, .f32, .f16, .bf16] as [DType]) else { throw Misfit() }
            return try wholeNumbers(shape, dtype)
        default: return try addInput(shape, newDType())
        }
    }

    /// A condition, a scan or a loop, with bodies of a few random operations.
    mutating func structured() throws -> [Known] {
        let x = try choose { $0.type.rank < 4 }
        let y = try choose { _ in true }
        switch random.below(3) {
        case 0:
            let predicate = try addInput([], .bool)
            let (one, isSure) = try body([x.type, y.type], giving: [x.type, y.type])
            let (other, isAlsoSure) = try body([x.type, y.type], giving: [x.type, y.type])
            let results = try builder.emit("cond", [predicate.id, x.id, y.id], ["then": one, "else": other])
            return results.map { made($0, isSure: isSure && isAlsoSure) }
        case 1:
            let length = random.number(in: 1...5)
            let sequence = try addInput([Dim(length)] + y.type.shape, y.type.dtype)
            let (step, isSure) = try body([x.type, y.type], giving: [x.type, x.type])
            let results = try builder.emit(
                "scan", [x.id, sequence.id],
                [
                    "carries": .int(1), "sequences": .int(1), "length": .int(length),
                    "reverse": .bool(random.chance(1, outOf: 2)), "body": step,
                ])
            return results.map { made($0, isSure: isSure) }
        default:
            let truth = TensorType(.bool)
            let (condition, _) = try body([x.type, truth], giving: [truth])
            let (step, isSure) = try body([x.type, truth], giving: [x.type, truth])
            let goesOn = try addInput([], .bool)
            let results = try builder.emit(
                "loop", [x.id, goesOn.id],
                ["carries": .int(2), "limit": .int(random.number(in: 1...4)), "condition": condition, "body": step])
            return results.map { made($0, isSure: isSure) }
        }
    }

    /// A body and whether the zeros of its results have sure signs.
    private mutating func body(
        _ types: [TensorType], giving results: [TensorType]
    ) throws -> (body: Attribute, isSure: Bool) {
        var inner = ExactGraphGenerator(body: types, random)
        defer { random = inner.random }
        inner.grow(to: random.number(in: 1...4))
        var isSure = true
        for type in results {
            let value = try inner.choose { $0.type == type }
            isSure = isSure && value.hasSureZeros
            inner.builder.output("r\(inner.builder.function.outputs.count)", value.id)
        }
        return (.function(inner.builder.function), isSure)
    }
}
