import GraphIR

/// The answers to "why (not)": one a producer and its consumer, in consumer order.
extension FusionPlanner {
    func decisions() -> [FusionDecision] {
        var decisions: [FusionDecision] = []
        for (consumer, op) in graph.function.ops.enumerated() {
            var seen: Set<Int> = []
            for (at, operand) in op.operands.enumerated() {
                guard let producer = graph.producers[operand.index], seen.insert(producer).inserted else { continue }
                decisions.append(decision(producer, consumer, operand: at))
            }
        }
        return decisions
    }

    private func decision(_ producer: Int, _ consumer: Int, operand: Int) -> FusionDecision {
        func answer(_ fused: Bool, _ reason: String) -> FusionDecision {
            FusionDecision(producer: producer, consumer: consumer, fused: fused, reason: reason)
        }
        if graph.roles[producer] == .indexOnly {
            if graph.needsMemory(consumer, operand: operand) {
                return answer(false, "\(graph.function.ops[consumer].name) reads its operands from memory")
            }
            return answer(true, "costs an index and no memory traffic, so every reader recomputes it")
        }
        if graph.roles[consumer] == .indexOnly {
            if graph.readers[producer].contains(where: { clusterOf[$0] == clusterOf[producer] }) {
                return answer(true, "one value a row, kept in a register while the row is worked on")
            }
            return answer(false, "a broadcast repeats the value, so it is computed once, before")
        }
        if clusterOf[producer] == clusterOf[consumer] {
            return answer(true, fusedReason(consumer: consumer, clusters[clusterOf[consumer]]))
        }
        if let reason = refusals[Pair(producer: producer, consumer: consumer)] { return answer(false, reason) }
        return answer(false, separateReason(producer, consumer, operand: operand))
    }

    private func fusedReason(consumer: Int, _ cluster: Cluster) -> String {
        switch cluster.kind {
        case .loops: "elementwise over the same shape: one loop, no memory between"
        case .rows(1...) where graph.roles[consumer] == .reduce(outerRank: nil):
            "a sum over the rows: taken in while each row is in cache, one sum a block, which a small kernel adds"
        case .rows: "work on the same rows: one pass, each row stays in cache"
        case .reduction(let root):
            consumer > root ? "epilogue on the reduced values" : "prologue: computed as the reduction reads it"
        case .contraction: "epilogue: applied to the result tile before it is written"
        case .window: "epilogue: applied to each element before it is written"
        case .assemble: "prologue: computed as it is copied into place"
        case .view, .single: "the same kernel"
        }
    }

    private func separateReason(_ producer: Int, _ consumer: Int, operand: Int) -> String {
        let ops = graph.function.ops
        switch (graph.roles[producer], graph.roles[consumer]) {
        case (_, .view): return "reshape is another name for memory, so its operand is written first"
        case (.view, _): return "reshape is another name for memory, read from there"
        case _ where graph.needsMemory(consumer, operand: operand):
            return "\(ops[consumer].name) reads its operands from memory"
        case (.single, _), (.window, _): return "\(ops[producer].name) has a kernel of its own"
        case (.movement, _): return "\(ops[producer].name) moves data in a kernel of its own"
        case (.contraction, .reduce): return "the product is written first, then reduced"
        default:
            let from = clusters[clusterOf[producer]].domain
            let to = clusters[clusterOf[consumer]].domain
            if from != to { return "they loop over different shapes: \(text(from)) and \(text(to))" }
            return "their loops differ in structure"
        }
    }

    private func text(_ shape: [Dim]) -> String { "[\(shape.map(\.description).joined(separator: ","))]" }
}
