import GraphIR
import GraphTracing
import HostTensors

/// Every channel shifted and scaled to mean 0 and variance 1 over the batch and all other axes, then by `scale` and
/// `offset` (Ioffe and Szegedy, 2015).
///
/// Training uses the batch's mean and variance and moves the running ones, `r = momentum · r + (1 - momentum) · batch`;
/// inference uses the running ones. They are states of the model, and are no parameters. The variance is that of the batch, as in
/// Keras; PyTorch keeps a sample's, n / (n - 1) times as much, and its `momentum` is the share of the batch, 1 - `momentum` here.
public struct BatchNorm: ScopedLayer {
    /// The channels' axis, from the end if negative.
    public let axis: Int
    /// The share of itself that a running average keeps.
    public let momentum: Double
    /// Added to variances.
    public let epsilon: Double
    /// What channels are multiplied by, [channels], if they are.
    public let scale: Parameter?
    /// What is added to channels, [channels], if anything is.
    public let offset: Parameter?
    /// The running mean, [channels].
    public let runningMean: Variable
    /// The running variance, [channels].
    public let runningVariance: Variable
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer; `axis` is 1 for channels first.
    public init(
        axis: Int = -1, momentum: Double = 0.99, epsilon: Double = 1e-3, scales: Bool = true, shifts: Bool = true,
        file: String = #fileID, line: Int = #line
    ) {
        self.axis = axis
        self.momentum = momentum
        self.epsilon = epsilon
        scale = scales ? Parameter(initializer: .ones, name: "scale", file: file, line: line) : nil
        offset = shifts ? Parameter(initializer: .zeros, name: "offset", file: file, line: line) : nil
        runningMean = Variable(initializer: .zeros, name: "runningMean", role: .buffer, file: file, line: line)
        runningVariance = Variable(
            initializer: .ones, name: "runningVariance", role: .buffer, file: file, line: line)
        scope = LayerScope("BatchNorm", file: file, line: line)
    }

    /// The normalized input.
    public func apply(_ input: Tensor) -> Tensor {
        if input.isFailed { return input }
        guard input.rank >= 2, let channels = input.dim(axis).constant else {
            return .needsConstantAxis("BatchNorm", axis, input)
        }
        let type = TensorType(input.dtype, [Dim(channels)])
        let factor = scale?.value(of: type) ?? .ones(type)
        let shift = offset?.value(of: type) ?? .zeros(type)
        let (mean, variance) = (runningMean.value(of: type), runningVariance.value(of: type))
        if Phase.current == .inference {
            return batchNorm(
                input, scale: factor, offset: shift, mean: mean, variance: variance, axis: axis, epsilon: epsilon)
        }
        let batch = batchNorm(input, scale: factor, offset: shift, axis: axis, epsilon: epsilon)
        runningMean.assign(mean * momentum + batch.mean * (1 - momentum))
        runningVariance.assign(variance * momentum + batch.variance * (1 - momentum))
        return batch.result
    }
}
