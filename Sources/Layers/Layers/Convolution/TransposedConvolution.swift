import GraphIR
import GraphTracing
import HostTensors

/// A transposed convolution over one spatial axis.
public typealias ConvTranspose1D = TransposedConvolution<Line>
/// A transposed convolution over height and width.
public typealias ConvTranspose2D = TransposedConvolution<Plane>
/// A transposed convolution over depth, height and width.
public typealias ConvTranspose3D = TransposedConvolution<Volume>

/// A convolution backwards, which makes the input larger: every element adds a kernel to the result.
///
/// Sizes grow from n to n · stride with `same` padding, to (n - 1) · stride + reach (at least n · stride) with `valid`, where a
/// kernel reaches over (taps - 1) · dilation + 1. PyTorch's `padding=p, output_padding=o` is `.explicit([[p, p - o], …])`.
/// `weight` is [taps…, filters / groups, inputs] with channels last and [inputs, filters / groups, taps…] with channels first.
public struct TransposedConvolution<Rank: SpatialRank>: GroupedConvolution {
    /// The number of output channels.
    public let filters: Int
    /// The kernel's size along each spatial axis.
    public let kernelSize: [Int]
    /// How far the input's elements come to lie apart along each spatial axis.
    public let strides: [Int]
    /// The padding of the convolution that this is the reverse of.
    public let padding: Padding
    /// How far apart the kernel's elements lie along each spatial axis.
    public let dilation: [Int]
    /// Into how many groups that do not mix the channels divide.
    public let groups: Int
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

    /// Makes a layer of `filters` kernels.
    public init(
        filters: Int, kernelSize: SpatialSize, strides: SpatialSize = 1, padding: Padding = .valid,
        dilation: SpatialSize = 1, groups: Int = 1, layout: ImageLayout = .channelsLast,
        activation: Activation = .identity, useBias: Bool = true, kernelInitializer: Initializer = .glorotUniform,
        biasInitializer: Initializer = .zeros, file: String = #fileID, line: Int = #line
    ) {
        self.filters = filters
        self.kernelSize = kernelSize.along(Rank.axes)
        self.strides = strides.along(Rank.axes)
        self.padding = padding
        self.dilation = dilation.along(Rank.axes)
        self.groups = groups
        self.layout = layout
        self.activation = activation
        weight = Parameter(initializer: kernelInitializer, name: "weight", file: file, line: line)
        bias =
            useBias ? Parameter(initializer: biasInitializer, name: "bias", file: file, line: line) : nil
        scope = LayerScope("ConvTranspose\(Rank.suffix)", file: file, line: line)
    }

    /// The larger input with `filters` channels.
    public func apply(_ input: Tensor) -> Tensor {
        applied(to: input, isTransposed: true) { kernel, bias in
            transposedConvolution(
                input, kernel, bias, strides: strides, padding: padding, dilation: dilation, groups: groups,
                layout: layout)
        }
    }
}
