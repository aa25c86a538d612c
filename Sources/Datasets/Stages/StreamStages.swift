import HostTensors

/// A stream with something done to its examples one after another.
///
/// Where the numbers of results follow from those of the base, a reader starts there; else it starts at the beginning
/// and passes over what comes before.
struct StreamStage: ExampleSource {
    /// What is done.
    enum Step: Sendable {
        /// Each example becomes what the function makes of it.
        case map(@Sendable (Example) throws -> NamedTensors)
        /// Only examples that satisfy the condition stay.
        case filter(@Sendable (Example) throws -> Bool)
        /// Every `step`-th example from `first` on, at most `limit`.
        case strided(first: Int, step: Int, limit: Int?)
    }

    let base: any ExampleSource
    let columns: [Column]
    let step: Step

    var count: Int? {
        guard let whole = base.count else { return nil }
        switch step {
        case .map: return whole
        case .filter: return nil
        case .strided(let first, let step, let limit):
            return min(limit ?? .max, max(0, whole - first).dividedRoundingUp(by: step))
        }
    }

    var identity: String {
        switch step {
        case .map: "\(base.identity), mapped"
        case .filter: "\(base.identity), filtered"
        case .strided(let first, let step, let limit):
            "\(base.identity), \(limit.map(String.init) ?? "all") from \(first) in steps of \(step)"
        }
    }

    func reader(epoch: Int, from index: Int) throws -> any ExampleReader {
        switch step {
        case .map:
            return StreamStageReader(
                self, try base.reader(epoch: epoch, from: index), epoch: epoch, next: index, skip: 0)
        case .filter:
            return StreamStageReader(self, try base.reader(epoch: epoch, from: 0), epoch: epoch, next: 0, skip: index)
        case .strided(let first, let step, let limit):
            // A limit counts from the first example, so its reader must know how many were given before.
            let reader = StreamStageReader(
                self, try base.reader(epoch: epoch, from: first + index * step), epoch: epoch, next: 0, skip: 0)
            reader.given = limit == nil ? 0 : index
            return reader
        }
    }
}

/// Applies a step to what it reads in blocks.
private final class StreamStageReader: ExampleReader {
    private let stage: StreamStage
    private let base: any ExampleReader
    private let epoch: Int
    /// The number of the next example of the base, counted from where reading began.
    private var next: Int
    /// How many results are still to be passed over.
    private var skip: Int
    /// How many results were given.
    var given = 0
    private let scratch: ExampleBuffer
    private var row = 0
    private var rows = 0
    private var isAtEnd = false

    init(_ stage: StreamStage, _ base: any ExampleReader, epoch: Int, next: Int, skip: Int) {
        self.stage = stage
        self.base = base
        self.epoch = epoch
        self.next = next
        self.skip = skip
        scratch = ExampleBuffer(columns: stage.base.columns, capacity: 64)
    }

    func read(_ limit: Int, into slot: ExampleBuffer.Slot) throws -> Int {
        var count = 0
        while count < limit {
            if case .strided(_, _, let most?) = stage.step, given >= most { break }
            guard try advance() else { break }
            defer {
                row += 1
                next += 1
            }
            if try give(slot.advanced(by: count)) {
                count += 1
                given += 1
            }
        }
        return count
    }

    /// Makes sure that a row is there; false at the end.
    private func advance() throws -> Bool {
        guard row == rows else { return true }
        if isAtEnd { return false }
        row = 0
        var wanted = scratch.capacity
        // What comes after the last that is taken is not looked at: it may be damaged.
        if case .strided(_, let step, let most?) = stage.step {
            wanted = min(wanted, (most - given).multipliedOrLargest(by: step))
        }
        rows = try base.read(wanted, into: .init(buffer: scratch, row: 0, column: 0))
        isAtEnd = rows < wanted
        return rows > 0
    }

    /// Writes what becomes of the present row; false when it is left out.
    private func give(_ slot: ExampleBuffer.Slot) throws -> Bool {
        switch stage.step {
        case .map(let transform):
            let values = try transform(scratch.example(row: row, epoch: epoch, index: next))
            try slot.buffer.set(values, columns: stage.columns, at: slot)
            return true
        case .filter(let isIncluded):
            guard try isIncluded(scratch.example(row: row, epoch: epoch, index: next)) else { return false }
            if skip > 0 {
                skip -= 1
                return false
            }
        case .strided(_, let step, _):
            guard next % step == 0 else { return false }
        }
        try slot.buffer.copyRow(row, of: scratch, to: slot)
        return true
    }
}

/// A stream in another order: blocks of `size` examples are each put into a pseudorandom order of their own.
struct BlockShuffledSource: ExampleSource {
    let base: any ExampleSource
    let seed: UInt64
    let size: Int

