import HostTensors

/// Gives the batches of a dataset in order.
///
/// A batch's memory is used again for the next one, unless the batch is still held then.
public final class BatchReader {
    private let batches: SourceBatches?
    private let prefetcher: Prefetcher?

    /// Starts at a position; the dataset must be able to make batches.
    init(_ dataset: Dataset, from position: DataPosition, isEndless: Bool, part: BatchPart) throws {
        let batches = try SourceBatches(
            dataset, from: position, isEndless: isEndless, part: part, bufferCount: max(1, dataset.prefetchCount + 2))
        if dataset.prefetchCount > 0 {
            self.batches = nil
            prefetcher = try Prefetcher(batches, depth: dataset.prefetchCount)
        } else {
            self.batches = batches
            prefetcher = nil
        }
    }

    /// The next batch; nil at the end.
    public func next() throws -> Batch? { try batches?.next() ?? prefetcher?.next() }
}

/// Makes batches on the thread that asks for them.
final class SourceBatches {
    private let dataset: Dataset
    private let isEndless: Bool
    private let part: BatchPart
    private let perEpoch: Int?
    private var buffers: [ExampleBuffer]
    private var current = 0
    private var position: DataPosition
    private var reader: any ExampleReader
    /// Whether the present pass has given a batch, or began behind its first.
    private var hasGiven: Bool

    init(
        _ dataset: Dataset, from position: DataPosition, isEndless: Bool, part: BatchPart, bufferCount: Int
    ) throws {
        self.dataset = dataset
        self.isEndless = isEndless
        self.part = part
        self.position = position
        perEpoch = dataset.batchesPerEpoch
        // Buffers that only wait for a consumer are made when they are first needed.
        let size = dataset.batchSize
        isReadInParts = part.count > 1 && dataset.count != nil
        capacity = isReadInParts ? size.dividedRoundingUp(by: part.count) : size
        buffers = [ExampleBuffer(columns: dataset.source.columns, capacity: capacity)]
        buffers.reserveCapacity(bufferCount)
        self.bufferCount = bufferCount
        hasGiven = position.batch > 0
        reader = try dataset.source.reader(epoch: position.epoch, from: position.batch * dataset.batchSize)
    }

    private let bufferCount: Int
    /// Whether a reader need not read the whole of a batch, as its size is known before.
    private let isReadInParts: Bool
    /// The rows of a buffer.
    private let capacity: Int

    func next() throws -> Batch? {
        while true {
            if let batch = try readBatch() {
                hasGiven = true
                return batch
            }
            guard hasGiven else {
                throw ExecutionError(
                    place: "dataset (\(dataset.identity))", expected: "at least one batch in a pass", actual: "none",
                    remedy: "check filters and files, or make batches smaller")
            }
            guard isEndless else { return nil }
            try startPass(position.epoch + 1)
        }
    }

    private func startPass(_ epoch: Int) throws {
        position = DataPosition(epoch: epoch)
        reader = try dataset.source.reader(epoch: epoch, from: 0)
        hasGiven = false
    }

    private func readBatch() throws -> Batch? {
        if let perEpoch, position.batch >= perEpoch { return nil }
        let size = dataset.batchSize
        current = (current + 1) % bufferCount
        if current >= buffers.count {
            buffers.append(ExampleBuffer(columns: dataset.source.columns, capacity: capacity))
            current = buffers.count - 1
        }
        let buffer = buffers[current]
        let (count, rows, first) = try readRows(size, into: buffer)
        guard count == size || (count > 0 && !dataset.dropsRemainder) else { return nil }
        let here = position
        position.batch += 1
        // A pass that is known to be over continues in the next one, so that equal positions have equal names.
        let isLast = count < size || perEpoch == position.batch
        return Batch(
            position: here, next: isLast ? DataPosition(epoch: here.epoch + 1) : position, rows: rows,
            wholeCount: count, columns: buffer.columns,
            tensors: rows.count == buffer.capacity
                ? buffer.tensors : buffer.tensors.map { $0[rows: first..<(first + rows.count)] })
    }

    /// Reads a batch, or the part of it that is wanted; gives the size of the whole, which of its rows were wanted, and where in the
    /// buffer they begin.
    private func readRows(_ size: Int, into buffer: ExampleBuffer) throws -> (count: Int, rows: Range<Int>, first: Int)
    {
        let slot = ExampleBuffer.Slot(buffer: buffer, row: 0, column: 0)
        guard isReadInParts, let examples = dataset.count else {
            let count = try reader.read(size, into: slot)
            let rows = part.rows(of: count)
            return (count, rows, rows.lowerBound)
        }
        // What others read is passed over, which costs nothing where examples have numbers.
        let count = max(0, min(size, examples - position.batch * size))
        let rows = part.rows(of: count)
        try reader.skip(rows.lowerBound, columns: buffer.columns)
        if !rows.isEmpty { _ = try reader.read(rows.count, into: slot) }
        try reader.skip(count - rows.upperBound, columns: buffer.columns)
        return (count, rows, 0)
    }
}
