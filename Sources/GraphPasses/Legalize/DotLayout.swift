import GraphIR

/// Which axis of which operand of a `dot` a kernel's vectors run along: the result's last free axis or, where that is so short that much
/// of a vector would be idle, the one summed over.
struct DotLayout {
    /// The operand (0 or 1) and its axis that must become innermost; nil if nothing needs to move.
    let axisToMove: (side: Int, axis: Int)?

    /// Operands of at most this many elements stay as they are.
    private static let tinyCount = 256

    init(_ op: GraphOp, in type: (ValueID) -> TensorType) {
        let shapes = op.operands.map { type($0).shape }
        let contract = op.attributes.intLists("contract")
        let batch = op.attributes.intLists("batch")
        let free = (0..<2).map { side in
            shapes[side].indices.filter { !contract[side].contains($0) && !batch[side].contains($0) }
        }
        if Self.hasFewColumns(shapes, contract, batch, free) {
            axisToMove = contract[1][0] == shapes[1].count - 1 ? nil : (1, contract[1][0])
            return
        }
        let side = free[1].isEmpty ? 0 : 1
        guard let axis = free[side].last, axis != shapes[side].count - 1,
            !Self.isAtMost(1, contract[side].map { shapes[side][$0] }), !Self.isAtMost(1, [shapes[side][axis]]),
            !Self.isAtMost(Self.tinyCount, shapes[side])
        else {
            axisToMove = nil
            return
        }
        // One row against a matrix whose rows are contiguous: dot products along them are as fast.
        let other = 1 - side
        let isSingleRow = Self.isAtMost(1, free[other].map { shapes[other][$0] })
        let contractsInnermost = (0..<2).allSatisfy { contract[$0] == [shapes[$0].count - 1] }
        axisToMove = isSingleRow && contractsInnermost ? nil : (side, axis)
    }

    /// Whether the products of many rows with a few columns are summed along rows that lie in memory one number behind the other.
    private static func hasFewColumns(
        _ shapes: [[Dim]], _ contract: [[Int]], _ batch: [[Int]], _ free: [[Int]]
    ) -> Bool {
        guard batch.allSatisfy(\.isEmpty), contract[0] == [shapes[0].count - 1], free[1].count == 1,
            !isAtMost(1, free[0].map { shapes[0][$0] }), let depth = shapes[0][contract[0][0]].constant,
            let columns = shapes[1][free[1][0]].constant
        else { return false }
        return fewColumns.contains(columns) && depth >= shortestDepth
    }

    /// So many columns leave a third of a vector idle at least, of the widest there are.
    private static let fewColumns = 2...10
    /// Sums shorter than this are not worth the adding up of lanes.
    private static let shortestDepth = 128

    private static func isAtMost(_ limit: Int, _ dims: [Dim]) -> Bool {
        (Dim.product(dims).constant ?? Int.max) <= limit
    }
}
