import GraphIR
import HostTensors

// before, as `strata dump --stage groups` prints it:      after:
//   3: contraction over [B,56,56,64] … writes (%7) {        3: contraction over [B,56,56,64] … writes (%7 as bf16) {

/// In what format each value between kernels lies in memory, with the reasons.
public struct StoragePlan: Sendable, Hashable {
    /// What was decided about one value.
    public struct Decision: Sendable, Hashable {
        /// The value, which one kernel writes and others read.
        public var value: ValueID
        /// Whether it is rounded to `bf16` when it is written.
        public var isNarrowed: Bool
        /// Why, in words a user understands.
        public var reason: String
    }

    /// One for every `f32` that an operation makes and a kernel writes, in the order of the kernels.
    public var decisions: [Decision]

    /// The values that lie in memory as `bf16`; what only gives one of them another shape is not among them.
    public var narrowed: Set<ValueID> { Set(decisions.filter(\.isNarrowed).map(\.value)) }

    /// No value is narrowed.
    public static let exact = StoragePlan(decisions: [])
}

/// Decides which values between kernels are kept as `bf16`, as the policy of that name allows.
///
/// What only products read is rounded there anyway; storing it rounded changes no bit of a product of tiles. Other activations and
/// their gradients are rounded once more, by at most 2⁻⁹ of themselves. Never rounded: what outlives the call, sums and statistics,
/// losses, what an optimizer reads, what decides an order, and what is too small to matter. `dims` are the module's.
public func chooseStorage(_ function: GraphFunction, plan: FusionPlan, dims: [DimSymbol]) -> StoragePlan {
    StorageChooser(function, dims).plan(plan)
}

private struct StorageChooser {
    private let function: GraphFunction
    private let graph: FusionGraph
    private let sizes: [String: Int]
    /// By value, the operations that read it or what only gives it another shape; those that do the latter are not among them.
    private var readers: [[Int]]
    /// By value, whether it outlives the call, itself or as another shape.
    private var isLive: [Bool]
    /// By value, whether nothing but products read it, at once or after it was moved.
    private var isRoundedAnyway: [Bool]
    /// By value, whether an optimizer's update reads it, at once or after it was moved.
    private var leadsToUpdate: [Bool]

    /// Bytes from which narrowing a value is worth it, named dimensions at a usual size.
    private static let leastBytes = 1 << 16

    init(_ function: GraphFunction, _ dims: [DimSymbol]) {
        self.function = function
        graph = FusionGraph(function)
        sizes = Dictionary(
            dims.map { ($0.name, min(max(64, $0.range.lowerBound), $0.range.upperBound)) },
            uniquingKeysWith: { first, _ in first })
        let count = function.values.count
        readers = Array(repeating: [], count: count)
        isLive = Array(repeating: false, count: count)
        isRoundedAnyway = Array(repeating: true, count: count)
        leadsToUpdate = Array(repeating: false, count: count)
        for value in function.liveOut { isLive[value.index] = true }
        for at in function.ops.indices.reversed() { follow(at) }
    }

    /// What one operation means for its operands; those behind it are known.
    private mutating func follow(_ at: Int) {
        let op = function.ops[at]
        for operand in Set(op.operands) {
            switch graph.roles[at] {
            case .view:
                let result = op.results[0].index
                readers[operand.index] = readers[result] + readers[operand.index]
                if isLive[result] { isLive[operand.index] = true }
                pass(from: op, to: operand)
            case .movement, .assemble:
                readers[operand.index].append(at)
                pass(from: op, to: operand)
            case .contraction: readers[operand.index].append(at)
            default:
                readers[operand.index].append(at)
                isRoundedAnyway[operand.index] = false
                if graph.isUpdateOnly[at] { leadsToUpdate[operand.index] = true }
            }
        }
    }

    private mutating func pass(from op: GraphOp, to operand: ValueID) {
        for result in op.results {
            if !isRoundedAnyway[result.index] || isLive[result.index] { isRoundedAnyway[operand.index] = false }
            if leadsToUpdate[result.index] || isLive[result.index] { leadsToUpdate[operand.index] = true }
        }
    }

    func plan(_ plan: FusionPlan) -> StoragePlan {
        var decisions: [StoragePlan.Decision] = []
        for group in plan.groups {
            if case .view = group.kind { continue }
            for value in group.outputs where function.type(of: value).dtype == .f32 {
                let refusal = refusal(value, in: group)
                let reason =
                    refusal
                    ?? (isRoundedAnyway[value.index]
                        ? "only products read it, which round what they multiply" : "rounded once more, by at most 2⁻⁹")
                decisions.append(StoragePlan.Decision(value: value, isNarrowed: refusal == nil, reason: reason))
            }
        }
        return StoragePlan(decisions: decisions)
    }

    /// Why a value stays as it is; nil where it may be narrowed.
    private func refusal(_ value: ValueID, in group: FusionGroup) -> String? {
        if isLive[value.index] { return "it outlives the call" }
        if leadsToUpdate[value.index] { return "an optimizer reads it" }
        if ((try? function.type(of: value).byteCount.value(sizes)) ?? 0) < Self.leastBytes { return "it is small" }
        if let reason = refusalOfMaker(value, in: group) { return reason }
        let orders: Set<String> = ["argreduce", "argsort", "cumulative"]
        if readers[value.index].contains(where: { orders.contains(function.ops[$0].name) }) {
            return "its order matters, or sums of it"
        }
        if readers[value.index].contains(where: { function.ops[$0].name == "custom" }) {
            return "the user's code reads it"
        }
        return nil
    }

    private func refusalOfMaker(_ value: ValueID, in group: FusionGroup) -> String? {
        guard let at = graph.producers[value.index] else { return "nothing makes it" }
        let op = function.ops[at]
        switch graph.roles[at] {
        case .random, .indexOnly: return "it is numbers that are made, not computed"
        case .reduce: return "it is a sum or a statistic"
        case .single: return op.name == "custom" ? "the user's code writes it" : "it is summed in memory"
        case .window(takesEpilogue: false) where op.name != "reduceWindow": return "it is summed in memory"
        default: break
        }
        if op.name == "cast", !function.type(of: op.operands[0]).dtype.isFloat { return "it is whole numbers" }
        switch group.kind {
        case .rows(let outerRank):
            let shape = function.type(of: value).shape
            return shape == group.domain && outerRank < shape.count ? nil : "it is made of sums or statistics"
        case .reduction: return "it is made of sums or statistics"
        default: return nil
        }
    }
}
