import GraphIR
import GraphTracing
import HostTensors

/// What training makes small: a number for each example (or element), reduced to the loss of a batch.
///
/// Losses whose name speaks of cross-entropy take logits, never probabilities. Weights count examples (or elements) more
/// or less; a mask is weights of 0 and 1.
public struct Loss: Sendable {
    /// How the numbers of a batch become its loss.
    public enum Reduction: String, Sendable, Hashable, CaseIterable {
        /// Σ w·v / Σ w: the mean, weighted; 0 where all weights are 0.
        case mean
        /// Σ w·v / n: weights scale examples, the divisor is how many there are.
        case meanOverCount
        /// Σ w·v.
        case sum
        /// The weighted numbers as they are; such a loss cannot be trained with.
        case none
    }

    /// How the losses of parts of a batch, which different processes compute, make the loss of the whole.
    public enum Combination: Sendable {
        /// Their mean; each counts by the number of its examples.
        case mean
        /// Their mean; each counts by the sum of its weights, one number, which it was divided by.
        case weightedMean(Tensor)
        /// Their sum.
        case sum
    }

    /// A penalty on parameters, added to the loss of a batch.
    public struct Penalty: Sendable {
        /// The parameters it is for.
        public let parameters: [NamePattern]
        /// What each of them costs.
        public let regularizer: Regularizer
    }

    /// Its name in messages.
    public let name: String
    /// What a model trained with it gives, as its outputs are named: `logits` or `prediction`.
    public let outputName: String
    /// How the numbers of a batch become its loss.
    public private(set) var reduction = Reduction.mean
    /// What parameters cost; none unless asked for.
    public private(set) var penalties: [Penalty] = []
    private let labels: @Sendable (TensorType) -> TensorType
    private let measure: @Sendable (Tensor, Tensor) -> Tensor
    private var counts: (@Sendable (_ labels: Tensor) -> Tensor)?
    /// What examples of each class count, if they are to count differently.
    var classWeights: [Double]?

    /// Makes a loss from the type of labels that outputs of a type call for, and its value for each example or element.
    public init(
        _ name: String, outputName: String = "logits", labels: @escaping @Sendable (TensorType) -> TensorType,
        measure: @escaping @Sendable (_ outputs: Tensor, _ labels: Tensor) -> Tensor
    ) {
        self.name = name
        self.outputName = outputName
        self.labels = labels
        self.measure = measure
    }

    /// The type of labels for outputs of a type.
    public func labelType(for outputs: TensorType) -> TensorType { labels(outputs) }

    /// The loss of each example or element, not multiplied by weights.
    ///
    /// Where `weights` are given and 0, a label that is not a number is taken as 0, as its gradient would not be a number
    /// either.
    public func values(outputs: Tensor, labels: Tensor, weights: Tensor? = nil) -> Tensor {
        scope("loss") {
            if let failed = classMisfit(outputs: outputs, labels: labels) { return failed }
            let counted = weights.map { weights in
                PlaceScope.withoutLines { labels.withNumbers(where: weights) }
            }
            return measure(outputs, counted ?? labels)
        }
    }

    /// How much each example or element counts in metrics: the weights given, and 0 for labels that are to be ignored; nil
    /// if all count the same.
    public func counts(labels: Tensor, weights: Tensor? = nil) -> Tensor? {
        guard let counts else { return weights }
        return scope("loss") { PlaceScope.withoutLines { counts(labels).times(weights) } }
    }

    /// How much each example or element counts in this loss: as in metrics, and as much as its class does; nil if all count
    /// the same.
    public func weights(labels: Tensor, weights: Tensor? = nil) -> Tensor? {
        let counted = counts(labels: labels, weights: weights)
        guard let classWeights else { return counted }
        return scope("loss") {
            PlaceScope.withoutLines { Self.weights(ofClasses: classWeights, labels).times(counted) }
        }
    }

    /// The loss of a batch, reduced; `weights` have the shape of the values, or that of their first axes, and are numbers
    /// or, for a mask, `bool`.
    public func callAsFunction(outputs: Tensor, labels: Tensor, weights: Tensor? = nil) -> Tensor {
        let weights = self.weights(labels: labels, weights: weights)
        return reduced(values(outputs: outputs, labels: labels, weights: weights), weights: weights)
    }

    /// Values with weights as `reduction` says.
    public func reduced(_ values: Tensor, weights: Tensor?) -> Tensor {
        scope("loss") { PlaceScope.withoutLines { reduction.reduced(values, weights: weights) } }
    }

    /// How what `reduced` gives for parts of a batch makes what it gives for the whole.
    public func combination(_ values: Tensor, weights: Tensor?) -> Combination {
        guard reduction == .mean, let weights else { return reduction == .sum ? .sum : .mean }
        return .weightedMean(scope("loss") { PlaceScope.withoutLines { weights.weighting(values).sum() } })
    }
}

extension Loss {
    /// The same loss with another reduction.
    public func reduced(by reduction: Reduction) -> Loss {
        var loss = self
        loss.reduction = reduction
        return loss
    }

    /// The same loss where examples (or elements, such as the padding of sequences) with this whole-number label do not
    /// count, neither here nor in metrics.
    public func ignoring(label: Int) -> Loss {
        var loss = self
        loss.counts = { labels in labels .!= Double(label) }
        return loss
    }

    /// The same loss plus a penalty on the parameters whose paths match one of `parameters`, by default all weights but
    /// no biases.
    public func adding(_ regularizer: Regularizer, on parameters: [NamePattern] = ["*weight"]) -> Loss {
        var loss = self
        loss.penalties.append(Penalty(parameters: parameters, regularizer: regularizer))
        return loss
    }
}

extension Loss.Reduction {
    fileprivate func reduced(_ values: Tensor, weights: Tensor?) -> Tensor {
        guard let weights else {
            switch self {
            case .mean, .meanOverCount: return values.mean()
            case .sum: return values.sum()
            case .none: return values
            }
        }
        let spread = weights.weighting(values)
        let weighted = values.weighted(by: spread)
        switch self {
        case .mean: return weighted.sum().dividedIfNotZero(by: spread.sum())
        case .meanOverCount: return weighted.mean()
        case .sum: return weighted.sum()
        case .none: return weighted
        }
    }
}
