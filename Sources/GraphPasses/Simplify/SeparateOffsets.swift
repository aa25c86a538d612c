import GraphIR

// before:                                                    after:
//   %0 = cast %x to i32 : i32[B,8]                             %2 = cast %1 to i8 : i8[B,8]        (%1 = %0 - 128)
//   %1 = broadcast %z axes [] shape [B,8] : i32[B,8]           %3 = cast %2 to i32 : i32[B,8]
//   %2 = sub %0, %1 : i32[B,8]                                 %4 = cast %w to i32 : i32[8,4]
//   %3 = cast %w to i32 : i32[8,4]                             %5 = dot %3, %4 contract [1],[0] : i32[B,4]
//   %4 = dot %2, %3 contract [1],[0] : i32[B,4]                %6 = reduce %4 kind sum axes [0] : i32[4]
//                                                              …   %5 - (%z - 128) · %6

extension GraphPass {
    /// Takes zero points out of products of 8-bit numbers: Σ (a - z) b = Σ a b - z Σ b, exactly, as sums of i32 are modulo 2³².
    ///
    /// What is left to multiply are numbers of 8 bits with a sign, for which processors have instructions. Numbers without a sign are
    /// lowered by 128 first.
    public static let separateOffsets = GraphPass(
        name: "separateOffsets", summary: "Takes zero points out of products of 8-bit numbers."
    ) { function, context in
        let changed = try GraphRewriter.rebuild(&function, context) { op, rewriter in
            guard let product = ByteProduct(op, rewriter.builder) else { return nil }
            return try product.separated(&rewriter).map { [$0] }
        }
        if changed { _ = try GraphPass.deadCode.run(&function, context) }
        return changed
    }
}

/// An operand of a product: numbers from -128 to 127 less an offset.
private struct Bytes {
    /// The numbers, as i32.
    var numbers: ValueID
    /// What is taken from them, the same along all axes but `axes`; nil for nothing.
    var offset: ValueID?
    var axes: [Int] = []
}

/// A `dot` of i32.
private struct ByteProduct {
    private let op: GraphOp
    private let shape: [Dim]
    private let contract: [[Int]]
    /// For each operand, the axes of the result that its axes are; nil where they are summed over.
    private let places: [[Int?]]

    init?(_ op: GraphOp, _ builder: FunctionBuilder) {
        guard op.name == "dot", builder.type(op.operands[0]).dtype == .i32 else { return nil }
        self.op = op
        let (batch, contract) = (op.attributes.intLists("batch"), op.attributes.intLists("contract"))
        let shapes = op.operands.map { builder.type($0).shape }
        var shape = batch[0].map { shapes[0][$0] }
        var places = shapes.map { [Int?](repeating: nil, count: $0.count) }
        for side in 0..<2 {
            for (place, axis) in batch[side].enumerated() { places[side][axis] = place }
            let free = shapes[side].indices.filter { !batch[side].contains($0) && !contract[side].contains($0) }
            guard !free.isEmpty else { return nil }
            for axis in free {
                places[side][axis] = shape.count
                shape.append(shapes[side][axis])
            }
            let order = places[side].compactMap { $0 }
            guard order == order.sorted() else { return nil }
        }
        (self.shape, self.contract, self.places) = (shape, contract, places)
    }

