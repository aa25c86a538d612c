import GraphIR
import GraphTracing
import HostTensors

let movementOperators: [OperatorDefinition] = [
    row("Concat", ["axis"], moves: .all) { node in
        let axis = try node.axis(node.int("axis", 0), rank: node.x.rank)
        // A graph has no tensors without elements; shapes that are put together may.
        let parts = node.tensors.filter { $0.rank <= axis || $0.shape[axis] != 0 }
        return parts.count == 1 ? parts[0] : concat(parts.isEmpty ? node.tensors : parts, axis: axis)
    },
    row("DepthToSpace", ["blocksize", "mode"]) { node in
        let (x, size) = (try node.x, Dim(node.int("blocksize", 1)))
        let shape = try node.blocks(x, channels: true)
        let isByColumns = node.text("mode", "DCR") == "CRD"
        let apart =
            isByColumns
            ? [shape[0], shape[1], size, size, shape[2], shape[3]]
            : [shape[0], size, size, shape[1], shape[2], shape[3]]
        let order = isByColumns ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]
        return x.reshaped(to: apart).transposed(order)
            .reshaped(to: [shape[0], shape[1], shape[2] * size, shape[3] * size])
    },
    row("Expand", since: 8, moves: .first) { node in
        let x = try node.x
        let target = try node.shape(1, "shape") ?? []
        return x.broadcast(
            to: try Tensor.commonShape("Expand", x.type, TensorType(x.dtype, target)))
    },
    row("Flatten", ["axis"], moves: .first) { node in
        let x = try node.x
        let given = node.int("axis", 1)
        let axis = given < 0 ? given + x.rank : given
        guard (0...x.rank).contains(axis) else { throw node.failure("axis \(given) is none of the \(x.rank) axes") }
        return x.reshaped(to: [Dim.product(x.shape[..<axis]), Dim.product(x.shape[axis...])])
    },
    row("Pad", ["mode", "pads", "value"], limits: "modes but `constant` need sizes that are numbers") {
        try $0.padded()
    },
    row("Reshape", ["allowzero"], moves: .first, limits: "`shape` must be known at import") { node in
        let x = try node.x
        guard let target = try node.shape(1, "shape", least: -1) else {
            throw node.failure("input 1, 'shape', is missing")
        }
        let copies = !node.bool("allowzero")
        return x.reshaped(
            to: try target.enumerated().map { axis, size in
                guard copies, size == 0 else { return size }
                guard axis < x.rank else {
                    throw node.failure("size \(axis) of the shape is that of no axis of \(x.type)")
                }
                return x.shape[axis]
            })
    },
    row("SpaceToDepth", ["blocksize", "mode"]) { node in
        let (x, size) = (try node.x, Dim(node.int("blocksize", 1)))
        let shape = try node.blocks(x, channels: false)
        let order = node.text("mode", "DCR") == "CRD" ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4]
        return x.reshaped(to: [shape[0], shape[1], shape[2], size, shape[3], size])
            .transposed(order).reshaped(to: [shape[0], shape[1] * size * size, shape[2], shape[3]])
    },
    rows(
        "Split", ["axis", "num_outputs", "split"], moves: .first, limits: "the axis must have a size that is a number"
    ) {
        try $0.split()
    },
    row("Squeeze", ["axes"], moves: .first) { node in
        let x = try node.x
        let axes = try node.axes(input: 1, rank: x.rank) ?? x.shape.indices.filter { x.shape[$0] == 1 }
        for axis in axes where x.shape[axis] != 1 {
            throw node.failure(
                "axis \(axis) of \(x.type) does not have size 1",
                remedy: x.shape[axis].constant == nil ? "give it with --dim \(x.shape[axis])=1" : nil)
        }
        return x.reshaped(to: x.shape.indices.filter { !axes.contains($0) }.map { x.shape[$0] })
    },
    row("Tile", moves: .first, limits: "`repeats` must be numbers") { node in
        let x = try node.x
        let counts = try node.numbers(1, "repeats") ?? x.shape.map { _ in 1 }
        try node.requireMemory(TensorType(x.dtype, x.shape + counts.map { Dim($0) }), named: "the result")
        return x.tiled(counts)
    },
    row("Transpose", ["perm"], moves: .first) { node in try node.x.transposed(node.ints("perm")) },
    row("Unsqueeze", ["axes"], moves: .first) { node in
        let x = try node.x
        let given = try node.numbers(1, "axes") ?? []
        let axes = try node.axes(given, rank: x.rank + given.count).sorted()
        var shape = x.shape
        for axis in axes {
            guard axis <= shape.count else { throw node.failure("axes \(given) name one twice") }
            shape.insert(1, at: axis)
        }
        return x.reshaped(to: shape)
    },
]

