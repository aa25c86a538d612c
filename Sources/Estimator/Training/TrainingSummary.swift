/// What one call of `train` did.
public struct TrainingSummary: Sendable, Equatable, CustomStringConvertible {
    /// Why it ended.
    public enum Ending: String, Sendable {
        /// The steps that were asked for are done, or were before.
        case reachedSteps
        /// The passes over the data that were asked for are done, or were before.
        case reachedEpochs
        /// The metric that was watched did not get better any more.
        case stoppedEarly
    }

    /// The number of steps that were done before.
    public let firstStep: Int
    /// The number of steps that are done now.
    public let lastStep: Int
    /// The loss of the last step; nil when there was nothing to do.
    public let loss: Double?
    /// The time it took, in seconds.
    public let seconds: Double
    /// Why it ended.
    public let ending: Ending

    /// Steps in a second; 0 when there was nothing to do.
    public var stepsPerSecond: Double { seconds > 0 ? Double(lastStep - firstStep) / seconds : 0 }

    /// `steps 100 to 400 in 2.903 s, loss 0.2526, stoppedEarly`.
    public var description: String {
        "steps \(firstStep) to \(lastStep) in \(TrainingProgress.significant(seconds)) s"
            + (loss.map { ", loss \(TrainingProgress.significant($0))" } ?? "") + ", \(ending.rawValue)"
    }
}
