import GraphIR
import GraphTracing
import HostTensors

/// Every example's channels in groups, each shifted and scaled to mean 0 and variance 1 over all other axes, then channel
/// by channel by `scale` and `offset` (Wu and He, 2018).
public struct GroupNorm: ScopedLayer {
    /// The number of groups, which must divide that of the channels.
    public let groups: Int
    /// The channels' axis, from the end if negative.
    public let axis: Int
    /// Added to variances.
    public let epsilon: Double
    /// What channels are multiplied by, [channels].
    public let scale: Parameter
    /// What is added to channels, [channels].
    public let offset: Parameter
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer; `axis` is 1 for channels first.
    public init(
        groups: Int = 32, axis: Int = -1, epsilon: Double = 1e-3, file: String = #fileID, line: Int = #line
    ) {
        self.groups = groups
        self.axis = axis
        self.epsilon = epsilon
        scale = Parameter(initializer: .ones, name: "scale", file: file, line: line)
        offset = Parameter(initializer: .zeros, name: "offset", file: file, line: line)
        scope = LayerScope("GroupNorm", file: file, line: line)
    }

    /// The normalized input.
    public func apply(_ input: Tensor) -> Tensor {
        if input.isFailed { return input }
        if let failed = Tensor.tooSmall("GroupNorm", ["groups": [groups]]) { return failed }
        guard input.rank >= 2, let channels = input.dim(axis).constant else {
            return .needsConstantAxis("GroupNorm", axis, input)
        }
        let type = TensorType(input.dtype, [Dim(channels)])
        return groupNorm(
            input, scale: scale.value(of: type), offset: offset.value(of: type), groups: groups, axis: axis,
            epsilon: epsilon)
    }
}
