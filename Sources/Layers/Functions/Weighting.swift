import GraphIR
import GraphTracing
import HostTensors

extension Tensor {
    /// The dtype to count in: its own if it is floating-point, else f32.
    var floatDType: DType { dtype.isFloat ? dtype : .f32 }

    /// These weights, for each example or element, with the type of the `values` they weigh.
    func weighting(_ values: Tensor) -> Tensor {
        if isFailed || values.isFailed { return isFailed ? self : values }
        var weights = cast(to: values.floatDType)
        while weights.rank > values.rank, weights.shape.last == 1 {
            weights = weights.reshaped(to: Array(weights.shape.dropLast()))
        }
        guard weights.rank <= values.rank,
            zip(weights.shape, values.shape).allSatisfy({ $0 == $1 || $0 == 1 })
        else {
            return Tensor(
                failure: GraphError(
                    "weights \(type) do not fit values \(values.type)", place: PlaceScope.current?.description,
                    remedy: "give one weight an element, or one for each position of the first axes"))
        }
        let missing = values.rank - weights.rank
        if missing > 0 { weights = weights.reshaped(to: weights.shape + Array(repeating: 1, count: missing)) }
        return weights.broadcast(to: values.shape)
    }

    /// These weights times others, of the same shape or that of the first axes, if there are any.
    func times(_ weights: Tensor?) -> Tensor {
        guard let weights else { return self }
        let dtype = dtype.isFloat ? dtype : weights.floatDType
        return weights.weighting(self).cast(to: dtype) * cast(to: dtype)
    }

    /// These labels, with 0 for those that are not a number and count nothing.
    func withNumbers(where weights: Tensor) -> Tensor {
        guard !isFailed, !weights.isFailed, dtype.isFloat, weights.rank <= rank,
            zip(weights.shape, shape).allSatisfy({ $0 == $1 || $0 == 1 })
        else { return self }
        let isMissing = isNaN(self) .& (weights.weighting(self) .== 0)
        return select(isMissing, Tensor.zeros(type), self)
    }

    /// Each number times its weight; what counts nothing is 0, whatever it is, for an infinity times 0 is not a number.
    func weighted(by weights: Tensor) -> Tensor {
        let product = self * weights
        return product.isFailed ? product : select(weights .== 0, Tensor.zeros(product.type), product)
    }

    /// `x / y`, and x itself where y is 0: no share of nothing is NaN.
    func dividedIfNotZero(by other: Tensor) -> Tensor {
        self / select(other .== 0, Tensor.full(1, other.type), other)
    }

    /// The number held between two bounds, elementwise.
    func clamped(_ low: Double, _ high: Double) -> Tensor { minimum(maximum(self, low), high) }

    /// The elements along the last axis divided by their Euclidean norm, which counts as at least 10⁻⁶.
    func normalizedAlongLastAxis() -> Tensor {
        let squares = (self * self).sum(axes: [-1], keepDims: true)
        return self * rsqrt(maximum(squares, 1e-12))
    }
}
