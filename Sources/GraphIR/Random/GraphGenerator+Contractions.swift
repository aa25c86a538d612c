import HostTensors

extension GraphGenerator {
    /// A product of matrices.
    mutating func growContraction() throws -> [Known] {
        switch random.below(5) {
        case 0: return [try overBatch()]
        case 1: return [try batched()]
        default: return [try dense()]
        }
    }

    /// A dense layer with a bias and perhaps an activation.
    private mutating func dense() throws -> Known {
        let x = try chooseFloat { (1...3).contains($0.type.rank) && $0.type.shape.last?.constant != nil }
        guard let width = x.type.shape.last else { throw Misfit() }
        let units = Dim(random.number(in: 1...8))
        let isFlipped = random.chance(1, outOf: 4)
        let weight = try addWeight(isFlipped ? [units, width] : [width, units], x.type.dtype)
        let product = try builder.dot(x.id, weight.id, contract: ([x.type.rank - 1], [isFlipped ? 1 : 0]))
        let bound = x.magnitude * weight.magnitude * largest([width])
        guard random.chance(2, outOf: 3) else { return made(product, -bound, bound) }
        let type = builder.type(product)
        let bias = try addWeight([units], x.type.dtype)
        let repeated = try builder.broadcast(bias.id, axes: [type.rank - 1], shape: type.shape)
        let sum = try builder.add(product, repeated)
        if random.chance(1, outOf: 2) {
            return made(try builder.binary("max", sum, builder.splat(0, type)), 0, bound + bias.magnitude)
        }
        return made(sum, -bound - bias.magnitude, bound + bias.magnitude)
    }

    /// `xᵀ · y` over the first axis: what a weight's gradient is.
    private mutating func overBatch() throws -> Known {
        let x = try chooseFloat { $0.type.rank == 2 }
        let candidates = known.filter {
            $0.type.rank == 2 && $0.type.dtype == x.type.dtype && $0.type.shape[0] == x.type.shape[0]
        }
        guard let y = random.pick(candidates) else { throw Misfit() }
        let bound = x.magnitude * y.magnitude * largest([x.type.shape[0]])
        return made(try builder.dot(x.id, y.id, contract: ([0], [0])), -bound, bound)
    }

    /// A product of matrices for every entry of the first axis.
    private mutating func batched() throws -> Known {
        let x = try chooseFloat { $0.type.rank == 3 }
        let candidates = known.filter {
            $0.type.rank == 3 && $0.type.dtype == x.type.dtype && $0.type.shape[0] == x.type.shape[0]
                && $0.type.shape[2] == x.type.shape[2]
        }
        guard let y = random.pick(candidates) else { throw Misfit() }
        let bound = x.magnitude * y.magnitude * largest([x.type.shape[2]])
        return made(try builder.dot(x.id, y.id, contract: ([2], [2]), batch: ([0], [0])), -bound, bound)
    }

    /// An image: a value of four axes, the middle two of constant size.
    mutating func image() throws -> Known {
        func fits(_ value: Known) -> Bool {
            value.isFloat && value.type.rank == 4
                && value.type.shape[1...].allSatisfy { ($0.constant ?? 0) >= 1 && ($0.constant ?? 99) <= 12 }
        }
        if random.chance(3, outOf: 4), let value = try? choose(fits) { return value }
        let shape = [
            batch, Dim(random.number(in: 4...8)), Dim(random.number(in: 4...8)), Dim(random.number(in: 1...4)),
        ]
        return addInput(shape, dtype)
    }

    /// A convolution of two spatial axes.
    mutating func growConvolution() throws -> [Known] {
        let x = try image()
        let isChannelsFirst = random.chance(1, outOf: 4)
        let channelAxis = isChannelsFirst ? 1 : 3
        let spatial = isChannelsFirst ? [2, 3] : [1, 2]
        guard let channels = x.type.shape[channelAxis].constant else { throw Misfit() }
        let groups = channels % 2 == 0 && random.chance(1, outOf: 4) ? 2 : 1
        let filters = groups * random.number(in: 1...3)
        let window = try spatial.map { axis -> Int in
            guard let size = x.type.shape[axis].constant else { throw Misfit() }
            return random.number(in: 1...min(3, size))
        }
        let sizes = window.map { Dim($0) }
        let kernelShape: [Dim] =
            isChannelsFirst
            ? [Dim(filters), Dim(channels / groups)] + sizes : sizes + [Dim(channels / groups), Dim(filters)]
        let kernel = try addWeight(kernelShape, x.type.dtype)
        let id = try builder.conv(
            x.id, kernel.id, layout: isChannelsFirst ? "NCHW,OIHW,NCHW" : "NHWC,HWIO,NHWC",
            strides: window.map { _ in random.number(in: 1...2) },
            padding: window.map { size in [random.below(size), random.below(size)] },
            inputDilation: random.chance(1, outOf: 6) ? [2, 1] : nil,
            kernelDilation: random.chance(1, outOf: 8) ? [1, 2] : nil, groups: groups)
        let bound = x.magnitude * kernel.magnitude * Double(window[0] * window[1] * channels / groups)
        return [made(id, -bound, bound)]
    }

    /// Pooling, or its gradient.
    mutating func growWindow() throws -> [Known] {
        let x = try image()
        let sizes = try x.type.shape[1...2].map { dim -> Int in
            guard let size = dim.constant else { throw Misfit() }
            return random.number(in: 1...min(3, size))
        }
        let window = [1] + sizes + [1]
        let strides = [1, random.number(in: 1...2), random.number(in: 1...2), 1]
        let padding = window.map { size in [random.below(min(2, size)), random.below(min(2, size))] }
        guard let kind = random.pick(["max", "max", "min", "sum"]) else { throw Misfit() }
        let id = try builder.reduceWindow(kind, x.id, window: window, strides: strides, padding: padding)
        let count = Double(sizes[0] * sizes[1])
        let bound = x.magnitude * count
        let pooled = kind == "sum" ? made(id, -bound, bound) : made(id, x.low, x.high, exact: x.isExact)
        guard kind == "sum" || x.isExact, random.chance(1, outOf: 3) else { return [pooled] }
        let cotangent = try partner(pooled.type)
        let scattered = try builder.windowScatter(
            kind, x.id, cotangent: cotangent.id, window: window, strides: strides, padding: padding)
        let total = cotangent.magnitude * count
        return [pooled, made(scattered, -total, total)]
    }
}
