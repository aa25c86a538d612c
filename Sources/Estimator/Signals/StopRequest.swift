import Synchronization

/// Asks a running training to save a checkpoint and end after the step it is at; may be asked from any thread.
public final class StopRequest: Sendable {
    private let flag = Atomic(false)

    /// Makes a request that nobody has asked for yet.
    public init() {}

    /// Whether it was asked for.
    public var isRequested: Bool { flag.load(ordering: .relaxed) }

    /// Asks the training to end.
    public func request() { flag.store(true, ordering: .relaxed) }

    /// Takes the request back, so that another training can go on.
    public func withdraw() { flag.store(false, ordering: .relaxed) }
}

/// A training was asked to end before it was done; run again, it goes on.
public struct TrainingInterrupted: Error, Sendable, CustomStringConvertible {
    /// The number of steps done.
    public let step: Int
    /// The checkpoint that was saved; nil without a model directory.
    public let checkpoint: String?

    /// `interrupted at step 1200; …`.
    public var description: String {
        "interrupted at step \(step); "
            + (checkpoint.map { "\($0) is saved: run again to go on" } ?? "without a model directory nothing is saved")
    }
}
