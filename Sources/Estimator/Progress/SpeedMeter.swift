/// Measures speed over the last few seconds.
struct SpeedMeter {
    private struct Mark {
        var time: Double
        var steps: Int
        var examples: Int
    }

    /// Where the measured time begins, and points a quarter of a second apart since.
    private var marks: [Mark]
    private var current: Mark

    init(start: Double) {
        current = Mark(time: start, steps: 0, examples: 0)
        marks = [current]
    }

    /// Counts a step that has just ended.
    mutating func add(examples count: Int, now: Double) {
        current = Mark(time: now, steps: current.steps + 1, examples: current.examples + count)
        while marks.count > 1, now - marks[0].time > 5 { marks.removeFirst() }
        if let last = marks.last, now - last.time >= 0.25 { marks.append(current) }
    }

    var stepsPerSecond: Double { rate(\.steps) }
    var examplesPerSecond: Double { rate(\.examples) }

    private func rate(_ count: (Mark) -> Int) -> Double {
        guard let first = marks.first, current.time > first.time else { return 0 }
        return Double(count(current) - count(first)) / (current.time - first.time)
    }
}
