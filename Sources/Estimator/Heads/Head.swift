import GraphIR
import GraphTracing
import HostTensors
import Layers
import Training

/// What a model's last numbers (logits) mean: predictions, loss and metrics for one kind of task.
///
/// A head takes logits [B, units] and one label column. Examples can be weighted by a feature, in loss and metrics alike; those of
/// weight 0 may have any label.
public struct Head: Sendable {
    /// The kind of task, in messages.
    public let name: String
    /// How many logits an example has.
    public let units: Int
    /// The feature that weights examples, f32; nil where all count the same.
    public let weightFeature: String?
    private let predict: @Sendable (_ logits: Tensor) -> [(name: String, value: Tensor)]
    private let prepare: @Sendable (_ labels: Tensor) -> Tensor
    private let measure: @Sendable (_ logits: Tensor, _ labels: Tensor) -> Tensor
    private var metrics: [StreamingMetric]
    private let classWeights: [Double]?

    /// Makes a head.
    ///
    /// All functions see logits as [B] where an example has one, else as [B, units]. `prepare` brings labels into the form
    /// that `losses`, one number an example, and the metrics take; the metrics' outputs are the logits. With `classWeights`, labels are
    /// classes, and in the loss each example counts `classWeights[label]` times, beside its own weight, as with
    /// `Loss.weighting(classes:)`.
    public init(
        _ name: String, units: Int, weightFeature: String? = nil, classWeights: [Double]? = nil,
        predictions: @escaping @Sendable (_ logits: Tensor) -> [(name: String, value: Tensor)],
        labels prepare: @escaping @Sendable (_ labels: Tensor) -> Tensor,
        losses: @escaping @Sendable (_ logits: Tensor, _ labels: Tensor) -> Tensor, metrics: [StreamingMetric]
    ) {
        self.name = name
        self.units = units
        self.weightFeature = weightFeature
        self.classWeights = classWeights
        predict = predictions
        self.prepare = prepare
        measure = losses
        self.metrics = metrics
    }

    /// What a model with this head gives for logits.
    public func outputs(
        logits: Tensor, features: Features, labels: Features, mode: ModelMode
    ) -> ModelOutputs {
        scope("head") {
            guard units > 0 else {
                let failed = Tensor.misfit(
                    "a \(name) head has \(units) logits", remedy: "give at least one class or unit")
                return ModelOutputs(predictions: [("logits", failed)], loss: failed)
            }
            let logits = units == 1 ? logits.flat : logits
            let predictions = predict(logits)
            if mode == .prediction { return ModelOutputs(predictions: predictions) }
            let prepared = prepare(labels.only)
            var loss = Loss("\(name) head", labels: { $0 }, measure: measure)
            if let classWeights { loss = loss.weighting(classes: classWeights) }
            let given = weightFeature.map { features[$0, file: "", line: 0].cast(to: .f32, file: "", line: 0).flat }
            let weights = loss.weights(labels: prepared, weights: given)
            var batch = StreamingMetric.Batch(
                outputs: logits, labels: prepared,
                losses: loss.values(outputs: logits, labels: prepared, weights: weights), weights: weights)
            let mean = ModelOutputs.Measurement(.loss, batch)
            batch.weights = given
            return ModelOutputs(
                predictions: predictions, loss: loss.reduced(batch.losses, weights: weights),
                combination: loss.combination(batch.losses, weights: weights),
                metrics: [mean] + metrics.map { ModelOutputs.Measurement($0, batch) })
        }
    }
}

extension Head {
    /// The same head, measured by further metrics, of names that it does not have yet.
    public func measuring(_ metrics: [StreamingMetric]) -> Head {
        var head = self
        head.metrics += metrics
        return head
    }

    /// Two classes: labels 0 and 1 (any number type, [B]), one logit an example.
    ///
    /// Predictions: `logits`, `probabilities` (of class 1), `classes`, each [B]. With `classWeights`, the loss is Σ w·v / Σ w, w the weight
    /// of each label; `positiveWeight` multiplies what examples of label 1 cost and nothing else, as PyTorch's `pos_weight` does.
    public static func binary(
        weightFeature: String? = nil, classWeights: [Double]? = nil, positiveWeight: Double = 1
    ) -> Head {
        let loss = Loss.sigmoidCrossEntropy(positiveWeight: positiveWeight)
        return Head(
            "binary", units: 1, weightFeature: weightFeature, classWeights: classWeights,
            predictions: { logit in
                [
                    ("logits", logit), ("probabilities", sigmoid(logit, file: "", line: 0)),
                    ("classes", (logit .> 0).cast(to: .i32, file: "", line: 0)),
                ]
            },
            labels: { $0.cast(to: .f32, file: "", line: 0).flat },
            losses: { loss.values(outputs: $0, labels: $1) },
            metrics: [.binaryAccuracy, .accuracyBaseline, .precision, .recall, .meanLabel, .meanPrediction])
    }

