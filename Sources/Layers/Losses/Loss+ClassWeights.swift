import GraphIR
import GraphTracing
import HostTensors

/// Classes that count differently, as where some are rare.
extension Loss {
    /// The same loss where an example (or element) counts by the class that its label names: `weights[label]` times, beside
    /// any other weight of it. Labels outside the classes count nothing.
    ///
    /// Labels are whole numbers, as those of `softmaxCrossEntropy`, or 0 and 1 of any type, as those of
    /// `sigmoidCrossEntropy`, which have two classes. The mean is Σ w·v / Σ w, as with the `weight` of PyTorch's
    /// CrossEntropyLoss; `reduced(by: .meanOverCount)` divides by the number of examples, as Keras' `class_weight` does.
    /// Metrics other than the loss count all classes alike.
    public func weighting(classes weights: [Double]) -> Loss {
        var loss = self
        loss.classWeights = weights
        return loss
    }

    /// `-Σ wₖ tₖ · logSoftmax(x)ₖ` of targets `(1 - s) · t + s / classes`: cross-entropy of distributions where what belongs to
    /// class k counts wₖ times.
    public static func denseSoftmaxCrossEntropy(labelSmoothing s: Double = 0, classWeights: [Double]) -> Loss {
        elementwise("denseSoftmaxCrossEntropy") { logits, targets in
            lastAxis("denseSoftmaxCrossEntropy", "classWeights", classWeights, logits) { weights in
                let smooth = s == 0 ? targets : targets * (1 - s) + s / Double(classWeights.count)
                return -(smooth * weights * logSoftmax(logits)).sum(axes: [-1])
            }
        }
    }

    /// `sigmoidCrossEntropy` of targets `(1 - s) · t + s / 2`, where the part for targets of 1 counts `positiveWeights[k]`
    /// times at position k of the last axis: one weight for each of several independent labels.
    public static func sigmoidCrossEntropy(labelSmoothing s: Double = 0, positiveWeights: [Double]) -> Loss {
        elementwise("sigmoidCrossEntropy") { logits, labels in
            lastAxis("sigmoidCrossEntropy", "positiveWeights", positiveWeights, logits) { weights in
                weightedSigmoid(logits, s == 0 ? labels : labels * (1 - s) + s / 2, weights)
            }
        }
    }

    /// `-w t ln p - (1 - t) ln(1 - p)`, of which `sigmoidCrossEntropy` has the part without w: -ln p = softplus(-x).
    static func weightedSigmoid(_ logits: Tensor, _ targets: Tensor, _ weights: Tensor) -> Tensor {
        Tensor.apply("sigmoidCrossEntropy", [logits, targets]) + targets * (weights - 1) * softplus(-logits)
    }

    /// What each label's class counts, f32.
    static func weights(ofClasses weights: [Double], _ labels: Tensor) -> Tensor {
        if labels.isFailed { return labels }
        return embedding(
            Tensor(HostTensor(weights.map { Float($0) })).expanded(at: -1),
            labels.dtype.isInteger ? labels : labels.cast(to: .i32)
        ).squeezed(at: -1)
    }

    /// A tensor that carries the error that there is not a weight for each class of the outputs; nil if there is, or none is
    /// needed.
    func classMisfit(outputs: Tensor, labels: Tensor) -> Tensor? {
        guard let classWeights, !outputs.isFailed, !labels.isFailed else { return nil }
        let areClasses = labels.rank < outputs.rank
        guard let classes = areClasses ? outputs.shape.last?.constant : 2, classes != classWeights.count else {
            return nil
        }
        return Self.countMisfit(
            name, "weighting(classes:)", classWeights,
            "\(classes) classes, as outputs are \(outputs.type) and labels \(labels.type)",
            remedy: areClasses
                ? "give a weight for each class"
                : "give two weights, of 0 and 1; for labels that are distributions there is denseSoftmaxCrossEntropy(classWeights:)"
        )
    }

    /// What `measure` makes of numbers along the last axis of the outputs, or a tensor that carries the error that there are
    /// not as many.
    static func lastAxis(
        _ loss: String, _ argument: String, _ numbers: [Double], _ outputs: Tensor, _ measure: (Tensor) -> Tensor
    ) -> Tensor {
        if outputs.isFailed || outputs.shape.last == Dim(numbers.count) {
            return measure(Tensor(HostTensor(numbers)).cast(to: outputs.floatDType))
        }
        return countMisfit(
            loss, argument, numbers, "outputs \(outputs.type)",
            remedy: "give a number for each position of the last axis")
    }

    private static func countMisfit(
        _ loss: String, _ argument: String, _ numbers: [Double], _ what: String, remedy: String
    ) -> Tensor {
        Tensor(
            failure: GraphError(
                "\(loss): \(argument) has \(numbers.count) numbers for \(what)", place: PlaceScope.current?.description,
                remedy: remedy))
    }
}
