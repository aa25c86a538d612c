import GraphIR
import GraphTracing
import HostTensors

/// A convolution over one spatial axis: `activation(conv(x, weight) + bias)`.
public typealias Conv1D = Convolution<Line>
/// A convolution over height and width: `activation(conv(x, weight) + bias)`.
public typealias Conv2D = Convolution<Plane>
/// A convolution over depth, height and width: `activation(conv(x, weight) + bias)`.
public typealias Conv3D = Convolution<Volume>

/// A convolution over spatial axes: `activation(conv(x, weight) + bias)`.
///
/// `weight` is [taps…, inputs / groups, filters] with channels last and [filters, inputs / groups, taps…] with channels
/// first; `bias` is [filters]. The first call decides `inputs`.
public struct Convolution<Rank: SpatialRank>: GroupedConvolution {
    /// The number of output channels.
    public let filters: Int
    /// The kernel's size along each spatial axis.
    public let kernelSize: [Int]
    /// Steps along each spatial axis.
    public let strides: [Int]
    /// What surrounds the input.
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
        scope = LayerScope("Conv\(Rank.suffix)", file: file, line: line)
    }

    /// The input with `filters` channels.
    public func apply(_ input: Tensor) -> Tensor {
        applied(to: input, isTransposed: false) { kernel, bias in
            convolution(
                input, kernel, bias, strides: strides, padding: padding, dilation: dilation, groups: groups,
                layout: layout)
        }
    }
}

extension Tensor {
    /// The number of channels of a floating-point batch with these spatial axes, if it is one and the number is constant.
    func spatialChannels<Rank: SpatialRank>(_ rank: Rank.Type, _ layout: ImageLayout) -> Int? {
        guard self.rank == Rank.axes + 2, dtype.isFloat else { return nil }
        return shape[layout.channelAxis(spatial: Rank.axes)].constant
    }

    /// A tensor that carries the error that a layer's input has other axes than it needs.
    static func misfit<Rank: SpatialRank>(
        _ layer: String, _ input: Tensor, _ rank: Rank.Type, _ layout: ImageLayout, _ more: String = ""
    ) -> Tensor {
        let what = ["lines", "images", "volumes"][Rank.axes - 1]
        let example = ["[B, 100, 8]", "[B, 28, 28, 1]", "[B, 16, 28, 28, 1]"][Rank.axes - 1]
        return Tensor(
            failure: GraphError(
                "\(layer) needs floating-point \(what) \(layout.axes(spatial: Rank.axes)) with a constant number of "
                    + "channels\(more), got \(input.type)", place: PlaceScope.current?.description,
                remedy: "reshape the input, for example to \(example)"))
    }
}
