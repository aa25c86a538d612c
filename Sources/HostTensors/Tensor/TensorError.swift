/// What is wrong with a request for a tensor, and how to mend it.
public struct TensorError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was asked for, such as `reshape f32[2, 3]`.
    public let operation: String
    /// What would have been right.
    public let expected: String
    /// What was given.
    public let actual: String
    /// What the caller can do.
    public let remedy: String

    /// An error of `operation`.
    public init(operation: String, expected: String, actual: String, remedy: String) {
        self.operation = operation
        self.expected = expected
        self.actual = actual
        self.remedy = remedy
    }

    /// `operation: expected …, got …; remedy`.
    public var description: String { "\(operation): expected \(expected), got \(actual); \(remedy)" }
}
