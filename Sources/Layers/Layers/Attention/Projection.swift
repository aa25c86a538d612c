import GraphIR
import GraphTracing
import HostTensors

/// An affine map of the last axis whose width is known when it is used.
public struct Projection: Sendable {
    /// The weight, [inputs, units].
    public let weight: Parameter
    /// The bias, [units], if there is one.
    public let bias: Parameter?

    init(useBias: Bool, initializer: Initializer, file: String, line: Int) {
        weight = Parameter(initializer: initializer, name: "weight", file: file, line: line)
        bias = useBias ? Parameter(initializer: .zeros, name: "bias", file: file, line: line) : nil
    }

    func callAsFunction(_ x: Tensor, units: Int) -> Tensor {
        guard let inputs = x.dim(-1).constant, !x.isFailed else {
            return .needsConstantAxis("a projection", -1, x)
        }
        let kernel = weight.value(of: TensorType(x.dtype, [Dim(inputs), Dim(units)]), fans: (inputs, units))
        guard let bias else { return matmul(x, kernel) }
        return dense(x, kernel, bias.value(of: TensorType(x.dtype, [Dim(units)])))
    }
}
