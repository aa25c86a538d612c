import GraphIR
import GraphTracing

let attentionOperators: [OperatorDefinition] = [
    rows(
        "Attention", since: 23,
        [
            "is_causal", "kv_num_heads", "left_window_size", "q_num_heads", "qk_matmul_output_mode",
            "right_window_size", "scale", "softcap", "softmax_precision",
        ]
    ) { try Attention($0).outputs() },
    row("RotaryEmbedding", since: 23, ["interleaved", "num_heads", "rotary_embedding_dim"]) { node in
        let given = try node.x
        let x = given.rank == 3 ? try node.heads(given, "num_heads") : given
        let size = node.int("rotary_embedding_dim", 0)
        guard x.rank == 4, let whole = x.dim(3).constant, size % 2 == 0, (0...whole).contains(size) else {
            throw node.failure("\(size) elements of \(given.type) cannot be turned")
        }
        let turned = size == 0 ? whole : size
        let parts = turned == whole ? [x] : x.split(sizes: [turned, whole - turned], axis: 3)
        // [batch, positions, half] for all heads.
        let caches = try [1, 2].map { at in
            let cache = try node.tensor(at)
            let chosen = node.optional(3).map { gather(cache, $0.tensor, axis: 0) } ?? cache
            return chosen.expanded(at: 1)
        }
        let half = Dim(turned / 2)
        var pair = [x, x]
        if node.bool("interleaved") {
            pair = parts[0].reshaped(to: x.shape[..<3] + [half, 2]).split(count: 2, axis: 4).map { $0.squeezed(at: 4) }
        } else {
            pair = parts[0].split(count: 2, axis: 3)
        }
        let real = caches[0] * pair[0] - caches[1] * pair[1]
        let imaginary = caches[1] * pair[0] + caches[0] * pair[1]
        let both =
            node.bool("interleaved")
            ? stack([real, imaginary], axis: 4).reshaped(to: x.shape[..<3] + [Dim(turned)])
            : concat([real, imaginary], axis: 3)
        let result = parts.count == 1 ? both : concat([both, parts[1]], axis: 3)
        return given.rank == 3 ? result.transposed([0, 2, 1, 3]).reshaped(to: given.shape) : result
    },
]

extension Node {
    /// [batch, positions, heads · size] as [batch, heads, positions, size].
    fileprivate func heads(_ x: Tensor, _ attribute: String) throws -> Tensor {
        let count = int(attribute, 0)
        guard count >= 1, let size = x.dim(2).dividedExactly(by: Dim(count)) else {
            throw failure(
                "\(x.type) does not fall into \(count) heads", remedy: "attribute '\(attribute)' says how many")
        }
        return x.reshaped(to: [x.dim(0), x.dim(1), Dim(count), size]).transposed([0, 2, 1, 3])
    }
}

/// Queries, keys and values as [batch, heads, positions, size], and what hides keys.
private struct Attention {
    let node: Node
    let q: Tensor
    let k: Tensor
    let v: Tensor
    /// How many heads of `q` share one of the keys.
    let share: Int
    /// The number of keys that come before those of this call.
    let past: Dim
    /// Adds to the scores; of any rank up to 4.
    let mask: Tensor?

    init(_ node: Node) throws {
        let given = try (0..<3).map { try node.tensor($0) }
        let isFlat = given.allSatisfy { $0.rank == 3 }
        guard isFlat || given.allSatisfy({ $0.rank == 4 }) else {
            throw node.failure("\(given.map(\.type)) must all have three or all four axes")
        }
        let parts = try zip(given, ["q_num_heads", "kv_num_heads", "kv_num_heads"]).map {
            isFlat ? try node.heads($0, $1) : $0
        }
        func joined(_ at: Int, _ new: Tensor) -> Tensor {
            node.optional(at).map { concat([$0.tensor, new], axis: 2) } ?? new
        }
        (self.node, q, k, v) = (node, parts[0], joined(4, parts[1]), joined(5, parts[2]))
        try node.check([q, k, v])
        past = k.dim(2) - parts[1].dim(2)
        guard let heads = q.dim(1).constant, let keyHeads = k.dim(1).constant, heads % keyHeads == 0 else {
            throw node.failure("the heads of \(k.type) do not divide those of \(q.type)")
        }
        share = heads / keyHeads
        var mask = node.optional(3)?.tensor
        if let given = mask, let last = given.shape.last, last != k.dim(2), let missing = (k.dim(2) - last).constant,
            missing > 0
        {
            let high = given.shape.indices.map { $0 == given.rank - 1 ? missing : 0 }
            let hidden = given.dtype == .bool ? 0 : -Double.infinity
            mask = Tensor.apply(
                "pad", [given, .scalar(hidden, dtype: given.dtype)],
                ["low": .ints(high.map { _ in 0 }), "high": .ints(high), "interior": .ints(high.map { _ in 0 })])
        }
        self.mask = mask
    }

