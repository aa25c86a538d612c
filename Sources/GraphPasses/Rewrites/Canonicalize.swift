import GraphIR

// before:                                                 after:
//   %0 = neg %x : f32[B]                                    output %x : f32[B] "y"
//   %1 = neg %0 : f32[B]
//   %2 = constant value f32[]{1} : f32[]
//   %3 = broadcast %2 axes [] shape [B] : f32[B]
//   %4 = mul %3, %1 : f32[B]
//   output %4 : f32[B] "y"

extension GraphPass {
    /// Applies the rewrite rules until none applies; what they leave over, `deadCode` removes.
    public static let canonicalize = rewriting(
        name: "canonicalize", summary: "Rewrites expressions into their simplest form.", by: RewriteRule.all)

    /// A pass of some rewrite rules alone.
    public static func rewriting(name: String, summary: String, by rules: [RewriteRule]) -> GraphPass {
        let table = RewriteTable(rules)
        return GraphPass(name: name, summary: summary) { function, context in
            var changed = false
            for _ in 0..<mostRounds {
                let again = try GraphRewriter.rebuild(&function, context) { op, rewriter in
                    guard let type = try resultType(op, rewriter.builder) else { return nil }
                    for rule in table.rules(for: op.name) {
                        if let value = try rule.apply(to: op, type: type, &rewriter) { return [value] }
                    }
                    return nil
                }
                if !again { return changed }
                changed = true
                _ = try GraphPass.deadCode.run(&function, context)
            }
            return changed
        }
    }

    /// Rules shrink or order expressions, so rounds end by themselves; this bounds them all the same.
    private static let mostRounds = 64

    private static func resultType(_ op: GraphOp, _ builder: FunctionBuilder) throws -> TensorType? {
        let row = try OpTable.definition(of: op.name)
        let operands = op.operands.map { builder.type($0) }
        let types = try row.infer(InferenceInput(opName: op.name, operands: operands, attributes: op.attributes))
        return types.count == 1 ? types[0] : nil
    }
}

extension RewriteRule {
    /// Every rule, in the order they are tried.
    public static let all: [RewriteRule] = arithmetic + logic + broadcasts + movement + reductions + contractions
}

/// Rules by the operation they begin at.
private struct RewriteTable: Sendable {
    private let byOp: [String: [RewriteRule]]
    private let forAnyOp: [RewriteRule]

    init(_ rules: [RewriteRule]) {
        forAnyOp = rules.filter { $0.pattern.opName == nil }
        var table: [String: [RewriteRule]] = [:]
        for name in Set(rules.compactMap(\.pattern.opName)) {
            table[name] = rules.filter { $0.pattern.opName == name || $0.pattern.opName == nil }
        }
        byOp = table
    }

    func rules(for op: String) -> [RewriteRule] { byOp[op] ?? forAnyOp }
}
