import GraphIR
import GraphTracing

let samplingOperators: [OperatorDefinition] = [
    row(
        "AffineGrid", since: 20, ["align_corners"], limits: "spatial sizes of `size` must be numbers"
    ) { node in
        let theta = try node.x
        let sizes = try node.sizes(1, "size") ?? []
        let spatial = sizes.dropFirst(2).compactMap(\.constant)
        guard theta.rank == 3, (2...3).contains(spatial.count), spatial.count == sizes.count - 2,
            spatial.allSatisfy({ (1...0xffff).contains($0) })
        else { throw node.failure("the sizes behind batch and channels must be two or three numbers") }
        // The coordinates of x come first, those of the last axis.
        let shape = spatial.map { Dim($0) }
        let coordinates = spatial.indices.reversed().map { axis -> Tensor in
            let place = Tensor.iota(axis: axis, shape: shape).cast(to: theta.dtype)
            let size = Double(spatial[axis])
            if node.bool("align_corners") { return size > 1 ? place * (2 / (size - 1)) - 1 : place }
            return (place * 2 + 1) / size - 1
        }
        let points = stack(coordinates + [.ones(TensorType(theta.dtype, shape))], axis: spatial.count)
        let rows = points.reshaped(to: [Dim.product(shape), Dim(spatial.count + 1)])
        return matmul(
            rows.broadcast(to: [theta.dim(0)] + rows.shape), theta.transposed([0, 2, 1])
        ).reshaped(to: [theta.dim(0)] + shape + [Dim(spatial.count)])
    },
    row(
        "GridSample", since: 16, ["align_corners", "mode", "padding_mode"], limits: "spatial sizes must be numbers"
    ) { try Sampling($0).result() },
]

/// Elements of images or volumes at places between them.
private struct Sampling {
    let node: Node
    /// The elements, all spatial axes as one.
    let elements: Tensor
    let grid: Tensor
    let sizes: [Int]

    init(_ node: Node) throws {
        let (x, grid) = (try node.x, try node.tensor(1))
        let sizes = x.shape.dropFirst(2).compactMap(\.constant)
        guard sizes.count == x.rank - 2, (1...3).contains(sizes.count), grid.rank == x.rank,
            grid.shape.last == Dim(sizes.count), sizes.reduce(1.0, { $0 * Double($1) }) <= 0x1p31
        else {
            throw node.failure(
                "\(x.type) at \(grid.type): the spatial sizes must be one to three numbers, and the last axis of the grid as many"
            )
        }
        (self.node, self.grid, self.sizes) = (node, grid, sizes)
        elements = x.reshaped(to: [x.dim(0), x.dim(1), Dim(sizes.reduce(1, *))])
    }

    func result() throws -> Tensor {
        let places = grid.split(count: sizes.count, axis: -1).reversed().enumerated().map { axis, part in
            inside(unnormalized(part.squeezed(at: -1).cast(to: .f32), axis), axis)
        }
        // For each axis the positions that are read, each with a weight.
        let taps = try places.map { try self.taps($0) }
        var sum: Tensor?
        for choice in taps.reduce([[]], { all, axis in all.flatMap { first in axis.map { first + [$0] } } }) {
            let part = sample(choice)
            sum = sum.map { $0 + part } ?? part
        }
        let result = sum ?? elements
        return result.reshaped(to: elements.shape[..<2] + grid.shape[1...].dropLast())
    }

    /// A position and its weight.
    private typealias Tap = (position: Tensor, weight: Tensor?)

    private func taps(_ place: Tensor) throws -> [Tap] {
        let first = floor(place)
        let rest = place - first
        switch node.text("mode", "linear") {
        case "nearest": return [(round(place), nil)]
        case "linear", "bilinear": return [(first, 1 - rest), (first + 1, rest)]
        case "cubic", "bicubic":
            return [-1, 0, 1, 2].map { offset in (first + offset, Self.cubic(abs(rest - offset))) }
        case let other: throw node.failure("attribute 'mode' is '\(other)'")
        }
    }

    /// The weight of an element at a distance (Keys, 1981).
    private static func cubic(_ x: Tensor) -> Tensor {
        let a = -0.75
        let near = ((a + 2) * x - (a + 3)) * x * x + 1
        return select(x .<= 1, near, ((a * x - 5 * a) * x + 8 * a) * x - 4 * a)
    }

    /// What one position an axis gives, times the weights: [batch, channels, places].
    private func sample(_ taps: [Tap]) -> Tensor {
        var index: Tensor?
        var isThere: Tensor?
        for (axis, tap) in taps.enumerated() {
            let size = Double(sizes[axis])
            let isInside = (tap.position .>= 0) .& (tap.position .< size)
            let position = clip(inside(tap.position, axis), 0, size - 1).cast(to: .i32)
            index = index.map { $0 * size + position } ?? position
            isThere = isThere.map { $0 .& isInside } ?? isInside
        }
        guard var index, let isThere else { return elements }
        // A position that is nowhere gives 0.
        if padding == "zeros" { index = select(isThere, index, .scalar(-1, dtype: .i32)) }
        let flat: [Dim] = [index.dim(0), Dim.product(index.shape[1...])]
        let values = gather(elements, index.reshaped(to: flat), axis: 2, batchAxes: 1)
        let weights = taps.compactMap(\.weight)
        guard let first = weights.first else { return values }
        let weight = weights.dropFirst().reduce(first, *).reshaped(to: [flat[0], 1, flat[1]])
        return values * weight.cast(to: values.dtype)
    }

    private var padding: String { node.text("padding_mode", "zeros") }

    /// From -1...1 to positions.
    private func unnormalized(_ place: Tensor, _ axis: Int) -> Tensor {
        let size = Double(sizes[axis])
        return node.bool("align_corners") ? (place + 1) * ((size - 1) / 2) : ((place + 1) * size - 1) * 0.5
    }

    /// Places outside brought to the border, or reflected there, as `padding_mode` says.
    private func inside(_ place: Tensor, _ axis: Int) -> Tensor {
        let size = Double(sizes[axis])
        switch padding {
        case "border": return clip(place, 0, size - 1)
        case "reflection":
            let (low, high) = node.bool("align_corners") ? (0, size - 1) : (-0.5, size - 0.5)
            if high <= low { return .zeros(place.type) }
            let range = high - low
            let far = remainder(abs(place - low), 2 * range)
            return low + minimum(far, 2 * range - far)
        default: return place
        }
    }
}
