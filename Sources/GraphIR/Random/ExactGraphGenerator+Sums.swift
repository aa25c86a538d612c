import HostTensors

extension ExactGraphGenerator {
    /// A reduction over some axes.
    mutating func reduced() throws -> Known {
        let x = try choose { $0.type.rank > 0 }
        var axes = (0..<x.type.rank).filter { _ in random.chance(1, outOf: 2) }
        if axes.isEmpty { axes = [random.below(x.type.rank)] }
        guard let kind = random.pick(x.isNumber ? ["sum", "sum", "prod", "max", "min"] : ["and", "or"]) else {
            throw Misfit()
        }
        var bound = x.whole
        switch kind {
        case "sum": bound = try sumBound(x, count: Double(count(axes.map { x.type.shape[$0] })))
        case "prod": if x.isFloat { throw Misfit() }
        default: break
        }
        return made(try builder.reduce(kind, x.id, axes: axes), whole: bound, isSure: false)
    }

    /// A running combination.
    mutating func cumulated() throws -> Known {
        let x = try choose { (1...3).contains($0.type.rank) && $0.isNumber }
        let axis = random.below(x.type.rank)
        guard let kind = random.pick(["sum", "prod", "max", "min"]), kind != "prod" || !x.isFloat else {
            throw Misfit()
        }
        let bound = kind == "sum" ? try sumBound(x, count: Double(count([x.type.shape[axis]]))) : nil
        let id = try builder.cumulative(
            kind, x.id, axis: axis, exclusive: random.chance(1, outOf: 2), reverse: random.chance(1, outOf: 2))
        return made(id, whole: bound, isSure: false)
    }

    /// A product over any number of axes, each of them anywhere.
    mutating func product() throws -> Known {
        let dtype: DType = random.chance(1, outOf: 3) ? random.pick(DType.allCases.filter(\.isInteger)) ?? .i32 : .f32
        var x = try summable(newShape(), random.chance(1, outOf: 6) ? .f64 : dtype)
        if let value = try? choose({ $0.type.rank > 0 && ($0.whole != nil || $0.type.dtype.isInteger) }),
            random.chance(1, outOf: 2)
        {
            x = value
        }
        let axes = random.shuffled(Array(x.type.shape.indices))
        let batchCount = random.below(min(3, axes.count + 1))
        let contractCount = min(axes.count - batchCount, random.below(3))
        let batch = Array(axes.prefix(batchCount))
        let contract = Array(axes.dropFirst(batchCount).prefix(contractCount))
        // The other side has these axes and some of its own, in any order.
        let own = (0..<random.below(3)).map { _ in random.chance(1, outOf: 5) ? Dim(symbol: "T") : Dim(newSize()) }
        let sizes = (batch + contract).map { x.type.shape[$0] } + own
        let order = random.shuffled(Array(sizes.indices))
        let y = try summable(order.map { sizes[$0] }, x.type.dtype)
        let places = (0..<(batchCount + contractCount)).map { order.firstIndex(of: $0) ?? 0 }
        let bound = try sumBound(x, y, count: Double(count(contract.map { x.type.shape[$0] })))
        let id = try builder.dot(
            x.id, y.id, contract: (contract, Array(places.dropFirst(batchCount))),
            batch: (batch, Array(places.prefix(batchCount))))
        return made(id, whole: bound, isSure: false)
    }

    /// A convolution of integers over one to three spatial axes, laid out in any way.
    ///
    /// Floats are convolved by transformed tiles, too, whose factors are not whole.
    mutating func convolved() throws -> Known {
        guard let dtype = random.pick(DType.allCases.filter(\.isInteger)) else { throw Misfit() }
        let spatial = Array("DHW".suffix(random.pick([1, 2, 2, 3]) ?? 2))
        let groups = random.number(in: 1...3)
        let (channels, filters) = (random.number(in: 1...4), random.number(in: 1...5))
        let sizes = spatial.map { _ in random.number(in: 1...7) }
        let taps = spatial.map { _ in random.number(in: 1...3) }
        func shape(_ letters: [Character], _ axes: [Int], _ others: [Character: Dim]) -> [Dim] {
            letters.map { letter in others[letter] ?? Dim(axes[spatial.firstIndex(of: letter) ?? 0]) }
        }
        let input = random.shuffled(["N", "C"] + spatial)
        let kernel = random.shuffled(["I", "O"] + spatial)
        let result = random.shuffled(["N", "C"] + spatial)
        // Attributes name spatial axes in the input's order.
        let order = input.compactMap { spatial.firstIndex(of: $0) }
        let batch = random.chance(1, outOf: 2) ? Dim(symbol: "B") : Dim(random.number(in: 1...3))
        let x = try summable(shape(input, sizes, ["N": batch, "C": Dim(channels * groups)]), dtype)
        let k = try summable(shape(kernel, taps, ["I": Dim(channels), "O": Dim(filters * groups)]), dtype)
        let id = try builder.conv(
            x.id, k.id, layout: [input, kernel, result].map { String($0) }.joined(separator: ","),
            strides: order.map { _ in random.number(in: 1...3) },
            padding: order.map { _ in [random.below(4), random.below(4)] },
            inputDilation: random.chance(1, outOf: 3) ? order.map { _ in random.number(in: 1...3) } : nil,
            kernelDilation: random.chance(1, outOf: 3) ? order.map { _ in random.number(in: 1...3) } : nil,
            groups: groups)
        return made(id)
    }

    /// Windows over any axes of constant size, or what their gradient is.
    mutating func windowed() throws -> Known {
        let x = try choose { (1...5).contains($0.type.rank) && $0.isNumber }
        let window = x.type.shape.map { dim in
            dim.constant.map { random.number(in: 1...min(4, $0)) } ?? 1
        }
        let strides = x.type.shape.map { $0.constant == nil ? 1 : random.number(in: 1...3) }
        let padding = window.map { size in [random.below(size), random.below(size)] }
        guard let kind = random.pick(["sum", "max", "min"]) else { throw Misfit() }
        let area = Double(window.reduce(1, *))
        if x.isFloat, random.chance(1, outOf: 2) {
            var probe = builder
            let pooled = try probe.reduceWindow(kind, x.id, window: window, strides: strides, padding: padding)
            let cotangent = try wholeNumbers(probe.type(pooled).shape, x.type.dtype)
            let bound = try sumBound(cotangent, count: area)
            let id = try builder.windowScatter(
                kind, x.id, cotangent: cotangent.id, window: window, strides: strides, padding: padding)
            return made(id, whole: bound, isSure: false)
        }
        let bound = kind == "sum" ? try sumBound(x, count: area) : nil
        let id = try builder.reduceWindow(kind, x.id, window: window, strides: strides, padding: padding)
        return made(id, whole: bound, isSure: false)
    }
}
