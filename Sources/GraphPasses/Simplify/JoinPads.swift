import GraphIR

// before:                                                     after:
//   %1 = pad %x, %0 low [0,4] high [0,0] … : f32[B,6]           %1 = concat %y, %x axis 1 : f32[B,6]
//   %2 = pad %y, %0 low [0,0] high [0,2] … : f32[B,6]
//   %3 = add %1, %2 : f32[B,6]

extension GraphPass {
    /// Writes a sum of blocks that are padded with 0, and lie one behind the other, as their concatenation.
    ///
    /// The gradient of a value that is read in slices is such a sum. An element -0 keeps its sign, which adding 0 would take.
    public static let joinPads = GraphPass(
        name: "joinPads", summary: "Puts blocks that are padded with 0 and added next to each other."
    ) { function, context in
        let sums = SumTerms(function, leastCount: 2)
        let terms = Dictionary(uniqueKeysWithValues: sums.all.map { ($0.root, $0.terms) })
        let changed = try GraphRewriter.rebuild(&function, context) { op, rewriter in
            guard let root = op.results.first, let terms = terms[root] else { return nil }
            var (blocks, others) = ([PaddedBlock](), [ValueID]())
            for term in terms {
                let pad = sums.maker(ofTerm: term, named: "pad")
                if let block = try pad.flatMap({ try PaddedBlock($0, &rewriter) }) {
                    blocks.append(block)
                } else {
                    others.append(term)
                }
            }
            guard blocks.count >= 2, let whole = try PaddedBlock.joined(blocks, &rewriter) else { return nil }
            return [try others.reduce(whole) { try rewriter.builder.add($0, rewriter.new($1)) }]
        }
        if changed { _ = try GraphPass.deadCode.run(&function, context) }
        return changed
    }
}

/// A value with zeros before and behind it along one axis.
private struct PaddedBlock {
    private var value: ValueID
    private var axis: Int
    private var begin: Int
    private var count: Int
    private var after: Int

    /// Nil where a `pad` of the old function pads with something else, along several axes, or a size that is no constant.
    init?(_ pad: GraphOp, _ rewriter: inout GraphRewriter) throws {
        let (low, high) = (pad.attributes.ints("low"), pad.attributes.ints("high"))
        let axes = low.indices.filter { low[$0] != 0 || high[$0] != 0 }
        let filling = try rewriter.new(pad.operands[1])
        value = try rewriter.new(pad.operands[0])
        guard axes.count == 1, pad.attributes.ints("interior").allSatisfy({ $0 == 0 }),
            rewriter.splat(filling) == 0, let count = rewriter.builder.type(value).shape[axes[0]].constant
        else { return nil }
        self.axis = axes[0]
        self.count = count
        (begin, after) = (low[axis], high[axis])
        if begin < 0 || after < 0 { return nil }
    }

    /// The concatenation of blocks; nil where they do not fill all of one axis.
    static func joined(_ blocks: [PaddedBlock], _ rewriter: inout GraphRewriter) throws -> ValueID? {
        let blocks = blocks.sorted { $0.begin < $1.begin }
        guard blocks.allSatisfy({ $0.axis == blocks[0].axis }), blocks[0].begin == 0, blocks.last?.after == 0,
            zip(blocks, blocks.dropFirst()).allSatisfy({ $0.begin + $0.count == $1.begin })
        else { return nil }
        return try rewriter.builder.concat(blocks.map(\.value), axis: blocks[0].axis)
    }
}
