import GraphIR
import GraphTracing
import HostTensors

/// A fully connected layer: `activation(x · weight + bias)` over the last axis.
///
/// Parameters are `weight` [inputs, units] and `bias` [units]; the first call decides `inputs` unless it is given.
public struct Dense: ScopedLayer {
    /// The number of outputs.
    public let units: Int
    /// Applied to the result.
    public let activation: Activation
    /// The weight, [inputs, units].
    public let weight: Parameter
    /// The bias, [units], if there is one.
    public let bias: Parameter?
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer of `units` outputs.
    public init(
        units: Int, activation: Activation = .identity, useBias: Bool = true,
        kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros, inputs: Int? = nil,
        file: String = #fileID, line: Int = #line
    ) {
        self.units = units
        self.activation = activation
        weight = Parameter(
            shape: inputs.map { [$0, units] }, initializer: kernelInitializer, name: "weight", file: file, line: line)
        bias =
            useBias ? Parameter(initializer: biasInitializer, name: "bias", file: file, line: line) : nil
        scope = LayerScope("Dense", file: file, line: line)
    }

    /// The layer's output, its last axis of size `units`.
    public func apply(_ input: Tensor) -> Tensor {
        if input.isFailed { return input }
        if let failed = Tensor.tooSmall("Dense", ["units": [units]]) { return failed }
        guard let inputs = input.shape.last?.constant, input.dtype.isFloat else {
            return Tensor(
                failure: GraphError(
                    "Dense of \(units) units needs floating-point input with a last axis of constant size, "
                        + "got \(input.type)", place: PlaceScope.current?.description,
                    remedy: "cast or flatten the input first"))
        }
        if let given = weight.type?.constantShape, let failed = Tensor.tooSmall("Dense", ["inputs": [given[0]]]) {
            return failed
        }
        if let known = weight.type, known.shape[0] != Dim(inputs) {
            return Tensor(
                failure: GraphError(
                    "Dense: input \(input.type) has \(inputs) features, but the weight is \(known)",
                    place: PlaceScope.current?.description,
                    remedy: "expected a last axis of \(known.shape[0])"))
        }
        let kernel = weight.value(
            of: TensorType(input.dtype, [Dim(inputs), Dim(units)]), fans: (inputs, units))
        guard let bias else { return activation(matmul(input, kernel)) }
        let offset = bias.value(of: TensorType(input.dtype, [Dim(units)]), fans: (inputs, units))
        return activation(dense(input, kernel, offset))
    }
}
