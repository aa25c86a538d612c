import GraphIR
import GraphTracing
import Layers
import Training

/// A convolutional classifier of 28×28 images with channels first: two convolutions 5×5 of 32 and 64 channels, each with
/// relu and 2×2 pooling, then dense layers of 1024 and 10 units.
public struct LeNet: Layer {
    /// A kernel with its bias.
    struct Block: Sendable {
        let w: Parameter
        let b: Parameter

        init(_ shape: [Int], outputs: Int, fanIn: Int) {
            w = Parameter(shape: shape, initializer: .uniform(from: -Self.bound(fanIn), to: Self.bound(fanIn)))
            b = Parameter(shape: [outputs], initializer: .zeros)
        }

        /// He's bound for uniform numbers.
        private static func bound(_ fanIn: Int) -> Double { (6 / Double(fanIn)).squareRoot() }
    }

    let c1 = Block([32, 1, 5, 5], outputs: 32, fanIn: 25)
    let c2 = Block([64, 32, 5, 5], outputs: 64, fanIn: 800)
    let d1 = Block([3136, 1024], outputs: 1024, fanIn: 3136)
    let d2 = Block([1024, 10], outputs: 10, fanIn: 1024)

    /// Makes the model.
    public init() {}

    /// The logits of 10 classes for images [B, 1, 28, 28].
    public func callAsFunction(_ image: Tensor) -> Tensor {
        let first = scope("c1") { convolved(image, c1) }
        let second = scope("c2") { convolved(first, c2) }
        let flat = second.reshaped(to: [second.dim(0), 3136])
        let hidden = scope("d1") { relu(dense(flat, d1.w.value, d1.b.value)) }
        return scope("d2") { dense(hidden, d2.w.value, d2.b.value) }
    }

    private func convolved(_ images: Tensor, _ block: Block) -> Tensor {
        let sums = conv2d(
            images, block.w.value, block.b.value, padding: .explicit([[2, 2], [2, 2]]), layout: .channelsFirst)
        return maxPool2D(relu(sums), window: [2, 2], layout: .channelsFirst)
    }

    /// The model with its training step: Adam on softmax cross-entropy.
    public static func module() throws -> GraphModule {
        try TrainingModule.build(
            model: LeNet(), loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 1e-4),
            metrics: [.accuracy], input: FeatureSpec("image", .f32, [1, 28, 28]), name: "lenet")
    }
}
