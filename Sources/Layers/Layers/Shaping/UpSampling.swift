import GraphIR
import GraphTracing

/// One spatial axis made longer.
public typealias UpSampling1D = UpSampling<Line>
/// Height and width made larger.
public typealias UpSampling2D = UpSampling<Plane>
/// Depth, height and width made larger.
public typealias UpSampling3D = UpSampling<Volume>

/// How the elements between those of the input are made.
public enum Interpolation: String, Sendable, Hashable, CaseIterable {
    /// Every element is repeated.
    case nearest
    /// Straight lines between the elements' centres, and the outermost element beyond: bilinear over two axes, trilinear over
    /// three (PyTorch's `align_corners=False`).
    case linear
}

/// The spatial axes made larger by whole factors.
public struct UpSampling<Rank: SpatialRank>: ScopedLayer {
    /// By how much along each spatial axis.
    public let size: [Int]
    /// How elements are made.
    public let interpolation: Interpolation
    /// Where the channels are.
    public let layout: ImageLayout
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer that repeats elements, or interpolates.
    public init(
        size: SpatialSize = 2, interpolation: Interpolation = .nearest, layout: ImageLayout = .channelsLast,
        file: String = #fileID, line: Int = #line
    ) {
        self.size = size.along(Rank.axes)
        self.interpolation = interpolation
        self.layout = layout
        scope = LayerScope("UpSampling\(Rank.suffix)", file: file, line: line)
    }

    /// The larger input.
    public func apply(_ input: Tensor) -> Tensor {
        if input.isFailed { return input }
        if let failed = Tensor.tooSmall(scope.kind, ["size": size]) { return failed }
        guard input.rank == Rank.axes + 2, size.count == Rank.axes, interpolation == .nearest || input.dtype.isFloat
        else {
            return .misfit("\(scope.kind) \(size)", input, Rank.self, layout)
        }
        let spatial = layout.spatialAxes(Rank.axes)
        switch interpolation {
        case .nearest: return repeated(input, spatial)
        case .linear:
            return zip(spatial, size).reduce(input) { x, one in
                one.1 == 1 ? x : interpolated(x, axis: one.0, factor: one.1)
            }
        }
    }

    private func repeated(_ input: Tensor, _ spatial: [Int]) -> Tensor {
        var (apart, repeated, joined): ([Dim], [Dim], [Dim]) = ([], [], [])
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

    /// Result r of the `factor` results of an element lies (r + 1/2) / factor - 1/2 behind its centre: between it and the
    /// element before or the one after.
    private func interpolated(_ x: Tensor, axis: Int, factor: Int) -> Tensor {
        let length = x.shape[axis]
        func part(of x: Tensor, from start: Int, _ size: Dim) -> Tensor {
            var (starts, sizes) = (x.shape.map { _ in 0 }, x.shape)
            (starts[axis], sizes[axis]) = (start, size)
            return Tensor.apply(
                "slice", [x],
                ["starts": .ints(starts), "sizes": .dims(sizes), "strides": .ints(x.shape.map { _ in 1 })])
        }
        // A symbolic axis has its last element first, in reverse.
        let last =
            length.constant.map { part(of: x, from: $0 - 1, 1) } ?? part(of: x.reversed(axes: [axis]), from: 0, 1)
        let before = part(of: concat([part(of: x, from: 0, 1), x], axis: axis), from: 0, length)
        let after = part(of: concat([x, last], axis: axis), from: 1, length)
        let results = (0..<factor).map { result -> Tensor in
            let place = (Double(result) + 0.5) / Double(factor) - 0.5
            if place == 0 { return x }
            return x * (1 - abs(place)) + (place < 0 ? before : after) * abs(place)
        }
        var shape = x.shape
        shape[axis] = length * Dim(factor)
        return stack(results, axis: axis + 1).reshaped(to: shape)
    }
}
