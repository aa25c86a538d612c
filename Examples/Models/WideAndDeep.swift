import GraphIR
import GraphTracing
import Layers
import Training

/// A regressor of two inputs: a linear model of sparse features beside a perceptron of dense ones (Cheng et al., 2016).
public struct WideAndDeep: Sendable {
    let wide = Dense(units: 1, useBias: false, kernelInitializer: .zeros)
    let deep = Sequential {
        Dense(units: 64, activation: .relu)
        Dropout(rate: 0.1)
        Dense(units: 32, activation: .relu)
        Dense(units: 1)
    }

    /// Makes the model.
    public init() {}

    /// The prediction [B, 1].
    public func callAsFunction(wide features: Tensor, deep numbers: Tensor) -> Tensor {
        wide(features) + deep(numbers)
    }

    /// The model with its training step: Adam on Huber's loss, with a penalty that keeps the linear part sparse.
    public static func module() throws -> GraphModule {
        let model = WideAndDeep()
        return try TrainingModule.build(
            model: model, loss: .huber().adding(.l1(1e-4), on: ["wide/*"]), optimizer: .adam(),
            metrics: [.rootMeanSquaredError, .r2],
            inputs: [FeatureSpec("wide", .f32, [100]), FeatureSpec("deep", .f32, [20])], name: "wideanddeep"
        ) { model(wide: $0[0], deep: $0[1]) }
    }
}
