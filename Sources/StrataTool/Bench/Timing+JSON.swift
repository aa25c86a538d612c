import Benchmarking

extension Timing {
    /// The members by the names benchmark results use.
    var members: [(String, JSONValue)] {
        [
            ("median_us", .number(median)), ("min_us", .number(least)), ("p90_us", .number(ninetiethPercentile)),
            ("repetitions", .integer(repetitions)), ("other_load", .number(otherLoad)),
        ]
    }

    /// An object of the members.
    var value: JSONValue { .object(members) }
}
