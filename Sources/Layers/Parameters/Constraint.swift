import GraphTracing

/// What a parameter is made to satisfy after each step of an optimizer: `Optimizer.constraining(_:to:)`.
///
/// Norms are taken over all axes but the last, so that each unit of a dense layer or filter of a convolution is held.
public struct Constraint: Sendable {
    /// Its name in messages.
    public let name: String
    private let project: @Sendable (Tensor) -> Tensor

    /// Makes a constraint from the nearest parameter that satisfies it.
    public init(_ name: String, _ project: @escaping @Sendable (Tensor) -> Tensor) {
        self.name = name
        self.project = project
    }

    /// The parameter, changed so that it satisfies the constraint.
    public func callAsFunction(_ parameter: Tensor) -> Tensor { project(parameter) }

    /// No element below 0.
    public static let nonNegative = Constraint("nonNegative") { p in PlaceScope.withoutLines { maximum(p, 0) } }

    /// Every unit's norm at most `limit`: `p · min(‖p‖, limit) / (10⁻⁷ + ‖p‖)`.
    public static func maxNorm(_ limit: Double = 2) -> Constraint {
        Constraint("maxNorm") { p in
            PlaceScope.withoutLines {
                let norm = unitNorms(p)
                return p * (norm.clamped(0, limit) / (norm + 1e-7))
            }
        }
    }

    /// Every unit's norm moved toward the range by `rate`: `p · (rate · clamp(‖p‖) + (1-rate) · ‖p‖) / (10⁻⁷ + ‖p‖)`.
    public static func normRange(_ low: Double = 0, _ high: Double = 1, rate: Double = 1) -> Constraint {
        Constraint("normRange") { p in
            PlaceScope.withoutLines {
                let norm = unitNorms(p)
                return p * ((norm.clamped(low, high) * rate + norm * (1 - rate)) / (norm + 1e-7))
            }
        }
    }

    /// Every unit's norm 1: `p / (10⁻⁷ + ‖p‖)`.
    public static let unitNorm = Constraint("unitNorm") { p in
        PlaceScope.withoutLines { p / (unitNorms(p) + 1e-7) }
    }

    private static func unitNorms(_ p: Tensor) -> Tensor {
        let axes = p.rank < 2 ? Array(0..<p.rank) : Array(0..<p.rank - 1)
        return sqrt((p * p).sum(axes: axes, keepDims: true))
    }
}
