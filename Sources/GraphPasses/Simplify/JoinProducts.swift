import GraphIR

// before:                                             after:
//   %0 = dot %a, %x contract [0],[0] : f32[4,6]         %0 = reshape %a shape [1,B,4] …
//   %1 = dot %b, %y contract [0],[0] : f32[4,6]         %4 = concat %0, %1, %2, %3 axis 0 : f32[4,B,4]
//   %2 = add %0, %1 : f32[4,6]                          %9 = concat %5, %6, %7, %8 axis 0 : f32[4,B,6]
//   …                                                   %10 = dot %4, %9 contract [0,1],[0,1] : f32[4,6]
//   %6 = add %5, %4 : f32[4,6]

extension GraphPass {
    /// Computes a sum of many products of one shape as one product: Σᵢ aᵢ bᵢ = [a₁ a₂ …] [b₁; b₂; …].
    ///
    /// The gradient of weights that every time step of a sequence multiplies with is such a sum; written as one product, it
    /// is summed in registers, not by an addition of the whole result for every step.
    public static let joinProducts = GraphPass(
        name: "joinProducts", summary: "Computes a sum of many products as one product."
    ) { function, context in
        let sums = SumTerms(function, leastCount: SumOfProducts.leastCount)
        var joined: [ValueID: SumOfProducts] = [:]
        for (root, terms) in sums.all { joined[root] = SumOfProducts(terms, of: sums, function) }
        guard !joined.isEmpty else { return false }
        let changed = try GraphRewriter.rebuild(&function, context) { op, rewriter in
            try op.results.first.flatMap { joined[$0] }.map { [try $0.joined(&rewriter)] }
        }
        _ = try GraphPass.deadCode.run(&function, context)
        return changed
    }
}

/// A sum as products that are joined, and all other terms.
private struct SumOfProducts {
    /// Products of equal operand types along equal axes.
    private var groups: [[GraphOp]] = []
    private var others: [ValueID] = []

    /// Fewer products than this are added as they are: joining copies their operands.
    static let leastCount = 4
    /// A product with more rows for each element of a batch is left alone: it takes long beside an addition, and keeping its
    /// operands until the last one takes memory.
    private static let mostRows = 64

    /// Divides the terms; nil where no product is joined.
    init?(_ terms: [ValueID], of sums: SumTerms, _ function: GraphFunction) {
        for term in terms {
            guard let product = sums.maker(ofTerm: term, named: "dot"), Self.isShort(product, function) else {
                others.append(term)
                continue
            }
            if let at = groups.firstIndex(where: { Self.areAlike($0[0], product, function) }) {
                groups[at].append(product)
            } else {
                groups.append([product])
            }
        }
        others += groups.filter { $0.count < Self.leastCount }.joined().map { $0.results[0] }
        groups.removeAll { $0.count < Self.leastCount }
        if groups.isEmpty { return nil }
    }

    /// The value of the whole sum.
    func joined(_ rewriter: inout GraphRewriter) throws -> ValueID {
        var terms = try groups.map { try product($0, &rewriter) }
        terms += try others.map { try rewriter.new($0) }
        return try terms.dropFirst().reduce(terms[0]) { try rewriter.builder.add($0, $1) }
    }

    private func product(_ group: [GraphOp], _ rewriter: inout GraphRewriter) throws -> ValueID {
        let sides = try (0..<2).map { side in
            let parts = try group.map { op in
                let part = try rewriter.new(op.operands[side])
                return try rewriter.builder.reshape(part, [Dim(1)] + rewriter.builder.type(part).shape)
            }
            return try rewriter.builder.concat(parts, axis: 0)
        }
        let contract = group[0].attributes.intLists("contract").map { [0] + $0.map { $0 + 1 } }
        let batch = group[0].attributes.intLists("batch").map { $0.map { $0 + 1 } }
        return try rewriter.builder.dot(
            sides[0], sides[1], contract: (contract[0], contract[1]), batch: (batch[0], batch[1]))
    }

    private static func isShort(_ op: GraphOp, _ function: GraphFunction) -> Bool {
        let shape = function.type(of: op.operands[0]).shape
        let rows = Dim.product(op.attributes.intLists("contract")[0].map { shape[$0] })
        return rows.terms.reduce(0) { $0 + $1.coefficient } <= mostRows
    }

    private static func areAlike(_ one: GraphOp, _ other: GraphOp, _ function: GraphFunction) -> Bool {
        one.attributes == other.attributes
            && zip(one.operands, other.operands).allSatisfy { function.type(of: $0) == function.type(of: $1) }
    }
}
