import Execution
import HostTensors

// What is looked at before a training begins: numbers that make no sense, and names of metrics that there are not.

extension TrainingEnd {
    /// Throws an `ExecutionError` when it is a negative number.
    func check() throws {
        switch self {
        case .step(let count): try Self.check(count, "maxSteps")
        case .epochs(let count): try Self.check(count, "epochs")
        }
    }

    /// Throws an `ExecutionError` when a number of steps or epochs is negative.
    static func check(_ count: Int, _ name: String) throws {
        try require(count >= 0, "training, \(name)", "0 or more", count)
    }
}

extension EvalSpec {
    /// Throws an `ExecutionError` when a number makes no sense.
    func check() throws {
        try Self.check(steps: steps)
        try require(
            throttleSeconds >= 0, "evaluation '\(name)', throttleSeconds", "a number of seconds of 0 or more",
            throttleSeconds)
    }

    /// Throws an `ExecutionError` unless at least one batch is to be evaluated.
    static func check(steps: Int?) throws {
        if let steps { try require(steps >= 1, "evaluation, steps", "at least 1, or nil for a whole pass", steps) }
    }
}

extension EarlyStopping {
    /// Throws an `ExecutionError` when a number makes no sense.
    func check() throws {
        try require(patience >= 1, "early stopping, patience", "at least 1", patience)
        try require(margin >= 0, "early stopping, margin", "a number of 0 or more", margin)
    }
}

extension TrainingSession {
    /// Throws an `ExecutionError` that lists the model's metrics when this is none of them, each one number.
    func check(_ metric: BestMetric, _ place: String) throws {
        guard model.signature.hasFunction(named: "evaluate") else { return }
        let names = try model.signature.function(named: "evaluate").outputs
            .filter { $0.type.constantShape?.allSatisfy { $0 == 1 } == true }.map(\.name)
        try metric.check(place, names)
    }
}

extension BestMetric {
    /// Throws an `ExecutionError` that lists the metrics there are when this is none of them.
    func check(_ place: String, _ names: [String]) throws {
        guard !names.contains(name) else { return }
        throw ExecutionError(
            place: place, expected: "the name of a metric", actual: "'\(name)'",
            remedy: "there are: \(names.joined(separator: ", "))")
    }
}

extension StandardExporter {
    /// What decides which model is exported, where a metric does.
    var metric: BestMetric? { if case .best(let metric) = choice { metric } else { nil } }
}

private func require(_ isRight: Bool, _ place: String, _ expected: String, _ actual: some Any) throws {
    guard !isRight else { return }
    throw ExecutionError(
        place: place, expected: expected, actual: "\(actual)", remedy: "correct the number")
}
