import GraphIR
import GraphTracing

/// The largest element of each window over one spatial axis.
public typealias MaxPool1D = Pool<Line, Largest>
/// The largest element of each window over height and width.
public typealias MaxPool2D = Pool<Plane, Largest>
/// The largest element of each window over depth, height and width.
public typealias MaxPool3D = Pool<Volume, Largest>
/// The mean of each window over one spatial axis.
public typealias AveragePool1D = Pool<Line, Mean>
/// The mean of each window over height and width.
public typealias AveragePool2D = Pool<Plane, Mean>
/// The mean of each window over depth, height and width.
public typealias AveragePool3D = Pool<Volume, Mean>

/// What a pooling layer makes of many elements.
public protocol Summary: Sendable {
    /// Which combination it is.
    static var kind: PoolingKind { get }
}

/// The largest element.
public enum Largest: Summary {
    /// The largest.
    public static let kind = PoolingKind.max
}

/// The mean of the elements.
public enum Mean: Summary {
    /// The mean.
    public static let kind = PoolingKind.average
}

/// Each window over the spatial axes combined to one element; what surrounds the input does not count.
public struct Pool<Rank: SpatialRank, Combination: Summary>: ScopedLayer {
    /// The window's size along each spatial axis.
    public let window: [Int]
    /// Steps along each spatial axis.
    public let strides: [Int]
    /// What surrounds the input.
    public let padding: Padding
    /// Where the channels are.
    public let layout: ImageLayout
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer of windows that do not overlap unless `strides` is given.
    public init(
        size: SpatialSize = 2, strides: SpatialSize? = nil, padding: Padding = .valid,
        layout: ImageLayout = .channelsLast, file: String = #fileID, line: Int = #line
    ) {
        window = size.along(Rank.axes)
        self.strides = (strides ?? size).along(Rank.axes)
        self.padding = padding
        self.layout = layout
        let name = Combination.kind == .max ? "MaxPool" : "AveragePool"
        scope = LayerScope("\(name)\(Rank.suffix)", file: file, line: line)
    }

    /// The smaller input.
    public func apply(_ input: Tensor) -> Tensor {
        if input.isFailed { return input }
        if let failed = Tensor.tooSmall(scope.kind, ["size": window, "strides": strides]) { return failed }
        if input.rank != Rank.axes + 2 {
            return .misfit("\(scope.kind) \(window)", input, Rank.self, layout)
        }
        return pool(
            Combination.kind, input, window: window, strides: strides, padding: padding, layout: layout)
    }
}
