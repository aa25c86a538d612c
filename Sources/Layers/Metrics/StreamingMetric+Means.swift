import GraphIR
import GraphTracing

/// Metrics that are means of a value an example or element.
extension StreamingMetric {
    /// The mean loss.
    public static let loss = builtInMean("loss") { $0.losses }

    /// `e^loss`, for cross-entropy.
    public static let perplexity = builtInMean("perplexity", of: { $0.losses }, result: { exp($0) })

    /// The mean of the outputs.
    public static let meanOutput = builtInMean("mean") { $0.outputs }

    /// The mean of the predictions: of the logistic function of the outputs.
    public static let meanPrediction = builtInMean("prediction/mean") { sigmoid($0.outputs) }

    /// The mean of the labels.
    public static let meanLabel = builtInMean("label/mean") { $0.labels.cast(to: .f32) }

    /// The accuracy of always giving the more frequent of the labels 0 and 1: `max(m, 1 - m)`, m the mean label.
    public static let accuracyBaseline = builtInMean(
        "accuracy_baseline", of: { $0.labels.cast(to: .f32) }, result: { maximum($0, 1 - $0) })

    /// The mean of `(p - t)²`.
    public static let meanSquaredError = builtInMean("mse") { squaredError("mse", $0) }

    /// The root of the mean of `(p - t)²`.
    public static let rootMeanSquaredError = builtInMean(
        "rmse", of: { squaredError("rmse", $0) }, result: { sqrt($0) })

    /// The mean of `|p - t|`.
    public static let meanAbsoluteError = builtInMean("mae") { batch in
        batch.misfit("mae") ?? abs(batch.outputs - batch.labels)
    }

    /// The mean of the cosine of the angle between prediction and target along the last axis.
    public static let cosineSimilarity = builtInMean("cosine") { batch in
        batch.misfit("cosine")
            ?? (batch.outputs.normalizedAlongLastAxis() * batch.labels.normalizedAlongLastAxis()).sum(axes: [-1])
    }

    /// The share of the labels' variance that predictions explain: `1 - Σ w (p - t)² / Σ w (t - mean t)²`, over all
    /// elements; of labels that are all the same, 1 if they are predicted exactly and else 0.
    public static let r2 = builtIn(
        "r2", sums: [Sum("squared_error"), Sum("labels"), Sum("squared_labels"), Sum("count")],
        measure: { batch in
            if let misfit = batch.misfit("r2") { return Array(repeating: misfit, count: 4) }
            let labels = batch.labels.cast(to: .f64)
            let difference = batch.outputs.cast(to: .f64) - labels
            return [
                batch.total(difference * difference), batch.total(labels), batch.total(labels * labels),
                batch.count(of: labels),
            ]
        },
        result: { sums in
            let spread = sums[2] - (sums[1] * sums[1]).dividedIfNotZero(by: sums[3])
            // What rounding leaves of a spread of 0 is no spread.
            let hasSpread = spread .> sums[2] * 1e-14
            let one = Tensor.full(1, spread.type)
            let explained = 1 - sums[0] / select(hasSpread, spread, one)
            return select(hasSpread, explained, select(sums[0] .> 0, Tensor.zeros(spread.type), one))
        })

    private static func squaredError(_ name: String, _ batch: Batch) -> Tensor {
        if let misfit = batch.misfit(name) { return misfit }
        let difference = batch.outputs - batch.labels
        return difference * difference
    }
}
