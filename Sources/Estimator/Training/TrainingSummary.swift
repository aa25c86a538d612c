import Execution
import HostTensors

/// What one call of `train` did.
public struct TrainingSummary: Sendable, Equatable {
    /// The number of steps that were done before.
    public let firstStep: Int
    /// The number of steps that are done now.
    public let lastStep: Int
    /// The loss of the last step; nil when there was nothing to do.
    public let loss: Double?
    /// The time it took, in seconds.
    public let seconds: Double

    /// Steps in a second; 0 when there was nothing to do.
    public var stepsPerSecond: Double { seconds > 0 ? Double(lastStep - firstStep) / seconds : 0 }
}

/// Metrics by name, in the model's order.
public struct Metrics: Sendable, Equatable, CustomStringConvertible {
    /// The names and values.
    public let entries: [(name: String, value: Double)]

    /// Reads the metrics out of a function's outputs; those that are not one number are left out.
    init(_ outputs: NamedTensors) {
        entries = outputs.compactMap { $1.count == 1 ? ($0, $1.doubles()[0]) : nil }
    }

    /// The metric of that name, nil if there is none.
    public subscript(name: String) -> Double? { entries.first { $0.name == name }?.value }

    /// `loss 0.2871, accuracy 0.9021`.
    public var description: String {
        entries.map { "\($0.name) \(TrainingProgress.significant($0.value))" }.joined(separator: ", ")
    }

    /// Whether names and values are the same, in order.
    public static func == (left: Metrics, right: Metrics) -> Bool {
        left.entries.elementsEqual(right.entries) { $0.name == $1.name && $0.value == $1.value }
    }
}
