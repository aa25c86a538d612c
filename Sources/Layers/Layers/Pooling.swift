import GraphTracing

/// The largest element of each window over height and width.
public struct MaxPool2D: ScopedLayer {
    /// Height and width of the window.
    public let window: [Int]
    /// Steps along height and width.
    public let strides: [Int]
    /// What surrounds the image; it never wins.
    public let padding: Padding
    /// Where the channels are.
    public let layout: ImageLayout
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer of square windows that do not overlap unless `strides` is given.
    public init(
        size: Int = 2, strides: Int? = nil, padding: Padding = .valid, layout: ImageLayout = .channelsLast,
        file: String = #fileID, line: Int = #line
    ) {
        window = [size, size]
        self.strides = [strides ?? size, strides ?? size]
        self.padding = padding
        self.layout = layout
        scope = LayerScope("MaxPool2D", file: file, line: line)
    }

    /// The smaller images.
    public func apply(_ input: Tensor) -> Tensor {
        maxPool2D(input, window: window, strides: strides, padding: padding, layout: layout)
    }
}

/// The mean of each window over height and width.
public struct AveragePool2D: ScopedLayer {
    /// Height and width of the window.
    public let window: [Int]
    /// Steps along height and width.
    public let strides: [Int]
    /// What surrounds the image; it is not counted.
    public let padding: Padding
    /// Where the channels are.
    public let layout: ImageLayout
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer of square windows that do not overlap unless `strides` is given.
    public init(
        size: Int = 2, strides: Int? = nil, padding: Padding = .valid, layout: ImageLayout = .channelsLast,
        file: String = #fileID, line: Int = #line
    ) {
        window = [size, size]
        self.strides = [strides ?? size, strides ?? size]
        self.padding = padding
        self.layout = layout
        scope = LayerScope("AveragePool2D", file: file, line: line)
    }

    /// The smaller images.
    public func apply(_ input: Tensor) -> Tensor {
        averagePool2D(input, window: window, strides: strides, padding: padding, layout: layout)
    }
}