extension Node {
    /// The sizes of `x` after its channels, or its height and width, are divided by the size of blocks.
    fileprivate func blocks(_ x: Tensor, channels: Bool) throws -> [Dim] {
        let size = int("blocksize", 1)
        guard x.rank == 4, size >= 1 else { throw failure("\(x.type) with blocks of \(size): four axes are expected") }
        func quotient(_ axis: Int, _ divisor: Int) throws -> Dim {
            guard let part = x.shape[axis].dividedExactly(by: Dim(divisor)) else {
                throw failure("axis \(axis) of \(x.type) does not fall into blocks of \(divisor)")
            }
            return part
        }
        if channels { return [x.shape[0], try quotient(1, size * size), x.shape[2], x.shape[3]] }
        return [x.shape[0], x.shape[1], try quotient(2, size), try quotient(3, size)]
    }

    fileprivate func split() throws -> [Tensor] {
        let x = try x
        let axis = try axis(int("axis", 0), rank: x.rank)
        if let sizes = try numbers(1, "split") { return x.split(sizes: sizes, axis: axis) }
        let count = int("num_outputs", outputs.count)
        guard let size = x.shape[axis].constant, count >= 1 else {
            throw failure("axis \(axis) of \(x.type) must have a size that is a number")
        }
        // The last part is smaller where the parts cannot be equal.
        let part = (size + count - 1) / count
        guard part * (count - 1) < size else {
            throw failure("axis \(axis) of \(x.type) does not fall into \(count) parts")
        }
        return x.split(sizes: (0..<count).map { min(part, size - $0 * part) }, axis: axis)
    }

    fileprivate func padded() throws -> Tensor {
        var x = try x
        let pads = try numbers(1, "pads") ?? []
        let axes = try numbers(3, "axes").map { try self.axes($0, rank: x.rank) } ?? Array(x.shape.indices)
        guard pads.count == 2 * axes.count else {
            throw failure("'pads' has \(pads.count) numbers for \(axes.count) axes")
        }
        var sides = x.shape.map { _ in [0, 0] }
        for (at, axis) in axes.enumerated() { sides[axis] = [pads[at], pads[at + axes.count]] }
        let mode = text("mode", "constant")
        for (axis, side) in sides.enumerated() where side != [0, 0] && (mode != "constant" || side.contains { $0 < 0 })
        {
            x = try moved(x, axis, mode == "constant" ? side.map { min($0, 0) } : side, mode)
        }
        guard mode == "constant" else { return x }
        let around = sides.map { $0.map { max($0, 0) } }
        let value = scalar(2, "value", dtype: x.dtype)?.reshaped(to: []).cast(to: x.dtype) ?? .scalar(0, dtype: x.dtype)
        return Tensor.apply(
            "pad", [x, value],
            [
                "low": .ints(around.map { $0[0] }), "high": .ints(around.map { $0[1] }),
                "interior": .ints(around.map { _ in 0 }),
            ])
    }

    /// An axis with elements taken away or repeated at its ends, chosen by their position.
    private func moved(_ x: Tensor, _ axis: Int, _ side: [Int], _ mode: String) throws -> Tensor {
        guard let size = x.shape[axis].constant else {
            throw failure(
                "axis \(axis) of \(x.type) must have a size that is a number for mode '\(mode)' or negative pads")
        }
        let positions = try (-side[0]..<max(size + side[1], -side[0])).map { at -> Int32 in
            switch mode {
            case "constant": return Int32(at)
            case "edge": return Int32(min(max(at, 0), size - 1))
            case "wrap": return Int32(((at % size) + size) % size)
            case "reflect":
                let period = max(2 * (size - 1), 1)
                let rest = ((at % period) + period) % period
                return Int32(size == 1 ? 0 : min(rest, period - rest))
            default: throw failure("attribute 'mode' is '\(mode)'")
            }
        }
        guard !positions.isEmpty else { throw failure("nothing is left of axis \(axis) of \(x.type)") }
        return gather(x, Tensor(HostTensor(positions)), axis: axis)
    }
}
