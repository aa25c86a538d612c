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
/// Elements repeated along one spatial axis.
public typealias UpSampling1D = UpSampling<Line>
/// Elements repeated along height and width.
public typealias UpSampling2D = UpSampling<Plane>
/// Elements repeated along depth, height and width.
public typealias UpSampling3D = UpSampling<Volume>

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

/// Every element repeated along the spatial axes (nearest-neighbour interpolation).
public struct UpSampling<Rank: SpatialRank>: ScopedLayer {
    /// How often along each spatial axis.
    public let size: [Int]
    /// Where the channels are.
    public let layout: ImageLayout
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer that repeats elements.
    public init(
        size: SpatialSize = 2, layout: ImageLayout = .channelsLast, file: String = #fileID, line: Int = #line
    ) {
        self.size = size.along(Rank.axes)
        self.layout = layout
        scope = LayerScope("UpSampling\(Rank.suffix)", file: file, line: line)
    }

    /// The larger input.
    public func apply(_ input: Tensor) -> Tensor {
        if input.isFailed { return input }
        if let failed = Tensor.tooSmall(scope.kind, ["size": size]) { return failed }
        guard input.rank == Rank.axes + 2, size.count == Rank.axes else {
            return .misfit("\(scope.kind) \(size)", input, Rank.self, layout)
        }
        var (apart, repeated, joined): ([Dim], [Dim], [Dim]) = ([], [], [])
        let spatial = layout.spatialAxes(Rank.axes)
        for (axis, length) in input.shape.enumerated() {
            apart.append(length)
            repeated.append(length)
            guard let at = spatial.firstIndex(of: axis) else {
                joined.append(length)
                continue
            }
            apart.append(1)
            repeated.append(Dim(size[at]))
            joined.append(length * Dim(size[at]))
        }
        return input.reshaped(to: apart).broadcast(to: repeated).reshaped(to: joined)
    }
}
