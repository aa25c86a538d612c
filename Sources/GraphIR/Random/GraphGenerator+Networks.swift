import HostTensors

extension GraphGenerator {
    /// Activations, normalization, attention and recurrent cells.
    mutating func growNetwork() throws -> [Known] {
        switch random.below(5) {
        case 0, 1: return [try unit()]
        case 2: return [try normalized()]
        case 3: return [try attended()]
        default: return try recurrent()
        }
    }

    private mutating func unit() throws -> Known {
        let x = try chooseFloat { $0.type.rank > 0 }
        let names = [
            "leakyRelu", "relu6", "elu", "selu", "softplus", "logSigmoid", "softsign", "mish", "hardSigmoid",
            "hardSwish", "hardTanh",
        ]
        let at = random.below(names.count + 2)
        let bound = 2 * x.magnitude + 2
        if at < names.count { return made(try builder.emit1(names[at], x.id), -bound, bound) }
        if at == names.count {
            let slope = addInput([], x.type.dtype)
            return made(try builder.emit1("prelu", x.id, slope.id), -x.magnitude, x.magnitude)
        }
        let axis = random.below(x.type.rank)
        let id = try builder.emit1("logSumExp", x.id, attributes: ["axes": .ints([axis])])
        return made(id, -bound - 8, bound + 8)
    }

    private mutating func normalized() throws -> Known {
        let x = try chooseFloat { (2...3).contains($0.type.rank) && $0.type.shape.last?.constant != nil }
        guard let width = x.type.shape.last, let count = width.constant else { throw Misfit() }
        let axis = x.type.rank - 1
        // A large epsilon keeps the quotient well conditioned.
        let attributes: Attributes = ["axis": .int(axis), "epsilon": .float(0.5)]
        let (scale, offset) = (addInput([width], x.type.dtype), addInput([width], x.type.dtype))
        let bound = 4 * x.magnitude + 2
        switch random.below(5) {
        case 0:
            return made(
                try builder.emit1("layerNorm", x.id, scale.id, offset.id, attributes: attributes), -bound, bound)
        case 1: return made(try builder.emit1("rmsNorm", x.id, scale.id, attributes: attributes), -bound, bound)
        case 2:
            let groups = count % 2 == 0 ? 2 : 1
            let id = try builder.emit1(
                "groupNorm", x.id, scale.id, offset.id,
                attributes: attributes.merging(["groups": .int(groups)]) { $1 })
            return made(id, -bound, bound)
        case 3:
            let results = try builder.emit("batchNorm", [x.id, scale.id, offset.id], attributes)
            return made(results[0], -bound, bound)
        default:
            let mean = addInput([width], x.type.dtype)
            let variance = try positive(addInput([width], x.type.dtype))
            let id = try builder.emit1(
                "batchNormInference", x.id, scale.id, offset.id, mean.id, variance.id, attributes: attributes)
            return made(id, -bound - 4, bound + 4)
        }
    }

    private mutating func attended() throws -> Known {
        let (shared, group) = (random.number(in: 1...2), random.number(in: 1...2))
        let (queries, extra) = (random.number(in: 1...4), random.below(3))
        let (size, width) = (random.number(in: 1...4), random.number(in: 1...4))
        let heads = Dim(shared * group)
        let keys = Dim(queries + extra)
        let q = addInput([batch, heads, Dim(queries), Dim(size)], dtype)
        let k = addInput([batch, Dim(shared), keys, Dim(size)], dtype)
        let v = addInput([batch, Dim(shared), keys, Dim(width)], dtype)
        let causal: Attributes = ["causal": .bool(random.chance(1, outOf: 2))]
        let mask =
            random.chance(1, outOf: 2)
            ? nil : addInput([random.chance(1, outOf: 2) ? 1 : batch, 1, Dim(queries), keys], .bool)
        let masks = mask.map { [$0.id] } ?? []
        guard group == 1, width % 2 == 0 else {
            let name = mask == nil ? "attention" : "maskedAttention"
            return made(try builder.emit(name, [q.id, k.id, v.id] + masks, causal)[0], v.low, v.high)
        }
        let bias = addInput([1, heads, size % 2 == 0 ? 1 : Dim(queries), keys], dtype)
        let name = mask == nil ? "attentionWeights" : "maskedAttentionWeights"
        let weights = try builder.emit(name, [q.id, k.id, bias.id] + masks, causal)[0]
        return made(try builder.dot(weights, v.id, contract: ([3], [2]), batch: ([0, 1], [0, 1])), v.low, v.high)
    }

