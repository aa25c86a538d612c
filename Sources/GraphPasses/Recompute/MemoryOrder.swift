import GraphIR

// before:                                   after:
//   %1 = dot %dy, %w                          %1 = dot %dy, %w
//   %2 = … of %1                              %3 = dot %x, %dy
//   %3 = dot %x, %dy                          update %w = … of %3
//   update %w = … of %3                       %2 = … of %1

extension GraphPass {
    /// Orders operations so that values go early: a weight's gradient and its update come as soon as they can, not after
    /// all other gradients. Only where a function's memory is limited.
    public static let memoryOrder = GraphPass(
        name: "memoryOrder", summary: "Orders operations so that values are needed for a short time."
    ) { function, context in
        guard let recomputation = context.options.recomputation[function.name] else { return false }
        var isPlaced = [Bool](repeating: false, count: function.ops.count)
        var ops: [Int] = []
        let plan = fuse(function).orderedForMemory(function, sizes: recomputation.sizes)
        for op in plan.groups.flatMap(\.members) where !isPlaced[op] {
            isPlaced[op] = true
            ops.append(op)
        }
        guard ops.count == function.ops.count, ops != Array(function.ops.indices) else { return false }
        function.ops = ops.map { function.ops[$0] }
        function = function.compacted()
        return true
    }
}

extension FusionPlan {
    /// The plan with its groups in an order in which values go early, named dimensions at the sizes given.
    func orderedForMemory(_ function: GraphFunction, sizes: [String: Int]) -> FusionPlan {
        var order = MemoryOrder(function, self, sizes: sizes)
        return FusionPlan(groups: order.run().map { groups[$0] }, decisions: decisions)
    }
}

/// Chooses, kernel after kernel, what frees the most memory next; where nothing frees any, the first in the order there was.
private struct MemoryOrder {
    private let function: GraphFunction
    private let plan: FusionPlan
    private let bytes: [Int]
    /// By value, the one in whose memory it is.
    private var homes: [Int]
    /// By group, the values in memory that it reads, each once.
    private var reads: [[Int]] = []
    /// By group, the bytes of memory that its results take.
    private var written: [Int] = []
    /// By value, how many groups are still to read it.
    private var remaining: [Int]
    /// By value, whether its memory is free again once it was read.
    private var isFreed: [Bool]

    init(_ function: GraphFunction, _ plan: FusionPlan, sizes: [String: Int]) {
        self.function = function
        self.plan = plan
        bytes = function.values.map { (try? $0.type.byteCount.value(sizes)) ?? 0 }
        homes = Array(function.values.indices)
        remaining = Array(repeating: 0, count: function.values.count)
        isFreed = function.values.map { $0.origin == .operation }
        for value in function.liveOut { isFreed[value.index] = false }
        for op in function.ops where op.name == "constant" { isFreed[op.results[0].index] = false }
        let liveOut = Set(function.liveOut)
        for group in plan.groups {
            if case .view(let root) = group.kind {
                let op = function.ops[root]
                homes[op.results[0].index] = homes[op.operands[0].index]
                if liveOut.contains(op.results[0]) { isFreed[homes[op.operands[0].index]] = false }
            }
        }
        for group in plan.groups {
            let isView = if case .view = group.kind { true } else { false }
            let read = isView ? [] : Set(group.inputs.map { homes[$0.index] }).sorted()
            reads.append(read)
            for value in read { remaining[value] += 1 }
            written.append(
                isView ? 0 : group.outputs.reduce(0) { $0 + (isFreed[$1.index] ? bytes[$1.index] : 0) })
        }
    }

    /// So many bytes are taken without thinking: scalars that an optimizer needs are computed when they can be.
    private static let little = 4096.0

    /// The groups in the new order.
    mutating func run() -> [Int] {
        var (waiting, feeds) = dependencies()
        var ready = plan.groups.indices.filter { waiting[$0] == 0 }
        var order: [Int] = []
        while let next = ready.min(by: { rank($0) < rank($1) }) {
            ready.removeAll { $0 == next }
            order.append(next)
            for value in reads[next] { remaining[value] -= 1 }
            for group in feeds[next] {
                waiting[group] -= 1
                if waiting[group] == 0 { ready.append(group) }
            }
        }
        return order
    }

    /// What goes first: by the memory that is freed, if any is, and by the order there was.
    private func rank(_ group: Int) -> (Double, Int) {
        let freed = reads[group].reduce(0.0) { sum, value in
            isFreed[value] ? sum + Double(bytes[value]) / Double(remaining[value]) : sum
        }
        return (min(0, Double(written[group]) - freed - Self.little), group)
    }

    /// By group, how many others must come before it, and which ones it must come before: those that read its results and, so
    /// that a state changes in place, those that change a state it reads.
    private func dependencies() -> (waiting: [Int], feeds: [[Int]]) {
        var writers: [Int: Int] = [:]
        for (at, group) in plan.groups.enumerated() { for output in group.outputs { writers[output.index] = at } }
        var waiting = [Int](repeating: 0, count: plan.groups.count)
        var feeds = [[Int]](repeating: [], count: plan.groups.count)
        var readersOfStates: [Int: [Int]] = [:]
        for (at, group) in plan.groups.enumerated() {
            for source in Set(group.inputs.compactMap { writers[$0.index] }).sorted() {
                feeds[source].append(at)
                waiting[at] += 1
            }
            for input in group.inputs {
                if case .state(let state) = function.values[homes[input.index]].origin {
                    readersOfStates[state, default: []].append(at)
                }
            }
        }
        for update in function.updates {
            guard let writer = writers[update.value.index] else { continue }
            for reader in readersOfStates[update.state] ?? [] where reader < writer {
                feeds[reader].append(writer)
                waiting[writer] += 1
            }
        }
        return (waiting, feeds)
    }
}
