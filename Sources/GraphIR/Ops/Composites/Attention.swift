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
        "maskedAttention", attentionSummary + maskSummary, "softmax(mask ? q kᵀ · scale : -∞) v",
        operands: ["q", "k", "v", "mask"], attributes: attentionAttributes,
        infer: { input in
            let result = try inferAttention(input)
            try input.requireAttentionMask(3)
            return [result]
        }, flops: attentionFlops
    ) { [try attention(&$0, $1, mask: $1.operands[3])] },
    .composite(
        "attentionWeights", weightsSummary, "softmax(q kᵀ · scale + bias)", operands: ["q", "k", "bias"],
        attributes: attentionAttributes, infer: { [try inferAttentionWeights($0)] }, flops: attentionWeightsFlops
    ) { [try attentionWeights(&$0, $1, mask: nil)] },
    .composite(
        "maskedAttentionWeights", weightsSummary + maskSummary, "softmax(mask ? q kᵀ · scale + bias : -∞)",
        operands: ["q", "k", "bias", "mask"], attributes: attentionAttributes,
        infer: { input in
            let result = try inferAttentionWeights(input)
            try input.requireAttentionMask(3)
            return [result]
        }, flops: attentionWeightsFlops
    ) { [try attentionWeights(&$0, $1, mask: $1.operands[3])] },
]

private let maskSummary =
    " Keys are also hidden where `mask`, a bool of [batch, heads, queries, keys], is false; each of its sizes may be 1."
private let weightsSummary =
    "What `attention` mixes values with, [batch, heads, queries, keys], where `bias` is added to the scores; each of its four "
    + "sizes is the result's or 1. A bias of -∞ hides a key as -10²⁹ does."

@Sendable
private func attentionFlops(_ operands: [TensorType], _ results: [TensorType], _ attributes: Attributes) -> Dim {
    guard operands[0].rank == 4, operands[1].rank == 4 else { return 0 }
    return results[0].count * operands[1].shape[2] * 4
}

@Sendable
private func attentionWeightsFlops(_ operands: [TensorType], _ results: [TensorType], _ attributes: Attributes) -> Dim {
    operands[0].rank == 4 ? results[0].count * operands[0].shape[3] * 2 : 0
}

private func inferAttention(_ input: InferenceInput) throws -> TensorType {
    try input.requireHeads(["q", "k", "v"])
    let (q, k, v) = (input.type(0), input.type(1), input.type(2))
    guard k.shape[0] == q.shape[0], v.shape[0] == q.shape[0], k.shape[3] == q.shape[3], k.shape[1] == v.shape[1],
        k.shape[2] == v.shape[2]
    else {
        throw input.failure(
            "q \(q), k \(k) and v \(v) do not fit",
            remedy: "batches agree, k has the size of q, and v the heads and keys of k")
    }
    try input.requireSharedHeads()
    return TensorType(q.dtype, [q.shape[0], q.shape[1], q.shape[2], v.shape[3]])
}

private func inferAttentionWeights(_ input: InferenceInput) throws -> TensorType {
    try input.requireHeads(["q", "k", "bias"])
    let (q, k, bias) = (input.type(0), input.type(1), input.type(2))
    guard k.shape[0] == q.shape[0], k.shape[3] == q.shape[3] else {
        throw input.failure("q \(q) and k \(k) do not fit", remedy: "batches agree, and k has the size of q")
    }
    try input.requireSharedHeads()
    let result = TensorType(q.dtype, [q.shape[0], q.shape[1], q.shape[2], k.shape[2]])
    guard zip(bias.shape, result.shape).allSatisfy({ $0 == 1 || $0 == $1 }) else {
        throw input.failure("bias must be \(result), where each size may be 1, got \(bias)")
    }
    return result
}

extension InferenceInput {
    /// Operands of one floating-point type with four axes.
    fileprivate func requireHeads(_ names: [String]) throws {
        try require(.floats, of: 0, named: names[0])
        for (at, name) in names.enumerated() {
            try requireSameDType((0, names[0]), (at, name))
            try requireRank(4, of: at, named: name)
        }
    }

    /// Heads of `q` that fall to those of `k`, and lengths that say what is behind a query if that matters.
    fileprivate func requireSharedHeads() throws {
        let (q, k) = (type(0), type(1))
        guard let heads = q.shape[1].constant, let shared = k.shape[1].constant, shared > 0, heads % shared == 0 else {
            throw failure("the \(k.shape[1]) heads of k must divide the \(q.shape[1]) heads of q")
        }
        if bool("causal"), (k.shape[2] - q.shape[2]).constant == nil {
            throw failure("\(q.shape[2]) queries and \(k.shape[2]) keys must differ by a constant to be causal")
        }
    }

