import GraphIR
import GraphTracing
import HostTensors

/// Random first values that keep the size of activations steady from layer to layer.
extension Initializer {
    /// Which number of units the variance is divided by.
    public enum Fan: String, Sendable, Hashable, CaseIterable {
        /// The inputs that feed one output.
        case input
        /// The outputs that one input feeds.
        case output
        /// The mean of both.
        case average
    }

    /// What numbers are drawn from.
    public enum Distribution: String, Sendable, Hashable, CaseIterable {
        /// Between two bounds.
        case uniform
        /// The normal distribution.
        case normal
        /// The normal distribution without its tails beyond two standard deviations.
        case truncatedNormal
    }

    /// Numbers of mean 0 and variance `scale / fan`.
    public static func varianceScaling(
        scale: Double = 1, fan: Fan = .input, distribution: Distribution = .truncatedNormal
    ) -> Initializer {
        scaled("varianceScaling", scale, fan, distribution)
    }

    /// Uniform in ±√(6 / (fanIn + fanOut)) (Glorot and Bengio, 2010).
    public static let glorotUniform = scaled("glorotUniform", 1, .average, .uniform)
    /// Truncated normal of variance 2 / (fanIn + fanOut) (Glorot and Bengio, 2010).
    public static let glorotNormal = scaled("glorotNormal", 1, .average, .truncatedNormal)
    /// Uniform in ±√(6 / fanIn), for relu (He et al., 2015).
    public static let heUniform = scaled("heUniform", 2, .input, .uniform)
    /// Truncated normal of variance 2 / fanIn, for relu (He et al., 2015).
    public static let heNormal = scaled("heNormal", 2, .input, .truncatedNormal)
    /// Uniform in ±√(3 / fanIn) (LeCun et al., 1998).
    public static let lecunUniform = scaled("lecunUniform", 1, .input, .uniform)
    /// Truncated normal of variance 1 / fanIn (LeCun et al., 1998).
    public static let lecunNormal = scaled("lecunNormal", 1, .input, .truncatedNormal)

    private static func scaled(
        _ name: String, _ scale: Double, _ fan: Fan, _ distribution: Distribution
    ) -> Initializer {
        Initializer(name) { request in
            let (inputs, outputs) = (Double(max(1, request.fanIn)), Double(max(1, request.fanOut)))
            let count =
                switch fan {
                case .input: inputs
                case .output: outputs
                case .average: (inputs + outputs) / 2
                }
            let deviation = (scale / count).squareRoot()
            switch distribution {
            // Uniform numbers in ±b have variance b² / 3.
            case .uniform:
                let bound = 3.0.squareRoot() * deviation
                return Initializer.uniform(from: -bound, to: bound).value(request)
            case .normal: return Initializer.normal(standardDeviation: deviation).value(request)
            // What is left within two standard deviations has 0.8796 of the deviation.
            case .truncatedNormal:
                return Initializer.truncatedNormal(standardDeviation: deviation / 0.879_625_661_034_239_78)
                    .value(request)
            }
        }
    }
}
