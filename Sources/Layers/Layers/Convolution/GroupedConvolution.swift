import GraphIR
import GraphTracing

/// A convolution of channels in groups, or the reverse of one.
protocol GroupedConvolution: ScopedLayer {
    associatedtype Rank: SpatialRank
    var filters: Int { get }
    var kernelSize: [Int] { get }
    var strides: [Int] { get }
    var dilation: [Int] { get }
    var groups: Int { get }
    var layout: ImageLayout { get }
    var activation: Activation { get }
    var weight: Parameter { get }
    var bias: Parameter? { get }
}

extension GroupedConvolution {
    /// Checks the input, decides the shapes of the parameters by it and applies the activation to what `convolve` makes of them.
    ///
    /// The kernel of a transposed convolution, and Glorot's bounds with it, are those of the convolution that it is the reverse of.
    func applied(
        to input: Tensor, isTransposed: Bool, _ convolve: (_ kernel: Tensor, _ bias: Tensor?) -> Tensor
    ) -> Tensor {
        if input.isFailed { return input }
        let sizes: KeyValuePairs = [
            "filters": [filters], "kernelSize": kernelSize, "strides": strides, "dilation": dilation,
            "groups": [groups],
        ]
        if let failed = Tensor.tooSmall(scope.kind, sizes) { return failed }
        guard let channels = input.spatialChannels(Rank.self, layout), kernelSize.count == Rank.axes,
            channels % groups == 0, filters % groups == 0
        else {
            return .misfit(
                "\(scope.kind) of \(filters) filters \(kernelSize)", input, Rank.self, layout,
                groups == 1 ? "" : ", which \(groups) groups divide")
        }
        let (inputs, outputs) = isTransposed ? (filters, channels) : (channels, filters)
        let taps = kernelSize.reduce(1, *)
        let fans = (input: taps * inputs / groups, output: taps * outputs / groups)
        let shape = layout.kernelShape(kernelSize, inputs: Dim(inputs / groups), outputs: Dim(outputs))
        let kernel = weight.value(of: TensorType(input.dtype, shape), fans: fans)
        let offset = bias?.value(of: TensorType(input.dtype, [Dim(filters)]), fans: fans)
        return activation(convolve(kernel, offset))
    }
}
