import GraphIR
import GraphTracing

/// Where a transformer block normalizes.
public enum NormPosition: String, Sendable, Hashable, CaseIterable {
    /// What goes into attention and feed-forward layers: `x + f(norm(x))`.
    case before
    /// What comes out of the sums: `norm(x + f(x))`.
    case after
}

/// Two dense layers on every step, the first wider and with an activation.
public struct FeedForward: ScopedLayer {
    /// The size between the layers.
    public let units: Int
    /// Applied between the layers.
    public let activation: Activation
    /// To the wider size.
    public let expand: Projection
    /// Back to the size of the input.
    public let contract: Projection
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes the layers.
    public init(
        units: Int, activation: Activation = .gelu, kernelInitializer: Initializer = .glorotUniform,
        file: String = #fileID, line: Int = #line
    ) {
        self.units = units
        self.activation = activation
        expand = Projection(useBias: true, initializer: kernelInitializer, file: file, line: line)
        contract = Projection(useBias: true, initializer: kernelInitializer, file: file, line: line)
        scope = LayerScope("FeedForward", file: file, line: line)
    }

    /// The result, of the input's size.
    public func apply(_ input: Tensor) -> Tensor {
        guard let features = input.dim(-1).constant, !input.isFailed else {
            return .needsConstantAxis("FeedForward", -1, input)
        }
        return contract(activation(expand(input, units: units)), units: features)
    }
}

/// One layer of a transformer's encoder (or, if causal, of a decoder without memory): attention to itself, then a
/// feed-forward layer, each with dropout, around which the input is added (Vaswani et al., 2017).
public struct TransformerEncoder: ScopedLayer {
    /// Whether attention and the feed-forward layer are normalized before or after.
    public let norm: NormPosition
    /// The sequence's attention to itself.
    public let attention: MultiHeadAttention
    /// The feed-forward layer, the same for every step.
    public let feedForward: FeedForward
    /// Normalizes for attention.
    public let attentionNorm: LayerNorm
    /// Normalizes for the feed-forward layer.
    public let feedForwardNorm: LayerNorm
    /// The dropout of what both add to the sequence.
    public let dropout: Dropout
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer of `heads` heads of `size` and a feed-forward layer of `units`. `dropout` is of what attention and the
    /// feed-forward layer add, `attentionDropout` of attention's weights.
    public init(
        heads: Int, size: Int, units: Int, keyHeads: Int? = nil, isCausal: Bool = false, rotary: Rotary? = nil,
        norm: NormPosition = .before, activation: Activation = .gelu, dropout: Double = 0,
        attentionDropout: Double = 0, epsilon: Double = 1e-5, file: String = #fileID, line: Int = #line
    ) {
        self.norm = norm
        attention = MultiHeadAttention(
            heads: heads, size: size, keyHeads: keyHeads, isCausal: isCausal, rotary: rotary,
            dropout: attentionDropout, file: file, line: line)
        feedForward = FeedForward(units: units, activation: activation, file: file, line: line)
        attentionNorm = LayerNorm(epsilon: epsilon, file: file, line: line)
        feedForwardNorm = LayerNorm(epsilon: epsilon, file: file, line: line)
        self.dropout = Dropout(rate: dropout, file: file, line: line)
        scope = LayerScope("TransformerEncoder", file: file, line: line)
    }

    /// The sequence [batch, time, features], each step in the light of the others.
    public func apply(_ input: Tensor) -> Tensor { encode(input) { attention.attend($0, to: $0) } }

    /// The same, where steps that `mask` (as of `MultiHeadAttention`) hides are not looked at.
    public func callAsFunction(
        _ input: Tensor, mask: Tensor?, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        scope.call(file: file, line: line) { encode(input) { attention.attend($0, to: $0, mask: mask) } }
    }

    /// The same with a bias of attention's scores, [batch, heads, time, time], where each size may be 1.
    public func callAsFunction(
        _ input: Tensor, mask: Tensor? = nil, bias: Tensor?, file: String = #fileID, line: Int = #line
    ) -> Tensor {
        scope.call(file: file, line: line) {
            encode(input) { attention.attend($0, to: $0, mask: mask, bias: bias) }
        }
    }

