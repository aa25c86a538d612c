import GraphIR
import Layers

/// What is looked at before a model is built: numbers that make no sense, and patterns that no parameter matches.
extension Optimizer {
    /// Throws a `GraphError` that names the first number that makes no sense.
    func check() throws {
        if let mistake = learningRate.mistake { throw mistake.at("optimizer '\(name)'") }
        if let mistake { throw mistake }
        for clipping in clippings {
            let bound =
                switch clipping {
                case .value(let bound), .norm(let bound), .globalNorm(let bound): bound
                }
            try require(bound > 0, "clipping", clipping, "a bound above 0")
        }
        try require(decay.map { $0.rate >= 0 && $0.rate.isFinite } ?? true, "decaying", decay?.rate ?? 0, "0 or more")
        try require(
            averageDecay.map { $0 >= 0 && $0 < 1 } ?? true, "averagingWeights(decay:)", averageDecay ?? 0,
            "0 or more and below 1")
        try require(accumulatedBatches >= 1, "accumulating(batches:)", accumulatedBatches, "at least 1")
    }

    /// Throws a `GraphError` for a pattern that no parameter matches, which is most likely misspelt.
    func check(parameters: [String]) throws {
        try frozen.check("optimizer '\(name)', freezing", parameters)
        for (constraint, patterns) in constraints {
            try patterns.check("optimizer '\(name)', constraining to \(constraint.name)", parameters)
        }
    }

    private func require(_ isRight: Bool, _ option: String, _ value: some Any, _ expected: String) throws {
        guard !isRight else { return }
        throw GraphError(
            "\(option) is \(value)", place: "optimizer '\(name)'", remedy: "expected \(expected)")
    }
}

extension [NamePattern] {
    /// Throws a `GraphError` that lists the parameters when one of the patterns matches none.
    func check(_ place: String, _ parameters: [String]) throws {
        guard let pattern = first(where: { pattern in !parameters.contains { pattern.matches($0) } }) else { return }
        throw GraphError(
            "no parameter matches '\(pattern)'", place: place,
            remedy: "there are: \(parameters.joined(separator: ", "))")
    }
}
