import GraphIR
import GraphTracing
import HostTensors
import Layers

/// What a model is asked for.
public enum ModelMode: String, Sendable, Hashable, CaseIterable {
    /// A step of training: the loss and its gradients.
    case training
    /// Judging: the metrics of a batch.
    case evaluation
    /// Answers only; there are no labels.
    case prediction
}

/// What a model makes of a batch.
public struct ModelOutputs: Sendable {
    /// A metric and what it measures.
    public struct Measurement: Sendable {
        /// The metric.
        public var metric: StreamingMetric
        /// What it is measured by.
        public var batch: StreamingMetric.Batch

        /// Applies a metric.
        public init(_ metric: StreamingMetric, _ batch: StreamingMetric.Batch) {
            self.metric = metric
            self.batch = batch
        }
    }

    /// The model's answers by name, one row an example; what `predict` gives.
    public var predictions: [(name: String, value: Tensor)]
    /// What training makes small, one number; nil without labels.
    public var loss: Tensor?
    /// How the losses of parts of a batch make that of the whole, where processes of a cluster compute them.
    public var combination: Loss.Combination
    /// What evaluation gathers, by different names; the mean loss first by custom.
    public var metrics: [Measurement]

    /// Gathers what a model makes of a batch.
    public init(
        predictions: [(name: String, value: Tensor)], loss: Tensor? = nil, combination: Loss.Combination = .mean,
        metrics: [Measurement] = []
    ) {
        self.predictions = predictions
        self.loss = loss
        self.combination = combination
        self.metrics = metrics
    }
}

/// A model in full control of what it predicts, minimizes and measures: one function for all modes.
///
/// The function is traced once a mode. Random layers and running averages act by the phase, which is set to fit.
public struct ModelFunction: Sendable {
    /// Computes a batch; `labels` has no entries when only predictions are asked for.
    public typealias Body =
        @Sendable (_ features: Features, _ labels: Features, _ mode: ModelMode) throws -> ModelOutputs

    /// What holds the model's variables: its layers, whose properties give variables their paths.
    public let contents: any Sendable
    let body: Body
    /// What the loss charges for parameters.
    private(set) var penalties: [Loss.Penalty] = []
    /// The type of labels for predictions of a type, where it follows.
    let labelType: (@Sendable (TensorType) -> TensorType)?

    /// Makes a model of a function and the layers it uses.
    ///
    /// Variables that are not found in `contents` count too, under their own names.
    public init(_ contents: any Sendable, _ body: @escaping Body) { self.init(contents, labelType: nil, body) }

    init(
        _ contents: any Sendable, labelType: (@Sendable (TensorType) -> TensorType)?, _ body: @escaping Body
    ) {
        self.contents = contents
        self.labelType = labelType
        self.body = body
    }

    /// A layered model of one input, trained with a loss of its output and one label.
    public init(_ model: some Layer, loss: Loss, metrics: [StreamingMetric] = []) {
        self.init(model, loss: loss, metrics: metrics) { model($0.only) }
    }

    /// A layered model of any inputs, trained with a loss of its output and the first label; a second one says how much each
    /// example counts.
    init(
        _ contents: any Sendable, loss: Loss, metrics: [StreamingMetric],
        forward: @escaping @Sendable (Features) throws -> Tensor
    ) {
        self.init(contents, labelType: { loss.labelType(for: $0) }) { features, labels, mode in
            let outputs = try forward(features)
            let predictions = [(name: loss.outputName, value: outputs)]
            guard mode != .prediction, let label = labels.entries.first?.value else {
                return ModelOutputs(predictions: predictions)
            }
            let given = labels.entries.dropFirst().first?.value
            let weights = loss.weights(labels: label, weights: given)
            var batch = StreamingMetric.Batch(
                outputs: outputs, labels: label,
                losses: loss.values(outputs: outputs, labels: label, weights: weights), weights: weights)
            let mean = ModelOutputs.Measurement(.loss, batch)
            batch.weights = loss.counts(labels: label, weights: given)
            return ModelOutputs(
                predictions: predictions, loss: loss.reduced(batch.losses, weights: weights),
                combination: loss.combination(batch.losses, weights: weights),
                metrics: [mean] + metrics.map { ModelOutputs.Measurement($0, batch) })
        }
        penalties = loss.penalties
    }
}

/// Which optimizer trains which parameters.
public struct OptimizerChoice: Sendable {
    /// The optimizer of all parameters that no rule is for.
    public var standard: Optimizer
    /// Optimizers for the parameters whose paths begin so (`linear/`), the first that fits; one without any is a mistake, thrown when a
    /// model is built.
    public var byPrefix: [(prefix: String, optimizer: Optimizer)]

    /// Chooses one optimizer, and others for parts of the model.
    public init(_ standard: Optimizer, byPrefix: [(prefix: String, optimizer: Optimizer)] = []) {
        self.standard = standard
        self.byPrefix = byPrefix
    }

    /// The optimizer of the parameter with this path.
    public func optimizer(for path: String) -> Optimizer {
        byPrefix.first { path.hasPrefix($0.prefix) }?.optimizer ?? standard
    }

    /// Throws a `GraphError` for a prefix without parameters, which is most likely misspelt.
    func check(parameters paths: [String]) throws {
        let chosen = paths.map { path in byPrefix.firstIndex { path.hasPrefix($0.prefix) } }
        guard let at = byPrefix.indices.first(where: { !chosen.contains($0) }) else { return }
        let prefix = byPrefix[at].prefix
        let isTaken = paths.contains { $0.hasPrefix(prefix) }
        throw GraphError(
            isTaken
                ? "no parameter is left for '\(prefix)', as an earlier prefix has them all"
                : "no parameter's path begins with '\(prefix)'",
            place: "optimizer, byPrefix",
            remedy: isTaken ? "put the longer one first" : "there are: \(paths.joined(separator: ", "))")
    }

    /// The paths that each optimizer trains, the standard one first; optimizers that train nothing are left out.
    func groups(of paths: [String]) -> [(optimizer: Optimizer, paths: Set<String>)] {
        let chosen = paths.map { path in byPrefix.firstIndex { path.hasPrefix($0.prefix) } }
        return ([nil] + byPrefix.indices.map { $0 }).compactMap { number in
            let own = zip(paths, chosen).filter { $0.1 == number }.map(\.0)
            return own.isEmpty ? nil : (number.map { byPrefix[$0].optimizer } ?? standard, Set(own))
        }
    }
}
