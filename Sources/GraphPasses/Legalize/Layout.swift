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
