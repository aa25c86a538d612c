import GraphIR
import HostTensors

/// Reductions over axes (all if none are given); negative axes count from the end.
extension Tensor {
    /// The sum over axes.
    public func sum(
        axes: [Int]? = nil, keepDims: Bool = false, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        reduced("sum", axes, keepDims, PlaceScope.call(file, line))
    }

    /// The product over axes.
    public func product(
        axes: [Int]? = nil, keepDims: Bool = false, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        reduced("prod", axes, keepDims, PlaceScope.call(file, line))
    }

    /// The largest element over axes; NaN wins.
    public func max(
        axes: [Int]? = nil, keepDims: Bool = false, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        reduced("max", axes, keepDims, PlaceScope.call(file, line))
    }

    /// The smallest element over axes; NaN wins.
    public func min(
        axes: [Int]? = nil, keepDims: Bool = false, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        reduced("min", axes, keepDims, PlaceScope.call(file, line))
    }

    /// Whether all hold, over axes of a `bool` tensor.
    public func all(
        axes: [Int]? = nil, keepDims: Bool = false, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        reduced("and", axes, keepDims, PlaceScope.call(file, line))
    }

    /// Whether any holds, over axes of a `bool` tensor.
    public func any(
        axes: [Int]? = nil, keepDims: Bool = false, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        reduced("or", axes, keepDims, PlaceScope.call(file, line))
    }

    /// The mean over axes of a floating-point tensor: the sum divided by the number of elements, both in f32 for numbers of 16 bits;
    /// fails for whole numbers.
    public func mean(
        axes: [Int]? = nil, keepDims: Bool = false, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        let place = PlaceScope.call(file, line)
        guard isFailed || dtype.isFloat else {
            return Tensor(
                failure: GraphError(
                    "mean: \(type) has no floating-point elements, the mean would be cut off", place: place.description,
                    remedy: "cast(to: .f32) first"))
        }
        if !isFailed, dtype.isHalf {
            return converted(to: .f32, place: place).mean(axes: axes, keepDims: keepDims, file: file, line: line)
                .converted(to: dtype, place: place)
        }
        let sum = reduced("sum", axes, false, place)
        if sum.isFailed { return sum }
        let axes = Tensor.normalized(axes, rank: rank)
        let count = Tensor.count(of: axes.map { shape[$0] }, dtype: dtype, place: place)
        let mean = Tensor.elementwise("div", sum, count, place: place)
        return keepDims ? mean.withReduced(axes, of: shape, place: place) : mean
    }

    /// The position (i32) of the first largest element along an axis, which disappears; NaN counts as largest.
    public func argmax(axis: Int = -1, file: String = #fileID, line: Int = #line) -> Tensor {
        Tensor.apply(
            "argreduce", [self], ["kind": .keyword("max"), "axis": .int(axis < 0 ? axis + rank : axis)],
            place: PlaceScope.call(file, line))
    }

    /// The position (i32) of the first smallest element along an axis, which disappears.
    public func argmin(axis: Int = -1, file: String = #fileID, line: Int = #line) -> Tensor {
        Tensor.apply(
            "argreduce", [self], ["kind": .keyword("min"), "axis": .int(axis < 0 ? axis + rank : axis)],
            place: PlaceScope.call(file, line))
    }

    /// The number of elements of a shape as a rank-0 tensor; symbolic sizes are counted when the function runs.
    public static func count(of shape: [Dim], dtype: DType, place: Place? = PlaceScope.current) -> Tensor {
        if let constant = Dim.product(shape).constant { return scalar(Double(constant), dtype: dtype) }
        let symbolic = shape.filter { $0.constant == nil }
        let factor = Dim.product(shape.filter { $0.constant != nil }).constant ?? 1
        let ones = scalar(1, dtype: dtype).broadcast(to: symbolic, place: place)
        let count = ones.reduced("sum", nil, false, place)
        return factor == 1 ? count : count * Double(factor)
    }
}

extension Tensor {
    static func normalized(_ axes: [Int]?, rank: Int) -> [Int] {
        (axes ?? Array(0..<rank)).map { $0 < 0 ? $0 + rank : $0 }
    }

    func reduced(_ kind: String, _ axes: [Int]?, _ keepDims: Bool, _ place: Place?) -> Tensor {
        let axes = Tensor.normalized(axes, rank: rank)
        let attributes: Attributes = ["kind": .keyword(kind), "axes": .ints(axes.sorted())]
        let result = Tensor.apply("reduce", [self], attributes, place: place)
        return keepDims ? result.withReduced(axes, of: shape, place: place) : result
    }

    /// The reduced tensor with axes of size 1 where `shape` has the axes that were reduced.
    func withReduced(_ axes: [Int], of shape: [Dim], place: Place?) -> Tensor {
        viewed(as: shape.enumerated().map { axes.contains($0.offset) ? 1 : $0.element }, place: place)
    }
}

/// Exponentials along an axis, scaled to sum to 1.
public func softmax(_ x: Tensor, axis: Int = -1, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply(
        "softmax", [x], ["axis": .int(axis < 0 ? axis + x.rank : axis)], place: PlaceScope.call(file, line))
}

/// The logarithm of `softmax`, without its underflow.
public func logSoftmax(_ x: Tensor, axis: Int = -1, file: String = #fileID, line: Int = #line) -> Tensor {
    Tensor.apply(
        "logSoftmax", [x], ["axis": .int(axis < 0 ? axis + x.rank : axis)], place: PlaceScope.call(file, line))
}
