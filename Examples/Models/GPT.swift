import GraphIR
import GraphTracing
import Layers
import Training

/// A small language model of characters or bytes: embeddings of tokens and positions, blocks of causal attention and
/// feed-forward layers that normalize first, and logits for the token that follows each (Radford et al., 2019).
public struct GPT: Layer {
    let tokens: Embedding
    let positions: Parameter
    let blocks: [TransformerEncoder]
    let norm = LayerNorm()
    let head: Dense

    /// Makes a model of `vocabulary` tokens and texts of `length`; the heads share the width.
    public init(
        vocabulary: Int = 256, width: Int = 256, layers: Int = 4, heads: Int = 4, length: Int = 128,
        dropout: Double = 0
    ) {
        tokens = Embedding(vocabulary: vocabulary, size: width, initializer: .normal(standardDeviation: 0.02))
        positions = Parameter(shape: [length, width], initializer: .normal(standardDeviation: 0.02))
        blocks = (0..<layers).map { _ in
            TransformerEncoder(
                heads: heads, size: width / heads, units: 4 * width, isCausal: true, activation: .geluTanh,
                dropout: dropout)
        }
        head = Dense(units: vocabulary, useBias: false)
    }

    /// The logits [B, length, vocabulary] of the token after each of [B, length].
    public func callAsFunction(_ ids: Tensor) -> Tensor {
        let embedded = scope("embedding") { tokens(ids) + positions.value }
        return head(norm(blocks.reduce(embedded) { $1($0) }))
    }

    /// The model with its training step on texts of `length`: Adam on softmax cross-entropy.
    public static func module(length: Int = 128, name: String = "gpt") throws -> GraphModule {
        try TrainingModule.build(
            model: GPT(length: length), loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 1e-3),
            metrics: [.perplexity], input: FeatureSpec("ids", .i32, [length]), batch: DimSymbol("B", range: 1...256),
            name: name)
    }
}
