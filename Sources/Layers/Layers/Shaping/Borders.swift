import GraphIR
import GraphTracing

/// Zeros around one spatial axis.
public typealias ZeroPadding1D = ZeroPadding<Line>
/// Zeros around height and width.
public typealias ZeroPadding2D = ZeroPadding<Plane>
/// Zeros around depth, height and width.
public typealias ZeroPadding3D = ZeroPadding<Volume>
/// A piece cut off each end of one spatial axis.
public typealias Cropping1D = Cropping<Line>
/// A piece cut off each end of height and width.
public typealias Cropping2D = Cropping<Plane>
/// A piece cut off each end of depth, height and width.
public typealias Cropping3D = Cropping<Volume>

/// Zeros around the spatial axes.
public struct ZeroPadding<Rank: SpatialRank>: ScopedLayer {
    /// How many before and after each spatial axis.
    public let amounts: [[Int]]
    /// Where the channels are.
    public let layout: ImageLayout
    /// The layer's identity.
    public let scope: LayerScope

    /// As many zeros before as after.
    public init(
        _ size: SpatialSize = 1, layout: ImageLayout = .channelsLast, file: String = #fileID, line: Int = #line
    ) {
        self.init(
            before: size.along(Rank.axes), after: size.along(Rank.axes), layout: layout, file: file, line: line)
    }

    /// Zeros before and after each spatial axis.
    public init(
        before: [Int], after: [Int], layout: ImageLayout = .channelsLast, file: String = #fileID, line: Int = #line
    ) {
        amounts = zip(before, after).map { [$0, $1] }
        self.layout = layout
        scope = LayerScope("ZeroPadding\(Rank.suffix)", file: file, line: line)
    }

    /// The larger input.
    public func apply(_ input: Tensor) -> Tensor {
        if input.isFailed { return input }
        if let failed = Tensor.tooSmall(scope.kind, ["amounts": amounts.flatMap { $0 }], least: 0) { return failed }
        guard input.rank == Rank.axes + 2, amounts.count == Rank.axes else {
            return .misfit("\(scope.kind) \(amounts)", input, Rank.self, layout)
        }
        let spatial = layout.spatialAxes(Rank.axes)
        func side(_ at: Int) -> [Int] {
            input.shape.indices.map { axis in spatial.firstIndex(of: axis).map { amounts[$0][at] } ?? 0 }
        }
        return input.padded(low: side(0), high: side(1))
    }
}

/// A piece cut off each end of the spatial axes.
public struct Cropping<Rank: SpatialRank>: ScopedLayer {
    /// How much before and after along each spatial axis.
    public let amounts: [[Int]]
    /// Where the channels are.
    public let layout: ImageLayout
    /// The layer's identity.
    public let scope: LayerScope

    /// As much before as after.
    public init(
        _ size: SpatialSize = 1, layout: ImageLayout = .channelsLast, file: String = #fileID, line: Int = #line
    ) {
        self.init(
            before: size.along(Rank.axes), after: size.along(Rank.axes), layout: layout, file: file, line: line)
    }

    /// So much before and after along each spatial axis.
    public init(
        before: [Int], after: [Int], layout: ImageLayout = .channelsLast, file: String = #fileID, line: Int = #line
    ) {
        amounts = zip(before, after).map { [$0, $1] }
        self.layout = layout
        scope = LayerScope("Cropping\(Rank.suffix)", file: file, line: line)
    }

    /// The smaller input.
    public func apply(_ input: Tensor) -> Tensor {
        if input.isFailed { return input }
        if let failed = Tensor.tooSmall(scope.kind, ["amounts": amounts.flatMap { $0 }], least: 0) { return failed }
        guard input.rank == Rank.axes + 2, amounts.count == Rank.axes else {
            return .misfit("\(scope.kind) \(amounts)", input, Rank.self, layout)
        }
        let spatial = layout.spatialAxes(Rank.axes)
        let whole: [Dim] = input.shape
        var starts = whole.map { _ in 0 }
        var sizes = whole
        for (axis, amount) in zip(spatial, amounts) {
            starts[axis] = amount[0]
            sizes[axis] = whole[axis] - Dim(amount[0] + amount[1])
        }
        return Tensor.apply(
            "slice", [input],
            ["starts": .ints(starts), "sizes": .dims(sizes), "strides": .ints(whole.map { _ in 1 })])
    }
}
