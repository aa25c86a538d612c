import GraphIR
import GraphTracing
import HostTensors

/// `x` where it is positive, else `slope · x` with a slope that is learned for each position of the last axis (He et al.,
/// 2015).
public struct PReLU: ScopedLayer {
    /// The slopes, of the last axis' size.
    public let slope: Parameter
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer.
    public init(initializer: Initializer = .constant(0.25), file: String = #fileID, line: Int = #line) {
        slope = Parameter(initializer: initializer, name: "slope", file: file, line: line)
        scope = LayerScope("PReLU", file: file, line: line)
    }

    /// The activation of the input.
    public func apply(_ input: Tensor) -> Tensor {
        if input.isFailed { return input }
        guard input.rank >= 1, let channels = input.dim(-1).constant else {
            return .needsConstantAxis("PReLU", -1, input)
        }
        return prelu(input, slope.value(of: TensorType(input.dtype, [Dim(channels)])))
    }
}
