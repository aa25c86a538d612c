/// What a model is run for; layers such as dropout act by it.
public enum Phase: String, Sendable, Hashable, CaseIterable {
    /// Learning: dropout drops, running averages move.
    case training
    /// Using what was learned.
    case inference

    /// The current task's phase; inference unless said otherwise.
    @TaskLocal public static var current: Phase = .inference

    /// Runs `body` in this phase.
    public func run<Result>(_ body: () throws -> Result) rethrows -> Result {
        try Phase.$current.withValue(self, operation: body)
    }
}
