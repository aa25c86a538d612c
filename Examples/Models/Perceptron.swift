import GraphIR
import GraphTracing
import Layers
import Training

/// A perceptron 784-512-256-10 with relu between its layers.
public struct Perceptron: Layer {
    let w1 = Parameter(shape: [784, 512], initializer: .heUniform)
    let b1 = Parameter(shape: [512], initializer: .zeros)
    let w2 = Parameter(shape: [512, 256], initializer: .heUniform)
    let b2 = Parameter(shape: [256], initializer: .zeros)
    let w3 = Parameter(shape: [256, 10], initializer: .heUniform)
    let b3 = Parameter(shape: [10], initializer: .zeros)

    /// Makes the model.
    public init() {}

    /// The logits of 10 classes for flat images [B, 784].
    public func callAsFunction(_ image: Tensor) -> Tensor {
        let first = scope("hidden1") { relu(dense(image, w1.value, b1.value)) }
        let second = scope("hidden2") { relu(dense(first, w2.value, b2.value)) }
        return scope("logits") { dense(second, w3.value, b3.value) }
    }

    /// The model with its training step: Adam on softmax cross-entropy.
    public static func module() throws -> GraphModule {
        try TrainingModule.build(
            model: Perceptron(), loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 1e-3),
            metrics: [.accuracy], input: FeatureSpec("image", .f32, [784]), name: "mlp")
    }
}

/// Logistic regression from 784 features to 10 classes.
public struct Logistic: Layer {
    let w = Parameter(shape: [784, 10], initializer: .lecunUniform)
    let b = Parameter(shape: [10], initializer: .zeros)

    /// Makes the model.
    public init() {}

    /// The logits of 10 classes for flat images [B, 784].
    public func callAsFunction(_ image: Tensor) -> Tensor {
        scope("logits") { dense(image, w.value, b.value) }
    }

    /// The model with its training step: Adam on softmax cross-entropy.
    public static func module() throws -> GraphModule {
        try TrainingModule.build(
            model: Logistic(), loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 1e-3),
            metrics: [.accuracy], input: FeatureSpec("image", .f32, [784]), name: "logistic")
    }
}
