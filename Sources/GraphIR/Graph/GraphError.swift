/// An error in a graph or in what is asked of one: what is wrong, where, and the way out.
public struct GraphError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, with what was expected and what was found.
    public var message: String
    /// Where: a layer path with its source line, or a line of text.
    public var place: String?
    /// How to mend it.
    public var remedy: String?

    /// Makes an error.
    public init(_ message: String, place: String? = nil, remedy: String? = nil) {
        self.message = message
        self.place = place
        self.remedy = remedy
    }

    /// The same error with a place, if it had none.
    public func at(_ place: String?) -> GraphError {
        GraphError(message, place: self.place ?? place, remedy: remedy)
    }

    /// `place: message (remedy)`.
    public var description: String {
        (place.map { "\($0): " } ?? "") + message + (remedy.map { " (\($0))" } ?? "")
    }
}