    private mutating func recurrent() throws -> [Known] {
        let x = try chooseFloat { $0.type.rank == 2 && $0.type.shape[1].constant != nil }
        let (rows, width) = (x.type.shape[0], x.type.shape[1])
        let units = Dim(random.number(in: 1...5))
        let h = addInput([rows, units], x.type.dtype)
        let isLong = random.chance(1, outOf: 2)
        let gates = units * (isLong ? 4 : 3)
        let w = try addWeight([width, gates], x.type.dtype)
        let u = try addWeight([units, gates], x.type.dtype)
        let b = try addWeight([gates], x.type.dtype)
        guard isLong else {
            let d = try addWeight([gates], x.type.dtype)
            return [made(try builder.emit1("gruCell", x.id, h.id, w.id, u.id, b.id, d.id), -1, 1)]
        }
        let c = addInput([rows, units], x.type.dtype)
        let both = try builder.emit("lstmCell", [x.id, h.id, c.id, w.id, u.id, b.id])
        return [made(both[0], -1, 1), made(both[1], -2, 2)]
    }

    /// Conditions, scans and loops.
    mutating func growStructure() throws -> [Known] {
        let x = try chooseFloat { (1...2).contains($0.type.rank) }
        let type = x.type
        switch random.below(3) {
        case 0:
            let predicate = addInput([], .bool)
            let one = try body([type]) { [try $0.neg($1[0])] }
            let other = try body([type]) { [try $0.emit1("relu", $1[0])] }
            let id = try builder.emit("cond", [predicate.id, x.id], ["then": one, "else": other])[0]
            return [made(id, -x.magnitude, x.magnitude, exact: x.isExact)]
        case 1:
            let length = random.number(in: 1...4)
            let sequence = addInput([Dim(length)] + type.shape, type.dtype)
            let step = try body([type, type]) { builder, values in
                let sum = try builder.scaled(builder.add(values[0], values[1]), by: 0.5)
                return [sum, try builder.sub(sum, values[1])]
            }
            let both = try builder.emit(
                "scan", [x.id, sequence.id],
                [
                    "carries": .int(1), "sequences": .int(1), "length": .int(length),
                    "reverse": .bool(random.chance(1, outOf: 2)), "body": step,
                ])
            let bound = x.magnitude + 2
            return [made(both[0], -bound, bound), made(both[1], -bound - 1, bound + 1)]
        default:
            let goesOn = addInput([], .bool)
            let condition = try body([type, TensorType(.bool)]) { [$1[1]] }
            let halved = try body([type, TensorType(.bool)]) { [try $0.scaled($1[0], by: 0.5)] }
            let id = try builder.emit(
                "loop", [x.id, goesOn.id],
                [
                    "carries": .int(1), "limit": .int(random.number(in: 1...3)), "condition": condition,
                    "body": halved,
                ])[0]
            return [made(id, -x.magnitude, x.magnitude, exact: x.isExact)]
        }
    }

    private func body(
        _ types: [TensorType], _ rule: (inout FunctionBuilder, [ValueID]) throws -> [ValueID]
    ) throws -> Attribute {
        var body = FunctionBuilder(name: "body")
        let inputs = types.enumerated().map { body.input("v\($0)", $1) }
        for (at, value) in try rule(&body, inputs).enumerated() { body.output("r\(at)", value) }
        return .function(body.function)
    }
}
