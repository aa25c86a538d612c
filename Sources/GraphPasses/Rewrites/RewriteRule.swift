import GraphIR

/// The shape of a small expression: what a rewrite rule looks for.
indirect enum Pattern: Sendable {
    /// Any value; the same name twice means the same value twice.
    case any(String)
    /// Every element is this number, bit for bit (0 is not -0).
    case splat(Double)
    /// Every element is one constant number.
    case anySplat(String)
    /// The result of this operation on operands of these shapes.
    case op(String, [Pattern], as: String = "")
    /// The result of any elementwise operation.
    case anyElementwise

    /// The name of the operation it looks for, nil for any.
    var opName: String? { if case .op(let name, _, _) = self { name } else { nil } }
}

/// What a pattern found.
struct Match {
    /// The operation that is rewritten, with operands of the new function.
    var root: GraphOp
    /// The type of its result.
    var type: TensorType
    var values: [String: ValueID] = [:]
    var ops: [String: GraphOp] = [:]

    /// The value of a name in the pattern.
    subscript(_ name: String) -> ValueID { values[name]! }
    /// The operation of a name in the pattern.
    func op(_ name: String) -> GraphOp { ops[name]! }
}

/// An equation between expressions, read from left to right.
public struct RewriteRule: Sendable {
    typealias Replacement = @Sendable (inout GraphRewriter, Match) throws -> ValueID?

    /// The name in tests and traces.
    public let name: String
    /// The equation and why it holds for every element, IEEE special values included.
    public let law: String
    /// The left side.
    let pattern: Pattern
    /// Emits the right side; nil when the guard fails.
    let replacement: Replacement

    init(_ name: String, _ law: String, _ pattern: Pattern, _ replacement: @escaping Replacement) {
        self.name = name
        self.law = law
        self.pattern = pattern
        self.replacement = replacement
    }

    /// The value that stands for `op`, nil if the rule does not apply.
    func apply(to op: GraphOp, type: TensorType, _ rewriter: inout GraphRewriter) throws -> ValueID? {
        var match = Match(root: op, type: type)
        guard Self.matches(pattern, op, &match, &rewriter) else { return nil }
        return try replacement(&rewriter, match)
    }

    private static func matches(
        _ pattern: Pattern, _ op: GraphOp, _ match: inout Match, _ rewriter: inout GraphRewriter
    ) -> Bool {
        switch pattern {
        case .anyElementwise:
            if case .elementwise? = OpTable.rows[op.name]?.scalar { return true }
            return false
        case .op(let name, let operands, let label):
            guard op.name == name, op.operands.count == operands.count else { return false }
            if !label.isEmpty { match.ops[label] = op }
            return zip(operands, op.operands).allSatisfy { matches($0, $1, &match, &rewriter) }
        case .any, .splat, .anySplat: return false
        }
    }

    private static func matches(
        _ pattern: Pattern, _ value: ValueID, _ match: inout Match, _ rewriter: inout GraphRewriter
    ) -> Bool {
        switch pattern {
        case .any(let name):
            if let bound = match.values[name] { return bound == value }
            match.values[name] = value
            return true
        case .splat(let number): return rewriter.splat(value)?.bitPattern == number.bitPattern
        case .anySplat(let name):
            guard rewriter.splat(value) != nil else { return false }
            match.values[name] = value
            return true
        case .op, .anyElementwise:
            guard let op = rewriter.maker(value) else { return false }
            return matches(pattern, op, &match, &rewriter)
        }
    }
}
