import GraphIR
import GraphTracing
import Layers
import Training

/// A classifier of texts of 64 words: embeddings, a long short-term memory in both directions, and one logit.
public struct TextClassifier: Layer {
    let words = Embedding(vocabulary: 5_000, size: 32)
    let memory = Bidirectional(LSTM(units: 32))
    let dropout = Dropout(rate: 0.3)
    let logit = Dense(units: 1)

    /// Makes the model.
    public init() {}

    /// The logit [B, 1] of texts [B, 64].
    public func callAsFunction(_ text: Tensor) -> Tensor { logit(dropout(memory(words(text)))) }

    /// The model with its training step: RMSprop on cross-entropy, gradients held to norm 1.
    public static func module() throws -> GraphModule {
        try TrainingModule.build(
            model: TextClassifier(), loss: .sigmoidCrossEntropy,
            optimizer: .rmsprop(learningRate: 1e-3).clipping(.globalNorm(1)), metrics: [.binaryAccuracy, .auc()],
            input: FeatureSpec("text", .i32, [64]), name: "text")
    }
}
