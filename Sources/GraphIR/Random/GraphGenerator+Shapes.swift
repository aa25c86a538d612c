import HostTensors

extension GraphGenerator {
    /// A value repeated along one new axis.
    mutating func growBroadcast() throws -> [Known] {
        let x = try choose { $0.type.rank < 4 }
        let at = random.number(in: 0...x.type.rank)
        let hasBatch = x.type.shape.contains { $0.constant == nil }
        let size = !hasBatch && at == 0 ? batch : Dim(random.number(in: 1...5))
        var shape = x.type.shape
        shape.insert(size, at: at)
        guard elementCount(TensorType(.bool, shape)) <= Self.mostElements else { throw Misfit() }
        let axes = (0..<shape.count).filter { $0 != at }
        return [moved(try builder.broadcast(x.id, axes: axes, shape: shape), x)]
    }

    /// The same elements in other places.
    mutating func growMovement() throws -> [Known] {
        let x = try choose { $0.type.rank > 0 }
        switch random.below(7) {
        case 0, 1: return [try reshaped(x)]
        case 2:
            guard x.type.rank > 1 else { throw Misfit() }
            return [moved(try builder.transpose(x.id, random.shuffled(Array(0..<x.type.rank))), x)]
        case 3: return [try sliced(x)]
        case 4: return [try padded(x)]
        case 5: return [try joined(x)]
        default:
            let axes = (0..<x.type.rank).filter { _ in random.chance(1, outOf: 2) }
            return [moved(try builder.reverse(x.id, axes: axes.isEmpty ? [x.type.rank - 1] : axes), x)]
        }
    }

    private mutating func reshaped(_ x: Known) throws -> Known {
        var shape = x.type.shape
        let at = random.below(shape.count)
        switch random.below(3) {
        case 0:
            guard shape.count > 1 else { throw Misfit() }
            let first = min(at, shape.count - 2)
            shape[first] = shape[first] * shape[first + 1]
            shape.remove(at: first + 1)
        case 1:
            guard shape.count < 5 else { throw Misfit() }
            shape.insert(1, at: at)
        default:
            guard let size = shape[at].constant, let factor = [2, 3].first(where: { size % $0 == 0 && size > $0 }),
                shape.count < 5
            else { throw Misfit() }
            shape[at] = Dim(size / factor)
            shape.insert(Dim(factor), at: at)
        }
        return moved(try builder.reshape(x.id, shape), x)
    }

    private mutating func sliced(_ x: Known) throws -> Known {
        var (starts, sizes, strides) = ([Int](), [Dim](), [Int]())
        for dim in x.type.shape {
            guard let size = dim.constant, size > 1, random.chance(2, outOf: 3) else {
                starts.append(0)
                sizes.append(dim)
                strides.append(1)
                continue
            }
            let start = random.below(size)
            let stride = random.number(in: 1...2)
            starts.append(start)
            strides.append(stride)
            sizes.append(Dim(random.number(in: 1...((size - start + stride - 1) / stride))))
        }
        return moved(try builder.slice(x.id, starts: starts, sizes: sizes, strides: strides), x)
    }

    private mutating func padded(_ x: Known) throws -> Known {
        guard x.isFloat else { throw Misfit() }
        var (low, high, interior) = ([Int](), [Int](), [Int]())
        for dim in x.type.shape {
            let isTouched = dim.constant != nil || random.chance(1, outOf: 8)
            low.append(isTouched ? random.below(3) : 0)
            high.append(isTouched ? random.below(3) : 0)
            interior.append(dim.constant != nil && random.chance(1, outOf: 4) ? 1 : 0)
        }
        let value = try builder.scalar(0.5, x.type.dtype)
        let id = try builder.pad(x.id, value: value, low: low, high: high, interior: interior)
        return made(id, min(x.low, 0.5), max(x.high, 0.5), exact: x.isExact)
    }

    private mutating func joined(_ x: Known) throws -> Known {
        let axes = x.type.shape.indices.filter { x.type.shape[$0].constant != nil }
        guard let axis = random.chance(1, outOf: 8) ? 0 : random.pick(axes) else { throw Misfit() }
        let y = try partner(x.type, besides: x.id)
        let parts = random.chance(1, outOf: 3) ? [x, y, x] : [x, y]
        return made(
            try builder.concat(parts.map(\.id), axis: axis), min(x.low, y.low), max(x.high, y.high),
            exact: x.isExact && y.isExact)
    }

    /// A reduction over some axes.
    mutating func growReduction() throws -> [Known] {
        let x = try choose { $0.type.rank > 0 }
        var axes = (0..<x.type.rank).filter { _ in random.chance(1, outOf: 2) }
        if axes.isEmpty { axes = [random.below(x.type.rank)] }
        let count = largest(axes.map { x.type.shape[$0] })
        if x.type.dtype == .bool {
            let kind = random.chance(1, outOf: 2) ? "and" : "or"
            return [made(try builder.reduce(kind, x.id, axes: axes), 0, 1, exact: true)]
        }
        switch random.below(6) {
        case 0, 1, 2:
            let sum = made(
                try builder.reduce("sum", x.id, axes: axes), min(x.low, x.low * count), max(x.high, x.high * count),
                exact: !x.isFloat)
            return [sum]
        case 3, 4:
            return [moved(try builder.reduce(random.chance(1, outOf: 2) ? "max" : "min", x.id, axes: axes), x)]
        default:
            if random.chance(1, outOf: 3), x.isFloat, x.magnitude <= 1.5, count <= 8 {
                var bound = 1.0
                for _ in 0..<Int(count) { bound *= max(1, x.magnitude) }
                return [made(try builder.reduce("prod", x.id, axes: axes), -bound, bound)]
            }
            guard x.isExact, let axis = axes.first else { throw Misfit() }
            let kind = random.chance(1, outOf: 2) ? "max" : "min"
            return [made(try builder.argreduce(kind, x.id, axis: axis), 0, largest([x.type.shape[axis]]), exact: true)]
        }
    }

    /// Softmax over the last axis: `e^(x - max) / Σ e^(x - max)`.
    mutating func growSoftmax() throws -> [Known] {
        let x = try chooseFloat { $0.type.rank > 0 && $0.type.shape.last?.constant != nil }
        let last = x.type.rank - 1
        let kept = Array(0..<last)
        let most = try builder.reduce("max", x.id, axes: [last])
        let shifted = try builder.sub(x.id, builder.broadcast(most, axes: kept, shape: x.type.shape))
        let powers = try builder.unary("exp", shifted)
        let sum = try builder.reduce("sum", powers, axes: [last])
        return [made(try builder.div(powers, builder.broadcast(sum, axes: kept, shape: x.type.shape)), 0, 1)]
    }

    /// Positions or random numbers.
    mutating func growSource() throws -> [Known] {
        let shape = [batch, Dim(random.number(in: 1...7))]
        if random.chance(1, outOf: 2) {
            guard let dtype = random.pick([dtype, .i32, .i64]) else { throw Misfit() }
            let axis = random.below(2)
            return [
                made(
                    try builder.iota(axis: axis, shape: shape, dtype: dtype), 0, largest([shape[axis]]) - 1, exact: true
                )
            ]
        }
        let seed = try builder.constant(HostTensor(scalar: Int64(random.below(1000))))
        let step = try builder.constant(HostTensor(scalar: Int64(random.below(100))))
        return [
            made(
                try builder.random(seed: seed, step: step, stream: random.below(4), shape: shape), 0, 1, exact: true)
        ]
    }
}
