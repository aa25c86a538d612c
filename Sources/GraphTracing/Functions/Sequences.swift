import GraphIR

// What layers for sequences are made of.

/// Rows of a table [words, size]: for whole numbers of any shape, that shape and the size. An index outside chooses zeros.
public func embedding(
    _ table: Tensor, _ indices: Tensor, file: String = #fileID, line: Int = #line
) -> Tensor {
    Tensor.apply("embedding", [table, indices], place: PlaceScope.call(file, line))
}

/// Scaled dot-product attention: `softmax(q kᵀ · scale) v` for each batch and head.
///
/// `q` is [batch, heads, queries, size], `k` [batch, key heads, keys, size] and `v` [batch, key heads, keys, any size]; the
/// key heads divide the heads, and each serves as many. `causal` hides keys behind the query, both counted from the end.
/// Where `mask`, a bool of [batch or 1, heads or 1, queries, keys], is false, the key is hidden too. A query from which all
/// keys are hidden gets the mean of all values (other libraries give 0 or NaN there). Without a `scale` it is 1/√size.
public func attention(
    _ q: Tensor, _ k: Tensor, _ v: Tensor, mask: Tensor? = nil, causal: Bool = false, scale: Double? = nil,
    file: String = #fileID, line: Int = #line
) -> Tensor {
    Tensor.apply(
        mask == nil ? "attention" : "maskedAttention", [q, k, v] + (mask.map { [$0] } ?? []),
        ["causal": .bool(causal), "scale": .float(scale ?? 0)], place: PlaceScope.call(file, line))
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