    /// The layer, with attention as `attend` computes it.
    func encode(_ input: Tensor, _ attend: (Tensor) -> Tensor) -> Tensor {
        let attended = norm.around(input, attentionNorm) { dropout.apply(attend($0)) }
        return norm.around(attended, feedForwardNorm) { dropout.apply(feedForward.apply($0)) }
    }
}

/// One layer of a transformer's decoder: causal attention to itself, attention to a memory, then a feed-forward layer, each
/// with dropout, around which the input is added (Vaswani et al., 2017).
public struct TransformerDecoder: Sendable {
    /// Whether attention and the feed-forward layer are normalized before or after.
    public let norm: NormPosition
    /// The sequence's causal attention to itself.
    public let attention: MultiHeadAttention
    /// The sequence's attention to the memory.
    public let memoryAttention: MultiHeadAttention
    /// The feed-forward layer, the same for every step.
    public let feedForward: FeedForward
    /// Normalizes for attention to itself.
    public let attentionNorm: LayerNorm
    /// Normalizes for attention to the memory.
    public let memoryNorm: LayerNorm
    /// Normalizes for the feed-forward layer.
    public let feedForwardNorm: LayerNorm
    /// The dropout of what all three add to the sequence.
    public let dropout: Dropout
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer of `heads` heads of `size` and a feed-forward layer of `units`. `dropout` is of what attention and the
    /// feed-forward layer add, `attentionDropout` of attention's weights.
    public init(
        heads: Int, size: Int, units: Int, keyHeads: Int? = nil, rotary: Rotary? = nil,
        norm: NormPosition = .before, activation: Activation = .gelu, dropout: Double = 0,
        attentionDropout: Double = 0, epsilon: Double = 1e-5, file: String = #fileID, line: Int = #line
    ) {
        self.norm = norm
        attention = MultiHeadAttention(
            heads: heads, size: size, keyHeads: keyHeads, isCausal: true, rotary: rotary, dropout: attentionDropout,
            file: file, line: line)
        memoryAttention = MultiHeadAttention(
            heads: heads, size: size, keyHeads: keyHeads, dropout: attentionDropout, file: file, line: line)
        feedForward = FeedForward(units: units, activation: activation, file: file, line: line)
        attentionNorm = LayerNorm(epsilon: epsilon, file: file, line: line)
        memoryNorm = LayerNorm(epsilon: epsilon, file: file, line: line)
        feedForwardNorm = LayerNorm(epsilon: epsilon, file: file, line: line)
        self.dropout = Dropout(rate: dropout, file: file, line: line)
        scope = LayerScope("TransformerDecoder", file: file, line: line)
    }

    /// The sequence [batch, time, features] in the light of what comes before and of the memory; masks are those of
    /// `MultiHeadAttention`, `bias` is that of attention to itself.
    public func callAsFunction(
        _ input: Tensor, memory: Tensor, mask: Tensor? = nil, memoryMask: Tensor? = nil, bias: Tensor? = nil,
        file: String = #fileID, line: Int = #line
    ) -> Tensor {
        scope.call(file: file, line: line) {
            decode(input, memory: memory, memoryMask: memoryMask) {
                attention.attend($0, to: $0, mask: mask, bias: bias)
            }
        }
    }

    /// The layer, with attention to itself as `attend` computes it.
    func decode(_ input: Tensor, memory: Tensor, memoryMask: Tensor?, _ attend: (Tensor) -> Tensor) -> Tensor {
        let attended = norm.around(input, attentionNorm) { dropout.apply(attend($0)) }
        let informed = norm.around(attended, memoryNorm) { x in
            dropout.apply(memoryAttention.attend(x, to: memory, mask: memoryMask))
        }
        return norm.around(informed, feedForwardNorm) { dropout.apply(feedForward.apply($0)) }
    }
}

extension NormPosition {
    /// The input plus what `body` makes of it, normalized at this place.
    fileprivate func around(_ input: Tensor, _ layer: LayerNorm, _ body: (Tensor) -> Tensor) -> Tensor {
        switch self {
        case .before: input + body(layer.apply(input))
        case .after: layer.apply(input + body(input))
        }
    }
}