    /// The values mixed, all keys and values, and the scores.
    func outputs() throws -> [Tensor] {
        let scale = node.attributes["scale"] == nil ? q.dim(3).constant.map { 1 / Double($0).squareRoot() } : nil
        let factor = scale ?? node.float("scale", 1)
        let keys = share == 1 ? k : k.repeated(share, axis: 1)
        let values = share == 1 ? v : v.repeated(share, axis: 1)
        let softcap = node.float("softcap", 0)
        let hidden = allowed()
        let isPlain = softcap == 0 && !node.gives(3) && (mask == nil || mask?.dtype == .bool)
        let mixed: Tensor
        var scores: Tensor?
        if isPlain, q.dtype == .f32 || q.dtype == .f64 {
            guard let shown = all([mask, hidden].compactMap { $0 }) else {
                return finished(attention(q, k, v, scale: factor), nil)
            }
            try node.check([shown])
            let lead = Array(repeating: Dim(1), count: max(4 - shown.rank, 0))
            let full = shown.reshaped(to: lead + shown.shape)
            let whole = full.broadcast(to: full.shape[..<2] + [q.dim(2), k.dim(2)])
            let result = attention(q, k, v, mask: whole, scale: factor)
            // A query that sees nothing gets 0.
            return finished(select(whole.any(axes: [3], keepDims: true), result, .scalar(0, dtype: q.dtype)), nil)
        }
        let root = factor.squareRoot()
        var products = try product(q * root, (keys * root).transposed([0, 1, 3, 2]))
        if softcap > 0 { products = tanh(products / softcap) * softcap }
        var bias = mask.map { $0.dtype == .bool ? select($0, .scalar(0, dtype: q.dtype), least) : $0.cast(to: q.dtype) }
        if let hidden {
            bias = select(hidden, bias ?? .scalar(0, dtype: q.dtype), least)
        }
        let biased = bias.map { products + $0 } ?? products
        let precision = try node.dtype("softmax_precision") ?? q.dtype
        var weights = softmax(biased.cast(to: precision), axis: 3)
        if let bias {
            let isNothing = bias.max(axes: [bias.rank - 1], keepDims: true) .== least
            weights = select(isNothing, .scalar(0, dtype: precision), weights)
        }
        weights = weights.cast(to: q.dtype)
        mixed = try product(weights, values)
        switch node.int("qk_matmul_output_mode", 0) {
        case 2: scores = biased
        case 3: scores = weights
        default: scores = products
        }
        return finished(mixed, scores)
    }

    /// What hides all.
    private var least: Tensor { .scalar(-.infinity, dtype: q.dtype) }

    private func finished(_ mixed: Tensor, _ scores: Tensor?) -> [Tensor] {
        let isFlat = (node.inputs.first??.tensor.rank ?? 4) == 3
        let flat =
            isFlat
            ? mixed.transposed([0, 2, 1, 3]).reshaped(to: [mixed.dim(0), mixed.dim(2), mixed.dim(1) * mixed.dim(3)])
            : mixed
        return [flat, k, v] + (scores.map { [$0] } ?? [])
    }

    /// Where a key may be seen by its position: [queries, keys], or [batch, 1, queries, keys]; nil if all may.
    private func allowed() -> Tensor? {
        let shape: [Dim] = [q.dim(2), k.dim(2)]
        let lengths = node.optional(6)?.tensor.cast(to: .i32).reshaped(to: [q.dim(0), 1, 1, 1])
        let key = Tensor.iota(axis: 1, shape: shape)
        let first = lengths.map { $0 - SizeTensor.count(q.dim(2), dtype: .i32) } ?? SizeTensor.count(past, dtype: .i32)
        let distance = (Tensor.iota(axis: 0, shape: shape) + first) - key
        var conditions: [Tensor] = []
        if node.bool("is_causal") { conditions.append(distance .>= 0) }
        let (left, right) = (node.int("left_window_size", -1), node.int("right_window_size", -1))
        if left >= 0 { conditions.append(distance .<= Double(left)) }
        if right >= 0 { conditions.append(distance .>= Double(-right)) }
        if let lengths { conditions.append(key .< lengths) }
        return all(conditions)
    }

    /// Where all conditions hold; nil if there are none.
    private func all(_ conditions: [Tensor]) -> Tensor? {
        conditions.first.map { first in conditions.dropFirst().reduce(first) { $0 .& $1 } }
    }
}
