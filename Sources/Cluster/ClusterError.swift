/// Why processes cannot work together (any longer).
public struct ClusterError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Where: the operation or the library.
    public var place: String
    /// What is wrong.
    public var reason: String
    /// The way out.
    public var remedy: String

    /// Describes an error.
    public init(place: String, reason: String, remedy: String) {
        self.place = place
        self.reason = reason
        self.remedy = remedy
    }

    /// `cluster, training step: process 2 failed; see its own message`.
    public var description: String { "cluster, \(place): \(reason); \(remedy)" }
}
