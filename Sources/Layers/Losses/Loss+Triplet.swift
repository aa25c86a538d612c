import GraphIR
import GraphTracing

/// `max(0, ‖a - p‖ - ‖a - n‖ + margin)` along the last axis: an anchor shall be nearer to what belongs to it than to what
/// does not.
public func tripletLoss(
    anchor: Tensor, positive: Tensor, negative: Tensor, margin: Double = 1, file: String = #fileID,
    line: Int = #line
) -> Tensor {
    PlaceScope.withoutLines {
        for other in [positive, negative] {
            if let misfit = Tensor.labelMisfit("tripletLoss", outputs: anchor, labels: other) { return misfit }
        }
        return maximum(distance(anchor, positive) - distance(anchor, negative) + margin, 0)
    }
}

extension Loss {
    /// Triplet loss of embeddings [B, n] with labels `i32[B]`, over the hardest triplets of the batch: for each example
    /// the farthest of its label and the nearest of another (Hermans et al., 2017).
    ///
    /// `max(0, d⁺ - d⁻ + margin)`; 0 for examples that lack the one or the other.
    public static func triplet(margin: Double = 1) -> Loss {
        builtIn("triplet", outputName: "embedding", labels: classIndices) { embeddings, labels in
            let misfit = Tensor.labelMisfit("triplet", outputs: embeddings, labels: labels) {
                Array($0.shape.prefix(1))
            }
            if let misfit { return misfit }
            let size = embeddings.dim(0)
            let distances = distance(embeddings.expanded(at: 1), embeddings.expanded(at: 0))
            let isSame = labels.expanded(at: 1) .== labels.expanded(at: 0)
            let isSelf = Tensor.iota(axis: 0, shape: [size, size]) .== Tensor.iota(axis: 1, shape: [size, size])
            let isPositive = isSame .& .!isSelf
            let far = 1e30
            let farthest = select(isPositive, distances, Tensor.full(-far, distances.type)).max(axes: [1])
            let nearest = select(isSame, Tensor.full(far, distances.type), distances).min(axes: [1])
            let hasBoth = (farthest .> -far) .& (nearest .< far)
            let loss = maximum(farthest - nearest + margin, 0)
            return select(hasBoth, loss, Tensor.zeros(loss.type))
        }
    }
}

/// The Euclidean distance along the last axis; its derivative at 0 is 0.
private func distance(_ x: Tensor, _ y: Tensor) -> Tensor {
    let difference = x - y
    let squares = (difference * difference).sum(axes: [-1])
    let isZero = squares .== 0
    let root = sqrt(select(isZero, Tensor.full(1, squares.type), squares))
    return select(isZero, Tensor.zeros(squares.type), root)
}
