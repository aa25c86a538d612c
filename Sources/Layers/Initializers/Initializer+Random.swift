import GraphIR
import GraphTracing
import HostTensors

/// Random first values. Variance-scaling ones keep the size of activations (Glorot, He, LeCun) steady from layer to layer.
extension Initializer {
    /// Uniform numbers between two bounds.
    public static func uniform(from low: Double = -0.05, to high: Double = 0.05) -> Initializer {
        Initializer("uniform") { request in
            (request.random.uniform(request.type.shape) * (high - low) + low).cast(to: request.type.dtype)
        }
    }

    /// Normal numbers of a mean and a standard deviation.
    public static func normal(mean: Double = 0, standardDeviation: Double = 0.05) -> Initializer {
        Initializer("normal") { request in
            (request.random.normal(request.type.shape) * standardDeviation + mean).cast(to: request.type.dtype)
        }
    }

    /// Uniform in ±√(6 / (fanIn + fanOut)) (Glorot and Bengio, 2010).
    public static let glorotUniform = scaled("glorotUniform", uniform: true) { 2 / Double($0 + $1) }
    /// Normal of variance 2 / (fanIn + fanOut) (Glorot and Bengio, 2010).
    public static let glorotNormal = scaled("glorotNormal", uniform: false) { 2 / Double($0 + $1) }
    /// Uniform in ±√(6 / fanIn), for relu (He et al., 2015).
    public static let heUniform = scaled("heUniform", uniform: true) { fanIn, _ in 2 / Double(fanIn) }
    /// Normal of variance 2 / fanIn, for relu (He et al., 2015).
    public static let heNormal = scaled("heNormal", uniform: false) { fanIn, _ in 2 / Double(fanIn) }
    /// Uniform in ±√(3 / fanIn) (LeCun et al., 1998).
    public static let lecunUniform = scaled("lecunUniform", uniform: true) { fanIn, _ in 1 / Double(fanIn) }
    /// Normal of variance 1 / fanIn (LeCun et al., 1998).
    public static let lecunNormal = scaled("lecunNormal", uniform: false) { fanIn, _ in 1 / Double(fanIn) }

    /// Numbers of mean 0 and a variance that depends on the fans; uniform in ±√(3 · variance) has that variance.
    private static func scaled(
        _ name: String, uniform: Bool, variance: @escaping @Sendable (Int, Int) -> Double
    ) -> Initializer {
        Initializer(name) { request in
            let variance = variance(max(1, request.fanIn), max(1, request.fanOut))
            if uniform {
                let bound = (3 * variance).squareRoot()
                return Initializer.uniform(from: -bound, to: bound).value(request)
            }
            return Initializer.normal(standardDeviation: variance.squareRoot()).value(request)
        }
    }
}
