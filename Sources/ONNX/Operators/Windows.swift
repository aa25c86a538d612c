import GraphIR
import GraphTracing

/// The windows of a convolution or pooling: attributes that they share, for each spatial axis.
struct Windows {
    let taps: [Int]
    let strides: [Int]
    let dilations: [Int]
    /// What is put before and after each axis, as the attributes say.
    let padding: [[Int]]

    /// The attributes that are read.
    static let attributes = ["auto_pad", "dilations", "kernel_shape", "pads", "strides"]

    /// Reads the attributes for a node whose windows have `taps` positions on each axis of the input `x`.
    init(_ node: Node, taps: [Int], x: Tensor) throws {
        self.taps = taps
        let count = taps.count
        guard count == x.rank - 2, (1...3).contains(count) else {
            throw node.failure(
                "windows of \(count) axes over \(x.type)",
                remedy: "one to three spatial axes after batch and channels are supported")
        }
        func list(_ name: String) throws -> [Int] {
            let list = node.ints(name) ?? Array(repeating: 1, count: count)
            guard list.count == count, list.allSatisfy({ $0 >= 1 }) else {
                throw node.failure("attribute '\(name)' is \(list), expected \(count) numbers of at least 1")
            }
            return list
        }
        let (strides, dilations) = (try list("strides"), try list("dilations"))
        (self.strides, self.dilations) = (strides, dilations)
        if let given = node.ints("kernel_shape"), given != taps {
            throw node.failure("attribute 'kernel_shape' is \(given), but the weights have \(taps)")
        }
        let kind = node.text("auto_pad", "NOTSET")
        switch kind {
        case "NOTSET":
            let pads = node.ints("pads") ?? Array(repeating: 0, count: 2 * count)
            guard pads.count == 2 * count, pads.allSatisfy({ $0 >= 0 }) else {
                throw node.failure("attribute 'pads' is \(pads), expected \(2 * count) numbers of at least 0")
            }
            padding = (0..<count).map { [pads[$0], pads[$0 + count]] }
        case "VALID": padding = taps.map { _ in [0, 0] }
        case "SAME_UPPER", "SAME_LOWER":
            padding = try (0..<count).map { axis in
                guard let size = x.dim(axis + 2).constant else {
                    throw node.failure("attribute 'auto_pad' is \(kind), for which spatial sizes must be numbers")
                }
                let windows = (size + strides[axis] - 1) / strides[axis]
                let total = max(0, (windows - 1) * strides[axis] + (taps[axis] - 1) * dilations[axis] + 1 - size)
                return kind == "SAME_UPPER" ? [total / 2, total - total / 2] : [total - total / 2, total / 2]
            }
        default: throw node.failure("attribute 'auto_pad' is '\(kind)'")
        }
    }

    /// Whether positions of a window lie apart.
    var hasGaps: Bool { dilations.contains { $0 != 1 } }

    /// How far a window reaches on each axis.
    var reach: [Int] { zip(taps, dilations).map { ($0 - 1) * $1 + 1 } }

    /// What more must follow each axis so that as many windows fit as with sizes rounded up.
    func ceiling(_ node: Node, x: Tensor) throws -> [Int] {
        guard node.bool("ceil_mode") else { return taps.map { _ in 0 } }
        return try taps.indices.map { axis in
            guard let size = x.dim(axis + 2).constant else {
                throw node.failure("attribute 'ceil_mode' needs spatial sizes that are numbers")
            }
            let free = size + padding[axis][0] + padding[axis][1] - reach[axis]
            var steps = (free + strides[axis] - 1) / strides[axis]
            // A window that begins in the padding at the end is left out.
            if steps * strides[axis] >= size + padding[axis][0] { steps -= 1 }
            return max(0, steps * strides[axis] - free)
        }
    }
}
