import GraphIR
import GraphTracing
import HostTensors

/// Metrics of independent yes-or-no targets: labels above ½ mean yes.
///
/// Outputs are logits unless said otherwise; a prediction is yes when its probability is above a threshold.
extension StreamingMetric {
    /// What the outputs of a binary classifier are.
    public enum BinaryOutput: Sendable, Hashable {
        /// Numbers whose logistic function is the probability.
        case logits
        /// Probabilities.
        case probabilities
    }

    /// The area under which curve.
    public enum Curve: String, Sendable, Hashable {
        /// The share of positives found against the share of negatives taken for positive.
        case roc
        /// Precision against recall.
        case precisionRecall
    }

    /// The share of targets that are predicted as they are.
    public static let binaryAccuracy = binaryAccuracy(threshold: 0.5)

    /// `binaryAccuracy` for another threshold.
    public static func binaryAccuracy(threshold: Double, outputs: BinaryOutput = .logits) -> StreamingMetric {
        builtInMean("accuracy") { batch in
            if let misfit = batch.misfit("binaryAccuracy") { return misfit }
            let says = outputs.isYes(batch.outputs, above: threshold).cast(to: .f32)
            return (says .== isYes(batch.labels).cast(to: .f32)).cast(to: .f32)
        }
    }

    /// `tp / (tp + fp)`: the share of the predicted that are so; 0 if none is predicted.
    public static let precision = precision(threshold: 0.5)

    /// `precision` for another threshold.
    public static func precision(threshold: Double, outputs: BinaryOutput = .logits) -> StreamingMetric {
        ofCounts("precision", threshold, outputs) { counts in
            counts.hits.dividedIfNotZero(by: counts.predicted)
        }
    }

    /// `tp / (tp + fn)`: the share of the positives that are predicted; 0 if there are none.
    public static let recall = recall(threshold: 0.5)

    /// `recall` for another threshold.
    public static func recall(threshold: Double, outputs: BinaryOutput = .logits) -> StreamingMetric {
        ofCounts("recall", threshold, outputs) { counts in counts.hits.dividedIfNotZero(by: counts.positives) }
    }

    /// The harmonic mean of precision and recall.
    public static let f1 = fBeta(1)

    /// `(1 + β²) p r / (β² p + r)` with precision p and recall r, which counts β times as much.
    public static func fBeta(
        _ beta: Double, threshold: Double = 0.5, outputs: BinaryOutput = .logits
    ) -> StreamingMetric {
        let name = Int(exactly: beta).map { "f\($0)" } ?? "f\(beta)"
        return ofCounts(name, threshold, outputs) { counts in
            (counts.hits * (1 + beta * beta)).dividedIfNotZero(
                by: counts.positives * (beta * beta) + counts.predicted)
        }
    }

    /// The area under a curve, from counts at thresholds spread evenly over 0 to 1, the ends included.
    ///
    /// Under the ROC curve by trapezoids; under the precision-recall curve by the interpolation of Davis and Goadrich
    /// (2006). More thresholds make it more exact: with n of them, examples whose probabilities are less than 1/n apart
    /// may count as tied.
    public static func auc(
        _ curve: Curve = .roc, thresholds: Int = 200, outputs: BinaryOutput = .logits
    ) -> StreamingMetric {
        builtIn(
            curve == .roc ? "auc" : "auc_precision_recall",
            sums: [
                Sum("hits", shape: [thresholds]), Sum("alarms", shape: [thresholds]), Sum("positives"),
                Sum("negatives"),
            ],
            measure: { batch in
                if let misfit = batch.misfit("auc") { return Array(repeating: misfit, count: 4) }
                guard thresholds >= 3 else {
                    return Array(
                        repeating: Tensor(
                            failure: GraphError("auc needs at least 3 thresholds, got \(thresholds)")), count: 4)
                }
                let probabilities = outputs.probabilities(batch.outputs).cast(to: .f32)
                let yes = isYes(batch.labels).cast(to: .f32)
                let positive = batch.weighted(yes).reshaped(to: [-1])
                let negative = batch.weighted(1 - yes).reshaped(to: [-1])
                let limits = AUC.thresholds(thresholds)
                let isAbove = (probabilities.reshaped(to: [-1, 1]) .> limits).cast(to: .f32)
                return [
                    dot(positive, isAbove, contracting: ([0], [0])), dot(negative, isAbove, contracting: ([0], [0])),
                    positive.sum(), negative.sum(),
                ]
            },
            result: { sums in
                let auc = AUC(hits: sums[0], alarms: sums[1], positives: sums[2], negatives: sums[3])
                return curve == .roc ? auc.roc() : auc.precisionRecall()
            })
    }

