import HostTensors

private let attentionAttributes = [
    AttributeSchema("causal", .bool, default: .bool(false)), AttributeSchema("scale", .float, default: .float(0)),
]
private let attentionSummary =
    "Values mixed by how well keys fit queries; `q` is [batch, heads, queries, size], `k` and `v` are [batch, key heads, "
    + "keys, size], and so many heads of `q` share one of theirs as there are more. `causal` hides keys behind the query, "
    + "both counted from the end; `scale` 0 is 1/√size."

/// Scaled dot-product attention, and the lookup of rows.
let attentionOps: [OpDefinition] = [
    .composite(
        "embedding", "Rows of a table; an index outside chooses zeros.", "table[indices]",
        operands: ["table", "indices"],
        infer: { input in
            try input.require(.floats, of: 0, named: "table")
            try input.requireRank(2, of: 0, named: "table")
            try input.require(.integers, of: 1, named: "indices")
            return [TensorType(input.type(0).dtype, input.type(1).shape + [input.type(0).shape[1]])]
        }, flopsPerElement: 0
    ) { [try $0.gather($1.operands[0], $1.operands[1], axis: 0)] },
    .composite(
        "attention", attentionSummary, "softmax(q kᵀ · scale) v", operands: ["q", "k", "v"],
        attributes: attentionAttributes, infer: { [try inferAttention($0)] }, flops: attentionFlops
    ) { [try attention(&$0, $1, mask: nil)] },
    .composite(
        "maskedAttention",
        attentionSummary
            + " Keys are also hidden where `mask`, a bool of [batch or 1, heads or 1, queries, keys], is false.",
        "softmax(mask ? q kᵀ · scale : -∞) v", operands: ["q", "k", "v", "mask"], attributes: attentionAttributes,
        infer: { input in
            let result = try inferAttention(input)
            let (q, mask) = (input.type(0), input.type(3))
            let full = TensorType(.bool, [q.shape[0], q.shape[1], q.shape[2], input.type(1).shape[2]])
            let fits =
                mask.dtype == .bool && mask.rank == 4 && mask.shape[2...] == full.shape[2...]
                && (0..<2).allSatisfy { mask.shape[$0] == 1 || mask.shape[$0] == full.shape[$0] }
            guard fits else {
                throw input.failure("mask must be \(full), where batch and heads may be 1, got \(mask)")
            }
            return [result]
        }, flops: attentionFlops
    ) { [try attention(&$0, $1, mask: $1.operands[3])] },
]

@Sendable
private func attentionFlops(_ operands: [TensorType], _ results: [TensorType], _ attributes: Attributes) -> Dim {
    guard operands[0].rank == 4, operands[1].rank == 4 else { return 0 }
    return results[0].count * operands[1].shape[2] * 4
}

private func inferAttention(_ input: InferenceInput) throws -> TensorType {
    let (q, k, v) = (input.type(0), input.type(1), input.type(2))
    try input.require(.floats, of: 0, named: "q")
    for (at, name) in ["q", "k", "v"].enumerated() {
        try input.requireSameDType((0, "q"), (at, name))
        try input.requireRank(4, of: at, named: name)
    }
    guard k.shape[0] == q.shape[0], v.shape[0] == q.shape[0], k.shape[3] == q.shape[3], k.shape[1] == v.shape[1],
        k.shape[2] == v.shape[2]
    else {
        throw input.failure(
            "q \(q), k \(k) and v \(v) do not fit",
            remedy: "batches agree, k has the size of q, and v the heads and keys of k")
    }
    guard let heads = q.shape[1].constant, let shared = k.shape[1].constant, shared > 0, heads % shared == 0 else {
        throw input.failure("the \(k.shape[1]) heads of k must divide the \(q.shape[1]) heads of q")
    }
    if input.bool("causal"), (k.shape[2] - q.shape[2]).constant == nil {
        throw input.failure("\(q.shape[2]) queries and \(k.shape[2]) keys must differ by a constant to be causal")
    }
    return TensorType(q.dtype, [q.shape[0], q.shape[1], q.shape[2], v.shape[3]])
}

private func attention(_ builder: inout FunctionBuilder, _ op: GraphOp, mask: ValueID?) throws -> ValueID {
    let (q, k, v) = (op.operands[0], op.operands[1], op.operands[2])
    let (type, keys) = (builder.type(q), builder.type(k).shape)
    let heads = type.shape[1].constant ?? 1
    let shared = keys[1].constant ?? 1
    // [batch, key heads, heads of one, queries, size]
    let apart = try builder.reshape(
        q, [type.shape[0], Dim(shared), Dim(heads / shared), type.shape[2], type.shape[3]])
    let scale = op.attributes.float("scale")
    let factor = scale != 0 ? scale : 1 / Double(type.shape[3].constant ?? 1).squareRoot()
    var scores = try builder.dot(
        builder.scaled(apart, by: factor), k, contract: ([4], [3]), batch: ([0, 1], [0, 1]))
    let shape = builder.type(scores).shape
    var allowed: ValueID?
    if op.attributes.bool("causal") {
        let offset = (keys[2] - type.shape[2]).constant ?? 0
        let query = try builder.iota(axis: 3, shape: shape, dtype: .i32)
        let key = try builder.iota(axis: 4, shape: shape, dtype: .i32)
        allowed = try builder.compare("lessEqual", key, builder.add(query, builder.splat(Double(offset), like: query)))
    }
    if let mask {
        let given = builder.type(mask).shape
        var (view, axes): ([Dim], [Int]) = ([], [])
        if given[0] == shape[0] { (view, axes) = ([given[0]], [0]) }
        if given[1] != 1 || heads == 1 { (view, axes) = (view + [Dim(shared), Dim(heads / shared)], axes + [1, 2]) }
        let spread = try builder.broadcast(
            builder.reshape(mask, view + given[2...]), axes: axes + [3, 4], shape: shape)
        allowed = try allowed.map { try builder.binary("and", $0, spread) } ?? spread
    }
    if let allowed {
        // Far below any score, and finite: a query that may see no key sees all alike.
        let hidden = try builder.splat(type.dtype == .f16 ? -6e4 : -1e30, like: scores)
        scores = try builder.select(allowed, scores, hidden)
    }
    let weights = try builder.emit1("softmax", scores, attributes: ["axis": .int(4)])
    let mixed = try builder.dot(weights, v, contract: ([4], [2]), batch: ([0, 1], [0, 1]))
    return try builder.reshape(mixed, [type.shape[0], type.shape[1], type.shape[2], builder.type(v).shape[3]])
}
