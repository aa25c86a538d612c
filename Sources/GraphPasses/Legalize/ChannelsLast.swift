import GraphIR

// before:
//   %0 = conv %x, %k layout "NCHW,OIHW,NCHW" … : f32[B,32,28,28]
//   %1 = max %0, %zero : f32[B,32,28,28]
//   output %1 : f32[B,32,28,28] "y"
// after:
//   %0 = transpose %x permutation [0,2,3,1] : f32[B,28,28,16]
//   %1 = transpose %k permutation [2,3,1,0] : f32[3,3,16,32]
//   %2 = conv %0, %1 layout "NHWC,HWIO,NHWC" … : f32[B,28,28,32]
//   %3 = max %2, %zero : f32[B,28,28,32]
//   %4 = transpose %3 permutation [0,3,1,2] : f32[B,32,28,28]
//   output %4 : f32[B,32,28,28] "y"

extension GraphPass {
    /// Gives convolutions the layout their kernels run fast in: vectors along the result's channels, which lie innermost in the
    /// result and in the kernel. What is computed on a result keeps its layout, so that values are moved only where such a chain begins and ends.
    public static let channelsLast = GraphPass(
        name: "channelsLast", summary: "Makes channels the innermost axis of convolutions and of what follows them."
    ) { function, context in
        var moved = MovedValues()
        let changed = try GraphRewriter.rebuild(&function, context) { op, rewriter in
            try moved.replacement(of: op, &rewriter)
        }
        if changed { _ = try GraphPass.deadCode.run(&function, context) }
        return changed
    }
}

/// The layout a convolution's kernel wants, and how to get there from the one it has.
struct ChannelsLastLayout {
    /// The layout in letters.
    let text: String
    /// By part (input, kernel, result): axis i of the part so laid out is axis `permutations[part][i]` of the part as it is.
    let permutations: [[Int]]
    /// Whether the result is a gradient of weights: what follows, an optimizer's update, keeps the layout of the weights.
    let isWeightGradient: Bool

    /// Fewer result channels than this leave most lanes of a vector idle.
    private static let fewestChannels = 8

    /// Nil for a `conv` that has the layout already, or would not profit.
    init?(_ op: GraphOp, in type: (ValueID) -> TensorType) throws {
        let layout = try ConvLayout(op.attributes.keyword("layout"))
        let channels = type(op.operands[1]).shape[layout.kernelAxis("O")].constant ?? Int.max
        let depth = type(op.operands[1]).shape[layout.kernelAxis("I")]
        let groups = op.attributes.int("groups")
        let isDepthwise = groups == channels && depth == 1
        guard channels / groups >= Self.fewestChannels || (isDepthwise && channels >= Self.fewestChannels) else {
            return nil
        }
        let spatial = layout.spatial
        // A weight gradient contracts the batch, which is outermost, and its result is a kernel.
        isWeightGradient = layout.inputAxis("C") < layout.inputAxis("N")
        let wanted: [[Character]] =
            isWeightGradient
            ? [["C"] + spatial + ["N"], ["I"] + spatial + ["O"], spatial + ["N", "C"]]
            : [["N"] + spatial + ["C"], spatial + ["I", "O"], ["N"] + spatial + ["C"]]
        let given = [layout.input, layout.kernel, layout.result]
        guard wanted != given else { return nil }
        text = wanted.map { String($0) }.joined(separator: ",")
        permutations = zip(wanted, given).map { wanted, given in wanted.map { given.firstIndex(of: $0) ?? 0 } }
    }
}

/// Values of the new function that exist in another order of axes.
private struct MovedValues {
    /// A value in another order of axes: its axis i is axis `permutation[i]` of the original.
    struct Twin {
        var value: ValueID
        var permutation: [Int]
        /// Whether it was computed in that order; the original is then the copy.
        var isOrigin: Bool
    }

    private var twins: [ValueID: Twin] = [:]

