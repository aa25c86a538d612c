/// Why a server can't serve a model, or can't run at all: where, what was expected, what was found, and how to mend it.
public struct ServingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The model or the setting.
    public let place: String
    /// What would have been right.
    public let expected: String
    /// What was found.
    public let actual: String
    /// What to do.
    public let remedy: String

    init(_ place: String, expected: String, actual: String, remedy: String) {
        (self.place, self.expected, self.actual, self.remedy) = (place, expected, actual, remedy)
    }

    /// `place: expected …, got …; remedy`.
    public var description: String { "\(place): expected \(expected), got \(actual); \(remedy)" }
}
