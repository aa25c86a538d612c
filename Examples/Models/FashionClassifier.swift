import GraphIR
import GraphTracing
import Layers
import Training

/// A small convolutional classifier of 28×28 images with channels last.
public struct FashionClassifier: Layer {
    let edges = Conv2D(
        filters: 16, kernelSize: 3, padding: .same, activation: .relu, kernelInitializer: .heUniform)
    let parts = Conv2D(
        filters: 32, kernelSize: 3, padding: .same, activation: .relu, kernelInitializer: .heUniform)
    let pool = MaxPool2D(size: 2)
    let flatten = Flatten()
    let hidden = Dense(units: 128, activation: .relu, kernelInitializer: .heUniform)
    let dropout = Dropout(rate: 0.25)
    let logits = Dense(units: 10)

    /// Makes the model.
    public init() {}

    /// The logits of 10 classes for images [B, 28, 28, 1].
    public func callAsFunction(_ image: Tensor) -> Tensor {
        let features = pool(parts(pool(edges(image))))
        return logits(dropout(hidden(flatten(features))))
    }

    /// The model with its training step: Adam on softmax cross-entropy.
    public static func module() throws -> GraphModule {
        try TrainingModule.build(
            model: FashionClassifier(), loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 1e-3),
            metrics: [.accuracy], input: FeatureSpec("image", .f32, [28, 28, 1]), name: "fashion")
    }
}
