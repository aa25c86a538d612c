import GraphIR

/// Groups in the making: every computing operation starts alone, rules merge groups, and no merge makes a cycle.
struct FusionPlanner {
    /// A group in the making.
    struct Cluster {
        var kind: GroupKind
        var domain: [Dim]
        /// Computing members only; index-only ones are added at the end.
        var members: [Int]
        /// Never merged: it has a kernel of its own.
        var isFixed: Bool
    }

    /// Two operations that a decision is about.
    struct Pair: Hashable {
        var producer: Int
        var consumer: Int
    }

    let graph: FusionGraph
    /// Groups by number; merged-away ones have no members.
    var clusters: [Cluster] = []
    /// By operation, its group; -1 for index-only ones.
    var clusterOf: [Int]
    /// The groups in an order in which each comes behind what it reads; -1 where one was merged away.
    private var order: [Int] = []
    /// By group, its place in the order.
    private var place: [Int] = []
    /// Why two operations were not merged, from the rule that tried last.
    var refusals: [Pair: String] = [:]

    init(_ graph: FusionGraph) {
        self.graph = graph
        clusterOf = Array(repeating: -1, count: graph.function.ops.count)
        for op in graph.function.ops.indices where graph.isNode(op) {
            clusterOf[op] = clusters.count
            clusters.append(seed(op))
        }
        order = Array(clusters.indices)
        place = order
    }

    private func seed(_ op: Int) -> Cluster {
        let shape = graph.shape(op)
        func cluster(_ kind: GroupKind, _ domain: [Dim], isFixed: Bool = false) -> Cluster {
            Cluster(kind: kind, domain: domain, members: [op], isFixed: isFixed)
        }
        switch graph.roles[op] {
        case .elementwise, .random: return cluster(.loops, shape)
        case .indexOnly:
            let isData = graph.function.ops[op].name == "constant"
            return cluster(isData ? .single(root: op) : .loops, shape, isFixed: true)
        case .movement(let cheap):
            let feedsLoops = graph.readers[op].allSatisfy { graph.roles[$0] == .elementwise }
            return cluster(.loops, shape, isFixed: !cheap || !feedsLoops)
        case .reduce(let outerRank):
            let domain = graph.function.type(of: graph.function.ops[op].operands[0]).shape
            if let outerRank { return cluster(.rows(outerRank: outerRank), domain) }
            return cluster(.reduction(root: op), domain)
        case .contraction: return cluster(.contraction(root: op), shape)
        case .assemble: return cluster(.assemble(root: op), shape)
        case .window(let takesEpilogue): return cluster(.window(root: op), shape, isFixed: !takesEpilogue)
        case .view: return cluster(.view(root: op), shape, isFixed: true)
        case .single: return cluster(.single(root: op), shape, isFixed: true)
        }
    }

    /// Merges two groups into one of `kind` over `domain` if no read inside it is illegal and no cycle arises.
    /// Gives the reason against it, or nil when done.
    mutating func merge(_ one: Int, _ other: Int, kind: GroupKind, domain: [Dim]) -> String? {
        if one == other { return nil }
        if clusters[one].isFixed || clusters[other].isFixed { return "one of them needs a kernel of its own" }
        if let illegal = illegalRead(within: one, other, kind: kind) { return illegal }
        guard let behind = groupsBehind(one, other) else {
            return "another kernel stands between them: it reads the one and feeds the other"
        }
        reorder(one, other, behind: behind)
        for member in clusters[other].members { clusterOf[member] = one }
        clusters[one].members = (clusters[one].members + clusters[other].members).sorted()
        clusters[one].kind = kind
        clusters[one].domain = domain
        clusters[other].members = []
        return nil
    }

    private func illegalRead(within one: Int, _ other: Int, kind: GroupKind) -> String? {
        for consumer in clusters[one].members + clusters[other].members {
            for edge in graph.edges[consumer] {
                let home = clusterOf[edge.producer]
                guard home == one || home == other else { continue }
                if case .rows(1...) = kind, graph.roles[edge.producer] == .reduce(outerRank: nil) {
                    return "the sum over the rows is known only behind the last row"
                }
                switch edge.path {
                case .direct: continue
                case .kept:
                    if case .rows(let outerRank) = kind, outerRank >= 1, graph.shape(edge.producer).count == outerRank {
                        continue
                    }
                    return "a broadcast repeats the value, so it is computed once, before"
                case .memory: return "the value is read in another order, so it must be in memory"
                }
            }
        }
        return nil
    }

    /// By place between two groups in the order, whether what stands there needs the first of them; nil when the second
    /// needs such a group.
    private func groupsBehind(_ one: Int, _ other: Int) -> [Bool]? {
        let (from, to) = (min(place[one], place[other]), max(place[one], place[other]))
        let (first, last) = (order[from], order[to])
        var behind = [Bool](repeating: false, count: to - from)
        var stack = [first]
        while let cluster = stack.popLast() {
            for member in clusters[cluster].members {
                for reader in graph.readers[member] {
                    let next = clusterOf[reader]
                    if next == last {
                        if cluster != first { return nil }
                        continue
                    }
                    let at = place[next] - from
                    guard next != first, at < behind.count, !behind[at] else { continue }
                    behind[at] = true
                    stack.append(next)
                }
            }
        }
        return behind
    }

    /// Puts two groups that become `one` between the groups that do not need them and those that do.
    private mutating func reorder(_ one: Int, _ other: Int, behind: [Bool]) {
        let (from, to) = (min(place[one], place[other]), max(place[one], place[other]))
        let between = order[from + 1..<to].enumerated().filter { $0.element >= 0 }
        let before = between.filter { !behind[$0.offset + 1] }.map(\.element)
        let after = between.filter { behind[$0.offset + 1] }.map(\.element)
        let new = before + [one] + after
        for at in from...to {
            order[at] = at - from < new.count ? new[at - from] : -1
            if order[at] >= 0 { place[order[at]] = at }
        }
    }

    /// Whether an operation is elementwise and still alone.
    func isLoneElementwise(_ op: Int) -> Bool {
        guard graph.roles[op] == .elementwise, case .loops = clusters[clusterOf[op]].kind else { return false }
        return clusters[clusterOf[op]].members.count == 1
    }

    mutating func refuse(_ producer: Int, _ consumer: Int, _ reason: String) {
        refusals[Pair(producer: producer, consumer: consumer)] = reason
    }
}
