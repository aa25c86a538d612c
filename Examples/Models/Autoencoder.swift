import GraphIR
import GraphTracing
import Layers
import Training

/// Images of 784 pixels through 32 numbers and back.
public struct Autoencoder: Layer {
    let encode = Sequential {
        Dense(units: 128, activation: .relu)
        Dense(units: 32)
    }
    let decode = Sequential {
        Dense(units: 128, activation: .relu)
        Dense(units: 784)
    }

    /// Makes the model.
    public init() {}

    /// The logits of the pixels.
    public func callAsFunction(_ image: Tensor) -> Tensor { decode(encode(image)) }

    /// The model with its training step: AdamW with a warm-up, on the cross-entropy of pixels in [0, 1].
    public static func module() throws -> GraphModule {
        try TrainingModule.build(
            model: Autoencoder(), loss: .sigmoidCrossEntropy,
            optimizer: .adamW(
                learningRate: .cosine(1e-3, over: 5_000).warmedUp(over: 200), weightDecay: 0.01,
                excluding: ["*bias"]), input: FeatureSpec("image", .f32, [784]), name: "autoencoder")
    }
}
