import GraphIR
import GraphTracing
import HostTensors

/// Metrics of classifiers whose outputs are one number for each class, the largest being the choice.
extension StreamingMetric {
    /// The share of examples whose largest output is the label's; labels are whole numbers.
    public static let accuracy = builtInMean("accuracy") { batch in
        batch.choiceMisfit("accuracy") ?? (batch.outputs.argmax() .== batch.labels.cast(to: .i32)).cast(to: .f32)
    }

    /// The share of examples whose largest output is where the label's largest element is; labels are distributions.
    public static let categoricalAccuracy = builtInMean("accuracy") { batch in
        batch.misfit("categoricalAccuracy")
            ?? (batch.outputs.argmax() .== batch.labels.argmax()).cast(to: .f32)
    }

    /// The share of examples where fewer than `k` outputs are larger than the label's; labels are whole numbers.
    ///
    /// A label outside the classes is never found, nor is any where one of the outputs is not a number.
    public static func topK(_ k: Int) -> StreamingMetric {
        builtInMean("top_\(k)_accuracy") { batch in
            let outputs = batch.outputs
            if let misfit = batch.choiceMisfit("topK(\(k))") { return misfit }
            guard k >= 1 else {
                return Tensor(
                    failure: GraphError(
                        "topK needs a number of at least 1, got \(k)", place: PlaceScope.current?.description,
                        remedy: "topK(1) is accuracy"))
            }
            guard let classes = outputs.shape.last?.constant else { return outputs }
            let isOwn = batch.labels.oneHot(classes: classes, dtype: .f32) .> 0
            // Selected, not multiplied by 0 and 1: a class that is ruled out has the output -∞.
            let own = select(isOwn, outputs, Tensor.zeros(outputs.type)).sum(axes: [-1], keepDims: true)
            // What is not a number is neither below nor equal.
            let larger = (.!(outputs .<= own)).cast(to: .f32).sum(axes: [-1])
            return ((larger .< Double(k)) .& isOwn.any(axes: [-1])).cast(to: .f32)
        }
    }

    /// How often each label (row) got each choice (column), weighted, `f32[classes, classes]`.
    ///
    /// It is more than one number: an estimator's evaluation has it in `metrics.tensors["confusion_matrix"]`.
    public static func confusionMatrix(classes: Int) -> StreamingMetric {
        ofConfusions("confusion_matrix", classes: classes) { $0 }
    }

    /// The mean over the classes of `2 / (1/precision + 1/recall) `, which is `2 tp / (2 tp + fp + fn)`; 0 for a class
    /// that neither occurs nor is chosen.
    public static func macroF1(classes: Int) -> StreamingMetric {
        ofConfusions("macro_f1", classes: classes) { matrix in
            let right = diagonal(matrix)
            return (right * 2).dividedIfNotZero(by: matrix.sum(axes: [0]) + matrix.sum(axes: [1])).mean()
        }
    }

    /// The mean over the classes of `tp / (tp + fp)`; 0 for a class that is never chosen.
    public static func macroPrecision(classes: Int) -> StreamingMetric {
        ofConfusions("macro_precision", classes: classes) { matrix in
            diagonal(matrix).dividedIfNotZero(by: matrix.sum(axes: [0])).mean()
        }
    }

    /// The mean over the classes of `tp / (tp + fn)`; 0 for a class that never occurs.
    public static func macroRecall(classes: Int) -> StreamingMetric {
        ofConfusions("macro_recall", classes: classes) { matrix in
            diagonal(matrix).dividedIfNotZero(by: matrix.sum(axes: [1])).mean()
        }
    }

    /// The mean over the classes of `tp / (tp + fp + fn)`, the intersection over the union; 0 for a class without either.
    public static func meanIntersectionOverUnion(classes: Int) -> StreamingMetric {
        ofConfusions("mean_iou", classes: classes) { matrix in
            let right = diagonal(matrix)
            return right.dividedIfNotZero(by: matrix.sum(axes: [0]) + matrix.sum(axes: [1]) - right).mean()
        }
    }

    private static func ofConfusions(
        _ name: String, classes: Int, result: @escaping @Sendable (Tensor) -> Tensor
    ) -> StreamingMetric {
        builtIn(
            name, sums: [Sum("confusions", shape: [classes, classes])],
            measure: { batch in
                if let misfit = batch.choiceMisfit(name) ?? classMisfit(name, classes, batch.outputs) {
                    return [misfit]
                }
                let labels = batch.labels.cast(to: .i32).reshaped(to: [-1])
                let choices = batch.outputs.argmax().reshaped(to: [-1])
                let ones = Tensor.full(1, TensorType(.f32, batch.labels.shape))
                let weights = batch.weighted(ones).reshaped(to: [-1, 1])
                return [
                    dot(
                        labels.oneHot(classes: classes) * weights, choices.oneHot(classes: classes),
                        contracting: ([0], [0]))
                ]
            }, result: { result($0[0]) })
    }

    /// A tensor that carries the error that the outputs are not of so many classes, some of which would not be counted; nil if they
    /// are.
    private static func classMisfit(_ name: String, _ classes: Int, _ outputs: Tensor) -> Tensor? {
        if outputs.shape.last == Dim(classes) { return nil }
        return Tensor(
            failure: GraphError(
                "\(name) of \(classes) classes is given outputs \(outputs.type)",
                place: PlaceScope.current?.description,
                remedy: "give it as many as the last axis has: classes: \(outputs.shape.last.map { "\($0)" } ?? "…")"))
    }

    private static func diagonal(_ matrix: Tensor) -> Tensor {
        let isDiagonal = Tensor.iota(axis: 0, shape: matrix.shape) .== Tensor.iota(axis: 1, shape: matrix.shape)
        return select(isDiagonal, matrix, Tensor.zeros(matrix.type)).sum(axes: [1])
    }
}
