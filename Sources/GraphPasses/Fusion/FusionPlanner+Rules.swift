import GraphIR
import HostTensors

/// The rules, in the order they run.
extension FusionPlanner {
    mutating func run() {
        for op in clusterOf.indices where graph.roles[op].takesEpilogue { growEpilogue(root: op) }
        // Work on rows first: what a whole tensor reduces to is small, and may have to stand between.
        for op in clusterOf.indices where graph.isNode(op) { joinReduction(op, byRow: true) }
        for op in clusterOf.indices where graph.isNode(op) { joinReduction(op, byRow: false) }
        for op in clusterOf.indices.reversed() where graph.isNode(op) { joinOnlyReader(op) }
        mergeSiblingRows()
        for op in clusterOf.indices where graph.isNode(op) { mergeLoops(into: op) }
        for op in clusterOf.indices where graph.isNode(op) { mergePrologueWithOutputs(into: op) }
        joinColumnSums()
        mergeScalars()
    }

    /// A contraction, or a window's gradient, takes the chain of elementwise operations that begins at its result, if it has one reader.
    private mutating func growEpilogue(root: Int) {
        let home = clusterOf[root]
        let (kind, domain) = (clusters[home].kind, clusters[home].domain)
        var end = root
        while true {
            let readers = graph.readers[end]
            if end == root && (readers.count != 1 || graph.isLiveOut[root]) {
                for reader in readers { refuse(end, reader, "the result is read by several, so it is written first") }
                return
            }
            let feedsReduction = readers.count > 1 && readers.contains { graph.roles[$0].isReduce }
            if feedsReduction {
                for reader in readers {
                    refuse(end, reader, "a reduction reads the value too, so the epilogue ends here")
                }
                return
            }
            guard let next = readers.first(where: { isEpilogueStep($0, after: end, domain: domain) }) else { return }
            if readers.count > 1 && dtype(next) != dtype(end) {
                return refuse(end, next, "the value is written anyway, and its reader recomputes this from it")
            }
            takeSides(of: next, into: home)
            if let reason = merge(home, clusterOf[next], kind: kind, domain: domain) {
                return refuse(end, next, reason)
            }
            end = next
        }
    }

    /// What else `op` reads, where that is elementwise work on what the group already has: the halves of a gate meet again in it.
    private mutating func takeSides(of op: Int, into home: Int) {
        let (kind, domain) = (clusters[home].kind, clusters[home].domain)
        for edge in graph.edges[op] where edge.path == .direct {
            let side = edge.producer
            guard clusterOf[side] != home, isLoneElementwise(side), graph.shape(side) == domain,
                !graph.isUpdateOnly[side], dependsOn(home, side, within: 4)
            else { continue }
            takeSides(of: side, into: home)
            _ = merge(home, clusterOf[side], kind: kind, domain: domain)
        }
    }

    /// Whether a lone elementwise operation reads what a group has, through a few others of its kind at most.
    private func dependsOn(_ home: Int, _ op: Int, within steps: Int) -> Bool {
        graph.edges[op].contains { edge in
            guard edge.path == .direct, clusterOf[edge.producer] >= 0 else { return false }
            return clusterOf[edge.producer] == home
                || (steps > 0 && isLoneElementwise(edge.producer)
                    && dependsOn(home, edge.producer, within: steps - 1))
        }
    }

    private func dtype(_ op: Int) -> DType { graph.function.type(of: graph.function.ops[op].results[0]).dtype }

    private mutating func isEpilogueStep(_ op: Int, after end: Int, domain: [Dim]) -> Bool {
        guard isLoneElementwise(op), graph.shape(op) == domain,
            graph.edges[op].contains(where: { $0.producer == end && $0.path == .direct })
        else { return false }
        if graph.isUpdateOnly[op] {
            refuse(end, op, "an optimizer update runs when all readers of the old state are done")
            return false
        }
        return true
    }

