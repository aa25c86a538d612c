import Execution
import FoundationEssentials
import HostTensors

/// An evaluation that took place.
public struct Evaluation: Sendable, Equatable, Codable, CustomStringConvertible {
    /// One figure.
    public struct Figure: Sendable, Equatable, Codable {
        /// The metric's name.
        public let name: String
        /// Its value.
        public let value: Double
    }

    /// The step whose checkpoint was evaluated.
    public let step: Int
    /// The name of the evaluation: `evaluation`.
    public let name: String
    /// The figures, in the model's order.
    public let figures: [Figure]

    /// The figures by name.
    public var metrics: Metrics { Metrics(figures.map { ($0.name, $0.value) }) }

    /// `evaluation at step 400: loss 0.2871, accuracy 0.9021`.
    public var description: String { "\(name) at step \(step): \(metrics)" }

    init(step: Int, name: String, metrics: Metrics) {
        self.step = step
        self.name = name
        figures = metrics.entries.map { Figure(name: $0.name, value: $0.value) }
    }
}

/// The evaluations of a training so far, kept in `evaluations.json` of the model directory.
final class EvaluationLog {
    var entries: [Evaluation] = []
    private let path: String?

    /// Reads JSON whose numbers may be infinite or undefined.
    static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return decoder
    }

    /// Writes what `decoder` reads.
    static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return encoder
    }

    /// Reads the evaluations up to a step: what came after belongs to a training that was lost.
    init(directory: String?, upTo step: Int) throws {
        path = directory.map { "\($0)/evaluations.json" }
        guard let path, FileManager.default.fileExists(atPath: path) else { return }
        do {
            entries = try Self.decoder.decode([Evaluation].self, from: Data(WholeFile.read(path: path)))
        } catch {
            throw ExecutionError(
                place: path, expected: "the evaluations so far", actual: "\(error)",
                remedy: "remove the file: what was best, and early stopping, then begin anew")
        }
        entries.removeAll { $0.step > step }
    }

    /// Adds an evaluation.
    func add(_ evaluation: Evaluation) throws {
        entries.removeAll { $0.step >= evaluation.step && $0.name == evaluation.name }
        entries.append(evaluation)
        try write()
    }

    /// Makes the file have these entries and no others; without entries none is made.
    func write() throws {
        guard let path, !entries.isEmpty || FileManager.default.fileExists(atPath: path) else { return }
        try WholeFile.write([UInt8](Self.encoder.encode(entries)) + [UInt8(ascii: "\n")], path: path)
    }

    /// Whether a step's checkpoint was evaluated under a name.
    func has(step: Int, name: String) -> Bool { entries.contains { $0.step == step && $0.name == name } }

    /// The best evaluation by a metric; of equal ones the first. Those without it, or with NaN, do not count.
    func best(by metric: BestMetric) -> Evaluation? {
        var best: (value: Double, entry: Evaluation)?
        for entry in entries {
            guard let value = entry.metrics[metric.name], !value.isNaN else { continue }
            if best.map({ metric.isBetter(value, than: $0.value) }) ?? true { best = (value, entry) }
        }
        return best?.entry
    }
}

/// Ends a training whose evaluations do not get better any more.
public struct EarlyStopping: Sendable, Equatable {
    /// What is watched.
    public var metric: BestMetric
    /// How many evaluations may pass without a better one.
    public var patience: Int
    /// By how much a better value must be better.
    public var margin: Double

    /// Watches a metric; ends the training after `patience` evaluations that are not better by more than `margin`.
    public init(_ metric: BestMetric, patience: Int, margin: Double = 0) {
        self.metric = metric
        self.patience = patience
        self.margin = margin
    }

    /// Whether the evaluations so far call for an end; a metric that is NaN is never better.
    func isDue(_ evaluations: [Evaluation]) -> Bool {
        var best: Double?
        var waited = 0
        for evaluation in evaluations {
            guard let value = evaluation.metrics[metric.name] else { continue }
            if !value.isNaN, best.map({ metric.isBetter(value, than: $0, by: margin) }) ?? true {
                best = value
                waited = 0
            } else {
                waited += 1
            }
            if waited >= patience { return true }
        }
        return false
    }
}
