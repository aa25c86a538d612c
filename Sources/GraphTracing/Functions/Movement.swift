import GraphIR
import HostTensors

/// The same elements, arranged or converted.
extension Tensor {
    /// The elements in row-major order under another shape; one size may be -1, which is then computed.
    public func reshaped(to shape: [Dim], file: String = #fileID, line: Int = #line) -> Tensor {
        let place = PlaceScope.call(file, line)
        return Tensor.catching([self], place: place) {
            viewed(as: try Tensor.completed(shape, for: type), place: place)
        }
    }

    /// The same elements under a shape of as many.
    func viewed(as shape: [Dim], place: Place?) -> Tensor {
        if isFailed || self.shape == shape { return self }
        return Tensor.apply("reshape", [self], ["shape": .dims(shape)], place: place)
    }

    private static func completed(_ shape: [Dim], for type: TensorType) throws -> [Dim] {
        let open = shape.indices.filter { shape[$0] == Dim(-1) }
        guard let at = open.first else { return shape }
        let others = Dim.product(shape.filter { $0 != Dim(-1) })
        guard open.count == 1, let size = type.count.dividedExactly(by: others) else {
            throw GraphError(
                "reshape: \(type) has \(type.count) elements, which do not fill \(shape)",
                remedy: "give at most one -1, and sizes whose product divides the count")
        }
        var full = shape
        full[at] = size
        return full
    }

    /// Axis i of the result is axis `permutation[i]`; without one, the axes are reversed.
    public func transposed(_ permutation: [Int]? = nil, file: String = #fileID, line: Int = #line) -> Tensor {
        let axes = permutation ?? Array((0..<rank).reversed())
        return Tensor.apply(
            "transpose", [self], ["permutation": .ints(Tensor.normalized(axes, rank: rank))],
            place: PlaceScope.call(file, line))
    }

    /// A new axis of size 1 before `axis`; -1 puts it last.
    public func expanded(at axis: Int, file: String = #fileID, line: Int = #line) -> Tensor {
        let at = axis < 0 ? axis + rank + 1 : axis
        var shape = shape
        guard (0...rank).contains(at) else {
            return Tensor.catching([self], place: PlaceScope.call(file, line)) {
                throw GraphError("expanded: \(type) has no place \(axis) for a new axis", remedy: "0 to \(rank)")
            }
        }
        shape.insert(1, at: at)
        return reshaped(to: shape, file: file, line: line)
    }

    /// The elements converted to another dtype: floats to integers truncate toward zero and saturate.
    public func cast(to dtype: DType, file: String = #fileID, line: Int = #line) -> Tensor {
        if !isFailed, self.dtype == dtype { return self }
        return Tensor.apply("cast", [self], ["to": .dtype(dtype)], place: PlaceScope.call(file, line))
    }

    /// The order reversed along axes.
    public func reversed(axes: [Int], file: String = #fileID, line: Int = #line) -> Tensor {
        Tensor.apply(
            "reverse", [self], ["axes": .ints(Tensor.normalized(axes, rank: rank))],
            place: PlaceScope.call(file, line))
    }

    /// `low[i]` and `high[i]` elements of `value` around axis i.
    public func padded(
        low: [Int], high: [Int], with value: Double = 0, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        Tensor.apply(
            "pad", [self, Tensor.matching(value, self)],
            ["low": .ints(low), "high": .ints(high), "interior": .ints(low.map { _ in 0 })],
            place: PlaceScope.call(file, line))
    }

    /// Floating-point rows of `classes` zeros with a one where the integer element says; a new last axis.
    public func oneHot(
        classes: Int, dtype: DType = .f32, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        let place = PlaceScope.call(file, line)
        let labels = expanded(at: -1, file: file, line: line)
        let positions = Tensor.apply(
            "iota", [], ["axis": .int(0), "shape": .dims([Dim(classes)]), "dtype": .dtype(self.dtype)], place: place)
        let isClass = Tensor.elementwise("compare", labels, positions, ["direction": .keyword("equal")], place: place)
        return isClass.cast(to: dtype, file: file, line: line)
    }
}

/// Tensors one after another along an axis.
public func concat(_ parts: [Tensor], axis: Int = 0, file: String = #fileID, line: Int = #line) -> Tensor {
    let at = axis < 0 ? axis + (parts.first?.rank ?? 0) : axis
    return Tensor.apply("concat", parts, ["axis": .int(at)], place: PlaceScope.call(file, line))
}

/// Tensors of one shape side by side along a new axis.
public func stack(_ parts: [Tensor], axis: Int = 0, file: String = #fileID, line: Int = #line) -> Tensor {
    concat(parts.map { $0.expanded(at: axis, file: file, line: line) }, axis: axis, file: file, line: line)
}
