import GraphIR
import HostTensors

// before:
//   %0 = dot %dy, %w contract [1],[1] : f32[B,784]
//   %1 = dot %x, %v contract [1],[0] : f32[B,10]
//   %2 = conv %x, %k layout "NHWC,HWIO,NHWC" strides [1, 1] padding [1, 1],[1, 1] … : f32[B,28,28,8]
// after:
//   %0 = transpose %w permutation [1, 0] : f32[128,784]
//   %1 = dot %dy, %0 contract [1],[0] : f32[B,784]
//   %2 = transpose %v permutation [1, 0] : f32[10,784]
//   %3 = dot %x, %2 contract [1],[1] : f32[B,10]
//   %4 = constant value f32[]{0} : f32[]
//   %5 = pad %x, %4 low [0, 1, 1, 0] high [0, 1, 1, 0] interior [0, 0, 0, 0] : f32[B,30,30,1]
//   %6 = conv %5, %k layout "NHWC,HWIO,NHWC" strides [1, 1] padding [0, 0],[0, 0] … : f32[B,28,28,8]

extension GraphPass {
    /// Makes contractions read what their kernels read fast: the axis that vectors run along contiguous, no padding.
    public static let layout = GraphPass(
        name: "layout", summary: "Gives contractions contiguous vectors and convolutions explicit padding."
    ) { function, context in
        try GraphRewriter.rebuild(&function, context) { op, rewriter in
            switch op.name {
            case "dot": try plainDot(op, &rewriter.builder)
            case "conv": try product(op, &rewriter.builder) ?? plainConvolution(op, &rewriter.builder)
            default: nil
            }
        }
    }

    private static func plainDot(_ op: GraphOp, _ builder: inout FunctionBuilder) throws -> [ValueID]? {
        let ordered = try DotOrder(op) { builder.type($0) }.map { try $0.ordered(op, &builder) }
        if let result = try contiguousDot(ordered ?? op, &builder) { return result }
        return try ordered.map { try builder.emit("dot", $0.operands, $0.attributes) }
    }

    private static func contiguousDot(_ op: GraphOp, _ builder: inout FunctionBuilder) throws -> [ValueID]? {
        let layout = DotLayout(op) { builder.type($0) }
        guard let (side, axis) = layout.axisToMove else { return nil }
        let rank = builder.type(op.operands[side]).rank
        let permutation = (0..<rank).filter { $0 != axis } + [axis]
        var operands = op.operands
        operands[side] = try builder.transpose(op.operands[side], permutation)
        var attributes = op.attributes
        for name in ["contract", "batch"] {
            var lists = op.attributes.intLists(name)
            lists[side] = lists[side].map { $0 == axis ? rank - 1 : $0 > axis ? $0 - 1 : $0 }
            attributes[name] = .intLists(lists)
        }
        return try builder.emit("dot", operands, attributes)
    }

    /// With fewer rows or columns, products of sums over so many places are no faster than convolutions.
    private static let leastOfProduct = 64

    /// A convolution whose window is all of its input as the product of matrices that it is, such as the gradient of a 1×1
    /// convolution's weights.
    private static func product(_ op: GraphOp, _ builder: inout FunctionBuilder) throws -> [ValueID]? {
        let layout = try ConvLayout(op.attributes.keyword("layout"))
        let (input, kernel) = (builder.type(op.operands[0]).shape, builder.type(op.operands[1]).shape)
        let contract = (
            [layout.inputAxis("C")] + layout.spatial.map(layout.inputAxis),
            [layout.kernelAxis("I")] + layout.spatial.map(layout.kernelAxis)
        )
        let sizes = [input[layout.inputAxis("N")], kernel[layout.kernelAxis("O")]]
        guard op.attributes.int("groups") == 1, layout.resultAxis("N") < layout.resultAxis("C"),
            sizes.allSatisfy({ $0.constant ?? 0 >= leastOfProduct }),
            layout.spatial.allSatisfy({ input[layout.inputAxis($0)] == kernel[layout.kernelAxis($0)] }),
            op.attributes.intLists("padding").allSatisfy({ $0 == [0, 0] }),
            ["inputDilation", "kernelDilation"].allSatisfy({ op.attributes.ints($0).allSatisfy { $0 == 1 } })
        else { return nil }
        var dot = op
        dot.name = "dot"
        dot.attributes = ["contract": .intLists([contract.0, contract.1]), "batch": .intLists([[], []])]
        let plain = try plainDot(dot, &builder) ?? builder.emit("dot", dot.operands, dot.attributes)
        let shape = layout.result.map { letter in
            letter == "N" ? sizes[0] : letter == "C" ? sizes[1] : Dim(1)
        }
        return [try builder.reshape(plain[0], shape)]
    }

    private static func plainConvolution(_ op: GraphOp, _ builder: inout FunctionBuilder) throws -> [ValueID]? {
        let padding = op.attributes.intLists("padding")
        let dilation = op.attributes.ints("inputDilation")
        guard padding.contains(where: { $0 != [0, 0] }) || dilation.contains(where: { $0 != 1 }) else { return nil }
        let letters = op.attributes.keyword("layout").prefix { $0 != "," }
        let type = builder.type(op.operands[0])
        var low = type.shape.map { _ in 0 }
        var (high, interior) = (low, low)
        var spatial = 0
        for (axis, letter) in letters.enumerated() where letter != "N" && letter != "C" {
            (low[axis], high[axis]) = (padding[spatial][0], padding[spatial][1])
            interior[axis] = dilation[spatial] - 1
            spatial += 1
        }
        let zero = try builder.scalar(0, type.dtype)
        let padded = try builder.pad(op.operands[0], value: zero, low: low, high: high, interior: interior)
        var attributes = op.attributes
        attributes["padding"] = .intLists(padding.map { _ in [0, 0] })
        attributes["inputDilation"] = .ints(dilation.map { _ in 1 })
        return try builder.emit("conv", [padded, op.operands[1]], attributes)
    }
}

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
