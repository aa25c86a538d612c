import GraphTracing
import Layers

/// A regressor of 64 features: three dense layers of 512 units, each normalized over the batch and with dropout.
struct TableRegressor: Layer {
    let dense = (0..<3).map { _ in Dense(units: 512) }
    let norms = (0..<3).map { _ in BatchNorm(momentum: 0.9, epsilon: 1e-5) }
    let dropouts = (0..<3).map { _ in Dropout(rate: 0.1) }
    let head = Dense(units: 1)

    func callAsFunction(_ features: Tensor) -> Tensor {
        head(dense.indices.reduce(features) { dropouts[$1](relu(norms[$1](dense[$1]($0)))) })
    }
}
