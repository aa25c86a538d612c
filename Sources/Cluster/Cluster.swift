import Glibc
import Synchronization

/// Processes that run the same program on parts of the same data, started by an existing engine (MPI, Slurm, Kubernetes).
///
/// All processes make the same calls in the same order. Before each, they tell each other what they are about to do: one that does
/// something else, or has failed, is an error everywhere instead of a wait without end. Sums are made in order of rank, so they have the same
/// bits in all processes, whatever carries them.
public final class Cluster: Sendable {
    /// What a process asks of all others along with an operation; each hears what any of them asked for.
    public struct Signals: OptionSet, Sendable, Hashable {
        /// A bit for each signal.
        public let rawValue: UInt32
        /// Makes a set of its bits.
        public init(rawValue: UInt32) { self.rawValue = rawValue }
        /// Save and end: the engine wants the machine back.
        public static let stop = Signals(rawValue: 1)
        /// A checkpoint is due.
        public static let save = Signals(rawValue: 2)
    }

    /// What processes do together.
    enum Operation: UInt16 {
        case sum, gather, broadcast, meeting, failure, end
    }

    /// What a process says before an operation.
    struct Announcement: Equatable {
        static let byteCount = 64
        private static let nameBytes = 48
        var operation: Operation
        /// The bytes that it has for the operation; nil where process 0 tells.
        var size: Int?
        var signals: Signals
        /// The name of the operation, cut to what has room.
        var name: String

        init(_ operation: Operation, _ name: String, size: Int?, signals: Signals = []) {
            self.operation = operation
            self.size = size
            self.signals = signals
            self.name = String(decoding: name.utf8.prefix(Self.nameBytes), as: UTF8.self)
        }

        func write(to bytes: UnsafeMutableRawBufferPointer) {
            bytes.storeBytes(of: Int64(size ?? -1), toByteOffset: 0, as: Int64.self)
            bytes.storeBytes(of: signals.rawValue, toByteOffset: 8, as: UInt32.self)
            bytes.storeBytes(of: UInt32(operation.rawValue), toByteOffset: 12, as: UInt32.self)
            let text = Array(name.utf8.prefix(Self.nameBytes))
            for at in 0..<Self.nameBytes { bytes[16 + at] = at < text.count ? text[at] : 0 }
        }

        init(_ bytes: UnsafeRawBufferPointer) {
            let size = bytes.loadUnaligned(fromByteOffset: 0, as: Int64.self)
            self.size = size < 0 ? nil : Int(size)
            signals = Signals(rawValue: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
            let number = bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self)
            // Another version of this module, if it is none of these: elsewhere in any case.
            operation = Operation(rawValue: UInt16(truncatingIfNeeded: number)) ?? .failure
            name = String(decoding: bytes[16..<Self.byteCount].prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    /// Memory that operations use again, and whether the processes have lost each other.
    private struct Memory {
        var isBroken = false
        var sent: [Float] = []
        var received: [Float] = []
        var announced: [UInt8]
        var heard: [UInt8]
    }

    private let communicator: any Communicator
    private let memory: Mutex<Memory>

    /// Makes a cluster of what carries its bytes.
    public init(_ communicator: any Communicator) {
        self.communicator = communicator
        memory = Mutex(
            Memory(
                announced: Array(repeating: 0, count: Announcement.byteCount),
                heard: Array(repeating: 0, count: Announcement.byteCount * communicator.count)))
    }

    /// The number of this process, from 0.
    public var rank: Int { communicator.rank }
    /// The number of processes.
    public var count: Int { communicator.count }
    /// Whether this is the process that writes what all have in common.
    public var isFirst: Bool { rank == 0 }
    /// `process 1 of 4 (Open MPI 4.1.4)`.
    public var description: String { "process \(rank) of \(count) (\(communicator.name))" }
}

// MARK: - Operations

extension Cluster {
    /// Adds up `number` numbers of all processes, element by element in order of rank, and gives what any process signals.
    ///
    /// `write` puts this process's numbers in place, `read` gets the sums. Throws a `ClusterError` when a process failed or is elsewhere.
    public func sum(
        _ number: Int, _ name: String, signals: Signals = [], write: (UnsafeMutableBufferPointer<Float>) -> Void,
        read: (UnsafeBufferPointer<Float>) -> Void
    ) throws -> Signals {
        try operate(Announcement(.sum, name, size: number * 4, signals: signals)) { memory, agreed in
            let part = (number + count - 1) / count
            if memory.sent.count != part * count {
                memory.sent = Array(repeating: 0, count: part * count)
                memory.received = memory.sent
            }
            try memory.sent.withUnsafeMutableBufferPointer { sent in
                let numbers = UnsafeMutableBufferPointer(rebasing: sent[..<number])
                write(numbers)
                if count > 1 {
                    try memory.received.withUnsafeMutableBufferPointer { try addUp(sent, $0, part: part) }
                }
                read(UnsafeBufferPointer(numbers))
            }
            return agreed.signals
        }
    }

    /// Each process adds up one part of the numbers, of which all then have every sum.
    private func addUp(
        _ sent: UnsafeMutableBufferPointer<Float>, _ received: UnsafeMutableBufferPointer<Float>, part: Int
    ) throws {
        try communicator.allToAll(UnsafeRawBufferPointer(sent), into: UnsafeMutableRawBufferPointer(received))
        for rank in 1..<count {
            let base = rank * part
            for at in 0..<part { received[at] += received[base + at] }
        }
        try communicator.allGather(
            UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: received[..<part])),
            into: UnsafeMutableRawBufferPointer(sent))
    }

