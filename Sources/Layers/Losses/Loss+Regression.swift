import GraphIR
import GraphTracing

/// Losses of predictions p against targets t of one type.
extension Loss {
    /// `(p - t)²`.
    public static let meanSquaredError = regression("meanSquaredError") { squared($0 - $1) }

    /// `|p - t|`.
    public static let meanAbsoluteError = regression("meanAbsoluteError") { abs($0 - $1) }

    /// `100 · |p - t| / max(|t|, 10⁻⁷)`.
    public static let meanAbsolutePercentageError = regression("meanAbsolutePercentageError") { p, t in
        abs((p - t) / maximum(abs(t), 1e-7)) * 100
    }

    /// `(ln(1 + p) - ln(1 + t))²`, both at least 0.
    public static let meanSquaredLogarithmicError = regression("meanSquaredLogarithmicError") { p, t in
        squared(log1p(maximum(p, 0)) - log1p(maximum(t, 0)))
    }

    /// `e²/2` where |e| ≤ δ, else `δ (|e| - δ/2)`, e = p - t (Huber, 1964).
    public static func huber(delta: Double = 1) -> Loss {
        regression("huber") { p, t in
            let size = abs(p - t)
            return select(size .<= delta, size * size * 0.5, (size - delta / 2) * delta)
        }
    }

    /// `max(q (t - p), (q - 1)(t - p))`: smallest where a share q of targets is below the prediction (Koenker and Bassett,
    /// 1978), also called pinball loss.
    public static func quantile(_ q: Double) -> Loss {
        regression("quantile") { p, t in maximum((t - p) * q, (t - p) * (q - 1)) }
    }

    /// The mean of `quantile` over several shares, for each of which the last axis of the outputs has a prediction; labels
    /// have the other axes.
    public static func quantiles(_ shares: [Double]) -> Loss {
        builtIn(
            "quantiles", outputName: "prediction",
            labels: { TensorType($0.dtype, Array($0.shape.dropLast())) },
            measure: { outputs, labels in
                let misfit = Tensor.labelMisfit("quantiles", outputs: outputs, labels: labels) {
                    Array($0.shape.dropLast())
                }
                return misfit
                    ?? lastAxis("quantiles", "the list of shares", shares, outputs) { q in
                        let error = labels.cast(to: outputs.dtype).expanded(at: -1) - outputs
                        return maximum(error * q, error * (q - 1)).mean(axes: [-1])
                    }
            })
    }

    /// `ln cosh(p - t)`, without overflow.
    public static let logCosh = regression("logCosh") { p, t in
        let error = p - t
        return error + softplus(error * -2) - 0.693_147_180_559_945_3
    }

    /// `p - t ln(p + 10⁻⁷)`: negative log-likelihood of counts t under the rate p, less what does not depend on p.
    public static let poisson = regression("poisson") { p, t in p - t * log(p + 1e-7) }

    /// `e^x - t x`: `poisson` of the rate e^x for outputs x of any sign.
    public static let logPoisson = elementwise("logPoisson") { x, t in exp(x) - t * x }

    /// `Σ t ln(t / p)` along the last axis, both held in [10⁻⁷, 1].
    public static let klDivergence = regression("klDivergence") { p, t in
        let (p, t) = (p.clamped(1e-7, 1), t.clamped(1e-7, 1))
        return (t * log(t / p)).sum(axes: [-1])
    }

    /// `-Σ p t / (‖p‖ ‖t‖)` along the last axis: -1 for the same direction.
    public static let cosineSimilarity = regression("cosineSimilarity") { p, t in
        -(p.normalizedAlongLastAxis() * t.normalizedAlongLastAxis()).sum(axes: [-1])
    }

    private static func regression(
        _ name: String, _ measure: @escaping @Sendable (_ prediction: Tensor, _ target: Tensor) -> Tensor
    ) -> Loss {
        elementwise(name, outputName: "prediction", measure: measure)
    }
}
