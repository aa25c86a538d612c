import GraphIR
import HostTensors

// Reading and writing where a tensor of whole numbers says.

/// The elements of `x` at positions along an axis: the axes of `indices` take the axis' place, so rows of an embedding
/// table [words, size] chosen by [batch, time] are [batch, time, size].
///
/// The first `batchAxes` axes of `x` and `indices` go together. An index outside, a negative one too, chooses zeros.
public func gather(
    _ x: Tensor, _ indices: Tensor, axis: Int = 0, batchAxes: Int = 0, file: String = #fileID, line: Int = #line
) -> Tensor {
    Tensor.apply(
        "gather", [x, indices], ["axis": .int(axis < 0 ? axis + x.rank : axis), "batch": .int(batchAxes)],
        place: PlaceScope.call(file, line))
}

/// `x` with `updates` added at positions along an axis; `updates` has the shape of `gather(x, indices, …)`.
///
/// Several updates of one element are added in their order, so the result is always the same. An index outside adds
/// nothing.
public func scatterAdd(
    _ x: Tensor, _ indices: Tensor, _ updates: Tensor, axis: Int = 0, batchAxes: Int = 0, file: String = #fileID,
    line: Int = #line
) -> Tensor {
    Tensor.apply(
        "scatter", [x, indices, updates],
        ["axis": .int(axis < 0 ? axis + x.rank : axis), "batch": .int(batchAxes)], place: PlaceScope.call(file, line))
}

/// The elements along an axis that `indices`, which agrees with `x` in all other axes, says for each place: what
/// `argmax`, `argsorted` and `topK` give, read back.
public func takeAlong(
    _ x: Tensor, _ indices: Tensor, axis: Int = -1, file: String = #fileID, line: Int = #line
) -> Tensor {
    let place = PlaceScope.call(file, line)
    return Tensor.catching([x, indices], place: place) {
        let at = axis < 0 ? axis + x.rank : axis
        guard x.shape.indices.contains(at), indices.rank == x.rank else {
            throw GraphError(
                "takeAlong: \(x.type) along axis \(axis) by \(indices.type)",
                remedy: "both must have the same axes, but for the size of the one")
        }
        // The axis goes last, where all others are batch axes.
        let order = x.shape.indices.filter { $0 != at } + [at]
        func moved(_ tensor: Tensor, _ order: [Int]) -> Tensor {
            order == Array(order.indices)
                ? tensor : Tensor.apply("transpose", [tensor], ["permutation": .ints(order)], place: place)
        }
        let taken = Tensor.apply(
            "gather", [moved(x, order), moved(indices, order)],
            ["axis": .int(x.rank - 1), "batch": .int(x.rank - 1)], place: place)
        return moved(taken, order.indices.map { order.firstIndex(of: $0) ?? $0 })
    }
}

/// The block of `sizes` that begins where the elements of `starts` (whole numbers, one an axis) say, moved so that it
/// lies inside.
public func dynamicSlice(
    _ x: Tensor, starts: Tensor, sizes: [Dim], file: String = #fileID, line: Int = #line
) -> Tensor {
    Tensor.apply("dynamicSlice", [x, starts], ["sizes": .dims(sizes)], place: PlaceScope.call(file, line))
}

/// `x` with `update` in place of the block that begins where the elements of `starts` (whole numbers, one an axis) say,
/// moved so that it lies inside.
public func dynamicUpdateSlice(
    _ x: Tensor, _ update: Tensor, starts: Tensor, file: String = #fileID, line: Int = #line
) -> Tensor {
    Tensor.apply("dynamicUpdateSlice", [x, update, starts], place: PlaceScope.call(file, line))
}
