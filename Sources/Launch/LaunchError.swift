/// What can't be started as asked, and the way out.
public struct LaunchError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The option that is wrong, with its value: `--time 2h`.
    public var place: String
    /// What is wrong.
    public var reason: String
    /// The way out.
    public var remedy: String

    /// `--time 2h: not a time; give hours:minutes:seconds, as 02:00:00`.
    public var description: String { "\(place): \(reason); \(remedy)" }
}
