import GraphIR

// What layers for sequences are made of.

/// Rows of a table [words, size]: for whole numbers of any shape, that shape and the size. An index outside chooses zeros.
public func embedding(
    _ table: Tensor, _ indices: Tensor, file: String = #fileID, line: Int = #line
) -> Tensor {
    Tensor.apply("embedding", [table, indices], place: PlaceScope.call(file, line))
}

/// Scaled dot-product attention: `softmax(q kᵀ · scale + bias) v` for each batch and head.
///
/// `q` is [batch, heads, queries, size], `k` [batch, key heads, keys, size] and `v` [batch, key heads, keys, any size]; the
/// key heads divide the heads, and each serves as many. `causal` hides keys behind the query, both counted from the end.
/// Where `mask`, a bool, is false, the key is hidden too, and where `bias` is -∞. A query from which all keys are hidden gets the mean of
/// all values, or of those that only the bias hides (other libraries give 0 or NaN there). `mask` and `bias`, a number that adds to the score, are of [batch, heads, queries, keys], where each
/// size may be 1. Without a `scale` it is 1/√size.
public func attention(
    _ q: Tensor, _ k: Tensor, _ v: Tensor, mask: Tensor? = nil, bias: Tensor? = nil, causal: Bool = false,
    scale: Double? = nil, file: String = #fileID, line: Int = #line
) -> Tensor {
    if let bias {
        let weights = attentionWeights(
            q, k, mask: mask, bias: bias, causal: causal, scale: scale, file: file, line: line)
        return attention(weights: weights, v, file: file, line: line)
    }
    return Tensor.apply(
        mask == nil ? "attention" : "maskedAttention", [q, k, v] + (mask.map { [$0] } ?? []),
        ["causal": .bool(causal), "scale": .float(scale ?? 0)], place: PlaceScope.call(file, line))
}

/// What `attention` mixes values with, [batch, heads, queries, keys]: the sum over keys is 1.
public func attentionWeights(
    _ q: Tensor, _ k: Tensor, mask: Tensor? = nil, bias: Tensor? = nil, causal: Bool = false, scale: Double? = nil,
    file: String = #fileID, line: Int = #line
) -> Tensor {
    // What is no sum's is -0: x + -0 is x, whatever x is.
    let bias = bias ?? Tensor.full(-0.0, TensorType(q.dtype, [1, 1, 1, 1]))
    return Tensor.apply(
        mask == nil ? "attentionWeights" : "maskedAttentionWeights", [q, k, bias] + (mask.map { [$0] } ?? []),
        ["causal": .bool(causal), "scale": .float(scale ?? 0)], place: PlaceScope.call(file, line))
}

/// Values [batch, key heads, keys, any size] mixed with weights [batch, heads, queries, keys], as `attention` does it with those of
/// `attentionWeights`.
public func attention(
    weights: Tensor, _ v: Tensor, file: String = #fileID, line: Int = #line
) -> Tensor {
    let place = PlaceScope.call(file, line)
    return Tensor.catching([weights, v], place: place) {
        guard weights.rank == 4, v.rank == 4, v.dim(0) == weights.dim(0), v.dim(2) == weights.dim(3),
            let heads = weights.dim(1).constant, let shared = v.dim(1).constant, shared > 0, heads % shared == 0
        else {
            throw GraphError(
                "weights \(weights.type) cannot mix values \(v.type)",
                remedy:
                    "weights are [batch, heads, queries, keys], values [batch, key heads, keys, size], and key heads divide heads"
            )
        }
        let shape = [weights.dim(0), Dim(shared), Dim(heads / shared), weights.dim(2), weights.dim(3)]
        let mixed = dot(
            weights.reshaped(to: shape, file: file, line: line), v, contracting: ([4], [2]), batch: ([0, 1], [0, 1]),
            file: file, line: line)
        return mixed.reshaped(to: weights.shape[..<3] + [v.dim(3)], file: file, line: line)
    }
}

/// One step of a long short-term memory: the new output and the new cell.
///
/// `x` is [batch, inputs], `h` and `c` [batch, units], `w` [inputs, 4 units], `u` [units, 4 units] and `b` [4 units], with the
/// input, forget, cell and output gate side by side.
public func lstmCell(
    _ x: Tensor, h: Tensor, c: Tensor, w: Tensor, u: Tensor, b: Tensor, file: String = #fileID, line: Int = #line
) -> (h: Tensor, c: Tensor) {
    let both = Tensor.applyMany(
        "lstmCell", [x, h, c, w, u, b], resultCount: 2, place: PlaceScope.call(file, line))
    return (both[0], both[1])
}

/// One step of a gated recurrent unit, reset after the product: the new output.
///
/// `x` is [batch, inputs], `h` [batch, units], `w` [inputs, 3 units], `u` [units, 3 units], `b` (of `w`) and `d` (of `u`)
/// [3 units], with the update gate, the reset gate and the candidate side by side.
public func gruCell(
    _ x: Tensor, h: Tensor, w: Tensor, u: Tensor, b: Tensor, d: Tensor, file: String = #fileID, line: Int = #line
) -> Tensor {
    Tensor.apply("gruCell", [x, h, w, u, b, d], place: PlaceScope.call(file, line))
}
