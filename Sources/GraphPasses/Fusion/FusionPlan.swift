import GraphIR

/// The loop structure of the kernel a group becomes.
public enum GroupKind: Sendable, Hashable {
    /// One loop nest over `domain`; members are elementwise, broadcast, iota, random, constant, transpose, slice or reverse;
    /// every output has shape `domain`.
    case loops
    /// A loop over the first `outerRank` axes of `domain`, and for each of its rows reductions over all the other axes and
    /// elementwise work before, between and after them. Outputs have shape `domain` or its first `outerRank` axes; or they are sums of
    /// all rows, with the shape of one, which nothing else in the group reads.
    case rows(outerRank: Int)
    /// One `reduce` over any axes with a prologue over `domain`, elementwise or blocks read in place; its result, and elementwise epilogue
    /// members over the kept axes, are the outputs.
    case reduction(root: Int)
    /// One `dot` or `conv` with an elementwise and broadcast epilogue over its result; `domain` is the result's shape.
    case contraction(root: Int)
    /// One `reduceWindow`, `windowScatter` or `argreduce`, alone; a `windowScatter` whose windows tile its operand may have an
    /// elementwise and broadcast epilogue over its result, whose shape is `domain`.
    case window(root: Int)
    /// One `pad` or `concat` with elementwise prologues on its operands.
    case assemble(root: Int)
    /// One `reshape`: another name for the same memory, no kernel.
    case view(root: Int)
    /// One operation that has a kernel to itself.
    case single(root: Int)
}

/// Operations that become one kernel.
public struct FusionGroup: Sendable, Hashable {
    /// The loop structure.
    public var kind: GroupKind
    /// Indices into the function's `ops`, in order.
    public var members: [Int]
    /// The iteration space.
    public var domain: [Dim]
    /// Values read from memory, in first-use order.
    public var inputs: [ValueID]
    /// Values written to memory: read by other groups, or live out of the function.
    public var outputs: [ValueID]

    /// Makes a group.
    public init(kind: GroupKind, members: [Int], domain: [Dim], inputs: [ValueID], outputs: [ValueID]) {
        self.kind = kind
        self.members = members
        self.domain = domain
        self.inputs = inputs
        self.outputs = outputs
    }
}

extension FusionGroup {
    /// The members that add up all rows, where it works row by row.
    public func columnSums(in function: GraphFunction) -> [Int] {
        guard case .rows(1...) = kind else { return [] }
        return members.filter {
            function.ops[$0].name == "reduce" && function.ops[$0].attributes.ints("axes").contains(0)
        }
    }
}

/// One answer to "were these two fused, and why".
public struct FusionDecision: Sendable, Hashable {
    /// Index of the operation that makes the value.
    public var producer: Int
    /// Index of the operation that reads it.
    public var consumer: Int
    /// Whether they share a kernel.
    public var fused: Bool
    /// The rule that decided, in words a user understands.
    public var reason: String

    /// Records a decision.
    public init(producer: Int, consumer: Int, fused: Bool, reason: String) {
        self.producer = producer
        self.consumer = consumer
        self.fused = fused
        self.reason = reason
    }
}

/// How a function's operations are grouped into kernels.
///
/// Cheap index-only producers (constant, broadcast, iota) may be members of several groups: each computes them anew.
public struct FusionPlan: Sendable, Hashable {
    /// The groups, in an order in which each reads only what earlier ones wrote.
    public var groups: [FusionGroup]
    /// Every decision on a producer and its consumer.
    public var decisions: [FusionDecision]

    /// Makes a plan.
    public init(groups: [FusionGroup], decisions: [FusionDecision]) {
        self.groups = groups
        self.decisions = decisions
    }
}
