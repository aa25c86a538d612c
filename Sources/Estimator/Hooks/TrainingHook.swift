import Datasets

/// Something that happens along with a training; every moment is optional.
///
/// An error thrown by a hook ends the training, as an error of the training itself does.
public protocol TrainingHook: AnyObject {
    /// The training is about to begin, after `step` steps of earlier runs.
    func begin(step: Int) throws
    /// A step is about to be made on a batch.
    func beforeStep(_ step: Int, batch: Batch) throws
    /// A step was made.
    func afterStep(_ progress: TrainingProgress) throws
    /// A checkpoint was written into the folder `path`.
    func checkpoint(step: Int, path: String) throws
    /// The training is over; not called when it ended by an error.
    func end(_ summary: TrainingSummary) throws
}

extension TrainingHook {
    /// Does nothing.
    public func begin(step: Int) throws {}
    /// Does nothing.
    public func beforeStep(_ step: Int, batch: Batch) throws {}
    /// Does nothing.
    public func afterStep(_ progress: TrainingProgress) throws {}
    /// Does nothing.
    public func checkpoint(step: Int, path: String) throws {}
    /// Does nothing.
    public func end(_ summary: TrainingSummary) throws {}
}

/// A hook that calls a function after every step.
final class StepHook: TrainingHook {
    private let body: (TrainingProgress) -> Void

    init(_ body: @escaping (TrainingProgress) -> Void) { self.body = body }

    func afterStep(_ progress: TrainingProgress) { body(progress) }
}