    /// Adds up numbers of all processes; `sums` has room for as many as `mine`.
    public func sum(
        _ mine: UnsafeBufferPointer<Float>, into sums: UnsafeMutableBufferPointer<Float>, _ name: String,
        signals: Signals = []
    ) throws -> Signals {
        precondition(sums.count >= mine.count, "sums have room")
        return try sum(
            mine.count, name, signals: signals, write: { _ = $0.update(from: mine) },
            read: { _ = sums.update(from: $0) })
    }

    /// Gives everybody's bytes, of which all have equally many, in order of rank.
    ///
    /// Throws a `ClusterError` when a process failed or is elsewhere.
    public func gather(_ mine: [UInt8], _ name: String) throws -> [[UInt8]] {
        try operate(Announcement(.gather, name, size: mine.count)) { _, _ in
            var all = [UInt8](repeating: 0, count: mine.count * count)
            try mine.withUnsafeBytes { mine in
                try all.withUnsafeMutableBytes { try communicator.allGather(mine, into: $0) }
            }
            return (0..<count).map { Array(all[($0 * mine.count)..<(($0 + 1) * mine.count)]) }
        }
    }

    /// Gives everyone the bytes of process 0, which alone need have any.
    ///
    /// Throws a `ClusterError` when a process failed or is elsewhere.
    public func broadcast(_ bytes: [UInt8], _ name: String) throws -> [UInt8] {
        try operate(Announcement(.broadcast, name, size: isFirst ? bytes.count : nil)) { _, agreed in
            var all = isFirst ? bytes : Array(repeating: 0, count: agreed.size ?? 0)
            try all.withUnsafeMutableBytes { try communicator.broadcast($0) }
            return all
        }
    }

    /// Waits for all processes, and gives what any signals.
    ///
    /// Throws a `ClusterError` when a process failed or is elsewhere.
    @discardableResult
    public func meet(_ name: String, signals: Signals = []) throws -> Signals {
        try operate(Announcement(.meeting, name, size: 0, signals: signals)) { _, agreed in agreed.signals }
    }

    /// Tells the others, once they come to their next operation, that this process has failed.
    ///
    /// Where all have failed together, they still have each other. Nothing is said when they have lost each other already.
    public func fail(_ name: String) {
        memory.withLock { memory in
            guard !memory.isBroken else { return }
            let isTogether = try? announce(Announcement(.failure, name, size: nil), &memory).operation == .failure
            memory.isBroken = isTogether != true
        }
    }

    /// Whether all processes end here, which is said and heard like any other operation; not while one is under way.
    package func ends() -> Bool {
        let name = "the end of the program"
        return memory.withLockIfAvailable { memory in
            guard !memory.isBroken else { return false }
            defer { memory.isBroken = true }
            return (try? announce(Announcement(.end, name, size: 0), &memory)) != nil
        } ?? false
    }

    /// Whether the processes cannot work together any more.
    public var isBroken: Bool { memory.withLock(\.isBroken) }

    /// Says what comes, and does it with what all agree on. After an error the processes have lost each other.
    private func operate<Result: Sendable>(
        _ mine: Announcement, _ body: (inout Memory, Announcement) throws -> Result
    ) throws -> Result {
        try memory.withLock { memory in
            guard !memory.isBroken else {
                throw ClusterError(
                    place: mine.name, reason: "the processes have lost each other before",
                    remedy: "see the first message, and start the program again")
            }
            do {
                return try body(&memory, announce(mine, &memory))
            } catch {
                memory.isBroken = true
                throw error
            }
        }
    }

    /// Says what comes, hears the others, and gives what they agree on: the size as process 0 has it, all signals; a failure only where all failed.
    private func announce(_ mine: Announcement, _ memory: inout Memory) throws -> Announcement {
        memory.announced.withUnsafeMutableBytes { mine.write(to: $0) }
        try memory.announced.withUnsafeBytes { mine in
            try memory.heard.withUnsafeMutableBytes { try communicator.allGather(mine, into: $0) }
        }
        let all = memory.heard.withUnsafeBytes { heard in
            (0..<count).map { rank in
                let first = rank * Announcement.byteCount
                return Announcement(
                    UnsafeRawBufferPointer(rebasing: heard[first..<(first + Announcement.byteCount)]))
            }
        }
        if mine.operation != .failure { try check(all, mine) }
        var agreed = all[0]
        for other in all { agreed.signals.formUnion(other.signals) }
        if let other = all.first(where: { $0.operation != .failure }) { agreed.operation = other.operation }
        return agreed
    }

    /// Throws where a process failed or is about to do something else.
    private func check(_ all: [Announcement], _ mine: Announcement) throws {
        if let failed = all.firstIndex(where: { $0.operation == .failure }) {
            throw ClusterError(
                place: mine.name, reason: "process \(failed) failed", remedy: "its own message says why")
        }
        func text(_ rank: Int, _ detail: String = "") -> String { "process \(rank) is at '\(all[rank].name)'\(detail)" }
        var texts: (String, String)?
        if let other = all.firstIndex(where: { $0.name != all[0].name }) {
            texts = (text(0), text(other))
        } else if let other = all.firstIndex(where: { $0.operation != all[0].operation }) {
            texts = (text(0, ", a \(all[0].operation)"), text(other, ", a \(all[other].operation)"))
        } else if let other = all.firstIndex(where: { $0.size != nil && $0.size != all[0].size }) {
            texts = (text(0, " with \(all[0].size ?? 0) bytes"), text(other, " with \(all[other].size ?? 0) bytes"))
        }
        guard let texts else { return }
        throw ClusterError(
            place: mine.name, reason: "\(texts.0), \(texts.1)",
            remedy: "let all processes run the same program on the same model, data and configuration")
    }
}
