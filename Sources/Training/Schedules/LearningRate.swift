import GraphTracing
import HostTensors

/// How far a step goes: a number, or a schedule, a function of the number of updates done before, computed in the graph.
///
/// A number may stand where a learning rate is expected: `.adam(learningRate: 1e-3)`.
public struct LearningRate: Sendable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
    /// Its name: `constant`, `cosine`.
    public let name: String
    private let compute: @Sendable (Tensor) -> Tensor
    private var constant: Double?

    /// Makes a schedule from the rate at an update; `step` is the number of updates before it, `f64[]`, and so is the rate.
    public init(_ name: String, _ rate: @escaping @Sendable (_ step: Tensor) -> Tensor) {
        self.name = name
        compute = rate
    }

    /// The same rate always.
    public static func constant(_ rate: Double) -> LearningRate {
        var always = LearningRate("constant") { _ in .scalar(rate, dtype: .f64) }
        always.constant = rate
        return always
    }

    /// The same rate always.
    public init(floatLiteral rate: Double) { self = .constant(rate) }

    /// The same rate always.
    public init(integerLiteral rate: Int) { self = .constant(Double(rate)) }

    /// The rate, `f32[]`, after `step` updates, `i64[]`.
    public func callAsFunction(after step: Tensor) -> Tensor {
        PlaceScope.withoutLines {
            constant.map { .scalar($0) } ?? value(step.cast(to: .f64)).cast(to: .f32)
        }
    }

    /// The rate in f64.
    func value(_ step: Tensor) -> Tensor { compute(step) }
}
