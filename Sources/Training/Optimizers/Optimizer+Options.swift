import GraphTracing
import Layers

/// A bound on gradients.
public enum Clipping: Sendable, Hashable {
    /// Every element in [-c, c].
    case value(Double)
    /// Each parameter's gradient scaled to have at most this norm.
    case norm(Double)
    /// All gradients scaled alike so that together they have at most this norm.
    case globalNorm(Double)
}

/// A share of the weights taken off in every update, apart from the gradient (Loshchilov and Hutter, 2019).
public struct WeightDecay: Sendable, Hashable {
    /// The share, times the learning rate: `p - rate · decay · p`.
    public let rate: Double
    /// The parameters it leaves alone.
    public let excluded: [NamePattern]
}

/// What can be added to any optimizer.
///
/// Numbers that make no sense, and patterns that no parameter matches, are thrown when a model is built.
extension Optimizer {
    /// Bounds gradients; several bounds apply in the order they are added.
    public func clipping(_ clipping: Clipping) -> Optimizer { with { $0.clippings.append(clipping) } }

    /// Takes `rate · decay` of each weight off in every update, except of parameters whose paths match.
    public func decaying(_ decay: Double, excluding excluded: [NamePattern] = []) -> Optimizer {
        with { $0.decay = WeightDecay(rate: decay, excluded: excluded) }
    }

    /// Makes parameters whose paths match satisfy a constraint after each update.
    public func constraining(_ parameters: [NamePattern], to constraint: Constraint) -> Optimizer {
        with { $0.constraints.append((constraint, parameters)) }
    }

    /// Leaves parameters whose paths match as they are; no gradient is computed for them.
    public func freezing(_ parameters: [NamePattern]) -> Optimizer { with { $0.frozen += parameters } }

    /// Averages the gradients of this many batches for each update; learning rates and step numbers count updates.
    public func accumulating(batches: Int) -> Optimizer { with { $0.accumulatedBatches = batches } }

    /// Keeps a running average of the weights, `a = decay · a + (1 - decay) · p` after each update, which evaluation and
    /// prediction use instead of the weights (Polyak and Juditsky, 1992).
    public func averagingWeights(decay: Double = 0.999) -> Optimizer { with { $0.averageDecay = decay } }

    private func with(_ change: (inout Optimizer) -> Void) -> Optimizer {
        var optimizer = self
        change(&optimizer)
        return optimizer
    }
}

extension Clipping {
    /// The gradients within the bound.
    public func callAsFunction(_ gradients: [Tensor]) -> [Tensor] {
        PlaceScope.withoutLines {
            switch self {
            case .value(let bound): return gradients.map { minimum(maximum($0, -bound), bound) }
            case .norm(let bound): return gradients.map { $0 * Self.scale(Self.squares($0), bound, $0) }
            case .globalNorm(let bound):
                guard let first = gradients.first else { return [] }
                let squares = gradients.dropFirst().reduce(Self.squares(first)) { sum, gradient in
                    sum + Self.squares(gradient).cast(to: first.dtype)
                }
                return gradients.map { $0 * Self.scale(squares, bound, $0) }
            }
        }
    }

    private static func squares(_ x: Tensor) -> Tensor { (x * x).sum() }

    /// `min(1, bound / norm)`, of the gradient's dtype.
    private static func scale(_ squares: Tensor, _ bound: Double, _ gradient: Tensor) -> Tensor {
        let norm = sqrt(squares)
        return (bound / maximum(norm, bound)).cast(to: gradient.dtype)
    }
}
