import GraphIR
import GraphTracing
import HostTensors

/// A convolution over height and width: `activation(conv(x, weight) + bias)`.
///
/// `weight` is [height, width, inputs, filters] with channels last and [filters, inputs, height, width] with channels
/// first; `bias` is [filters]. The first call decides `inputs` unless it is given.
public struct Conv2D: ScopedLayer {
    /// The number of output channels.
    public let filters: Int
    /// Height and width of the kernel.
    public let kernelSize: [Int]
    /// Steps along height and width.
    public let strides: [Int]
    /// What surrounds the image.
    public let padding: Padding
    /// Where the channels are.
    public let layout: ImageLayout
    /// Applied to the result.
    public let activation: Activation
    /// The kernel.
    public let weight: Parameter
    /// The bias, [filters], if there is one.
    public let bias: Parameter?
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer of `filters` kernels; sizes and strides are for height and width, or one number for both.
    public init(
        filters: Int, kernelSize: [Int], strides: [Int] = [1, 1], padding: Padding = .valid,
        layout: ImageLayout = .channelsLast, activation: Activation = .identity, useBias: Bool = true,
        kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
        file: String = #fileID, line: Int = #line
    ) {
        self.filters = filters
        self.kernelSize = kernelSize.count == 1 ? [kernelSize[0], kernelSize[0]] : kernelSize
        self.strides = strides.count == 1 ? [strides[0], strides[0]] : strides
        self.padding = padding
        self.layout = layout
        self.activation = activation
        weight = Parameter(initializer: kernelInitializer, name: "weight", file: file, line: line)
        bias =
            useBias ? Parameter(initializer: biasInitializer, name: "bias", file: file, line: line) : nil
        scope = LayerScope("Conv2D", file: file, line: line)
    }

    /// A layer of square kernels.
    public init(
        filters: Int, kernelSize: Int, strides: Int = 1, padding: Padding = .valid,
        layout: ImageLayout = .channelsLast, activation: Activation = .identity, useBias: Bool = true,
        kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
        file: String = #fileID, line: Int = #line
    ) {
        self.init(
            filters: filters, kernelSize: [kernelSize, kernelSize], strides: [strides, strides], padding: padding,
            layout: layout, activation: activation, useBias: useBias, kernelInitializer: kernelInitializer,
            biasInitializer: biasInitializer, file: file, line: line)
    }

    /// The images with `filters` channels.
    public func apply(_ input: Tensor) -> Tensor {
        if input.isFailed { return input }
        guard input.rank == 4, let channels = input.shape[layout.channelAxis].constant, input.dtype.isFloat,
            kernelSize.count == 2, strides.count == 2, filters > 0
        else {
            return Tensor(
                failure: GraphError(
                    "Conv2D of \(filters) filters \(kernelSize) needs floating-point images \(layout.axes) with a "
                        + "constant number of channels, got \(input.type)", place: PlaceScope.current?.description,
                    remedy: "reshape the input, for example to [B, 28, 28, 1]"))
        }
        let taps = kernelSize[0] * kernelSize[1]
        let fans = (input: taps * channels, output: taps * filters)
        let shape = layout.kernelShape(
            height: kernelSize[0], width: kernelSize[1], inputs: Dim(channels), outputs: filters)
        let kernel = weight.value(of: TensorType(input.dtype, shape), fans: fans)
        let offset = bias?.value(of: TensorType(input.dtype, [Dim(filters)]), fans: fans)
        return activation(
            conv2d(input, kernel, offset, strides: strides, padding: padding, layout: layout))
    }
}
