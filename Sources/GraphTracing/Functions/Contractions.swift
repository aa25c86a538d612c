import GraphIR

/// The matrix product over the last axis of `x` and the second to last of `y` (the only one of a vector).
///
/// Leading axes are batch axes and must be equal in both; if `y` is a matrix, all leading axes of `x` are rows.
public func matmul(_ x: Tensor, _ y: Tensor, file: String = #fileID, line: Int = #line) -> Tensor {
    let place = PlaceScope.call(file, line)
    return Tensor.catching([x, y], place: place) {
        guard x.rank >= 1, y.rank >= 1, y.rank <= 2 || x.rank == y.rank else {
            throw GraphError(
                "matmul: \(x.type) and \(y.type) do not multiply",
                remedy: "the second must be a vector or matrix, or have as many axes as the first")
        }
        let inner = max(y.rank - 2, 0)
        guard x.shape[x.rank - 1] == y.shape[inner] else {
            throw GraphError(
                "matmul: \(x.type) times \(y.type): the last axis of the first is \(x.shape[x.rank - 1]), "
                    + "axis \(inner) of the second is \(y.shape[inner])", remedy: "they must be equal")
        }
        let batch = y.rank > 2 ? Array(0..<y.rank - 2) : []
        return Tensor.apply(
            "dot", [x, y],
            ["contract": .intLists([[x.rank - 1], [inner]]), "batch": .intLists([batch, batch])], place: place)
    }
}

/// The sum of products over contracted axes; the result has the batch axes, then the free axes of `x`, then of `y`.
public func dot(
    _ x: Tensor, _ y: Tensor, contracting: (x: [Int], y: [Int]), batch: (x: [Int], y: [Int]) = ([], []),
    file: String = #fileID, line: Int = #line
) -> Tensor {
    Tensor.apply(
        "dot", [x, y],
        ["contract": .intLists([contracting.x, contracting.y]), "batch": .intLists([batch.x, batch.y])],
        place: PlaceScope.call(file, line))
}

/// The affine map `x · weight + bias` of the last axis; `weight` is [inputs, units], `bias` is [units].
public func dense(
    _ x: Tensor, _ weight: Tensor, _ bias: Tensor, file: String = #fileID, line: Int = #line
) -> Tensor {
    Tensor.apply("dense", [x, weight, bias], place: PlaceScope.call(file, line))
}