    /// Reductions over the same rows, and elementwise work on their results, become one kernel.
    private mutating func joinReduction(_ op: Int, byRow: Bool) {
        guard graph.roles[op].isReduce || isLoneElementwise(op) else { return }
        for edge in graph.edges[op] where edge.path != .memory {
            let from = clusterOf[edge.producer]
            let to = clusterOf[op]
            if from != to, byRow, isBetterComputedLater(op, than: from) {
                refuse(edge.producer, op, "one later kernel reads it, and what it is made of is in memory anyway")
                continue
            }
            guard from != to, isByRow(from) == byRow, let kind = rowKind(of: from, and: to, op: op) else { continue }
            if let reason = merge(from, to, kind: kind, domain: clusters[from].domain) {
                refuse(edge.producer, op, reason)
            }
        }
    }

    /// Whether elementwise work on whole rows would be written for one later kernel, which can do it itself from what is written anyway.
    private func isBetterComputedLater(_ op: Int, than from: Int) -> Bool {
        let domain = clusters[from].domain
        guard isByRow(from), isLoneElementwise(op), graph.shape(op) == domain, !graph.isLiveOut[op],
            graph.readers[op].count == 1, let reader = graph.readers[op].first, graph.readsLater(reader, op),
            graph.roles[reader] == .elementwise || graph.roles[reader].isReduce
        else { return false }
        return graph.edges[op].allSatisfy { edge in
            let made = edge.producer
            guard clusterOf[made] == from, graph.shape(made) == domain else { return true }
            return graph.isLiveOut[made] || graph.readers[made].contains { $0 != op && graph.readsLater($0, made) }
        }
    }

    private func isByRow(_ cluster: Int) -> Bool {
        if case .rows(let outerRank) = clusters[cluster].kind { outerRank > 0 } else { false }
    }

    /// The kind when group `to` (of `op`) joins the reduction group `from`, nil if it does not fit.
    private mutating func rowKind(of from: Int, and to: Int, op: Int) -> GroupKind? {
        let domain = clusters[from].domain
        switch (clusters[from].kind, clusters[to].kind) {
        case (.rows(let outerRank), .rows(let other)):
            return outerRank == other && domain == clusters[to].domain ? clusters[from].kind : nil
        case (.rows(let outerRank), .loops):
            let shape = graph.shape(op)
            guard shape == Array(domain[..<outerRank]) || (shape == domain && outerRank >= 1) else { return nil }
            return leavesUpdateAlone(op) ? clusters[from].kind : nil
        case (.reduction(let root), .loops):
            let kept = graph.shape(root)
            return graph.shape(op) == kept && leavesUpdateAlone(op) ? clusters[from].kind : nil
        default: return nil
        }
    }

    private func leavesUpdateAlone(_ op: Int) -> Bool { !graph.isUpdateOnly[op] || graph.shape(op).isEmpty }

    /// An elementwise operation that one group alone reads joins it, and so does a block whose rows stay whole.
    private mutating func joinOnlyReader(_ op: Int) {
        guard [.elementwise, .random, .movement(cheap: true)].contains(graph.roles[op]), !graph.isLiveOut[op],
            clusters[clusterOf[op]].members == [op], case .loops = clusters[clusterOf[op]].kind,
            let first = graph.readers[op].first
        else { return }
        let home = clusterOf[first]
        guard graph.readers[op].allSatisfy({ clusterOf[$0] == home }) else {
            for reader in graph.readers[op] { refuse(op, reader, "several kernels read it, so it is computed once") }
            return
        }
        guard isProloguePlace(op, in: home) else { return }
        if let reason = merge(home, clusterOf[op], kind: clusters[home].kind, domain: clusters[home].domain) {
            for reader in graph.readers[op] { refuse(op, reader, reason) }
        }
    }

