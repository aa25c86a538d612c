import GraphIR
import GraphTracing
import HostTensors

/// What may stand for a learning rate: a number or a schedule, `1e-3` or `.cosine(1e-3, over: 10_000)`.
public protocol LearningRateConvertible: Sendable {
    /// The learning rate it stands for.
    var learningRate: LearningRate { get }
}

extension Double: LearningRateConvertible {
    /// The same rate always.
    public var learningRate: LearningRate { .constant(self) }
}

extension Int: LearningRateConvertible {
    /// The same rate always.
    public var learningRate: LearningRate { .constant(Double(self)) }
}

/// How far a step goes: a number, or a schedule, a function of the number of updates done before, computed in the graph.
public struct LearningRate: LearningRateConvertible {
    /// Its name: `constant`, `cosine`.
    public let name: String
    private let compute: @Sendable (Tensor) -> Tensor
    fileprivate var constant: Double?
    /// What is wrong with its numbers, if anything is: thrown when a model is built.
    var mistake: GraphError?

    /// Makes a schedule from the rate at an update; `step` is the number of updates before it, `f64[]`, and so is the rate.
    public init(_ name: String, _ rate: @escaping @Sendable (_ step: Tensor) -> Tensor) {
        self.name = name
        compute = rate
    }

    /// Itself.
    public var learningRate: LearningRate { self }

    /// The rate, `f32[]`, after `step` updates, `i64[]`.
    public func callAsFunction(after step: Tensor) -> Tensor {
        PlaceScope.withoutLines {
            constant.map { .scalar($0) } ?? value(step.cast(to: .f64)).cast(to: .f32)
        }
    }

    /// The rate in f64.
    func value(_ step: Tensor) -> Tensor { compute(step) }
}

extension LearningRateConvertible where Self == LearningRate {
    /// The same rate always.
    public static func constant(_ rate: Double) -> LearningRate {
        var always = LearningRate("constant") { _ in .scalar(rate, dtype: .f64) }
        always.constant = rate
        return always.requiring(rates: ["rate": rate])
    }
}

extension LearningRate {
    /// The same schedule, which is a mistake where a rate is negative or not finite, or a number of steps below 1.
    func requiring(rates: KeyValuePairs<String, Double> = [:], steps: KeyValuePairs<String, Int> = [:]) -> LearningRate
    {
        var schedule = self
        for (argument, rate) in rates where !(rate >= 0 && rate.isFinite) {
            schedule.add("'\(argument)' is \(rate)", "expected a number of 0 or more")
        }
        for (argument, count) in steps where count < 1 {
            schedule.add("'\(argument)' is \(count)", "expected at least 1")
        }
        return schedule
    }

    private mutating func add(_ message: String, _ remedy: String) {
        mistake = mistake ?? GraphError("learning rate \(name): \(message)", remedy: remedy)
    }
}
