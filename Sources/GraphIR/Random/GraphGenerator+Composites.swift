import HostTensors

extension GraphGenerator {
    /// An operation defined by a body in others.
    mutating func growComposite() throws -> [Known] {
        switch random.below(7) {
        case 0, 1: return [try activation()]
        case 2: return [try denseLayer()]
        case 3: return [try convolutionLayer()]
        case 4: return [try pooled()]
        case 5: return [try randomized()]
        default: return [try loss()]
        }
    }

    /// Dropout, or normal numbers.
    private mutating func randomized() throws -> Known {
        let seed = try builder.constant(HostTensor(scalar: Int64(random.below(1000))))
        let step = try builder.constant(HostTensor(scalar: Int64(random.below(100))))
        let stream = Attribute.int(random.below(4))
        if random.chance(1, outOf: 3) {
            let shape = [batch, Dim(random.number(in: 1...7))]
            let id = try builder.emit1(
                "randomNormal", seed, step, attributes: ["stream": stream, "shape": .dims(shape)])
            return made(id, -6, 6)
        }
        let x = try chooseFloat()
        let rate = Double(random.below(4)) / 4
        let id = try builder.emit1(
            "dropout", x.id, seed, step, attributes: ["rate": .float(rate), "stream": stream])
        return made(id, min(0, x.low / (1 - rate)), max(0, x.high / (1 - rate)))
    }

    /// An optimizer's step for a state, with new slots; gives the parameter's new value.
    mutating func optimized(_ state: Int, gradient: ValueID) throws -> ValueID {
        let type = builder.states[state].type
        let parameter = builder.state(state)
        let rate = try builder.scalar(0.125, type.dtype)
        func slot(_ generator: inout GraphGenerator, _ name: String) -> Int {
            let path = "\(generator.builder.states[state].path)/\(name)"
            let identifier = "\(generator.builder.states[state].identifier)_\(name)"
            generator.builder.states.append(StateDeclaration(identifier, type: type, role: .slot, path: path))
            return generator.builder.states.count - 1
        }
        switch random.below(3) {
        case 0: return try builder.emit1("sgd", parameter, gradient, rate)
        case 1:
            let velocity = slot(&self, "velocity")
            let results = try builder.emit(
                "momentum", [parameter, gradient, builder.state(velocity), rate],
                ["nesterov": .bool(random.chance(1, outOf: 2))])
            builder.update(velocity, results[1])
            return results[0]
        default:
            let (mean, variance) = (slot(&self, "m"), slot(&self, "v"))
            // A variance of at least 1/2 keeps the quotient well conditioned.
            let old = made(builder.state(variance), -1, 1, exact: true)
            let step = try builder.constant(HostTensor(scalar: Int64(random.number(in: 1...9))))
            let results = try builder.emit(
                "adam", [parameter, gradient, builder.state(mean), positive(old).id, step, rate])
            builder.update(mean, results[1])
            builder.update(variance, results[2])
            return results[0]
        }
    }

    private mutating func activation() throws -> Known {
        let x = try chooseFloat { $0.type.rank > 0 }
        switch random.below(5) {
        case 0: return made(try builder.emit1("relu", x.id), max(0, x.low), max(0, x.high), exact: x.isExact)
        case 1:
            let form = random.chance(1, outOf: 2) ? "exact" : "tanh"
            return made(
                try builder.emit1("gelu", x.id, attributes: ["approximate": .keyword(form)]), -1, max(0, x.high))
        case 2: return made(try builder.emit1("silu", x.id), -1, max(0, x.high))
        case 3:
            let axis = try constantAxis(of: x)
            return made(try builder.emit1("softmax", x.id, attributes: ["axis": .int(axis)]), 0, 1)
        default:
            let axis = try constantAxis(of: x)
            let bound = x.high - x.low + 8
            return made(try builder.emit1("logSoftmax", x.id, attributes: ["axis": .int(axis)]), -bound, 0)
        }
    }

    private mutating func constantAxis(of x: Known) throws -> Int {
        guard let axis = random.pick(x.type.shape.indices.filter({ x.type.shape[$0].constant != nil })) else {
            throw Misfit()
        }
        return axis
    }

    private mutating func denseLayer() throws -> Known {
        let x = try chooseFloat { (1...3).contains($0.type.rank) && $0.type.shape.last?.constant != nil }
        guard let width = x.type.shape.last else { throw Misfit() }
        let units = Dim(random.number(in: 1...8))
        let weight = try addWeight([width, units], x.type.dtype)
        let bias = try addWeight([units], x.type.dtype)
        let bound = x.magnitude * weight.magnitude * largest([width]) + bias.magnitude
        return made(try builder.emit1("dense", x.id, weight.id, bias.id), -bound, bound)
    }

    private mutating func convolutionLayer() throws -> Known {
        let x = try image()
        guard let height = x.type.shape[1].constant, let width = x.type.shape[2].constant,
            let channels = x.type.shape[3].constant
        else { throw Misfit() }
        let window = [random.number(in: 1...min(3, height)), random.number(in: 1...min(3, width))]
        let filters = Dim(random.number(in: 1...4))
        let kernel = try addWeight(window.map { Dim($0) } + [Dim(channels), filters], x.type.dtype)
        let bias = try addWeight([filters], x.type.dtype)
        let id = try builder.emit1(
            "conv2d", x.id, kernel.id, bias.id,
            attributes: [
                "strides": .ints([random.number(in: 1...2), random.number(in: 1...2)]),
                "padding": .intLists(window.map { [random.below($0), random.below($0)] }),
            ])
        let bound = x.magnitude * kernel.magnitude * Double(window[0] * window[1] * channels) + bias.magnitude
        return made(id, -bound, bound)
    }

    private mutating func pooled() throws -> Known {
        let x = try image()
        guard let height = x.type.shape[1].constant, let width = x.type.shape[2].constant else { throw Misfit() }
        let window = [random.number(in: 1...min(3, height)), random.number(in: 1...min(3, width))]
        let attributes: Attributes = [
            "window": .ints(window), "strides": .ints([random.number(in: 1...2), random.number(in: 1...2)]),
            "padding": .intLists(window.map { [random.below(min(2, $0)), random.below(min(2, $0))] }),
        ]
        let isMax = random.chance(1, outOf: 2)
        let id = try builder.emit1(isMax ? "maxPool" : "avgPool", x.id, attributes: attributes)
        return made(id, x.low, x.high, exact: isMax && x.isExact)
    }

    private mutating func loss() throws -> Known {
        let logits = try chooseFloat { $0.type.rank > 0 && $0.type.shape.last?.constant != nil }
        if random.chance(1, outOf: 3) {
            let targets = addInput(logits.type.shape, logits.type.dtype)
            let id = try builder.emit1("sigmoidCrossEntropy", logits.id, targets.id)
            return made(id, -2 * logits.magnitude - 1, 2 * logits.magnitude + 1)
        }
        let labels = addInput(Array(logits.type.shape.dropLast()), .i32)
        let bound = logits.high - logits.low + 8
        return made(try builder.emit1("crossEntropy", logits.id, labels.id), 0, bound)
    }
}
