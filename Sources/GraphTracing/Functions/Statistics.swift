import GraphIR
import HostTensors

/// Reductions made of others.
extension Tensor {
    /// The mean squared distance from the mean over axes; `correction` is taken off the count (1 for a sample).
    public func variance(
        axes: [Int]? = nil, keepDims: Bool = false, correction: Int = 0, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        let place = PlaceScope.call(file, line)
        if !isFailed, dtype.isHalf {
            return converted(to: .f32, place: place)
                .variance(axes: axes, keepDims: keepDims, correction: correction, file: file, line: line)
                .converted(to: dtype, place: place)
        }
        let center = mean(axes: axes, keepDims: true, file: file, line: line)
        let distance = Tensor.elementwise("sub", self, center, place: place)
        let square = Tensor.elementwise("mul", distance, distance, place: place)
        let mean = square.mean(axes: axes, keepDims: keepDims, file: file, line: line)
        if correction == 0 || mean.isFailed { return mean }
        let counted = Tensor.normalized(axes, rank: rank).map { shape[$0] }
        let count = Tensor.count(of: counted, dtype: dtype, place: place)
        let less = Tensor.elementwise("sub", count, Tensor.scalar(Double(correction), dtype: dtype), place: place)
        return Tensor.elementwise(
            "mul", mean, Tensor.elementwise("div", count, less, place: place), place: place)
    }

    /// The square root of the variance.
    public func standardDeviation(
        axes: [Int]? = nil, keepDims: Bool = false, correction: Int = 0, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        let variance = variance(axes: axes, keepDims: keepDims, correction: correction, file: file, line: line)
        return Tensor.apply("sqrt", [variance], place: PlaceScope.call(file, line))
    }

    /// The p-norm over axes, `(Σ |x|^p)^(1/p)`: 2 is the length, 1 the sum of magnitudes, infinity the largest magnitude, minus
    /// infinity the smallest, 0 the number of elements that are not zero.
    ///
    /// The gradient of a norm at 0 is not a number; add a small number under the root where that may happen.
    public func norm(
        _ order: Double = 2, axes: [Int]? = nil, keepDims: Bool = false, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        let place = PlaceScope.call(file, line)
        // Powers of numbers of 16 bits leave the range that the norm is in.
        if !isFailed, dtype.isHalf {
            return converted(to: .f32, place: place)
                .norm(order, axes: axes, keepDims: keepDims, file: file, line: line).converted(to: dtype, place: place)
        }
        let magnitude = Tensor.apply("abs", [self], place: place)
        if order == .infinity { return magnitude.max(axes: axes, keepDims: keepDims, file: file, line: line) }
        if order == -.infinity { return magnitude.min(axes: axes, keepDims: keepDims, file: file, line: line) }
        if order == 0 {
            return Tensor.apply("abs", [Tensor.apply("sign", [self], place: place)], place: place)
                .sum(axes: axes, keepDims: keepDims, file: file, line: line)
        }
        if order == 1 { return magnitude.sum(axes: axes, keepDims: keepDims, file: file, line: line) }
        if order == 2 {
            let square = Tensor.elementwise("mul", self, self, place: place)
            return Tensor.apply(
                "sqrt", [square.sum(axes: axes, keepDims: keepDims, file: file, line: line)], place: place)
        }
        let powers = pow(magnitude, order, file: file, line: line)
        return pow(
            powers.sum(axes: axes, keepDims: keepDims, file: file, line: line), 1 / order, file: file, line: line)
    }

    /// The logarithm of the sum of exponentials over axes, without their overflow.
    public func logSumExp(
        axes: [Int]? = nil, keepDims: Bool = false, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        let place = PlaceScope.call(file, line)
        let axes = Tensor.normalized(axes, rank: rank).sorted()
        let result = Tensor.apply("logSumExp", [self], ["axes": .ints(axes)], place: place)
        return keepDims && !result.isFailed ? result.withReduced(axes, of: shape, place: place) : result
    }
}

/// x kept between two numbers, elementwise; NaN stays NaN.
public func clip(_ x: Tensor, _ low: Double, _ high: Double, file: String = #fileID, line: Int = #line) -> Tensor {
    minimum(maximum(x, low, file: file, line: line), high, file: file, line: line)
}

/// x kept between the elements of two others, elementwise; NaN stays NaN.
public func clip(_ x: Tensor, _ low: Tensor, _ high: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    minimum(maximum(x, low, file: file, line: line), high, file: file, line: line)
}

/// The remainder of the floored division, with the sign of y (Python's and NumPy's `%`), elementwise.
public func modulo(_ x: Tensor, _ y: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    let place = PlaceScope.call(file, line)
    return Tensor.catching([x, y], place: place) {
        let rest = Tensor.elementwise("rem", x, y, place: place)
        let zero = Tensor.scalar(0, dtype: x.dtype)
        func compared(_ direction: String, _ a: Tensor, _ b: Tensor) -> Tensor {
            Tensor.elementwise("compare", a, b, ["direction": .keyword(direction)], place: place)
        }
        let signsDiffer = Tensor.elementwise(
            "xor", compared("less", rest, zero), compared("less", y, zero), place: place)
        let isWrong = Tensor.elementwise("and", signsDiffer, compared("notEqual", rest, zero), place: place)
        return select(isWrong, Tensor.elementwise("add", rest, y, place: place), rest, file: file, line: line)
    }
}

/// The remainder of the floored division by a number, with the sign of that number, elementwise.
public func modulo(_ x: Tensor, _ y: Double, file: String = #fileID, line: Int = #line) -> Tensor {
    modulo(x, Tensor.matching(y, x), file: file, line: line)
}

/// The square, elementwise.
public func square(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.elementwise("mul", x, x, place: PlaceScope.call(file, line))
}

/// Where x is not a number, elementwise.
public func isNaN(_ x: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.elementwise("compare", x, x, ["direction": .keyword("notEqual")], place: PlaceScope.call(file, line))
}
