import GraphIR

/// Where the channels of an image batch are, and how a convolution kernel is laid out to match.
public enum ImageLayout: String, Sendable, Hashable, CaseIterable {
    /// Images are [batch, height, width, channels], kernels [height, width, inputs, outputs].
    case channelsLast
    /// Images are [batch, channels, height, width], kernels [outputs, inputs, height, width].
    case channelsFirst

    /// The axes of an image batch.
    public var axes: String { self == .channelsLast ? "NHWC" : "NCHW" }
    /// The axes of input, kernel and result of a convolution.
    public var convolution: String { self == .channelsLast ? "NHWC,HWIO,NHWC" : "NCHW,OIHW,NCHW" }
    /// The axis of the channels.
    public var channelAxis: Int { self == .channelsLast ? 3 : 1 }
    /// The axes of height and width.
    public var spatialAxes: [Int] { self == .channelsLast ? [1, 2] : [2, 3] }

    /// The shape of a kernel.
    public func kernelShape(height: Int, width: Int, inputs: Dim, outputs: Int) -> [Dim] {
        self == .channelsLast
            ? [Dim(height), Dim(width), inputs, Dim(outputs)] : [Dim(outputs), inputs, Dim(height), Dim(width)]
    }
}

/// Elements added around an image before a window slides over it.
public enum Padding: Sendable, Hashable {
    /// None: windows lie inside the image.
    case valid
    /// As many as give ceil(size / stride) windows, the odd one behind.
    case same
    /// Before and after: height, then width.
    case explicit([[Int]])

    /// The elements before and after each spatial axis; throws for `same` on a symbolic size.
    func resolved(_ sizes: [Dim], window: [Int], strides: [Int]) throws -> [[Int]] {
        switch self {
        case .valid: return sizes.map { _ in [0, 0] }
        case .explicit(let padding): return padding
        case .same:
            return try sizes.indices.map { axis in
                guard let size = sizes[axis].constant else {
                    throw GraphError("padding 'same' needs constant height and width, got \(sizes[axis])")
                }
                let count = (size + strides[axis] - 1) / strides[axis]
                let total = max(0, (count - 1) * strides[axis] + window[axis] - size)
                return [total / 2, total - total / 2]
            }
        }
    }
}

/// The cross-correlation of an image batch with a kernel, over height and width, plus a bias on each result channel.
public func conv2d(
    _ x: Tensor, _ kernel: Tensor, _ bias: Tensor? = nil, strides: [Int] = [1, 1], padding: Padding = .valid,
    layout: ImageLayout = .channelsLast, file: String = #fileID, line: Int = #line
) -> Tensor {
    let place = PlaceScope.call(file, line)
    let operands = [x, kernel] + (bias.map { [$0] } ?? [])
    return Tensor.catching(operands, place: place) {
        try requireImages("conv2d", x, layout)
        guard kernel.rank == 4 else {
            throw GraphError("conv2d: a kernel has 4 axes, got \(kernel.type)", remedy: "layout \(layout.convolution)")
        }
        let taps = layout == .channelsLast ? Array(kernel.shape[0..<2]) : Array(kernel.shape[2..<4])
        let around = try padding.resolved(
            layout.spatialAxes.map { x.shape[$0] }, window: taps.map { $0.constant ?? 1 }, strides: strides)
        var attributes: Attributes = [
            "layout": .string(layout.convolution), "strides": .ints(strides), "padding": .intLists(around),
        ]
        if bias != nil { return Tensor.apply("conv2d", operands, attributes, place: place) }
        attributes["inputDilation"] = .ints([1, 1])
        attributes["kernelDilation"] = .ints([1, 1])
        return Tensor.apply("conv", operands, attributes, place: place)
    }
}

/// The largest element of each window over height and width; padding never wins.
public func maxPool2D(
    _ x: Tensor, window: [Int], strides: [Int]? = nil, padding: Padding = .valid,
    layout: ImageLayout = .channelsLast, file: String = #fileID, line: Int = #line
) -> Tensor {
    pool("maxPool", x, window, strides ?? window, padding, layout, PlaceScope.call(file, line))
}

/// The mean of each window over height and width; padding is not counted.
public func averagePool2D(
    _ x: Tensor, window: [Int], strides: [Int]? = nil, padding: Padding = .valid,
    layout: ImageLayout = .channelsLast, file: String = #fileID, line: Int = #line
) -> Tensor {
    pool("avgPool", x, window, strides ?? window, padding, layout, PlaceScope.call(file, line))
}

private func pool(
    _ name: String, _ x: Tensor, _ window: [Int], _ strides: [Int], _ padding: Padding, _ layout: ImageLayout,
    _ place: Place
) -> Tensor {
    Tensor.catching([x], place: place) {
        try requireImages(name, x, layout)
        guard window.count == 2, strides.count == 2 else {
            throw GraphError("\(name): window and strides take height and width, got \(window) and \(strides)")
        }
        let around = try padding.resolved(
            layout.spatialAxes.map { x.shape[$0] }, window: window, strides: strides)
        return Tensor.apply(
            name, [x],
            [
                "window": .ints(window), "strides": .ints(strides), "padding": .intLists(around),
                "layout": .string(layout.axes),
            ], place: place)
    }
}

private func requireImages(_ name: String, _ x: Tensor, _ layout: ImageLayout) throws {
    guard x.rank == 4 else {
        throw GraphError(
            "\(name): expected images of 4 axes, \(layout.axes), got \(x.type)",
            remedy: "reshape the input, for example to [B, 28, 28, 1]")
    }
}
