import Execution
import HostTensors

/// Gives the batches of a dataset in order.
///
/// A batch's memory is used again for the next one, unless the batch is still held then.
public final class BatchReader {
    private let batches: SourceBatches?
    private let prefetcher: Prefetcher?

    /// Starts at a position; the dataset must be able to make batches.
    init(_ dataset: Dataset, from position: DataPosition, isEndless: Bool) throws {
        let batches = try SourceBatches(
            dataset, from: position, isEndless: isEndless, bufferCount: max(1, dataset.prefetchCount + 2))
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
    private let perEpoch: Int?
    private var buffers: [ExampleBuffer]
    private var current = 0
    private var position: DataPosition
    private var reader: any ExampleReader
    /// Whether the present pass has given a batch, or began behind its first.
    private var hasGiven: Bool

    init(_ dataset: Dataset, from position: DataPosition, isEndless: Bool, bufferCount: Int) throws {
        self.dataset = dataset
        self.isEndless = isEndless
        self.position = position
        perEpoch = dataset.batchesPerEpoch
        // Buffers that only wait for a consumer are made when they are first needed.
        buffers = [ExampleBuffer(columns: dataset.source.columns, capacity: dataset.batchSize)]
        buffers.reserveCapacity(bufferCount)
        self.bufferCount = bufferCount
        hasGiven = position.batch > 0
        reader = try dataset.source.reader(epoch: position.epoch, from: position.batch * dataset.batchSize)
    }

    private let bufferCount: Int

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
            buffers.append(ExampleBuffer(columns: dataset.source.columns, capacity: size))
            current = buffers.count - 1
        }
        let buffer = buffers[current]
        let count = try reader.read(size, into: .init(buffer: buffer, row: 0, column: 0))
        guard count == size || (count > 0 && !dataset.dropsRemainder) else { return nil }
        let here = position
        position.batch += 1
        // A pass that is known to be over continues in the next one, so that equal positions have equal names.
        let isLast = count < size || perEpoch == position.batch
        return Batch(
            position: here, next: isLast ? DataPosition(epoch: here.epoch + 1) : position, count: count,
            columns: buffer.columns,
            tensors: count == size ? buffer.tensors : buffer.tensors.map { $0[rows: 0..<count] })
    }
}
