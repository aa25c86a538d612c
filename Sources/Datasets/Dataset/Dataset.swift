import HostTensors

/// Examples in an order that is a pure function of seed and epoch, given out in batches.
///
/// A dataset is a description: nothing is read before a batch is asked for. What is done to it is done to its examples;
/// batching comes last, wherever `batched` stands in the chain. Any batch can be reached directly where the source has
/// numbered examples (tensors, npy, npz, IDX, generated ones, and their maps, shuffles and parts); streams (CSV and record
/// files, filtered examples) remember places in their files, and read on from the nearest.
public struct Dataset: Sendable {
    let source: any ExampleSource
    /// The columns that are what a model should answer, not what it is given.
    public private(set) var labelNames: [String]
    /// The number of examples in a batch; the last batch of an epoch may have fewer.
    public private(set) var batchSize = 1
    /// Whether a last batch with fewer examples is left out.
    public private(set) var dropsRemainder = false
    /// How many batches a thread of its own makes ahead; 0 for none.
    public private(set) var prefetchCount = 0

    init(source: any ExampleSource, labels: [String]) throws {
        var seen: Set<String> = []
        for column in source.columns where !seen.insert(column.name).inserted {
            throw ExecutionError(
                place: "dataset", expected: "columns of different names", actual: "'\(column.name)' twice",
                remedy: "rename one of them")
        }
        for label in labels where !seen.contains(label) {
            throw ExecutionError(
                place: "dataset, labels", expected: "names of its columns", actual: "'\(label)'",
                remedy: "there are: \(source.columns.map(\.name).joined(separator: ", "))")
        }
        for column in source.columns {
            guard let shape = column.shape else { continue }
            do { _ = try HostTensor.elementCount(of: shape, dtype: column.dtype) } catch {
                throw ExecutionError(
                    place: "dataset, column '\(column.name)'",
                    expected: "a shape of sizes of at least 0, which fits in memory", actual: "\(shape)",
                    remedy: "correct the shape")
            }
        }
        self.source = source
        labelNames = labels
    }

    /// The same settings over another source.
    func replacing(_ source: any ExampleSource, labels: [String]? = nil) throws -> Dataset {
        var copy = try Dataset(source: source, labels: labels ?? labelNames)
        (copy.batchSize, copy.dropsRemainder, copy.prefetchCount) = (batchSize, dropsRemainder, prefetchCount)
        return copy
    }

    /// All columns: what a model is given, then what it should answer.
    public var columns: [Column] { featureColumns + labelColumns }
    /// The columns a model is given.
    public var featureColumns: [Column] { source.columns.filter { !labelNames.contains($0.name) } }
    /// The columns a model should answer.
    public var labelColumns: [Column] { source.columns.filter { labelNames.contains($0.name) } }
    /// The column of that name, nil if there is none.
    public func column(named name: String) -> Column? { source.columns.first { $0.name == name } }
    /// The place of a column's tensor among those of a batch.
    public func place(of column: Column) -> Int { source.columns.firstIndex(of: column) ?? 0 }
    /// The number of examples in a pass; nil where only reading tells.
    public var count: Int? { source.count }
    /// The number of batches in a pass; nil where only reading tells.
    public var batchesPerEpoch: Int? {
        guard let count, batchSize >= 1 else { return nil }
        return dropsRemainder ? count / batchSize : count.dividedRoundingUp(by: batchSize)
    }

    /// What must agree for a position in one dataset to mean the same in another: source, order, batch size.
    public var identity: String { "\(source.identity), batches of \(batchSize)\(dropsRemainder ? " exactly" : "")" }

    /// The same examples in batches of `size`; a size below 1 is an error when the dataset is used.
    public func batched(_ size: Int, dropRemainder: Bool = false) -> Dataset {
        var copy = self
        copy.batchSize = size
        copy.dropsRemainder = dropRemainder
        return copy
    }

    /// The same batches, made ahead by a thread of its own, at most `count` of them.
    ///
    /// Worth it where making a batch takes time: reading files, mapping. The order stays the same.
    public func prefetched(_ count: Int = 2) -> Dataset {
        var copy = self
        copy.prefetchCount = min(max(0, count), 65536)
        return copy
    }

    /// The same examples with other columns as labels.
    public func labelled(_ names: String...) throws -> Dataset { try replacing(source, labels: names) }
}

extension Dataset {
    /// Throws an `ExecutionError` when the batch size is not at least 1, a batch is larger than this machine's memory, or a
    /// shape varies.
    public func checkBatches() throws {
        guard batchSize >= 1 else {
            throw ExecutionError(
                place: "dataset", expected: "a batch size of at least 1", actual: "\(batchSize)",
                remedy: "call batched(_:) with the number of examples in a batch")
        }
        if let varying = columns.first(where: { $0.shape == nil }) {
            throw ExecutionError(
                place: "dataset, column '\(varying.name)'", expected: "one shape in all examples of a batch",
                actual: "\(varying)", remedy: "call padded(_:to:)")
        }
        try columns.checkMemory(
            for: batchSize, what: "batches",
            remedy: "make batches smaller\(count.map { "; one batch of all examples has \($0)" } ?? "")")
    }

    /// Throws an `ExecutionError` when there is no such position in this dataset.
    public func check(_ position: DataPosition) throws {
        let (examples, isTooLarge) = position.batch.multipliedReportingOverflow(by: max(1, batchSize))
        let most = batchesPerEpoch ?? .max
        guard (0...DataPosition.largest).contains(position.epoch), position.batch >= 0, position.batch <= most,
            !isTooLarge, examples <= DataPosition.largest
        else {
            let batches = batchesPerEpoch.map { "batch 0 to \($0)" } ?? "batch 0 or more"
            throw ExecutionError(
                place: "dataset, position", expected: "epoch 0 or more, \(batches)",
                actual: "epoch \(position.epoch), batch \(position.batch)",
                remedy: "start where a batch's position, or next, says, or at DataPosition()")
        }
    }

    /// The batches from a position on, pass after pass; one pass where `isEndless` is false. With `part`, that part of each.
    ///
    /// Throws an `ExecutionError` when there are no such batches, or no such position.
    public func reader(
        from position: DataPosition = DataPosition(), isEndless: Bool = true, part: BatchPart = .whole
    ) throws -> BatchReader {
        try checkBatches()
        try check(position)
        return try BatchReader(self, from: position, isEndless: isEndless, part: part)
    }

    /// The batches of one pass, all kept in memory; `reader(from:isEndless:)` gives one after another.
    public func batches(epoch: Int = 0) throws -> [Batch] {
        let reader = try reader(from: DataPosition(epoch: epoch), isEndless: false)
        var batches: [Batch] = []
        while let batch = try reader.next() { batches.append(batch) }
        return batches
    }

    /// All examples of a pass, one tensor a column, in memory.
    public func tensors(epoch: Int = 0) throws -> NamedTensors {
        let batches = try batched(max(1, min(count ?? 1024, 65536)), dropRemainder: false).batches(epoch: epoch)
        var whole: NamedTensors = [:]
        for column in columns {
            whole[column.name] = try HostTensor(joiningRowsOf: batches.compactMap { $0[column.name] })
        }
        return whole
    }
}
