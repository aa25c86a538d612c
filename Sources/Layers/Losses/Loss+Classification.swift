import GraphIR
import GraphTracing
import HostTensors

/// Losses of classifiers.
extension Loss {
    /// Negative log-likelihood of whole-number labels, `i32`, under softmax of the logits' last axis.
    public static let softmaxCrossEntropy = Loss(
        "softmaxCrossEntropy", labels: classIndices, measure: crossEntropy)

    /// `softmaxCrossEntropy` where a label stands for the distribution `(1 - s) · onehot + s / classes` (Szegedy et al.,
    /// 2016).
    public static func softmaxCrossEntropy(labelSmoothing s: Double) -> Loss {
        builtIn("softmaxCrossEntropy", labels: classIndices) { logits, labels in
            let sharp = crossEntropy(logits, labels)
            // Without smoothing, a logit of -∞ that no label chooses costs nothing.
            return s == 0 ? sharp : sharp * (1 - s) - logSoftmax(logits).mean(axes: [-1]) * s
        }
    }

    private static let crossEntropy: @Sendable (Tensor, Tensor) -> Tensor = { logits, labels in
        let areClasses = labels.dtype.isInteger && labels.shape == classIndices(logits.type).shape
        if logits.isFailed || labels.isFailed || areClasses {
            return Tensor.apply("crossEntropy", [logits, labels])
        }
        return Tensor(
            failure: GraphError(
                "softmaxCrossEntropy of outputs \(logits.type) needs whole-number labels \(classIndices(logits.type)), "
                    + "the index of the class of each, got \(labels.type)", place: PlaceScope.current?.description,
                remedy: labels.shape == logits.shape
                    ? "for labels that are distributions, or one-hot, use denseSoftmaxCrossEntropy"
                    : labels.dtype.isInteger ? "reshape the labels" : "convert the labels with converted(to: .i32)"))
    }

    /// Cross-entropy of target distributions, of the logits' type, under softmax of the last axis: `-Σ t · logSoftmax(x)`.
    public static let denseSoftmaxCrossEntropy = denseSoftmaxCrossEntropy(labelSmoothing: 0)

    /// `denseSoftmaxCrossEntropy` of targets `(1 - s) · t + s / classes`.
    public static func denseSoftmaxCrossEntropy(labelSmoothing s: Double) -> Loss {
        elementwise("denseSoftmaxCrossEntropy") { logits, targets in
            let logs = logSoftmax(logits)
            let sharp = -(targets * logs).sum(axes: [-1])
            return s == 0 ? sharp : sharp * (1 - s) - logs.mean(axes: [-1]) * s
        }
    }

    /// Cross-entropy of independent targets in [0, 1] under the logistic function.
    public static let sigmoidCrossEntropy = elementwise("sigmoidCrossEntropy") {
        Tensor.apply("sigmoidCrossEntropy", [$0, $1])
    }

    /// `sigmoidCrossEntropy` of targets `(1 - s) · t + s / 2`, where the part for targets of 1 counts `positiveWeight`
    /// times: `-w t ln p - (1 - t) ln(1 - p)`.
    public static func sigmoidCrossEntropy(labelSmoothing s: Double = 0, positiveWeight w: Double = 1) -> Loss {
        elementwise("sigmoidCrossEntropy") { logits, labels in
            let targets = s == 0 ? labels : labels * (1 - s) + s / 2
            if w == 1 { return Tensor.apply("sigmoidCrossEntropy", [logits, targets]) }
            return weightedSigmoid(logits, targets, .scalar(w).cast(to: logits.floatDType))
        }
    }

    /// Sigmoid cross-entropy times `(1 - p)^γ`, p the probability given to the target, so that what is learned already
    /// counts less (Lin et al., 2017); with `alpha`, targets of 1 count α and targets of 0 count 1 - α.
    public static func focal(gamma: Double = 2, alpha: Double? = nil) -> Loss {
        elementwise("focal") { logits, targets in
            // 1 - p as p of the negative keeps its digits where p is near 1.
            let miss = targets * sigmoid(-logits) + (1 - targets) * sigmoid(logits)
            let loss = pow(aboveZero(miss), gamma) * Tensor.apply("sigmoidCrossEntropy", [logits, targets])
            return alpha.map { loss * (targets * $0 + (1 - targets) * (1 - $0)) } ?? loss
        }
    }

    /// `-Σ α (1 - p)^γ t ln p` over the classes, p = softmax of the logits, t a target distribution of their type.
    public static func softmaxFocal(gamma: Double = 2, alpha: Double = 1) -> Loss {
        elementwise("softmaxFocal") { logits, targets in
            let logs = logSoftmax(logits)
            return (pow(aboveZero(-expm1(logs)), gamma) * targets * logs).sum(axes: [-1]) * -alpha
        }
    }

    /// `max(0, 1 - t x)` with targets of -1 and 1; any target at or below 0 is taken as -1, any other as 1.
    public static let hinge = elementwise("hinge") { maximum(1 - side($1) * $0, 0) }

    /// The square of `hinge`.
    public static let squaredHinge = elementwise("squaredHinge") { outputs, targets in
        squared(maximum(1 - side(targets) * outputs, 0))
    }

    /// `max(0, 1 + x_wrong - x_right)` with one-hot targets of the outputs' type: `x_right = Σ t x`,
    /// `x_wrong = max (1 - t) x`.
    public static let categoricalHinge = elementwise("categoricalHinge") { outputs, targets in
        let right = (targets * outputs).sum(axes: [-1])
        let wrong = ((1 - targets) * outputs).max(axes: [-1])
        return maximum(wrong - right + 1, 0)
    }

    /// Index labels, one for all but the last axis of the outputs.
    static let classIndices: @Sendable (TensorType) -> TensorType = {
        TensorType(.i32, Array($0.shape.dropLast()))
    }

    /// A loss of this library, which records no lines of its own.
    static func builtIn(
        _ name: String, outputName: String = "logits", labels: @escaping @Sendable (TensorType) -> TensorType,
        measure: @escaping @Sendable (_ outputs: Tensor, _ labels: Tensor) -> Tensor
    ) -> Loss {
        Loss(name, outputName: outputName, labels: labels) { outputs, labels in
            PlaceScope.withoutLines { measure(outputs, labels) }
        }
    }

    /// A loss of this library whose labels have the outputs' shape: any other is an error, nothing is repeated. Labels that are
    /// whole numbers or truth values are converted to the outputs' type.
    static func elementwise(
        _ name: String, outputName: String = "logits",
        measure: @escaping @Sendable (_ outputs: Tensor, _ labels: Tensor) -> Tensor
    ) -> Loss {
        builtIn(name, outputName: outputName, labels: { $0 }) { outputs, labels in
            if let misfit = Tensor.labelMisfit(name, outputs: outputs, labels: labels) { return misfit }
            return measure(outputs, labels.dtype.isFloat ? labels : labels.cast(to: outputs.dtype))
        }
    }

    static func squared(_ x: Tensor) -> Tensor { x * x }

    /// A number that is not negative, held above 0, where powers below 1 have no derivative.
    private static func aboveZero(_ x: Tensor) -> Tensor { maximum(x, x.dtype == .f16 ? 1e-7 : 1e-30) }

    /// -1 for targets at or below 0, else 1.
    private static func side(_ targets: Tensor) -> Tensor {
        let ones = Tensor.full(1, targets.type)
        return select(targets .> 0, ones, -ones)
    }
}
