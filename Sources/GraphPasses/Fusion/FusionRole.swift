import GraphIR

/// What an operation may do in a kernel, seen by fusion.
enum FusionRole: Hashable, Sendable {
    /// Result element i needs operand elements i only.
    case elementwise
    /// Numbers from a counter, one an element.
    case random
    /// Costs an index, not memory traffic: small constant, iota, broadcast, and casts and comparisons of these. Every reader
    /// recomputes it.
    case indexOnly
    /// Reads memory in another order. Cheap when the innermost axis stays contiguous.
    case movement(cheap: Bool)
    /// A `reduce`; over trailing axes it works row by row and `outerRank` axes stay, else nil.
    case reduce(outerRank: Int?)
    /// `dot` or `conv`.
    case contraction
    /// `reduceWindow`, `windowScatter` or `argreduce`; where it makes each element of its result by itself, it takes an
    /// epilogue.
    case window(takesEpilogue: Bool)
    /// `pad` or `concat`.
    case assemble
    /// `reshape`.
    case view
    /// Anything else: a kernel of its own, or data.
    case single

    /// A constant with more elements than this lives in memory.
    static let inlineConstantLimit = 16

    /// The roles of all operations of a function.
    static func roles(of function: GraphFunction) -> [FusionRole] {
        let producers = function.producers()
        var roles: [FusionRole] = []
        roles.reserveCapacity(function.ops.count)
        for op in function.ops {
            let operandRoles = op.operands.map { producers[$0.index].map { roles[$0] } }
            roles.append(role(of: op, operandRoles: operandRoles, in: function))
        }
        return roles
    }

    private static func role(
        of op: GraphOp, operandRoles: [FusionRole?], in function: GraphFunction
    ) -> FusionRole {
        switch op.name {
        case "constant":
            let count = function.type(of: op.results[0]).count.constant ?? Int.max
            return count <= inlineConstantLimit ? .indexOnly : .single
        case "iota", "broadcast": return .indexOnly
        case "cast", "compare":
            return operandRoles.allSatisfy { $0 == .indexOnly } ? .indexOnly : .elementwise
        case "random": return .random
        case "transpose", "slice", "reverse": return .movement(cheap: keepsInnermostContiguous(op))
        case "gather", "dynamicSlice": return .movement(cheap: true)
        case "reduce":
            let rank = function.type(of: op.operands[0]).rank
            let axes = op.attributes.ints("axes").sorted()
            return .reduce(outerRank: axes == Array((rank - axes.count)..<rank) ? rank - axes.count : nil)
        case "dot", "conv": return .contraction
        case "windowScatter": return .window(takesEpilogue: function.hasTilingWindows(op))
        case "reduceWindow", "argreduce": return .window(takesEpilogue: false)
        case "pad", "concat": return .assemble
        case "reshape": return .view
        default:
            if case .elementwise? = OpTable.rows[op.name]?.scalar { return .elementwise }
            return .single
        }
    }

    private static func keepsInnermostContiguous(_ op: GraphOp) -> Bool {
        switch op.name {
        case "transpose":
            let permutation = op.attributes.ints("permutation")
            return permutation.last == permutation.count - 1
        case "slice": return (op.attributes.ints("strides").last ?? 1) == 1
        default:
            return false
        }
    }

    /// Whether no kernel that works row by row goes from an operand past this operation to what reads its result.
    var endsRowPass: Bool {
        switch self {
        case .elementwise, .random, .indexOnly: false
        case .reduce(let outerRank): (outerRank ?? 0) == 0
        case .movement, .contraction, .window, .assemble, .view, .single: true
        }
    }

    /// By value, the most operations on a way to it that end a pass over rows.
    static func rowPassEnds(of function: GraphFunction, _ roles: [FusionRole]) -> [Int] {
        var ends = [Int](repeating: 0, count: function.values.count)
        for (at, op) in function.ops.enumerated() {
            let own = (op.operands.map { ends[$0.index] }.max() ?? 0) + (roles[at].endsRowPass ? 1 : 0)
            for result in op.results { ends[result.index] = own }
        }
        return ends
    }

    /// Whether operands must be in memory: they are read in another order than the result is written.
    var readsMemoryOnly: Bool {
        switch self {
        case .contraction, .window, .view, .single, .movement: true
        case .elementwise, .random, .indexOnly, .reduce, .assemble: false
        }
    }
}