    var columns: [Column] { base.columns }
    var count: Int? { base.count }
    var identity: String { "\(base.identity), shuffled in blocks of \(size) by seed \(seed)" }

    func reader(epoch: Int, from index: Int) throws -> any ExampleReader {
        try columns.checkMemory(for: size, what: "blocks to shuffle", remedy: "make the blocks of shuffled smaller")
        let block = index / size
        let reader = BlockShuffledReader(
            self, try base.reader(epoch: epoch, from: block * size), epoch: epoch, block: block)
        reader.pass(index % size)
        return reader
    }
}

private final class BlockShuffledReader: ExampleReader {
    private let source: BlockShuffledSource
    private let base: any ExampleReader
    private let epoch: Int
    private var block: Int
    private let buffer: ExampleBuffer
    private var order: Permutation
    private var place = 0
    private var start = 0
    private var isLoaded = false

    init(_ source: BlockShuffledSource, _ base: any ExampleReader, epoch: Int, block: Int) {
        self.source = source
        self.base = base
        self.epoch = epoch
        self.block = block
        buffer = ExampleBuffer(columns: source.columns, capacity: source.size)
        order = Permutation(count: 0, seed: source.seed, epoch: epoch)
    }

    /// Begins the first block at a later place.
    func pass(_ places: Int) { start = places }

    func read(_ limit: Int, into slot: ExampleBuffer.Slot) throws -> Int {
        var count = 0
        while count < limit {
            if !isLoaded || place == order.count {
                // A short block is the last.
                if isLoaded && order.count < source.size { break }
                try load()
                if place >= order.count { break }
            }
            try slot.buffer.copyRow(order[place], of: buffer, to: slot.advanced(by: count))
            place += 1
            count += 1
        }
        return count
    }

    private func load() throws {
        let rows = try base.read(source.size, into: .init(buffer: buffer, row: 0, column: 0))
        order = Permutation(count: rows, seed: source.seed, epoch: epoch, block: block)
        block += 1
        place = start
        start = 0
        isLoaded = true
    }
}

/// Several passes over a stream as one.
struct RepeatedStream: ExampleSource {
    let base: any ExampleSource
    let times: Int

    var columns: [Column] { base.columns }
    var count: Int? { base.count.map { $0.multipliedOrLargest(by: times) } }
    var identity: String { "\(base.identity), \(times) times" }

    func reader(epoch: Int, from index: Int) throws -> any ExampleReader {
        try RepeatedReader(self, epoch: epoch, from: index)
    }
}

private final class RepeatedReader: ExampleReader {
    private let source: RepeatedStream
    private let epoch: Int
    private var pass = 0
    private var base: any ExampleReader

    init(_ source: RepeatedStream, epoch: Int, from index: Int) throws {
        self.source = source
        self.epoch = epoch
        if let count = source.base.count, count > 0 {
            pass = min(index / count, source.times)
            base = try source.base.reader(epoch: epoch &* source.times &+ pass, from: index - pass * count)
        } else {
            base = try source.base.reader(epoch: epoch &* source.times, from: 0)
            try skip(index, columns: source.columns)
        }
    }

    func read(_ limit: Int, into slot: ExampleBuffer.Slot) throws -> Int {
        var count = 0
        while pass < source.times {
            count += try base.read(limit - count, into: slot.advanced(by: count))
            if count == limit { return count }
            pass += 1
            if pass < source.times {
                base = try source.base.reader(epoch: epoch &* source.times &+ pass, from: 0)
            }
        }
        return count
    }
}

/// The columns of two streams side by side, as far as the shorter goes.
struct ZippedStream: ExampleSource {
    let left: any ExampleSource
    let right: any ExampleSource

    var columns: [Column] { left.columns + right.columns }
    var count: Int? { left.count.flatMap { count in right.count.map { min(count, $0) } } }
    var identity: String { "(\(left.identity)) beside (\(right.identity))" }

    func reader(epoch: Int, from index: Int) throws -> any ExampleReader {
        ZippedReader(
            try left.reader(epoch: epoch, from: index), try right.reader(epoch: epoch, from: index),
            leftColumns: left.columns.count)
    }
}

private final class ZippedReader: ExampleReader {
    private let left: any ExampleReader
    private let right: any ExampleReader
    private let leftColumns: Int

    init(_ left: any ExampleReader, _ right: any ExampleReader, leftColumns: Int) {
        self.left = left
        self.right = right
        self.leftColumns = leftColumns
    }

    func read(_ limit: Int, into slot: ExampleBuffer.Slot) throws -> Int {
        let count = try left.read(limit, into: slot)
        return min(count, try right.read(count, into: slot.beside(leftColumns)))
    }
}