    /// A mask for the scores of operands 0 and 1.
    fileprivate func requireAttentionMask(_ at: Int) throws {
        let (q, mask) = (type(0), type(at))
        let full = TensorType(.bool, [q.shape[0], q.shape[1], q.shape[2], type(1).shape[2]])
        guard mask.dtype == .bool, mask.rank == 4, zip(mask.shape, full.shape).allSatisfy({ $0 == 1 || $0 == $1 })
        else {
            throw failure("mask must be \(full), where each size may be 1, got \(mask)")
        }
    }
}

private func attention(_ builder: inout FunctionBuilder, _ op: GraphOp, mask: ValueID?) throws -> ValueID {
    let shape = builder.type(op.operands[0]).shape
    let weights = try sharedWeights(&builder, op, bias: nil, mask: mask)
    let v = op.operands[2]
    let mixed = try builder.dot(weights, v, contract: ([4], [2]), batch: ([0, 1], [0, 1]))
    return try builder.reshape(mixed, [shape[0], shape[1], shape[2], builder.type(v).shape[3]])
}

private func attentionWeights(_ builder: inout FunctionBuilder, _ op: GraphOp, mask: ValueID?) throws -> ValueID {
    let shape = builder.type(op.operands[0]).shape
    let weights = try sharedWeights(&builder, op, bias: op.operands[2], mask: mask)
    return try builder.reshape(weights, [shape[0], shape[1], shape[2], builder.type(op.operands[1]).shape[2]])
}

/// Weights [batch, key heads, heads of one, queries, keys] of operands 0 and 1.
private func sharedWeights(
    _ builder: inout FunctionBuilder, _ op: GraphOp, bias: ValueID?, mask: ValueID?
) throws -> ValueID {
    let (q, k) = (op.operands[0], op.operands[1])
    let (type, keys) = (builder.type(q), builder.type(k).shape)
    let heads = type.shape[1].constant ?? 1
    let shared = keys[1].constant ?? 1
    let apart = try builder.reshape(
        q, [type.shape[0], Dim(shared), Dim(heads / shared), type.shape[2], type.shape[3]])
    let scale = op.attributes.float("scale")
    let factor = scale != 0 ? scale : 1 / Double(type.shape[3].constant ?? 1).squareRoot()
    var scores = try builder.dot(
        builder.scaled(apart, by: factor), k, contract: ([4], [3]), batch: ([0, 1], [0, 1]))
    let shape = builder.type(scores).shape
    /// What is given for [batch, heads, queries, keys], repeated where sizes are 1.
    func spread(_ given: ValueID, _ builder: inout FunctionBuilder) throws -> ValueID {
        let sizes = builder.type(given).shape
        var (view, axes): ([Dim], [Int]) = ([], [])
        if sizes[0] == shape[0] { (view, axes) = ([sizes[0]], [0]) }
        if sizes[1] != 1 || heads == 1 { (view, axes) = (view + [Dim(shared), Dim(heads / shared)], axes + [1, 2]) }
        for (at, axis) in [(2, 3), (3, 4)] where sizes[at] == shape[axis] {
            (view, axes) = (view + [sizes[at]], axes + [axis])
        }
        return try builder.broadcast(builder.reshape(given, view), axes: axes, shape: shape)
    }
    // Far below any score, and finite: a query that may see no key sees all alike.
    let least = type.dtype == .f16 ? -6e4 : -1e30
    if let bias {
        // What a bias of -∞ hides counts more than what a mask does, and passes no gradient on.
        let floor = least * (type.dtype == .f16 ? 0.5 : 0.1)
        let isHidden = try builder.compare("lessEqual", bias, builder.splat(floor, like: bias))
        let biased = try builder.add(scores, spread(bias, &builder))
        scores = try builder.select(spread(isHidden, &builder), builder.splat(floor, like: scores), biased)
    }
    var allowed: ValueID?
    if op.attributes.bool("causal") {
        let offset = (keys[2] - type.shape[2]).constant ?? 0
        let query = try builder.iota(axis: 3, shape: shape, dtype: .i32)
        let key = try builder.iota(axis: 4, shape: shape, dtype: .i32)
        allowed = try builder.compare("lessEqual", key, builder.add(query, builder.splat(Double(offset), like: query)))
    }
    if let mask {
        let spread = try spread(mask, &builder)
        allowed = try allowed.map { try builder.binary("and", $0, spread) } ?? spread
    }
    if let allowed {
        scores = try builder.select(allowed, scores, builder.splat(least, like: scores))
    }
    return try builder.emit1("softmax", scores, attributes: ["axis": .int(4)])
}
