import GraphIR
import GraphTracing

/// The largest element of each channel over all spatial axes, however many there are.
public typealias GlobalMaxPool = GlobalPool<Largest>
/// The mean of each channel over all spatial axes, however many there are.
public typealias GlobalAveragePool = GlobalPool<Mean>

/// Each channel combined over all spatial axes to one element: [batch, channels].
public struct GlobalPool<Combination: Summary>: ScopedLayer {
    /// Whether the spatial axes stay, with size 1.
    public let keepDims: Bool
    /// Where the channels are.
    public let layout: ImageLayout
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes the layer.
    public init(
        keepDims: Bool = false, layout: ImageLayout = .channelsLast, file: String = #fileID, line: Int = #line
    ) {
        self.keepDims = keepDims
        self.layout = layout
        scope = LayerScope(
            Combination.kind == .max ? "GlobalMaxPool" : "GlobalAveragePool", file: file, line: line)
    }

    /// One element a channel.
    public func apply(_ input: Tensor) -> Tensor {
        if input.isFailed { return input }
        guard input.rank >= 3 else {
            return Tensor(
                failure: GraphError(
                    "\(scope.kind) needs batch, channels and spatial axes, got \(input.type)",
                    place: PlaceScope.current?.description, remedy: "reshape the input, for example to [B, 28, 28, 1]"))
        }
        let axes = layout.spatialAxes(input.rank - 2)
        return Combination.kind == .max
            ? input.max(axes: axes, keepDims: keepDims) : input.mean(axes: axes, keepDims: keepDims)
    }
}
