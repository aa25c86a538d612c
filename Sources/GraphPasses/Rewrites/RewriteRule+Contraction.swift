import GraphIR

extension RewriteRule {
    private static let x = Pattern.any("x")
    private static let y = Pattern.any("y")

    /// Laws of reductions.
    static let reductions: [RewriteRule] = [
        RewriteRule("reduce-none", "reducing no axis is none (a sum turns -0 into 0)", .op("reduce", [x])) {
            $1.root.attributes.ints("axes").isEmpty ? $1["x"] : nil
        },
        RewriteRule(
            "reduce-unit", "one element combined with none is itself (a sum turns -0 into 0)",
            .op("reduce", [x])
        ) { rewriter, match in
            let shape = rewriter.builder.type(match["x"]).shape
            guard match.root.attributes.ints("axes").allSatisfy({ shape[$0] == Dim(1) }) else { return nil }
            return try rewriter.builder.reshape(match["x"], match.type.shape)
        },
        RewriteRule(
            "reduce-reduce", "max of max, min of min, ∧ of ∧, ∨ of ∨ regroup exactly; sums do not",
            .op("reduce", [.op("reduce", [x], as: "inner")])
        ) { rewriter, match in
            let kind = match.root.attributes.keyword("kind")
            guard kind == match.op("inner").attributes.keyword("kind"), kind != "sum", kind != "prod" else {
                return nil
            }
            let inner = match.op("inner").attributes.ints("axes")
            let rank = rewriter.builder.type(match["x"]).rank
            let kept = (0..<rank).filter { !inner.contains($0) }
            let axes = (inner + match.root.attributes.ints("axes").map { kept[$0] }).sorted()
            return try rewriter.builder.reduce(kind, match["x"], axes: axes)
        },
        RewriteRule(
            "reduce-broadcast", "max, min, ∧ and ∨ of copies are the number itself",
            .op("reduce", [.op("broadcast", [x], as: "inner")])
        ) { rewriter, match in
            let kind = match.root.attributes.keyword("kind")
            let reduced = match.root.attributes.ints("axes")
            let repeated = match.op("inner").attributes.ints("axes")
            guard kind != "sum", kind != "prod", reduced.allSatisfy({ !repeated.contains($0) }) else { return nil }
            let axes = repeated.map { axis in axis - reduced.filter { $0 < axis }.count }
            return try rewriter.builder.broadcast(match["x"], axes: axes, shape: match.type.shape)
        },
    ]

    /// Laws of contractions.
    static let contractions: [RewriteRule] = [
        RewriteRule(
            "dot-transpose-left", "a contraction names its axes, so it reads the operand untransposed",
            .op("dot", [.op("transpose", [x], as: "inner"), y])
        ) { try untransposed(&$0, side: 0, $1) },
        RewriteRule(
            "dot-transpose-right", "a contraction names its axes, so it reads the operand untransposed",
            .op("dot", [x, .op("transpose", [y], as: "inner")])
        ) { try untransposed(&$0, side: 1, $1) },
        RewriteRule(
            "transpose-dot", "(x y)ᵀ = yᵀ xᵀ: products commute, so the operands change sides",
            .op("transpose", [.op("dot", [x, y], as: "inner")])
        ) { rewriter, match in
            let attributes = match.op("inner").attributes
            let (contract, batch) = (attributes.intLists("contract"), attributes.intLists("batch"))
            let free = [match["x"], match["y"]].enumerated().map { side, operand in
                rewriter.builder.type(operand).rank - contract[side].count - batch[side].count
            }
            let leading = batch[0].count
            let swapped =
                Array(0..<leading) + Array((leading + free[0])..<(leading + free[0] + free[1]))
                + Array(leading..<(leading + free[0]))
            guard match.root.attributes.ints("permutation") == swapped else { return nil }
            return try rewriter.builder.dot(
                match["y"], match["x"], contract: (contract[1], contract[0]), batch: (batch[1], batch[0]))
        },
    ]

    /// The `dot` of the operand as it was before its transpose, if the order of its free axes stays.
    private static func untransposed(
        _ rewriter: inout GraphRewriter, side: Int, _ match: Match
    ) throws -> ValueID? {
        let permutation = match.op("inner").attributes.ints("permutation")
        var attributes = match.root.attributes
        var named: [Int] = []
        for name in ["contract", "batch"] {
            var lists = attributes.intLists(name)
            named += lists[side]
            lists[side] = lists[side].map { permutation[$0] }
            attributes[name] = .intLists(lists)
        }
        let free = permutation.indices.filter { !named.contains($0) }.map { permutation[$0] }
        guard free == free.sorted() else { return nil }
        return try rewriter.builder.emit("dot", [match["x"], match["y"]], attributes)[0]
    }
}
