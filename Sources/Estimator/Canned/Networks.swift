import GraphIR
import GraphTracing
import HostTensors
import Layers
import Training

/// A weight for each number that the columns give, and a bias.
struct LinearNetwork: Sendable {
    let input: DenseInput
    let weight: Parameter
    let bias: Parameter

    init(_ columns: [FeatureColumn], units: Int, file: String, line: Int) {
        input = DenseInput(columns)
        let width = columns.reduce(0) { $0 + $1.width }
        weight = Parameter(shape: [width, units], initializer: .zeros, name: "weight", file: file, line: line)
        bias = Parameter(shape: [units], initializer: .zeros, name: "bias", file: file, line: line)
    }

    /// The logits, f32 [B, units].
    func callAsFunction(_ features: Features) -> Tensor {
        let numbers = input(features)
        return scope("linear") { dense(numbers, weight.value, bias.value, file: "", line: 0) }
    }
}

/// Layers one after another on the columns' numbers.
struct DeepNetwork: Sendable {
    let input: DenseInput
    let hidden: [Dense]
    let dropout: Dropout?
    let logits: Dense

    init(
        _ columns: [FeatureColumn], hiddenUnits: [Int], activation: Activation, dropout rate: Double, units: Int,
        file: String, line: Int
    ) {
        input = DenseInput(columns)
        hidden = hiddenUnits.map {
            Dense(units: $0, activation: activation, kernelInitializer: .glorotUniform, file: file, line: line)
        }
        dropout = rate > 0 ? Dropout(rate: rate, file: file, line: line) : nil
        logits = Dense(units: units, file: file, line: line)
    }

    /// The logits, f32 [B, units].
    func callAsFunction(_ features: Features) -> Tensor {
        var values = input(features)
        return scope("deep") {
            for layer in hidden {
                values = layer(values)
                if let dropout { values = dropout(values) }
            }
            return logits(values)
        }
    }
}

/// A bias: the same answer for every example.
struct BaselineNetwork: Sendable {
    let bias: Parameter
    let units: Int

    init(units: Int, file: String, line: Int) {
        self.units = units
        bias = Parameter(shape: [units], initializer: .zeros, name: "bias", file: file, line: line)
    }

    /// The logits, f32 [B, units].
    func callAsFunction(_ features: Features) -> Tensor {
        scope("baseline") {
            guard let any = features.entries.first?.value, !any.isFailed else {
                return Tensor(failure: GraphError("a baseline needs a feature, to know how many examples there are"))
            }
            // The number of examples comes with an input, of which nothing but its size counts.
            let flat = any.viewed([any.dim(0), Dim.product(any.shape.dropFirst())])
            let zeros = ((flat .== flat) .& (flat .!= flat)).cast(to: .f32, file: "", line: 0)
                .max(axes: [1], keepDims: true, file: "", line: 0)
            return zeros + bias.value
        }
    }
}
