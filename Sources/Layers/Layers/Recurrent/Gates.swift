import GraphIR
import GraphTracing
import HostTensors

/// The parameters of a recurrent cell: what the input and the output before are multiplied by, all gates side by side.
public struct Gates: Sendable {
    /// How many gates there are.
    let count: Int
    let units: Int
    let inputInitializer: Initializer
    let recurrentInitializer: Initializer
    /// For the input, [features, gates · units].
    public let weight: Parameter
    /// For the output of the step before, [units, gates · units].
    public let recurrentWeight: Parameter
    /// Added, [gates · units].
    public let bias: Parameter

    init(
        _ count: Int, units: Int, bias: Initializer = .zeros, input: Initializer, recurrent: Initializer, file: String,
        line: Int
    ) {
        self.count = count
        self.units = units
        inputInitializer = input
        recurrentInitializer = recurrent
        weight = Parameter(initializer: input, name: "weight", file: file, line: line)
        recurrentWeight = Parameter(initializer: recurrent, name: "recurrentWeight", file: file, line: line)
        self.bias = Parameter(initializer: bias, name: "bias", file: file, line: line)
    }

    /// `x · weight + bias` for all steps.
    func projected(_ sequence: Tensor) -> Tensor {
        let (features, width) = (sequence.dim(-1).constant ?? 1, count * units)
        let kernel = weight.value(
            of: TensorType(sequence.dtype, [Dim(features), Dim(width)]), fans: (features, width))
        return dense(sequence, kernel, bias.value(of: TensorType(sequence.dtype, [Dim(width)])))
    }

    /// `h · recurrentWeight`.
    func recurrent(_ h: Tensor) -> Tensor {
        let type = TensorType(h.dtype, [Dim(units), Dim(count * units)])
        return matmul(h, recurrentWeight.value(of: type, fans: (units, count * units)))
    }

    /// Each gate of [batch, gates · units].
    func split(_ all: Tensor) -> [Tensor] {
        (0..<count).map { all[AxisSelection.all, ($0 * units)..<(($0 + 1) * units)] }
    }
}
