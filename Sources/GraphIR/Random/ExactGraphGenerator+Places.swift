import HostTensors

extension ExactGraphGenerator {
    /// A value repeated along one or two new axes.
    mutating func broadcast() throws -> Known {
        let x = try choose { $0.type.rank < 4 }
        var (shape, axes) = (x.type.shape, Array(x.type.shape.indices))
        for _ in 0...random.below(2) {
            let at = random.number(in: 0...shape.count)
            shape.insert(random.chance(1, outOf: 4) ? Dim(symbol: "B") : Dim(newSize()), at: at)
            axes = axes.map { $0 >= at ? $0 + 1 : $0 }
        }
        guard count(shape) <= Self.mostElements else { throw Misfit() }
        return made(try builder.broadcast(x.id, axes: axes, shape: shape), x, whole: x.whole)
    }

    /// The same elements in other places.
    mutating func moved() throws -> Known {
        let x = try choose { $0.type.rank > 0 }
        switch random.below(7) {
        case 0, 1: return made(try builder.reshape(x.id, reshaped(x.type.shape)), x, whole: x.whole)
        case 2: return made(try builder.transpose(x.id, random.shuffled(Array(0..<x.type.rank))), x, whole: x.whole)
        case 3: return made(try sliced(x), x, whole: x.whole)
        case 4: return try padded(x)
        case 5:
            let axis = random.below(x.type.rank)
            var other = x.type
            if other.shape[axis].constant != nil { other.shape[axis] = Dim(newSize()) }
            let y = try partner(other)
            let parts = random.shuffled(random.chance(1, outOf: 3) ? [x, y, x] : [x, y])
            let whole = x.whole.flatMap { one in y.whole.map { max(one, $0) } }
            return made(try builder.concat(parts.map(\.id), axis: axis), x, y, whole: whole)
        default:
            let axes = (0..<x.type.rank).filter { _ in random.chance(1, outOf: 2) }
            return made(try builder.reverse(x.id, axes: axes), x, whole: x.whole)
        }
    }

    /// Axes joined, split, or added.
    private mutating func reshaped(_ shape: [Dim]) throws -> [Dim] {
        var shape = shape
        let at = random.below(shape.count)
        switch random.below(4) {
        case 0, 1:
            guard shape.count > 1 else { throw Misfit() }
            let first = min(at, shape.count - 2)
            shape.replaceSubrange(first...(first + 1), with: [shape[first] * shape[first + 1]])
        case 2:
            guard shape.count < 6 else { throw Misfit() }
            shape.insert(1, at: random.number(in: 0...shape.count))
        default:
            guard let size = shape[at].constant, let factor = [2, 3, 5].first(where: { size % $0 == 0 && size > $0 }),
                shape.count < 6
            else { throw Misfit() }
            shape.replaceSubrange(at...at, with: random.shuffled([Dim(size / factor), Dim(factor)]))
        }
        return shape
    }

    private mutating func sliced(_ x: Known) throws -> ValueID {
        var (starts, sizes, strides) = ([Int](), [Dim](), [Int]())
        for dim in x.type.shape {
            let size = dim.constant ?? 1
            let start = random.chance(1, outOf: 2) ? 0 : random.below(size)
            let stride = random.number(in: 1...3)
            let isWhole = dim.constant == nil || random.chance(1, outOf: 3)
            starts.append(isWhole ? 0 : start)
            strides.append(isWhole ? 1 : stride)
            sizes.append(isWhole ? dim : Dim(random.number(in: 1...((size - start + stride - 1) / stride))))
        }
        return try builder.slice(x.id, starts: starts, sizes: sizes, strides: strides)
    }

    private mutating func padded(_ x: Known) throws -> Known {
        let dims = x.type.shape
        let low = dims.map { _ in random.below(3) }
        let high = dims.map { _ in random.below(3) }
        let interior = dims.map { $0.constant != nil && random.chance(1, outOf: 4) ? random.below(3) : 0 }
        let value = try builder.constant(RandomGraph.anyTensor(x.type.dtype, [], &random))
        return made(try builder.pad(x.id, value: value, low: low, high: high, interior: interior), x)
    }

    /// Elements read or added where data says, outside too.
    mutating func indexed() throws -> Known {
        let x = try choose { (1...4).contains($0.type.rank) }
        let shape = x.type.shape
        let axis = random.below(shape.count)
        let batch = random.below(axis + 1)
        let places = (0..<random.below(3)).map { _ in Dim(random.number(in: 1...5)) }
        guard let dtype = random.pick(DType.allCases.filter(\.isInteger)) else { throw Misfit() }
        let indices = try addInput(Array(shape[..<batch]) + places, dtype)
        if random.chance(1, outOf: 2) {
            return made(try builder.gather(x.id, indices.id, axis: axis, batch: batch), x, whole: x.whole)
        }
        guard x.isNumber else { throw Misfit() }
        let into = x.isFloat ? try wholeNumbers(shape, x.type.dtype) : x
        let result = Array(shape[..<axis]) + places + Array(shape[(axis + 1)...])
        let updates = try summable(result, x.type.dtype)
        let bound = try sumBound(updates, count: Double(count(places))).map { $0 + (into.whole ?? 0) }
        return made(
            try builder.scatter(into.id, indices.id, updates.id, axis: axis, batch: batch), whole: bound,
            isSure: false)
    }

    /// A block read or written where data says.
    mutating func dynamic() throws -> Known {
        let x = try choose { (1...4).contains($0.type.rank) }
        guard let dtype = random.pick(DType.allCases.filter(\.isInteger)) else { throw Misfit() }
        let starts = try addInput([Dim(x.type.rank)], dtype)
        let sizes = x.type.shape.map { size in size.constant.map { Dim(random.number(in: 1...$0)) } ?? size }
        if random.chance(1, outOf: 2) {
            return made(try builder.dynamicSlice(x.id, starts: starts.id, sizes: sizes), x, whole: x.whole)
        }
        let update = try partner(TensorType(x.type.dtype, sizes))
        return made(try builder.dynamicUpdateSlice(x.id, update.id, starts: starts.id), x, update)
    }

    /// The order of an axis.
    mutating func ordered() throws -> [Known] {
        let x = try choose { (1...3).contains($0.type.rank) && $0.isNumber }
        let axis = random.below(x.type.rank)
        let attributes: Attributes = ["axis": .int(axis), "descending": .bool(random.chance(1, outOf: 2))]
        switch random.below(4) {
        case 0: return [made(try builder.emit1("argsort", x.id, attributes: attributes))]
        case 1: return [made(try builder.emit1("sort", x.id, attributes: attributes), x, whole: x.whole)]
        case 2: return [made(try builder.argreduce(random.chance(1, outOf: 2) ? "max" : "min", x.id, axis: axis))]
        default:
            guard let size = x.type.shape[axis].constant else { throw Misfit() }
            let (k, isLargest) = (random.number(in: 1...size), random.chance(1, outOf: 2))
            let both = try builder.emit(
                "topk", [x.id], ["k": .int(k), "axis": .int(axis), "largest": .bool(isLargest)])
            return [made(both[0], x, whole: x.whole), made(both[1])]
        }
    }
}
