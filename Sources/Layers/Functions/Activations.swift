import GraphIR
import GraphTracing

// Activation functions beyond those of the op table, element by element. Where a function has a corner, its derivative
// there is that of one side.

/// `x` where positive, else `α (e^(x/α) - 1)`.
public func celu(_ x: Tensor, alpha: Double = 1) -> Tensor {
    PlaceScope.withoutLines {
        // The exponential is not taken of positive numbers, whose overflow would reach the derivative; at 0 that is 1.
        let isPositive = x .> 0
        let negative = select(isPositive, Tensor.zeros(x.type), x)
        return select(isPositive, x, expm1(negative / alpha) * alpha)
    }
}

/// `x - tanh(x)`.
public func tanhShrink(_ x: Tensor) -> Tensor { PlaceScope.withoutLines { x - tanh(x) } }