    private static func isYes(_ labels: Tensor) -> Tensor { labels.cast(to: labels.floatDType) .> 0.5 }

    private typealias Counts = (hits: Tensor, predicted: Tensor, positives: Tensor)

    private static func ofCounts(
        _ name: String, _ threshold: Double, _ outputs: BinaryOutput, result: @escaping @Sendable (Counts) -> Tensor
    ) -> StreamingMetric {
        builtIn(
            name, sums: [Sum("hits"), Sum("predicted"), Sum("positives")],
            measure: { batch in
                if let misfit = batch.misfit(name) { return Array(repeating: misfit, count: 3) }
                let says = outputs.isYes(batch.outputs, above: threshold).cast(to: .f32)
                let yes = isYes(batch.labels).cast(to: .f32)
                return [batch.total(says * yes), batch.total(says), batch.total(yes)]
            }, result: { result(($0[0], $0[1], $0[2])) })
    }
}

extension StreamingMetric.BinaryOutput {
    /// Where the probability is above a threshold.
    fileprivate func isYes(_ outputs: Tensor, above threshold: Double) -> Tensor {
        switch self {
        case .logits: threshold == 0.5 ? outputs .> 0 : sigmoid(outputs) .> threshold
        case .probabilities: outputs .> threshold
        }
    }

    fileprivate func probabilities(_ outputs: Tensor) -> Tensor { self == .logits ? sigmoid(outputs) : outputs }
}

/// Areas under curves from how many positives (hits) and negatives (alarms) are above each of rising thresholds.
private struct AUC {
    let hits: Tensor
    let alarms: Tensor
    let positives: Tensor
    let negatives: Tensor

    /// Evenly spread over 0 to 1; the first lies just below 0, the last just above 1.
    static func thresholds(_ count: Int) -> Tensor {
        let inner = (1..<(count - 1)).map { Float(Double($0) / Double(count - 1)) }
        return Tensor(HostTensor([-1e-7] + inner + [1 + 1e-7]))
    }

    private func lower(_ x: Tensor) -> Tensor { x[1...] }
    private func upper(_ x: Tensor) -> Tensor { x[0..<((x.dim(0).constant ?? 1) - 1)] }

    func roc() -> Tensor {
        let found = hits.dividedIfNotZero(by: positives.broadcast(to: hits.shape))
        let fallen = alarms.dividedIfNotZero(by: negatives.broadcast(to: alarms.shape))
        let heights = (upper(found) + lower(found)) * 0.5
        return ((upper(fallen) - lower(fallen)) * heights).sum()
    }

    /// Between two thresholds hits grow with what is predicted along a line; precision is integrated over it.
    func precisionRecall() -> Tensor {
        let predicted = hits + alarms
        let gained = upper(hits) - lower(hits)
        let slope = gained.dividedIfNotZero(by: upper(predicted) - lower(predicted))
        let intercept = lower(hits) - slope * lower(predicted)
        let isSafe = (upper(predicted) .> 0) .& (lower(predicted) .> 0)
        let one = Tensor.full(1, gained.type)
        let ratio = select(isSafe, upper(predicted), one) / select(isSafe, lower(predicted), one)
        return (slope * (gained + intercept * log(ratio))).sum().dividedIfNotZero(by: positives)
    }
}
