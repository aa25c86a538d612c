import GraphIR
import GraphTracing

let scatterOperators: [OperatorDefinition] = [
    row("Scatter", since: 9, ["axis"], limits: scatterLimits + "; gone since 11") { try $0.scatteredElements() },
    row("ScatterElements", since: 11, ["axis", "reduction"], limits: scatterLimits) { try $0.scatteredElements() },
    row("ScatterND", since: 11, ["reduction"], limits: scatterLimits) { node in
        let (x, indices, updates) = (try node.x, try node.tensor(1), try node.tensor(2))
        let (positions, depth) = try node.flatPositions(indices, in: x, from: 0)
        let (count, part) = (Dim.product(positions.shape), Array(x.shape[depth...]))
        let rows = x.reshaped(to: [Dim.product(x.shape[..<depth])] + part)
        let result = try node.scattered(
            rows, positions.reshaped(to: [count]), updates.reshaped(to: [count] + part), axis: 0)
        return result.reshaped(to: x.shape)
    },
]

private let scatterLimits =
    "one position twice, without `reduction`; more than 64 updates of a row by `mul`, `max`, `min`"

extension Node {
    /// Positions along the first axes behind `start` of `x` as positions in these axes made one, and the axis after them: the last
    /// axis of `indices` has a position for each.
    func flatPositions(_ indices: Tensor, in x: Tensor, from start: Int) throws -> (positions: Tensor, end: Int) {
        guard let depth = indices.shape.last?.constant, depth >= 1, start + depth <= x.rank else {
            throw failure(
                "the last axis of \(indices.type) must say 1 to \(x.rank - start) positions of \(x.type)")
        }
        var flat: Tensor?
        for (axis, part) in indices.split(count: depth, axis: -1).enumerated() {
            let size = x.shape[start + axis]
            let position = Self.counted(part.squeezed(at: -1), in: size)
            flat = flat.map { $0 * SizeTensor.count(size, dtype: position.dtype) + position } ?? position
        }
        return (flat ?? indices, start + depth)
    }

    fileprivate func scatteredElements() throws -> Tensor {
        let (x, indices, updates) = (try x, try tensor(1), try tensor(2))
        let axis = try axis(int("axis", 0), rank: x.rank)
        guard indices.rank == x.rank, updates.shape == indices.shape else {
            throw failure("\(updates.type) by \(indices.type) into \(x.type): they must have the same axes")
        }
        // Other axes may be shorter: what lies beyond stays.
        var sizes = indices.shape
        sizes[axis] = x.shape[axis]
        let zeros = x.shape.map { _ in 0 }
        let block =
            sizes == x.shape
            ? x
            : Tensor.apply(
                "slice", [x], ["starts": .ints(zeros), "sizes": .dims(sizes), "strides": .ints(zeros.map { _ in 1 })])
        // The axis goes last, where all others are batch axes.
        let order = x.shape.indices.filter { $0 != axis } + [axis]
        let back = order.indices.map { order.firstIndex(of: $0) ?? $0 }
        let positions = Self.counted(indices, in: x.shape[axis])
        let result = try scattered(
            block.transposed(order), positions.transposed(order), updates.transposed(order), axis: x.rank - 1
        ).transposed(back)
        if sizes == x.shape { return result }
        return dynamicUpdateSlice(x, result, starts: .zeros(TensorType(.i32, [Dim(x.rank)])))
    }

    /// `x` with updates at positions along an axis, all axes before it being batch axes, as the attribute `reduction` says.
    fileprivate func scattered(_ x: Tensor, _ positions: Tensor, _ updates: Tensor, axis: Int) throws -> Tensor {
        try check([x, positions, updates])
        if x.dtype == .bool {
            let bytes = try scattered(x.cast(to: .u8), positions, updates.cast(to: .u8), axis: axis)
            return bytes.cast(to: .bool)
        }
        let combine: (Tensor, Tensor) -> Tensor
        switch text("reduction", "none") {
        case "none": return Self.replaced(x, positions, updates, axis: axis)
        case "add": return scatterAdd(x, positions, updates, axis: axis, batchAxes: axis)
        case "mul": combine = { $0 * $1 }
        case "max": combine = { maximum($0, $1) }
        case "min": combine = { minimum($0, $1) }
        case let other: throw failure("attribute 'reduction' is '\(other)'")
        }
        guard let count = positions.shape.last?.constant, count <= 64 else {
            throw failure("\(positions.type) by '\(text("reduction", ""))': 64 updates of a row are the most")
        }
        // One after another, since they may be at the same place.
        let places = positions.split(count: count, axis: axis)
        return zip(places, updates.split(count: count, axis: axis)).reduce(x) { x, update in
            let old = gather(x, update.0, axis: axis, batchAxes: axis)
            return Self.replaced(x, update.0, combine(old, update.1), axis: axis)
        }
    }

    /// `x` with updates in the place of elements; the sum of those at one place.
    private static func replaced(_ x: Tensor, _ positions: Tensor, _ updates: Tensor, axis: Int) -> Tensor {
        let sums = scatterAdd(.zeros(x.type), positions, updates, axis: axis, batchAxes: axis)
        let counts = scatterAdd(
            .zeros(TensorType(.i32, Array(x.shape[...axis]))), positions, .ones(TensorType(.i32, positions.shape)),
            axis: axis, batchAxes: axis)
        let isThere = (counts .> 0).reshaped(to: x.shape[...axis] + x.shape[(axis + 1)...].map { _ in 1 })
        return select(isThere, sums, x)
    }
}
