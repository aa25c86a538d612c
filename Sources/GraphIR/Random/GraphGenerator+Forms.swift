import HostTensors

extension GraphGenerator {
    /// A contraction or windows in any of their forms: axes anywhere, any number of them, sizes about those of registers and tiles.
    mutating func growForm() throws -> [Known] {
        switch random.below(5) {
        case 0, 1: [try product()]
        case 2, 3: [try convolved()]
        default: [try windowed()]
        }
    }

    /// A size: small, or about what a register, a few or a tile hold.
    private mutating func size() -> Dim { Dim(random.pick([1, 2, 3, 5, 8, 15, 16, 17, 31, 32, 33, 48, 64, 65]) ?? 1) }

    /// A new value of this shape to work on.
    private mutating func operand(_ shape: [Dim]) throws -> Known {
        guard elementCount(TensorType(dtype, shape)) <= Self.mostElements else { throw Misfit() }
        return shape.allSatisfy { $0.constant != nil } ? try addWeight(shape, dtype) : addInput(shape, dtype)
    }

    /// A product over any number of batch, contracted and free axes.
    private mutating func product() throws -> Known {
        var x = try operand(random.shuffled([batch, size(), random.chance(1, outOf: 3) ? size() : 1]))
        if random.chance(1, outOf: 2), let value = try? chooseFloat({ $0.type.rank > 0 }) { x = value }
        let axes = random.shuffled(Array(x.type.shape.indices))
        let batchCount = random.below(min(3, axes.count + 1))
        let shared = axes.prefix(batchCount + random.below(3))
        let own = (0..<random.below(3)).map { _ in size() }
        let sizes = shared.map { x.type.shape[$0] } + own
        let order = random.shuffled(Array(sizes.indices))
        let shape = order.map { sizes[$0] }
        guard elementCount(TensorType(x.type.dtype, shape)) <= Self.mostElements else { throw Misfit() }
        let y =
            shape.allSatisfy { $0.constant != nil } ? try addWeight(shape, x.type.dtype) : addInput(shape, x.type.dtype)
        let places = shared.indices.map { order.firstIndex(of: $0) ?? 0 }
        let contract = Array(shared.dropFirst(batchCount))
        let id = try builder.dot(
            x.id, y.id, contract: (contract, Array(places.dropFirst(batchCount))),
            batch: (Array(shared.prefix(batchCount)), Array(places.prefix(batchCount))))
        let bound = x.magnitude * y.magnitude * largest(contract.map { x.type.shape[$0] })
        return made(id, -bound, bound)
    }

    /// A convolution over one to three spatial axes in any layout, channels last more often.
    private mutating func convolved() throws -> Known {
        let spatial = Array("DHW".suffix(random.pick([1, 2, 2, 2, 3]) ?? 2))
        let groups = random.pick([1, 1, 1, 2, 3]) ?? 1
        let (channels, filters) = (random.pick([1, 3, 4, 8, 16]) ?? 1, random.pick([1, 2, 5, 8, 16, 17]) ?? 1)
        let sizes = spatial.map { _ in random.number(in: 1...9) }
        let taps = spatial.map { _ in random.pick([1, 2, 3, 3, 5]) ?? 1 }
        func shape(_ letters: [Character], _ axes: [Int], _ others: [Character: Dim]) -> [Dim] {
            letters.map { letter in others[letter] ?? Dim(axes[spatial.firstIndex(of: letter) ?? 0]) }
        }
        let isUsual = random.chance(2, outOf: 3)
        let input = isUsual ? ["N"] + spatial + ["C"] : random.shuffled(["N", "C"] + spatial)
        let kernel = isUsual ? spatial + ["I", "O"] : random.shuffled(["I", "O"] + spatial)
        let result = isUsual ? input : random.shuffled(input)
        let isPlain = random.chance(1, outOf: 2)
        // Attributes name spatial axes in the input's order.
        let order = input.compactMap { spatial.firstIndex(of: $0) }
        let x = try operand(shape(input, sizes, ["N": batch, "C": Dim(channels * groups)]))
        let k = try operand(shape(kernel, taps, ["I": Dim(channels), "O": Dim(filters * groups)]))
        let id = try builder.conv(
            x.id, k.id, layout: [input, kernel, result].map { String($0) }.joined(separator: ","),
            strides: order.map { _ in isPlain ? 1 : random.number(in: 1...3) },
            padding: order.map { isPlain ? [taps[$0] / 2, taps[$0] / 2] : [random.below(4), random.below(4)] },
            inputDilation: isPlain || random.chance(1, outOf: 2) ? nil : order.map { _ in random.number(in: 1...3) },
            kernelDilation: isPlain || random.chance(1, outOf: 2) ? nil : order.map { _ in random.number(in: 1...3) },
            groups: groups)
        let bound = x.magnitude * k.magnitude * Double(taps.reduce(channels, *))
        return made(id, -bound, bound)
    }

    /// Windows over any axes of constant size.
    private mutating func windowed() throws -> Known {
        let x = try chooseFloat { (1...5).contains($0.type.rank) }
        let window = x.type.shape.map { dim in dim.constant.map { random.number(in: 1...min(4, $0)) } ?? 1 }
        guard let kind = random.pick(["sum", "max", "min"]) else { throw Misfit() }
        let id = try builder.reduceWindow(
            kind, x.id, window: window,
            strides: x.type.shape.map { $0.constant == nil ? 1 : random.number(in: 1...3) },
            padding: window.map { size in [random.below(size), random.below(size)] })
        let bound = x.magnitude * Double(window.reduce(1, *))
        return kind == "sum" ? made(id, -bound, bound) : made(id, x.low, x.high, exact: x.isExact)
    }
}
