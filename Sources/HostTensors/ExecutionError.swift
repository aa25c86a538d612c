/// What cannot be run as asked: where, what was expected, what was found, and how to mend it.
public struct ExecutionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where: the function, the input and its axis, the artifact, the dataset, the checkpoint or the step.
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
