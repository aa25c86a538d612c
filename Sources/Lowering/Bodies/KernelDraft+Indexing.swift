import GraphIR
import HostTensors
import KernelIR

extension KernelDraft {
    /// Where an index points to, and whether that is inside.
    struct ChosenPosition {
        var at: IndexExpression
        var isInside: KernelExpression
    }

    /// The position that an element of `indices` chooses along an axis of `size` elements, named in the body at `level`.
    mutating func chosen(
        _ indices: ValueID, _ at: [IndexExpression], size: Dim, level: Int
    ) throws -> ChosenPosition {
        let number = named(.apply(.cast, [try element(indices, at)], .i64), level: level)
        let isInside = KernelExpression.apply(
            .and,
            [
                .apply(.greaterEqual, [number, .constant(0, .i64)], .bool),
                .apply(.less, [number, .index(size, .i64)], .bool),
            ], .bool)
        return ChosenPosition(
            at: position(number, extent: size, level: level), isInside: named(isInside, level: level))
    }

    /// An element of a `gather`: the one chosen, 0 where none is.
    mutating func gathered(_ op: GraphOp, _ indices: [IndexExpression], level: Int) throws -> KernelExpression {
        let (x, places) = (op.operands[0], op.operands[1])
        let axes = GatherAxes(type(x), type(places), op.attributes)
        let behind = axes.before.count + axes.places.count
        let before = Array(indices[..<axes.before.count])
        let chosen = try chosen(
            places, Array(before[..<axes.batch]) + Array(indices[axes.before.count..<behind]), size: axes.size,
            level: level)
        let value = load(x, before + [chosen.at] + Array(indices[behind...]))
        return .apply(.select, [chosen.isInside, value, .constant(0, type(x).dtype)], type(x).dtype)
    }

    /// An element of a `dynamicSlice`.
    mutating func dynamicallySliced(_ op: GraphOp, _ indices: [IndexExpression], level: Int) throws -> KernelExpression
    {
        let start = try blockStart(
            op.operands[1], in: type(op.operands[0]).shape, sizes: op.attributes.dims("sizes"), level: level)
        return load(op.operands[0], zip(start, indices).map { $0 + $1 })
    }

    /// Where a block begins, an index an axis: what `starts` holds, moved so that the block lies inside.
    mutating func blockStart(
        _ starts: ValueID, in shape: [Dim], sizes: [Dim], level: Int
    ) throws -> [IndexExpression] {
        try shape.indices.map { axis in
            if shape[axis] == sizes[axis] { return 0 }
            var start = try element(starts, [Dim(axis)])
            // Numbers beyond i64 are beyond every block's last start, too.
            if type(starts).dtype == .u64 { start = .apply(.min, [start, .constant(0x1p62, .u64)], .u64) }
            let wanted = KernelExpression.apply(.cast, [start], .i64)
            return position(wanted, extent: shape[axis] - sizes[axis] + 1, level: level)
        }
    }
}