    /// One of several classes: labels 0 ..< `classes` (whole numbers, [B]).
    ///
    /// Predictions: `logits` and `probabilities` [B, classes], `classes` [B]. With `classWeights`, the loss is Σ w·v / Σ w, w the weight of
    /// each label.
    public static func multiClass(
        _ classes: Int, weightFeature: String? = nil, classWeights: [Double]? = nil
    ) -> Head {
        Head(
            "multi-class", units: classes, weightFeature: weightFeature, classWeights: classWeights,
            predictions: { logits in
                [
                    ("logits", logits), ("probabilities", softmax(logits, file: "", line: 0)),
                    ("classes", logits.argmax(file: "", line: 0)),
                ]
            },
            labels: { $0.cast(to: .i32, file: "", line: 0).flat },
            losses: { Tensor.apply("crossEntropy", [$0, $1]) }, metrics: [.accuracy])
    }

    /// Any of several classes: labels 0 or 1 for each ([B, classes], any number type).
    ///
    /// Predictions: `logits`, `probabilities`, `classes` (0 or 1), each [B, classes]. What labels of 1 cost is multiplied by the number
    /// of their class in `positiveWeights`.
    public static func multiLabel(
        _ classes: Int, weightFeature: String? = nil, positiveWeights: [Double]? = nil
    ) -> Head {
        let loss = positiveWeights.map { Loss.sigmoidCrossEntropy(positiveWeights: $0) } ?? .sigmoidCrossEntropy
        return Head(
            "multi-label", units: classes, weightFeature: weightFeature,
            predictions: { logits in
                [
                    ("logits", logits), ("probabilities", sigmoid(logits, file: "", line: 0)),
                    ("classes", (logits .> 0).cast(to: .i32, file: "", line: 0)),
                ]
            },
            labels: { $0.cast(to: .f32, file: "", line: 0) },
            losses: { loss.values(outputs: $0, labels: $1).mean(axes: [-1], file: "", line: 0) },
            metrics: [.binaryAccuracy])
    }

    /// A number, or `units` numbers: labels f32 [B], or [B, units].
    ///
    /// Prediction: `prediction`, of the labels' shape. The loss is the squared difference; `r2` is the share of the labels'
    /// variance that is explained.
    public static func regression(_ units: Int = 1, weightFeature: String? = nil) -> Head {
        Head(
            "regression", units: units, weightFeature: weightFeature,
            predictions: { [("prediction", $0)] },
            labels: { labels in
                let numbers = labels.cast(to: .f32, file: "", line: 0)
                return units == 1 ? numbers.flat : numbers
            },
            losses: { logits, labels in
                let squares = Loss.meanSquaredError.values(outputs: logits, labels: labels)
                return units == 1 ? squares : squares.mean(axes: [-1], file: "", line: 0)
            },
            metrics: [.rootMeanSquaredError, .r2, .meanLabel, .meanOutput.named("prediction/mean")])
    }

    /// A count: labels of whole numbers or f32, 0 or more, [B]; the logit is the logarithm of the expected count.
    ///
    /// Prediction: `prediction` [B], the expected count. The loss is exp(logit) − label · logit (the negative
    /// log-likelihood but for a term of the label alone).
    public static func poisson(weightFeature: String? = nil) -> Head {
        Head(
            "poisson", units: 1, weightFeature: weightFeature,
            predictions: { [("prediction", exp($0, file: "", line: 0))] },
            labels: { $0.cast(to: .f32, file: "", line: 0).flat },
            losses: { exp($0, file: "", line: 0) - $1 * $0 },
            metrics: [.meanLabel, .mean("prediction/mean") { exp($0.outputs, file: "", line: 0) }])
    }
}

extension Tensor {
    /// One number an example, [B].
    var flat: Tensor { isFailed || rank == 1 ? self : viewed([dim(0)]) }

    /// The same elements under another shape, without a source line of its own.
    func viewed(_ shape: [Dim]) -> Tensor { isFailed ? self : reshaped(to: shape, file: "", line: 0) }
}
