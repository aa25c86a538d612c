import HostTensors

extension Dataset {
    /// The same examples in a pseudorandom order, another one each epoch.
    ///
    /// Numbered examples are shuffled as a whole. A stream is shuffled in blocks of `block` examples, which are kept in
    /// memory one at a time.
    public func shuffled(seed: UInt64, block: Int = 10_000) -> Dataset {
        if let indexed = source as? any IndexedSource {
            return with(IndexStage(base: indexed, size: indexed.size, order: .shuffled(seed: seed)))
        }
        return with(BlockShuffledSource(base: source, seed: seed, size: max(1, block)))
    }

    /// The first `count` examples, or all if there are fewer.
    public func taking(_ count: Int) -> Dataset { part(first: 0, step: 1, limit: max(0, count)) }

    /// All but the first `count` examples.
    public func skipping(_ count: Int) -> Dataset { part(first: max(0, count), step: 1, limit: nil) }

    /// Every `count`-th example from number `index` on: the part of one of `count` workers.
    ///
    /// Throws an `ExecutionError` unless 0 ≤ index < count.
    public func shard(index: Int, count: Int) throws -> Dataset {
        guard count >= 1, (0..<count).contains(index) else {
            throw ExecutionError(
                place: "dataset, shard", expected: "an index from 0 up to the count, at least 1",
                actual: "index \(index) of \(count)", remedy: "number the workers from 0")
        }
        return part(first: index, step: count, limit: nil)
    }

    /// `times` passes as one, each in an order of its own; below 1 counts as 1.
    public func repeated(_ times: Int) -> Dataset {
        let times = max(1, times)
        if let indexed = source as? any IndexedSource { return with(RepeatedSource(base: indexed, times: times)) }
        return with(RepeatedStream(base: source, times: times))
    }

    /// The columns of two datasets side by side, as far as the shorter goes, the labels of both as labels.
    ///
    /// Throws an `ExecutionError` when a name occurs in both.
    public func zipped(with other: Dataset) throws -> Dataset {
        let labels = labelNames + other.labelNames
        if let left = source as? any IndexedSource, let right = other.source as? any IndexedSource {
            return try replacing(ZippedSource(left: left, right: right), labels: labels)
        }
        return try replacing(ZippedStream(left: source, right: other.source), labels: labels)
    }

    /// The examples that a function makes of these.
    ///
    /// The columns are those of the first result, which is made at once; those named in `varying` may have another shape in
    /// each example, and need padding before they can be batched. Labels stay labels by their names. The function must
    /// give the same for the same example, or a resumed training differs; for random numbers it has the example's epoch
    /// and index. Throws what the function throws.
    public func mapped(
        varying: Set<String> = [], _ transform: @escaping @Sendable (Example) throws -> NamedTensors
    ) throws -> Dataset {
        let columns = try Column.of(transform(first()), varying: varying)
        let labels = labelNames.filter { name in columns.contains { $0.name == name } }
        return try mapped(to: columns, labels: labels, transform)
    }

    /// The examples for which a function gives true.
    public func filtered(_ isIncluded: @escaping @Sendable (Example) throws -> Bool) -> Dataset {
        with(StreamStage(base: source, columns: source.columns, step: .filter(isIncluded)))
    }

    /// The same examples with a column's tensors padded at the ends of their axes to one shape.
    ///
    /// An example that is larger is an error when it is read. Throws an `ExecutionError` for an unknown column or a shape
    /// that no tensor has.
    public func padded(_ name: String, to shape: [Int], with value: Double = 0) throws -> Dataset {
        guard let at = source.columns.firstIndex(where: { $0.name == name }) else {
            throw ExecutionError(
                place: "dataset, padding", expected: "the name of a column", actual: "'\(name)'",
                remedy: "there are: \(source.columns.map(\.name).joined(separator: ", "))")
        }
        var columns = source.columns
        columns[at] = Column(name, columns[at].dtype, shape)
        return try mapped(to: columns, labels: labelNames) { example in
            var values = example.tensors
            values[name] = try example[name].padded(to: shape, with: value, column: name)
            return values
        }
    }

    private func mapped(
        to columns: [Column], labels: [String], _ transform: @escaping @Sendable (Example) throws -> NamedTensors
    ) throws -> Dataset {
        if let indexed = source as? any IndexedSource {
            return try replacing(MappedSource(base: indexed, columns: columns, transform: transform), labels: labels)
        }
        return try replacing(StreamStage(base: source, columns: columns, step: .map(transform)), labels: labels)
    }

    private func part(first: Int, step: Int, limit: Int?) -> Dataset {
        if let indexed = source as? any IndexedSource {
            let available = max(0, indexed.size - first).dividedRoundingUp(by: step)
            return with(
                IndexStage(
                    base: indexed, size: min(limit ?? available, available),
                    order: .strided(first: first, step: step)))
        }
        return with(
            StreamStage(
                base: source, columns: source.columns, step: .strided(first: first, step: step, limit: limit)))
    }

    /// The same settings over another source of the same columns.
    private func with(_ other: any ExampleSource) -> Dataset {
        // The columns are the same, so their names still differ and include the labels.
        (try? replacing(other)) ?? self
    }

    private func first() throws -> Example {
        let buffer = ExampleBuffer(columns: source.columns, capacity: 1)
        let reader = try source.reader(epoch: 0, from: 0)
        guard try reader.read(1, into: .init(buffer: buffer, row: 0, column: 0)) == 1 else {
            throw ExecutionError(
                place: "dataset, mapping", expected: "at least one example", actual: "none",
                remedy: "check filters and files")
        }
        return buffer.example(row: 0, epoch: 0, index: 0)
    }
}

extension HostTensor {
    /// The tensor in the corner of a larger one that is filled with a value.
    fileprivate func padded(to target: [Int], with value: Double, column: String) throws -> HostTensor {
        guard rank == target.count, zip(shape, target).allSatisfy({ $0 <= $1 }) else {
            throw ExecutionError(
                place: "dataset, column '\(column)'", expected: "a tensor that fits into \(target)", actual: typeText,
                remedy: "pad to a larger shape, or cut the examples with mapped(_:)")
        }
        let filler = HostTensor(scalar: value).converted(to: dtype)
        let count = target.reduce(1, *)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * dtype.byteCount)
        for _ in 0..<count { bytes += filler.bytes }
        var result = try HostTensor(bytes: bytes, dtype: dtype, shape: target)
        guard self.count > 0 else { return result }
        // Rows along the last axis are copied whole.
        let width = (shape.last ?? 1) * dtype.byteCount
        let outer = Array(shape.dropLast())
        withUnsafeBytes { source in
            result.withUnsafeMutableBytes { room in
                var place = outer.map { _ in 0 }
                for row in 0..<source.count / width {
                    var offset = 0
                    for axis in outer.indices { offset = offset * target[axis] + place[axis] }
                    offset *= (target.last ?? 1) * dtype.byteCount
                    UnsafeMutableRawBufferPointer(rebasing: room[offset..<offset + width]).copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: source[row * width..<(row + 1) * width]))
                    var axis = outer.count - 1
                    while axis >= 0 {
                        place[axis] += 1
                        if place[axis] < outer[axis] { break }
                        place[axis] = 0
                        axis -= 1
                    }
                }
            }
        }
        return result
    }
}