    /// The product of the numbers alone, with what the offsets add to it; nil where there are none, or it is another kind of product.
    func separated(_ rewriter: inout GraphRewriter) throws -> ValueID? {
        guard var left = try bytes(op.operands[0], summed: contract[0], &rewriter),
            var right = try bytes(op.operands[1], summed: contract[1], &rewriter)
        else { return nil }
        if let offset = left.offset, rewriter.splat(offset) == 0 { left.offset = nil }
        if let offset = right.offset, rewriter.splat(offset) == 0 { right.offset = nil }
        let depth = Dim.product(contract[0].map { rewriter.builder.type(op.operands[0]).shape[$0] })
        guard [left.numbers, right.numbers] != op.operands,
            left.offset == nil || right.offset == nil || depth.constant != nil
        else { return nil }
        var result = try rewriter.builder.emit("dot", [left.numbers, right.numbers], op.attributes)[0]
        if let offset = left.offset {
            let sums = try rewriter.builder.reduce("sum", right.numbers, axes: contract[1].sorted())
            result = try less(result, (offset, left.axes, 0), (sums, kept(1), 1), rewriter: &rewriter)
        }
        if let offset = right.offset {
            var sums = try rewriter.builder.reduce("sum", left.numbers, axes: contract[0].sorted())
            if let other = left.offset {
                let within = left.axes.compactMap { kept(0).firstIndex(of: $0) }
                let type = rewriter.builder.type(sums)
                let spread = try rewriter.builder.broadcast(other, axes: within, shape: type.shape)
                let times = try rewriter.builder.splat(Double(depth.constant ?? 0), type)
                sums = try rewriter.builder.sub(sums, rewriter.builder.mul(spread, times))
            }
            result = try less(result, (offset, right.axes, 1), (sums, kept(0), 0), rewriter: &rewriter)
        }
        return result
    }

    /// The axes of an operand that are not summed over.
    private func kept(_ side: Int) -> [Int] { places[side].indices.filter { places[side][$0] != nil } }

    /// `result` less a product of two values, each spread over the axes of its operand.
    private func less(
        _ result: ValueID, _ factors: (value: ValueID, axes: [Int], side: Int)..., rewriter: inout GraphRewriter
    ) throws -> ValueID {
        let spread = try factors.map { factor in
            try rewriter.builder.broadcast(
                factor.value, axes: factor.axes.compactMap { places[factor.side][$0] }, shape: shape)
        }
        return try rewriter.builder.sub(result, rewriter.builder.mul(spread[0], spread[1]))
    }

    /// An operand as numbers with an offset that is the same along the axes summed over; nil where it is none.
    private func bytes(_ value: ValueID, summed: [Int], _ rewriter: inout GraphRewriter) throws -> Bytes? {
        guard let op = rewriter.maker(value) else { return nil }
        switch op.name {
        case "cast":
            switch rewriter.builder.type(op.operands[0]).dtype {
            case .i8: return Bytes(numbers: value)
            case .u8:
                let type = rewriter.builder.type(value)
                let lowered = try rewriter.builder.sub(value, rewriter.builder.splat(128, type))
                let numbers = try rewriter.builder.cast(rewriter.builder.cast(lowered, to: .i8), to: .i32)
                return Bytes(numbers: numbers, offset: try rewriter.builder.scalar(-128, .i32))
            default: return nil
            }
        case "sub":
            guard var bytes = try bytes(op.operands[0], summed: summed, &rewriter), bytes.axes.isEmpty,
                let (zero, axes) = spread(op.operands[1], &rewriter), summed.allSatisfy({ !axes.contains($0) })
            else { return nil }
            bytes.axes = axes
            if let before = bytes.offset.flatMap({ rewriter.splat($0) }) {
                let type = rewriter.builder.type(zero)
                if let known = rewriter.splat(zero) {
                    bytes.offset = try rewriter.builder.scalar(known + before, .i32)
                    bytes.axes = []
                } else {
                    bytes.offset = try rewriter.builder.add(zero, rewriter.builder.splat(before, type))
                }
            } else {
                guard bytes.offset == nil else { return nil }
                bytes.offset = zero
            }
            return bytes
        default: return nil
        }
    }

    /// What a value repeats, and its axes that do not repeat it.
    private func spread(_ value: ValueID, _ rewriter: inout GraphRewriter) -> (value: ValueID, axes: [Int])? {
        if let op = rewriter.maker(value, named: "broadcast") {
            let axes = op.attributes.ints("axes")
            let (from, to) = (rewriter.builder.type(op.operands[0]).shape, rewriter.builder.type(value).shape)
            return zip(from, axes).allSatisfy { $0 == to[$1] } ? (op.operands[0], axes) : nil
        }
        return nil
    }
}
