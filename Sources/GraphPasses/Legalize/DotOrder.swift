import GraphIR

/// How neighbouring axes that are summed over lie in one operand of a `dot` in another order than in the other one: of the same order,
/// they are one axis.
struct DotOrder {
    /// Of each operand: how its axes must be permuted to lie as those of the other.
    private let permutations: [[Int]]
    /// The operand with fewer elements.
    private let smaller: Int

    /// Operands of products with fewer rows and columns than this are left alone: moving them takes as long as it spares.
    private static let leastFree = 128

    /// Nil where the axes have one order, or are no neighbours.
    init?(_ op: GraphOp, in type: (ValueID) -> TensorType) {
        let contract = op.attributes.intLists("contract")
        let shapes = op.operands.map { type($0).shape }
        guard contract[0].count > 1, op.attributes.intLists("batch")[0].isEmpty,
            contract.allSatisfy({ $0.max()! - $0.min()! == $0.count - 1 }),
            contract[0].allSatisfy({ shapes[0][$0] != Dim(1) })
        else { return nil }
        let free = (0..<2).map { side in
            Dim.product(shapes[side].indices.filter { !contract[side].contains($0) }.map { shapes[side][$0] }).constant
        }
        guard let left = free[0], let right = free[1], max(left, right) >= Self.leastFree else { return nil }
        let pairs = contract[0].indices
        permutations = (0..<2).map { side in
            let order = pairs.sorted { contract[1 - side][$0] < contract[1 - side][$1] }
            var permutation = Array(shapes[side].indices)
            let first = contract[side].min()!
            for (at, pair) in order.enumerated() { permutation[first + at] = contract[side][pair] }
            return permutation
        }
        if permutations[0] == Array(shapes[0].indices) { return nil }
        smaller = left <= right ? 0 : 1
    }

    /// The operation with an operand transposed: one that is there transposed already, else the smaller one.
    func ordered(_ op: GraphOp, _ builder: inout FunctionBuilder) throws -> GraphOp {
        var result = op
        let known = [smaller, 1 - smaller].first { side in
            builder.function.ops.contains {
                $0.name == "transpose" && $0.operands[0] == op.operands[side]
                    && $0.attributes.ints("permutation") == permutations[side]
            }
        }
        let side = known ?? smaller
        result.operands[side] = try builder.transpose(op.operands[side], permutations[side])
        var contract = op.attributes.intLists("contract")
        contract[side] = contract[side].map { permutations[side].firstIndex(of: $0)! }
        result.attributes["contract"] = .intLists(contract)
        return result
    }
}