    /// What stands for an operation's results: the same work on twins, if any operand was computed as one.
    mutating func replacement(of op: GraphOp, _ rewriter: inout GraphRewriter) throws -> [ValueID]? {
        if op.name == "conv" { return try convolution(op, &rewriter) }
        guard let first = op.operands.compactMap({ twins[$0] }).first(where: \.isOrigin) else { return nil }
        let permutation = first.permutation
        if case .elementwise? = OpTable.rows[op.name]?.scalar {
            let operands = try op.operands.map { try twin(of: $0, permutation, &rewriter) }
            return try results(rewriter.builder.emit(op.name, operands, op.attributes), permutation, &rewriter)
        }
        if op.name == "concat", op.operands.allSatisfy({ twins[$0]?.isOrigin == true }) {
            var attributes = op.attributes
            attributes["axis"] = .int(permutation.firstIndex(of: op.attributes.int("axis")) ?? 0)
            let operands = try op.operands.map { try twin(of: $0, permutation, &rewriter) }
            return try results(rewriter.builder.emit("concat", operands, attributes), permutation, &rewriter)
        }
        guard twins[op.operands[0]]?.isOrigin == true else { return nil }
        switch op.name {
        case "reduceWindow", "windowScatter":
            let operands = try op.operands.map { try twin(of: $0, permutation, &rewriter) }
            let attributes = permuted(op.attributes, ["window", "strides", "padding"], permutation)
            return try results(rewriter.builder.emit(op.name, operands, attributes), permutation, &rewriter)
        case "pad":
            let attributes = permuted(op.attributes, ["low", "high", "interior"], permutation)
            let padded = try rewriter.builder.emit("pad", [first.value, op.operands[1]], attributes)
            return try results(padded, permutation, &rewriter)
        case "slice":
            let attributes = permuted(op.attributes, ["starts", "sizes", "strides"], permutation)
            return try results(rewriter.builder.emit("slice", [first.value], attributes), permutation, &rewriter)
        case "reduce": return try reduction(op, first, &rewriter)
        default: return nil
        }
    }

    private mutating func convolution(_ op: GraphOp, _ rewriter: inout GraphRewriter) throws -> [ValueID]? {
        guard let layout = try ChannelsLastLayout(op, in: { rewriter.builder.type($0) }) else { return nil }
        let operands = try (0..<2).map { try twin(of: op.operands[$0], layout.permutations[$0], &rewriter) }
        var attributes = op.attributes
        attributes["layout"] = .string(layout.text)
        if layout.isWeightGradient {
            let result = try rewriter.builder.emit("conv", operands, attributes)[0]
            return [try rewriter.builder.transpose(result, inverse(layout.permutations[2]))]
        }
        return try results(rewriter.builder.emit("conv", operands, attributes), layout.permutations[2], &rewriter)
    }

    private mutating func reduction(
        _ op: GraphOp, _ twin: Twin, _ rewriter: inout GraphRewriter
    ) throws -> [ValueID] {
        let reduced = op.attributes.ints("axes")
        let axes = twin.permutation.indices.filter { reduced.contains(twin.permutation[$0]) }
        let result = try rewriter.builder.reduce(op.attributes.keyword("kind"), twin.value, axes: axes)
        let kept = twin.permutation.filter { !reduced.contains($0) }
        if kept == kept.sorted() { return [result] }
        return try results([result], kept.map { kept.sorted().firstIndex(of: $0) ?? 0 }, &rewriter)
    }

    /// The originals of values computed in another order; nothing computes them unless something needs them.
    private mutating func results(
        _ values: [ValueID], _ permutation: [Int], _ rewriter: inout GraphRewriter
    ) throws -> [ValueID] {
        if permutation == Array(permutation.indices) { return values }
        return try values.map { value in
            let original = try rewriter.builder.transpose(value, inverse(permutation))
            twins[original] = Twin(value: value, permutation: permutation, isOrigin: true)
            return original
        }
    }

    private func inverse(_ permutation: [Int]) -> [Int] {
        permutation.indices.map { permutation.firstIndex(of: $0) ?? 0 }
    }

    private mutating func twin(
        of value: ValueID, _ permutation: [Int], _ rewriter: inout GraphRewriter
    ) throws -> ValueID {
        if let known = twins[value], known.permutation == permutation { return known.value }
        if permutation == Array(permutation.indices) { return value }
        if let broadcast = rewriter.maker(value, named: "broadcast") {
            let axes = broadcast.attributes.ints("axes").map { permutation.firstIndex(of: $0) ?? 0 }
            let shape = rewriter.builder.type(value).shape
            if axes == axes.sorted() {
                return try rewriter.builder.broadcast(
                    broadcast.operands[0], axes: axes, shape: permutation.map { shape[$0] })
            }
        }
        let copy = try rewriter.builder.transpose(value, permutation)
        if twins[value] == nil { twins[value] = Twin(value: copy, permutation: permutation, isOrigin: false) }
        return copy
    }

    /// Attributes with one entry an axis, in the order of the twin's axes.
    private func permuted(_ attributes: Attributes, _ names: [String], _ permutation: [Int]) -> Attributes {
        var attributes = attributes
        for name in names {
            switch attributes[name] {
            case .ints(let list)?: attributes[name] = .ints(permutation.map { list[$0] })
            case .intLists(let lists)?: attributes[name] = .intLists(permutation.map { lists[$0] })
            case .dims(let dims)?: attributes[name] = .dims(permutation.map { dims[$0] })
            default: break
            }
        }
        return attributes
    }
}
