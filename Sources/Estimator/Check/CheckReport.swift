/// What `Estimator.check` found, point by point.
public struct CheckReport: Sendable, CustomStringConvertible {
    /// One thing that was looked at.
    public struct Entry: Sendable, Hashable {
        /// What was looked at: `gradients`.
        public let name: String
        /// Whether it is as it should be.
        public let isPassed: Bool
        /// What was seen.
        public let detail: String
    }

    /// The points in order.
    public private(set) var entries: [Entry] = []

    /// Whether all is as it should be.
    public var isPassed: Bool { entries.allSatisfy(\.isPassed) }

    /// The point of that name, nil if it was not looked at.
    public subscript(name: String) -> Entry? { entries.first { $0.name == name } }

    /// A line a point: `ok      gradients      …` or `FAILED  …`.
    public var description: String {
        let width = entries.map(\.name.count).max() ?? 0
        return entries.map { entry in
            let name = entry.name + String(repeating: " ", count: width - entry.name.count)
            return "\(entry.isPassed ? "ok    " : "FAILED")  \(name)  \(entry.detail)"
        }.joined(separator: "\n")
    }

    /// Adds a point; what the check throws counts as a failure.
    mutating func add(_ name: String, _ check: () throws -> (isPassed: Bool, detail: String)) {
        do {
            let result = try check()
            entries.append(Entry(name: name, isPassed: result.isPassed, detail: result.detail))
        } catch { entries.append(Entry(name: name, isPassed: false, detail: "\(error)")) }
    }
}
