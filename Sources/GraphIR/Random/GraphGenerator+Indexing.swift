import HostTensors

extension GraphGenerator {
    /// Reading and writing where data says; some indices point outside.
    mutating func growIndexing() throws -> [Known] {
        let x = try chooseFloat { (1...3).contains($0.type.rank) }
        let shape = x.type.shape
        switch random.below(5) {
        case 0, 1: return [try gathered(x)]
        case 2:
            // Rows of a table.
            let table = try addWeight([Dim(random.number(in: 2...7)), Dim(random.number(in: 1...6))], dtype)
            let indices = addInput([batch], .i32)
            return [
                made(
                    try builder.emit1("embedding", table.id, indices.id), min(0, table.low), max(0, table.high),
                    exact: table.isExact)
            ]
        case 3:
            let starts = addInput([Dim(shape.count)], .i32)
            let sizes = try smaller(shape)
            return [moved(try builder.dynamicSlice(x.id, starts: starts.id, sizes: sizes), x)]
        default:
            let starts = addInput([Dim(shape.count)], .i64)
            let update = addInput(try smaller(shape), x.type.dtype)
            return [
                made(
                    try builder.dynamicUpdateSlice(x.id, update.id, starts: starts.id), min(x.low, update.low),
                    max(x.high, update.high), exact: x.isExact)
            ]
        }
    }

    /// A `gather`, or a `scatter` of what it reads.
    private mutating func gathered(_ x: Known) throws -> Known {
        let shape = x.type.shape
        let axis = random.below(shape.count)
        let batchAxes = random.below(axis + 1)
        let places = random.chance(1, outOf: 4) ? [] : [Dim(random.number(in: 1...4))]
        let indices = addInput(Array(shape[..<batchAxes]) + places, random.chance(1, outOf: 2) ? .i32 : .u8)
        let taken = try builder.gather(x.id, indices.id, axis: axis, batch: batchAxes)
        if random.chance(1, outOf: 2) { return made(taken, min(0, x.low), max(0, x.high), exact: x.isExact) }
        let sum = try builder.scatter(x.id, indices.id, taken, axis: axis, batch: batchAxes)
        // Every update may go to one element.
        let bound = x.magnitude * (1 + largest(places))
        return made(sum, -bound, bound)
    }

    /// Sizes of a block in a shape.
    private mutating func smaller(_ shape: [Dim]) throws -> [Dim] {
        shape.map { size in size.constant.map { Dim(random.number(in: 1...$0)) } ?? size }
    }

    /// Running combinations, and sorting of what every correct evaluation gives the same bits.
    mutating func growOrder() throws -> [Known] {
        if random.chance(1, outOf: 2) {
            let x = try chooseFloat { (1...3).contains($0.type.rank) }
            let axis = random.below(x.type.rank)
            let kind = random.chance(1, outOf: 3) ? "max" : "sum"
            let isMax = kind == "max"
            let id = try builder.cumulative(
                kind, x.id, axis: axis, exclusive: !isMax && random.chance(1, outOf: 2),
                reverse: random.chance(1, outOf: 2))
            if isMax { return [moved(id, x)] }
            let bound = x.magnitude * largest([x.type.shape[axis]])
            return [made(id, -bound, bound)]
        }
        let x = try choose { (1...3).contains($0.type.rank) && $0.isExact && $0.type.dtype != .bool }
        let axis = random.below(x.type.rank)
        let descending: Attributes = ["axis": .int(axis), "descending": .bool(random.chance(1, outOf: 2))]
        switch random.below(3) {
        case 0:
            let count = largest([x.type.shape[axis]])
            return [made(try builder.emit1("argsort", x.id, attributes: descending), 0, count, exact: true)]
        case 1: return [moved(try builder.emit1("sort", x.id, attributes: descending), x)]
        default:
            guard let size = x.type.shape[axis].constant else { throw Misfit() }
            let both = try builder.emit(
                "topk", [x.id],
                [
                    "k": .int(random.number(in: 1...size)), "axis": .int(axis),
                    "largest": .bool(random.chance(1, outOf: 2)),
                ])
            return [moved(both[0], x), made(both[1], 0, Double(size), exact: true)]
        }
    }
}
