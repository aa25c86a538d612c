/// Where examples come from: a file, an array, or another source that something is done to.
protocol ExampleSource: Sendable {
    var columns: [Column] { get }
    /// The number of examples in a pass; nil where only reading tells.
    var count: Int? { get }
    /// What must agree for a position in one source to mean the same in another.
    var identity: String { get }
    /// Starts to read a pass at an example.
    func reader(epoch: Int, from index: Int) throws -> any ExampleReader
}

/// Reads examples one after another.
protocol ExampleReader: AnyObject {
    /// Writes the next examples, at most `limit`, and gives how many; fewer only at the end of the pass.
    func read(_ limit: Int, into slot: ExampleBuffer.Slot) throws -> Int
    /// Passes over examples.
    func skip(_ count: Int, columns: [Column]) throws
}

extension ExampleReader {
    /// Passes over examples by reading them.
    func skip(_ count: Int, columns: [Column]) throws {
        guard count > 0 else { return }
        let scratch = ExampleBuffer(columns: columns, capacity: min(count, 256))
        var left = count
        while left > 0 {
            let wanted = min(left, scratch.capacity)
            let got = try read(wanted, into: .init(buffer: scratch, row: 0, column: 0))
            left -= got
            if got < wanted { return }
        }
    }
}

/// A source whose examples can be reached by number, at no cost for those before.
protocol IndexedSource: ExampleSource {
    /// The number of examples in a pass.
    var size: Int { get }
    /// Writes the examples of these numbers, in this order; the numbers may be overwritten.
    func gather(_ indices: UnsafeMutableBufferPointer<Int>, epoch: Int, into slot: ExampleBuffer.Slot) throws
}

extension IndexedSource {
    var count: Int? { size }

    func reader(epoch: Int, from index: Int) throws -> any ExampleReader {
        IndexedReader(self, epoch: epoch, next: index)
    }
}

/// Reads an indexed source in the order of its numbers.
private final class IndexedReader: ExampleReader {
    private let source: any IndexedSource
    private let epoch: Int
    private var next: Int
    private var indices: [Int] = []

    init(_ source: any IndexedSource, epoch: Int, next: Int) {
        self.source = source
        self.epoch = epoch
        self.next = next
    }

    func read(_ limit: Int, into slot: ExampleBuffer.Slot) throws -> Int {
        let count = min(limit, source.size - next)
        guard count > 0 else { return 0 }
        if indices.count != count { indices = Array(repeating: 0, count: count) }
        try indices.withUnsafeMutableBufferPointer { indices in
            for at in 0..<count { indices[at] = next + at }
            try source.gather(indices, epoch: epoch, into: slot)
        }
        next += count
        return count
    }

    func skip(_ count: Int, columns: [Column]) { next += max(0, count) }
}
