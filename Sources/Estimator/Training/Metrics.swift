import Execution
import HostTensors

/// Metrics by name, in the model's order.
public struct Metrics: Sendable, Equatable, CustomStringConvertible {
    /// The names and values of those that are one number.
    public let entries: [(name: String, value: Double)]
    /// Those that are more than one number: `metrics.tensors["confusion_matrix"]`.
    ///
    /// They are what an evaluation gives, but are not recorded: what is read back from `evaluations.json` has none.
    public let tensors: NamedTensors

    /// Names values.
    public init(_ entries: [(name: String, value: Double)]) {
        self.entries = entries
        tensors = [:]
    }

    /// Reads the metrics out of a function's outputs.
    init(_ outputs: some Sequence<(String, HostTensor)>) {
        entries = outputs.compactMap { $1.count == 1 ? (name: $0, value: $1.doubles()[0]) : nil }
        tensors = NamedTensors(outputs.filter { $1.count != 1 }, uniquingKeysWith: { first, _ in first })
    }

    /// The metric of that name, nil if there is none, or it is more than one number: those are in `tensors`.
    public subscript(name: String) -> Double? { entries.first { $0.name == name }?.value }

    /// `loss 0.2871, accuracy 0.9021`.
    public var description: String {
        entries.map { "\($0.name) \(TrainingProgress.significant($0.value))" }.joined(separator: ", ")
    }

    /// Whether names and values are the same, in order.
    public static func == (left: Metrics, right: Metrics) -> Bool {
        left.tensors == right.tensors
            && left.entries.elementsEqual(right.entries) { $0.name == $1.name && $0.value == $1.value }
    }
}
