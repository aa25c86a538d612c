import GraphTracing

/// What a parameter costs, one number, added to the loss: `Loss.adding(_:on:)`.
public struct Regularizer: Sendable {
    /// Its name in messages.
    public let name: String
    private let cost: @Sendable (Tensor) -> Tensor

    /// Makes a regularizer from the cost of one parameter, `[]`.
    public init(_ name: String, _ cost: @escaping @Sendable (Tensor) -> Tensor) {
        self.name = name
        self.cost = cost
    }

    /// The cost of a parameter.
    public func callAsFunction(_ parameter: Tensor) -> Tensor { cost(parameter) }

    /// `factor · Σ |p|`.
    public static func l1(_ factor: Double = 0.01) -> Regularizer {
        Regularizer("l1") { p in PlaceScope.withoutLines { abs(p).sum() * factor } }
    }

    /// `factor · Σ p²`.
    public static func l2(_ factor: Double = 0.01) -> Regularizer {
        Regularizer("l2") { p in PlaceScope.withoutLines { (p * p).sum() * factor } }
    }

    /// `l1 · Σ |p| + l2 · Σ p²`.
    public static func l1l2(l1: Double = 0.01, l2: Double = 0.01) -> Regularizer {
        Regularizer("l1l2") { p in Regularizer.l1(l1)(p) + Regularizer.l2(l2)(p) }
    }

    /// `factor · ‖PᵀP - I‖²` with the columns of P normalized: how far they are from being orthogonal; P is the parameter
    /// as a matrix of its last axis' columns. Off-diagonal elements only.
    public static func orthogonal(_ factor: Double = 0.01) -> Regularizer {
        Regularizer("orthogonal") { p in
            PlaceScope.withoutLines {
                if p.isFailed { return p }
                let columns = p.reshaped(to: [-1, p.dim(-1)])
                let size = p.dim(-1)
                let norms = sqrt((columns * columns).sum(axes: [0], keepDims: true))
                let unit = columns.dividedIfNotZero(by: norms)
                let products = dot(unit, unit, contracting: ([0], [0]))
                let isDiagonal =
                    Tensor.iota(axis: 0, shape: [size, size]) .== Tensor.iota(axis: 1, shape: [size, size])
                let others = select(isDiagonal, Tensor.zeros(products.type), products)
                return (others * others).sum() * factor
            }
        }
    }
}
