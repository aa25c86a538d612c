import GraphIR
import GraphTracing
import HostTensors

let resizeOperators: [OperatorDefinition] = [
    row(
        "Resize", since: 10,
        [
            "antialias", "axes", "coordinate_transformation_mode", "cubic_coeff_a", "exclude_outside",
            "extrapolation_value", "keep_aspect_ratio_policy", "mode", "nearest_mode",
        ],
        limits: "`antialias`, `tf_crop_and_resize`; sizes that change must be numbers"
    ) { node in
        try node.require("antialias", 0)
        // Before operator set 11 there is no region, and nothing but scales.
        if node.opset < 11 { return try node.resized(axes: nil, scales: try node.doubles(1, "scales"), sizes: nil) }
        let axes = try node.ints("axes").map { try node.axes($0, rank: try node.x.rank) }
        let scales = node.optional(2)?.constant?.count == 0 ? nil : try node.doubles(2, "scales")
        return try node.resized(
            axes: axes, scales: scales, sizes: scales == nil ? try node.sizes(3, "sizes") : nil)
    },
    row("Upsample", ["mode", "scales"], limits: "sizes that change must be numbers; gone since 10") { node in
        try node.resized(axes: nil, scales: try node.doubles(1, "scales"), sizes: nil)
    },
]

extension Node {
    /// The input with some axes, or all, resized by scales or to sizes.
    fileprivate func resized(axes: [Int]?, scales: [Double]?, sizes: [Dim]?) throws -> Tensor {
        var x = try x
        let axes = axes ?? Array(x.shape.indices)
        guard (scales?.count ?? sizes?.count) == axes.count else {
            throw failure("'scales' or 'sizes' must have \(axes.count) numbers")
        }
        let sizes = try sizes.map { try keepingAspect($0, of: axes.map { x.shape[$0] }) }
        for (at, axis) in axes.enumerated() {
            if scales?[at] == 1 || sizes?[at] == x.shape[axis] { continue }
            guard let size = x.shape[axis].constant else {
                throw failure("axis \(axis) of \(x.type) changes its size, which must be a number then")
            }
            let wanted = try sizes.map { Double(try required($0[at])) } ?? Double(size) * (scales?[at] ?? 1)
            guard (1...0x1p24).contains(wanted) else {
                throw failure("axis \(axis) of \(x.type) would have the size \(wanted)", remedy: "sizes are 1 to 2^24")
            }
            let count = Int(wanted)
            let interpolation = try Interpolation(
                self, size: size, count: count, scale: scales?[at] ?? wanted / Double(size))
            x = try interpolation.applied(to: x, axis: axis)
        }
        return x
    }

    /// Sizes that keep the ratio of those of the original, if the attributes ask for it: no larger or no smaller than given.
    fileprivate func keepingAspect(_ sizes: [Dim], of original: [Dim]) throws -> [Dim] {
        let policy = text("keep_aspect_ratio_policy", "stretch")
        if policy == "stretch" { return sizes }
        guard ["not_larger", "not_smaller"].contains(policy) else {
            throw failure("attribute 'keep_aspect_ratio_policy' is '\(policy)'")
        }
        let scales = try zip(sizes, original).map { Double(try required($0)) / Double(try required($1)) }
        let scale = (policy == "not_larger" ? scales.min() : scales.max()) ?? 1
        return try original.map { Dim(Int((scale * Double(try required($0))).rounded(.toNearestOrAwayFromZero))) }
    }

    fileprivate func required(_ size: Dim) throws -> Int {
        guard let size = size.constant, size >= 1 else {
            throw failure("'sizes' is \(size) in part, but must be a number")
        }
        return size
    }
}

/// How the elements of one axis of a resized tensor are made of those of the original: a few of them, each with a weight.
private struct Interpolation {
    /// For each tap, the position that each result reads.
    var positions: [[Int]]
    /// For each tap, its weight in each result; none for the only tap of the nearest element.
    var weights: [[Double]]

