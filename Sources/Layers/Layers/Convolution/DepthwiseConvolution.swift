import GraphIR
import GraphTracing
import HostTensors

/// A depthwise convolution over one spatial axis.
public typealias DepthwiseConv1D = DepthwiseConvolution<Line>
/// A depthwise convolution over height and width.
public typealias DepthwiseConv2D = DepthwiseConvolution<Plane>
/// A separable convolution over one spatial axis.
public typealias SeparableConv1D = SeparableConvolution<Line>
/// A separable convolution over height and width.
public typealias SeparableConv2D = SeparableConvolution<Plane>

/// A convolution of every channel on its own, by `multiplier` kernels each; channel c gives channels c · multiplier on.
///
/// `weight` is [taps…, 1, channels · multiplier] with channels last and [channels · multiplier, 1, taps…] with channels
/// first; `bias` is [channels · multiplier].
public struct DepthwiseConvolution<Rank: SpatialRank>: ScopedLayer {
    /// The kernel's size along each spatial axis.
    public let kernelSize: [Int]
    /// How many channels become of one.
    public let multiplier: Int
    /// Steps along each spatial axis.
    public let strides: [Int]
    /// What surrounds the input.
    public let padding: Padding
    /// How far apart the kernel's elements lie along each spatial axis.
    public let dilation: [Int]
    /// Where the channels are.
    public let layout: ImageLayout
    /// Applied to the result.
    public let activation: Activation
    /// The kernels.
    public let weight: Parameter
    /// The bias, if there is one.
    public let bias: Parameter?
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer of `multiplier` kernels for each channel.
    public init(
        kernelSize: SpatialSize, multiplier: Int = 1, strides: SpatialSize = 1, padding: Padding = .valid,
        dilation: SpatialSize = 1, layout: ImageLayout = .channelsLast, activation: Activation = .identity,
        useBias: Bool = true, kernelInitializer: Initializer = .glorotUniform,
        biasInitializer: Initializer = .zeros, file: String = #fileID, line: Int = #line
    ) {
        self.kernelSize = kernelSize.along(Rank.axes)
        self.multiplier = multiplier
        self.strides = strides.along(Rank.axes)
        self.padding = padding
        self.dilation = dilation.along(Rank.axes)
        self.layout = layout
        self.activation = activation
        weight = Parameter(initializer: kernelInitializer, name: "weight", file: file, line: line)
        bias =
            useBias ? Parameter(initializer: biasInitializer, name: "bias", file: file, line: line) : nil
        scope = LayerScope("DepthwiseConv\(Rank.suffix)", file: file, line: line)
    }

    /// The input with `multiplier` times its channels.
    public func apply(_ input: Tensor) -> Tensor {
        if input.isFailed { return input }
        let sizes: KeyValuePairs = [
            "multiplier": [multiplier], "kernelSize": kernelSize, "strides": strides, "dilation": dilation,
        ]
        if let failed = Tensor.tooSmall(scope.kind, sizes) { return failed }
        guard let channels = input.spatialChannels(Rank.self, layout), kernelSize.count == Rank.axes
        else { return .misfit("DepthwiseConv\(Rank.suffix) \(kernelSize)", input, Rank.self, layout) }
        let taps = kernelSize.reduce(1, *)
        let filters = channels * multiplier
        // An output is fed by one channel alone.
        let fans = (input: taps, output: taps * multiplier)
        let shape = layout.kernelShape(kernelSize, inputs: 1, outputs: Dim(filters))
        let kernel = weight.value(of: TensorType(input.dtype, shape), fans: fans)
        let offset = bias?.value(of: TensorType(input.dtype, [Dim(filters)]), fans: fans)
        return activation(
            convolution(
                input, kernel, offset, strides: strides, padding: padding, dilation: dilation, groups: channels,
                layout: layout))
    }
}

/// A depthwise convolution without bias, then one of size 1 that mixes the channels (Chollet, 2017).
public struct SeparableConvolution<Rank: SpatialRank>: ScopedLayer {
    /// Every channel on its own.
    public let depthwise: DepthwiseConvolution<Rank>
    /// All channels of one place.
    public let pointwise: Convolution<Rank>
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer of `filters` mixtures of `multiplier` kernels for each channel.
    public init(
        filters: Int, kernelSize: SpatialSize, multiplier: Int = 1, strides: SpatialSize = 1,
        padding: Padding = .valid, dilation: SpatialSize = 1, layout: ImageLayout = .channelsLast,
        activation: Activation = .identity, useBias: Bool = true,
        depthwiseInitializer: Initializer = .glorotUniform, pointwiseInitializer: Initializer = .glorotUniform,
        biasInitializer: Initializer = .zeros, file: String = #fileID, line: Int = #line
    ) {
        depthwise = DepthwiseConvolution(
            kernelSize: kernelSize, multiplier: multiplier, strides: strides, padding: padding, dilation: dilation,
            layout: layout, useBias: false, kernelInitializer: depthwiseInitializer, file: file, line: line)
        pointwise = Convolution(
            filters: filters, kernelSize: 1, layout: layout, activation: activation, useBias: useBias,
            kernelInitializer: pointwiseInitializer, biasInitializer: biasInitializer, file: file, line: line)
        scope = LayerScope("SeparableConv\(Rank.suffix)", file: file, line: line)
    }

    /// The input with `filters` channels.
    public func apply(_ input: Tensor) -> Tensor { pointwise.apply(depthwise.apply(input)) }
}
