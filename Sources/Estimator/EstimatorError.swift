/// What an estimator cannot do: where, what was expected, what was found, and how to mend it.
public struct EstimatorError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where: the dataset, the model directory, the checkpoint, the step.
    public let place: String
    /// What would have been right.
    public let expected: String
    /// What was found.
    public let actual: String
    /// What the caller can do.
    public let remedy: String

    /// Makes an error.
    public init(place: String, expected: String, actual: String, remedy: String) {
        self.place = place
        self.expected = expected
        self.actual = actual
        self.remedy = remedy
    }

    /// `place: expected …, got …; remedy`.
    public var description: String { "\(place): expected \(expected), got \(actual); \(remedy)" }
}