    init(_ node: Node, size: Int, count: Int, scale: Double) throws {
        let places = try (0..<count).map { try Self.place(node, $0, size: size, count: count, scale: scale) }
        let mode = node.text("mode", "nearest")
        switch mode {
        case "nearest":
            let kind = node.opset > 10 ? node.text("nearest_mode", "round_prefer_floor") : scale < 1 ? "ceil" : "floor"
            positions = [try places.map { min(max(try Self.nearest(node, kind, $0), 0), size - 1) }]
            weights = []
        case "linear", "cubic":
            let a = node.float("cubic_coeff_a", -0.75)
            let offsets = mode == "linear" ? [0, 1] : [-1, 0, 1, 2]
            positions = offsets.map { offset in
                places.map { min(max(Int($0.rounded(.down)) + offset, 0), size - 1) }
            }
            weights = offsets.map { offset in
                places.map { place in
                    let at = Int(place.rounded(.down)) + offset
                    if node.bool("exclude_outside"), at < 0 || at >= size { return 0 }
                    let distance = abs(place - Double(at))
                    return mode == "linear" ? 1 - distance : Self.cubic(distance, a)
                }
            }
            if node.bool("exclude_outside") {
                for at in places.indices {
                    let sum = weights.reduce(0) { $0 + $1[at] }
                    for tap in weights.indices { weights[tap][at] /= sum }
                }
            }
        default: throw node.failure("attribute 'mode' is '\(mode)'")
        }
    }

    /// The tensor with an axis resized.
    func applied(to x: Tensor, axis: Int) throws -> Tensor {
        guard !weights.isEmpty else { return chosen(x, positions[0], axis) }
        var sum: Tensor?
        for (positions, weights) in zip(positions, weights) {
            let shape = x.shape.indices.map { $0 == axis ? weights.count : 1 }
            let factor = Tensor(try HostTensor(weights, shape: shape).converted(to: x.dtype))
            let part = chosen(x, positions, axis) * factor
            sum = sum.map { $0 + part } ?? part
        }
        return sum ?? x
    }

    private func chosen(_ x: Tensor, _ positions: [Int], _ axis: Int) -> Tensor {
        if let size = x.shape[axis].constant, positions.count % size == 0 {
            let times = positions.count / size
            if positions == (0..<positions.count).map({ $0 / times }) { return x.repeated(times, axis: axis) }
        }
        return gather(x, Tensor(HostTensor(positions.map { Int32($0) })), axis: axis)
    }

    /// Where the element at a position of the result lies in the original.
    private static func place(_ node: Node, _ at: Int, size: Int, count: Int, scale: Double) throws -> Double {
        let x = Double(at)
        let mode = node.opset > 10 ? node.text("coordinate_transformation_mode", "half_pixel") : "asymmetric"
        switch mode {
        case "half_pixel": return (x + 0.5) / scale - 0.5
        case "half_pixel_symmetric":
            let adjustment = Double(count) / (scale * Double(size))
            return Double(size) / 2 * (1 - adjustment) + (x + 0.5) / scale - 0.5
        case "pytorch_half_pixel": return count > 1 ? (x + 0.5) / scale - 0.5 : 0
        case "align_corners":
            // The size before it is rounded down.
            return count > 1 ? x * Double(size - 1) / (scale * Double(size) - 1) : 0
        case "asymmetric": return x / scale
        default: throw node.failure("attribute 'coordinate_transformation_mode' is '\(mode)', which is not supported")
        }
    }

    private static func nearest(_ node: Node, _ kind: String, _ place: Double) throws -> Int {
        switch kind {
        case "round_prefer_floor": return Int((place - 0.5).rounded(.up))
        case "round_prefer_ceil": return Int((place + 0.5).rounded(.down))
        case "floor": return Int(place.rounded(.down))
        case "ceil": return Int(place.rounded(.up))
        default: throw node.failure("attribute 'nearest_mode' is '\(kind)'")
        }
    }

    /// The weight of an element at a distance (Keys, 1981).
    private static func cubic(_ x: Double, _ a: Double) -> Double {
        if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
        if x < 2 { return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
        return 0
    }
}
