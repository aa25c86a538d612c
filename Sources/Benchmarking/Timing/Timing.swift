/// Repeated runs of one piece of work, each timed.
public struct Timing: Sendable, Hashable {
    /// The middle of all times, in microseconds.
    public let median: Double
    /// The shortest time, in microseconds.
    public let least: Double
    /// What nine of ten times stay below, in microseconds.
    public let ninetiethPercentile: Double
    /// The number of times measured.
    public let repetitions: Int
    /// Processors that other processes used meanwhile.
    public let otherLoad: Double

    /// Warms up for at most a second, then times `once` again and again for `seconds`, and at least `least` times
    /// unless that takes more than ten seconds. What is done `between` them is not timed.
    public static func measure(
        seconds: Double, least: Int = 5, most: Int = 20000, warmRounds: Int = 2, _ once: () throws -> Void,
        between: () -> Void = {}
    ) rethrows -> Timing {
        let begin = ContinuousClock.now
        let warmUntil = begin + .seconds(min(1, seconds / 4))
        let warmPatience = begin + .seconds(8)
        var warm = 0
        while warm < warmRounds && ContinuousClock.now < warmPatience
            || ContinuousClock.now < warmUntil && warm < most && warmRounds > 0
        {
            try once()
            warm += 1
        }
        var samples: [Double] = []
        let load = MachineLoad.now
        let start = ContinuousClock.now
        let patience = start + .seconds(10)
        let until = start + .seconds(seconds)
        while samples.isEmpty || samples.count < least && ContinuousClock.now < patience
            || ContinuousClock.now < until && samples.count < most
        {
            let before = ContinuousClock.now
            try once()
            samples.append((ContinuousClock.now - before).microseconds)
            between()
        }
        let wall = (ContinuousClock.now - start).microseconds / 1e6
        samples.sort()
        let middle = samples.count / 2
        return Timing(
            median: samples.count.isMultiple(of: 2) ? (samples[middle - 1] + samples[middle]) / 2 : samples[middle],
            least: samples[0], ninetiethPercentile: samples[min(samples.count - 1, samples.count * 9 / 10)],
            repetitions: samples.count, otherLoad: wall > 0.2 ? MachineLoad.now.others(since: load, seconds: wall) : 0)
    }
}

extension Duration {
    /// The length in microseconds.
    public var microseconds: Double { Double(components.seconds) * 1e6 + Double(components.attoseconds) * 1e-12 }
}
