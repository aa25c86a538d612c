/// How far a training is.
public struct TrainingProgress: Sendable, Equatable {
    /// The number of steps done, over all runs.
    public let step: Int
    /// The step at which the training ends; nil where only reading the data tells.
    public let lastStep: Int?
    /// The loss of this step, before its update.
    public let loss: Double
    /// The other figures of this step's batch.
    public let metrics: Metrics
    /// The pass over the data this step belongs to, from 0.
    public let epoch: Int
    /// Steps in a second, over the recent ones.
    public let stepsPerSecond: Double
    /// Examples in a second, over the recent steps.
    public let examplesPerSecond: Double

    /// Makes a report.
    public init(
        step: Int, lastStep: Int?, loss: Double, metrics: Metrics = Metrics([]), epoch: Int, stepsPerSecond: Double,
        examplesPerSecond: Double
    ) {
        self.step = step
        self.lastStep = lastStep
        self.loss = loss
        self.metrics = metrics
        self.epoch = epoch
        self.stepsPerSecond = stepsPerSecond
        self.examplesPerSecond = examplesPerSecond
    }

    /// The time the remaining steps take at the present speed, in seconds; nil before the first is measured.
    public var secondsLeft: Double? {
        guard let lastStep, stepsPerSecond > 0 else { return nil }
        return Double(lastStep - step) / stepsPerSecond
    }

    /// `step 120/500  loss 0.4312  accuracy 0.8594  64.1 steps/s  8205 examples/s  6 s left`.
    public var line: String { line(within: .max) }

    /// The line in at most `width` characters: without the last metrics where all are too many, then without the last of the speed and
    /// the time left, and cut where that is not enough.
    func line(within width: Int) -> String {
        var figures = metrics.entries.filter { $0.name != "loss" }.map { "\($0.name) \(Self.significant($0.value))" }
        var rest = rest
        while true {
            let line = (begin + figures + rest).joined(separator: "  ")
            if line.count <= width { return line }
            guard figures.popLast() != nil || rest.popLast() != nil else { return String(line.prefix(max(0, width))) }
        }
    }

    private var begin: [String] {
        ["step \(step)\(lastStep.map { "/\($0)" } ?? "")", "loss \(Self.significant(loss))"]
    }

    private var rest: [String] {
        var parts: [String] = []
        if stepsPerSecond > 0 {
            parts.append("\(Self.significant(stepsPerSecond)) steps/s")
            parts.append("\(Self.significant(examplesPerSecond)) examples/s")
        }
        if let secondsLeft, secondsLeft > 0 { parts.append("\(Self.duration(secondsLeft)) left") }
        return parts
    }

    /// Four significant digits without an exponent where the number allows it.
    static func significant(_ value: Double) -> String {
        guard value.isFinite, value != 0, (1e-4..<1e15).contains(abs(value)) else {
            return value.isNaN ? "nan" : "\(value)"
        }
        var digits = 3
        var size = abs(value)
        while size >= 10 && digits > 0 {
            size /= 10
            digits -= 1
        }
        while size < 1 {
            size *= 10
            digits += 1
        }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let rounded = (value * scale).rounded()
        guard digits > 0 else { return "\(Int(rounded))" }
        let magnitude = Int(abs(rounded))
        let fraction = String(magnitude % Int(scale))
        let padding = String(repeating: "0", count: digits - fraction.count)
        return "\(rounded < 0 ? "-" : "")\(magnitude / Int(scale)).\(padding)\(fraction)"
    }

    /// `41 s`, `3 min 20 s`, `2 h 5 min`.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e9 else { return "a long time" }
        let whole = Int(seconds.rounded(.up))
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
}

/// Is told how far a training is.
public protocol ProgressReporter: AnyObject {
    /// Whether a report at this time, in seconds of the monotonic clock, would be shown.
    func isDue(at now: Double) -> Bool
    /// Called with every report that is due, and the last; should return quickly.
    func report(_ progress: TrainingProgress)
    /// Called once when the training ends, also when it ends by an error.
    func finish()
}
