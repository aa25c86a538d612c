import GraphIR
import GraphTracing
import HostTensors

/// Values mixed by how well keys fit queries, in several heads side by side (Vaswani et al., 2017).
///
/// Sequences are [batch, time, features]. `query` is [features, heads · size], `key` and `value` [features, keyHeads · size],
/// `output` [heads · size, outputs]; head h takes the columns h · size on. With fewer key heads than heads, as many
/// queries share a key and a value (Ainslie et al., 2023).
public struct MultiHeadAttention: ScopedLayer {
    /// The number of heads.
    public let heads: Int
    /// The number of heads of keys and values; it divides `heads`.
    public let keyHeads: Int
    /// The size of a head.
    public let size: Int
    /// The size of the result; that of the queries' features if nil.
    public let outputs: Int?
    /// Whether a query sees nothing behind it.
    public let isCausal: Bool
    /// How positions turn queries and keys, if they do.
    public let rotary: Rotary?
    /// The share of weights that training sets to 0; the others grow, so that their mean stays.
    public let dropout: Dropout
    /// What queries are made with.
    public let query: Projection
    /// What keys are made with.
    public let key: Projection
    /// What values are made with.
    public let value: Projection
    /// What the heads' results are mixed with.
    public let output: Projection
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer of `heads` heads of `size`.
    public init(
        heads: Int, size: Int, keyHeads: Int? = nil, outputs: Int? = nil, isCausal: Bool = false,
        rotary: Rotary? = nil, useBias: Bool = true, dropout: Double = 0,
        kernelInitializer: Initializer = .glorotUniform, file: String = #fileID, line: Int = #line
    ) {
        self.heads = heads
        self.keyHeads = keyHeads ?? heads
        self.size = size
        self.outputs = outputs
        self.isCausal = isCausal
        self.rotary = rotary
        self.dropout = Dropout(rate: dropout, file: file, line: line)
        func projection() -> Projection {
            Projection(useBias: useBias, initializer: kernelInitializer, file: file, line: line)
        }
        (query, key, value, output) = (projection(), projection(), projection(), projection())
        scope = LayerScope("MultiHeadAttention", file: file, line: line)
    }

    /// Every step of the sequence attends to all of it (or, if causal, to what comes before and itself).
    public func apply(_ input: Tensor) -> Tensor { attend(input, to: input) }

    /// Every step of `queries` attends to `memory`; `mask`, a bool of [batch, heads, queries, keys], where each size may be 1, or of
    /// [batch, keys], is false where it must not look. `bias`, of [batch, heads, queries, keys] too, adds to the scores.
    public func callAsFunction(
        _ queries: Tensor, memory: Tensor, mask: Tensor? = nil, bias: Tensor? = nil, file: String = #fileID,
        line: Int = #line
    ) -> Tensor {
        scope.call(file: file, line: line) { attend(queries, to: memory, mask: mask, bias: bias) }
    }

    /// Every step of the sequence attends to all of it that the mask allows; to all alike where it allows nothing.
    public func callAsFunction(
        _ input: Tensor, mask: Tensor?, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        scope.call(file: file, line: line) { attend(input, to: input, mask: mask) }
    }

    /// The same with a bias, such as a `PositionBias` makes.
    public func callAsFunction(
        _ input: Tensor, mask: Tensor? = nil, bias: Tensor?, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        scope.call(file: file, line: line) { attend(input, to: input, mask: mask, bias: bias) }
    }

    /// The same, inside a layer that has its own place.
    func attend(_ queries: Tensor, to memory: Tensor, mask: Tensor? = nil, bias: Tensor? = nil) -> Tensor {
        attend(queries, to: memory, bias: bias, position: nil) { keys, values in
            (keys, values, mask.map { spread($0, queries, keys: keys) })
        }
    }

    /// The same, where `seen` decides what queries from `position` on look at: keys, values and a mask. With a position, the mask
    /// says what is causal.
    func attend(
        _ queries: Tensor, to memory: Tensor, bias: Tensor?, position: Tensor?,
        seen: (_ keys: Tensor, _ values: Tensor) -> (keys: Tensor, values: Tensor, mask: Tensor?)
    ) -> Tensor {
        for tensor in [queries, memory] where tensor.isFailed { return tensor }
        let sizes: KeyValuePairs = [
            "heads": [heads], "keyHeads": [keyHeads], "size": [size], "outputs": [outputs ?? 1],
        ]
        if let failed = Tensor.tooSmall("MultiHeadAttention", sizes) { return failed }
        guard queries.rank == 3, memory.rank == 3, let features = queries.dim(-1).constant, queries.dtype.isFloat,
            heads % keyHeads == 0
        else {
            return Tensor(
                failure: GraphError(
                    "MultiHeadAttention of \(heads) heads (\(keyHeads) of keys) needs floating-point sequences [batch, "
                        + "time, features], got \(queries.type) and \(memory.type)",
                    place: PlaceScope.current?.description,
                    remedy: "the number of heads of keys must divide that of heads"))
        }
        var q = split(query(queries, units: heads * size), heads)
        var k = split(key(memory, units: keyHeads * size), keyHeads)
        let v = split(value(memory, units: keyHeads * size), keyHeads)
        if let rotary { (q, k) = (rotary(q, from: position), rotary(k, from: position)) }
        let (keys, values, mask) = seen(k, v)
        let mixed = mixed(q, keys, values, mask: mask, bias: bias, causal: isCausal && position == nil)
        if mixed.isFailed { return mixed }
        let joined = mixed.transposed([0, 2, 1, 3])
            .reshaped(to: [queries.dim(0), queries.dim(1), Dim(heads * size)])
        return output(joined, units: outputs ?? features)
    }

    /// Attention, with dropout of its weights in training.
    private func mixed(
        _ q: Tensor, _ keys: Tensor, _ values: Tensor, mask: Tensor?, bias: Tensor?, causal: Bool
    ) -> Tensor {
        if dropout.rate == 0 || Phase.current == .inference {
            return attention(q, keys, values, mask: mask, bias: bias, causal: causal)
        }
        let weights = attentionWeights(q, keys, mask: mask, bias: bias, causal: causal)
        return attention(weights: dropout.apply(weights), values)
    }

    /// [batch, time, heads · size] as [batch, heads, time, size].
    private func split(_ x: Tensor, _ heads: Int) -> Tensor {
        if x.isFailed { return x }
        return x.reshaped(to: [x.dim(0), x.dim(1), Dim(heads), Dim(size)]).transposed([0, 2, 1, 3])
    }

    /// A mask of [batch, keys] for all heads and queries; `keys` are [batch, key heads, keys, size].
    func spread(_ mask: Tensor, _ queries: Tensor, keys: Tensor) -> Tensor {
        if mask.isFailed || mask.rank == 4 { return mask }
        if keys.isFailed { return keys }
        let wanted = TensorType(.bool, [keys.dim(0), keys.dim(2)])
        guard mask.type == wanted else {
            return Tensor(
                failure: GraphError(
                    "MultiHeadAttention to \(keys.dim(2)) keys needs a mask \(wanted) or of [batch, heads, queries, keys], got "
                        + "\(mask.type)", place: PlaceScope.current?.description,
                    remedy: mask.dtype == .bool
                        ? "give a truth value for each key" : "compare it with a number: mask .> 0"))
        }
        return mask.reshaped(to: [mask.dim(0), 1, 1, mask.dim(1)])
            .broadcast(to: [mask.dim(0), 1, queries.dim(1), mask.dim(1)])
    }
}
