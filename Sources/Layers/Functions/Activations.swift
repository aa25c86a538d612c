import GraphIR
import GraphTracing

// Activation functions beyond those of the op table, element by element. Where a function has a corner, its derivative
// there is that of one side.

/// `x` where positive, else `α (e^(x/α) - 1)`.
public func celu(_ x: Tensor, alpha: Double = 1) -> Tensor {
    PlaceScope.withoutLines { select(x .> 0, x, expm1(minimum(x, 0) / alpha) * alpha) }
}

/// `x - tanh(x)`.
public func tanhShrink(_ x: Tensor) -> Tensor { PlaceScope.withoutLines { x - tanh(x) } }
