import GraphIR
import HostTensors

/// Running combinations along an axis; `exclusive` leaves each place itself out, `reverse` begins at the end.
extension Tensor {
    /// The running sum.
    public func cumulativeSum(
        axis: Int = -1, exclusive: Bool = false, reverse: Bool = false, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        running("sum", axis, exclusive, reverse, PlaceScope.call(file, line))
    }

    /// The running product. Its gradient takes the square of the axis' size in memory, and is right at zeros.
    public func cumulativeProduct(
        axis: Int = -1, exclusive: Bool = false, reverse: Bool = false, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        running("prod", axis, exclusive, reverse, PlaceScope.call(file, line))
    }

    /// The running largest element; NaN wins.
    public func cumulativeMax(
        axis: Int = -1, exclusive: Bool = false, reverse: Bool = false, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        running("max", axis, exclusive, reverse, PlaceScope.call(file, line))
    }

    /// The running smallest element; NaN wins.
    public func cumulativeMin(
        axis: Int = -1, exclusive: Bool = false, reverse: Bool = false, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        running("min", axis, exclusive, reverse, PlaceScope.call(file, line))
    }

    private func running(
        _ kind: String, _ axis: Int, _ exclusive: Bool, _ reverse: Bool, _ place: Place?
    ) -> Tensor {
        Tensor.apply(
            "cumulative", [self],
            [
                "kind": .keyword(kind), "axis": .int(axis < 0 ? axis + rank : axis), "exclusive": .bool(exclusive),
                "reverse": .bool(reverse),
            ], place: place)
    }
}

/// Sorting along an axis; equal elements keep their order, NaN counts as larger than any number.
extension Tensor {
    /// The elements in ascending order, or descending.
    public func sorted(
        axis: Int = -1, descending: Bool = false, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        Tensor.apply(
            "sort", [self], ["axis": .int(axis < 0 ? axis + rank : axis), "descending": .bool(descending)],
            place: PlaceScope.call(file, line))
    }

    /// The positions (i32) that put the elements in ascending order, or descending; `takeAlong` reads elements back.
    public func argsorted(
        axis: Int = -1, descending: Bool = false, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        Tensor.apply(
            "argsort", [self], ["axis": .int(axis < 0 ? axis + rank : axis), "descending": .bool(descending)],
            place: PlaceScope.call(file, line))
    }

    /// The `k` largest elements in descending order (or smallest in ascending order), and their positions (i32).
    public func topK(
        _ k: Int, axis: Int = -1, largest: Bool = true, file: String = #fileID, line: Int = #line
    ) -> (values: Tensor, positions: Tensor) {
        let both = Tensor.applyMany(
            "topk", [self],
            ["k": .int(k), "axis": .int(axis < 0 ? axis + rank : axis), "largest": .bool(largest)], resultCount: 2,
            place: PlaceScope.call(file, line))
        return (both[0], both[1])
    }
}
