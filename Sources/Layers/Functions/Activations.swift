import GraphIR
import GraphTracing

// Activation functions beyond those of the op table, element by element. Where a function has a corner, its derivative
// there is that of one side.

/// `ln(1 + e^x)` without overflow.
func softplus(_ x: Tensor) -> Tensor {
    PlaceScope.withoutLines { maximum(x, 0) + log1p(exp(-abs(x))) }
}

/// `x` where positive, else `slope · x`.
func leakyRelu(_ x: Tensor, slope: Double = 0.01) -> Tensor {
    PlaceScope.withoutLines { select(x .> 0, x, x * slope) }
}

/// `x` where positive, else `α (e^x - 1)` (Clevert et al., 2016).
func elu(_ x: Tensor, alpha: Double = 1) -> Tensor {
    PlaceScope.withoutLines { select(x .> 0, x, expm1(minimum(x, 0)) * alpha) }
}

/// `λ · elu(x, α)` with the constants that keep mean 0 and variance 1 (Klambauer et al., 2017).
func selu(_ x: Tensor) -> Tensor {
    PlaceScope.withoutLines { elu(x, alpha: 1.673_263_242_354_377_2) * 1.050_700_987_355_480_5 }
}

/// `x` where positive, else `α (e^(x/α) - 1)`.
public func celu(_ x: Tensor, alpha: Double = 1) -> Tensor {
    PlaceScope.withoutLines { select(x .> 0, x, expm1(minimum(x, 0) / alpha) * alpha) }
}

/// `x tanh(softplus(x))` (Misra, 2019).
func mish(_ x: Tensor) -> Tensor { PlaceScope.withoutLines { x * tanh(softplus(x)) } }

/// `x / (1 + |x|)`.
func softsign(_ x: Tensor) -> Tensor { PlaceScope.withoutLines { x / (abs(x) + 1) } }

/// `min(max(x, 0), 6)`.
func relu6(_ x: Tensor) -> Tensor { PlaceScope.withoutLines { x.clamped(0, 6) } }

/// `min(max(x / 6 + 1/2, 0), 1)`.
func hardSigmoid(_ x: Tensor) -> Tensor { PlaceScope.withoutLines { (x / 6 + 0.5).clamped(0, 1) } }

/// `x · hardSigmoid(x)` (Howard et al., 2019).
func hardSwish(_ x: Tensor) -> Tensor { PlaceScope.withoutLines { x * hardSigmoid(x) } }

/// `min(max(x, -1), 1)`.
func hardTanh(_ x: Tensor) -> Tensor { PlaceScope.withoutLines { x.clamped(-1, 1) } }

/// `x - tanh(x)`.
public func tanhShrink(_ x: Tensor) -> Tensor { PlaceScope.withoutLines { x - tanh(x) } }

/// `ln(1 / (1 + e^-x))`.
func logSigmoid(_ x: Tensor) -> Tensor { PlaceScope.withoutLines { -softplus(-x) } }