    private func isProloguePlace(_ op: Int, in home: Int) -> Bool {
        let domain = clusters[home].domain
        let shape = graph.shape(op)
        let isRandom = graph.roles[op] == .random
        let moves = graph.roles[op] == .movement(cheap: true)
        switch clusters[home].kind {
        case .rows where moves, .contraction where moves, .window where moves, .assemble where moves: return false
        case .loops: return shape == domain
        case .rows(let outerRank): return !isRandom && (shape == domain || shape == Array(domain[..<outerRank]))
        case .reduction(let root): return !isRandom && (shape == domain || shape == graph.shape(root))
        case .contraction(let root), .window(let root):
            return !isRandom && shape == domain && !graph.readers[op].contains(root)
        case .assemble: return !isRandom
        case .view, .single: return false
        }
    }

    /// Reductions of different things over the same rows of one input read it once.
    private mutating func mergeSiblingRows() {
        var readersOfValue: [ValueID: [Int]] = [:]
        for op in clusterOf.indices where graph.isNode(op) {
            guard case .rows = clusters[clusterOf[op]].kind else { continue }
            let domain = clusters[clusterOf[op]].domain
            for operand in graph.function.ops[op].operands where graph.function.type(of: operand).shape == domain {
                let maker = graph.producers[operand.index]
                if let maker, graph.roles[maker] == .indexOnly { continue }
                let siblings = readersOfValue[operand] ?? []
                for sibling in siblings { mergeRows(clusterOf[sibling], clusterOf[op]) }
                readersOfValue[operand] = siblings + [op]
            }
        }
    }

    private mutating func mergeRows(_ one: Int, _ other: Int) {
        guard one != other, clusters[one].kind == clusters[other].kind, clusters[one].domain == clusters[other].domain
        else { return }
        _ = merge(one, other, kind: clusters[one].kind, domain: clusters[one].domain)
    }

    /// Loops over one shape that feed each other become one, writing every value that is needed outside.
    private mutating func mergeLoops(into op: Int) {
        for edge in graph.edges[op] where edge.path == .direct {
            let from = clusterOf[edge.producer]
            let to = clusterOf[op]
            guard from != to, case .loops = clusters[from].kind, case .loops = clusters[to].kind,
                clusters[from].domain == clusters[to].domain
            else { continue }
            if let reason = merge(from, to, kind: .loops, domain: clusters[from].domain) {
                refuse(edge.producer, op, reason)
            }
        }
    }

    /// A loop that feeds row reductions and others joins the rows, which write its value too.
    private mutating func mergePrologueWithOutputs(into op: Int) {
        for edge in graph.edges[op] where edge.path == .direct {
            let from = clusterOf[edge.producer]
            let to = clusterOf[op]
            guard from != to, case .loops = clusters[from].kind, case .rows(let outerRank) = clusters[to].kind,
                outerRank >= 1, clusters[from].domain == clusters[to].domain,
                clusters[from].members.allSatisfy({ graph.roles[$0] == .elementwise && !graph.isUpdateOnly[$0] })
            else { continue }
            if let reason = merge(to, from, kind: clusters[to].kind, domain: clusters[to].domain) {
                refuse(edge.producer, op, reason)
            }
        }
    }

    /// Scalar arithmetic shares one kernel where order allows.
    private mutating func mergeScalars() {
        var scalars: [Int] = []
        for at in clusters.indices {
            guard !clusters[at].members.isEmpty, case .loops = clusters[at].kind, clusters[at].domain.isEmpty else {
                continue
            }
            let joined = scalars.contains { merge($0, at, kind: .loops, domain: []) == nil }
            if !joined { scalars.append(at) }
        }
    }
}

extension FusionRole {
    /// Whether elementwise work on the result can be done before the result is written.
    var takesEpilogue: Bool {
        switch self {
        case .contraction, .window(takesEpilogue: true): true
        default: false
        }
    }
    /// Whether it is a `reduce`.
    var isReduce: Bool { if case .reduce = self { true } else { false } }
}
