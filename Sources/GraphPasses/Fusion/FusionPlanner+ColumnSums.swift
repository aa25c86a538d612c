import GraphIR
import HostTensors

/// Sums over all rows, as the gradients of a bias or of a norm's scale are, beside other work on these rows.
extension FusionPlanner {
    /// The lengths of rows that are added up beside other work: longer ones' sums do not stay in a fast cache, and the lanes of a kernel
    /// on shorter ones may be different rows.
    static let summedColumns = 17...4096

    /// A sum over rows joins a kernel that has what it reads in hand, or else another such sum that reads the same.
    mutating func joinColumnSums() {
        var readers: [ValueID: [Int]] = [:]
        for op in clusterOf.indices where graph.isNode(op) {
            for operand in graph.function.ops[op].operands { readers[operand, default: []].append(op) }
        }
        for op in clusterOf.indices {
            guard let outerRank = loneColumnSum(clusterOf[op]), clusters[clusterOf[op]].kind == .reduction(root: op)
            else { continue }
            joinColumnSum(op, outerRank, readers)
        }
    }

    private mutating func joinColumnSum(_ op: Int, _ outerRank: Int, _ readers: [ValueID: [Int]]) {
        let domain = clusters[clusterOf[op]].domain
        for value in valuesRead(by: clusterOf[op]) where graph.function.type(of: value).shape == domain {
            let maker = graph.producers[value.index]
            if let maker, graph.roles[maker] == .indexOnly { continue }
            for other in [maker].compactMap({ $0 }) + (readers[value] ?? []).reversed() {
                let (home, own) = (clusterOf[other], clusterOf[op])
                guard home != own, clusters[home].domain == domain,
                    clusters[home].kind == .rows(outerRank: outerRank) || loneColumnSum(home) == outerRank
                else { continue }
                guard let reason = merge(home, own, kind: .rows(outerRank: outerRank), domain: domain) else { return }
                guard other == maker else { continue }
                for reader in readers[value] ?? [] where clusterOf[reader] == own { refuse(other, reader, reason) }
            }
        }
    }

    /// The values a group reads that it does not make.
    private func valuesRead(by cluster: Int) -> [ValueID] {
        clusters[cluster].members.flatMap { graph.function.ops[$0].operands }.filter { value in
            graph.producers[value.index].map { clusterOf[$0] != cluster } ?? true
        }
    }

    /// The number of axes that a group sums over, if it is a sum of floating-point numbers over all axes before its columns, with
    /// elementwise work on what is summed alone.
    private func loneColumnSum(_ cluster: Int) -> Int? {
        guard cluster >= 0, case .reduction(let root) = clusters[cluster].kind else { return nil }
        let (op, domain) = (graph.function.ops[root], clusters[cluster].domain)
        let count = op.attributes.ints("axes").count
        guard op.attributes.keyword("kind") == "sum", op.attributes.ints("axes").sorted() == Array(0..<count),
            [DType.f32, .f64].contains(graph.function.type(of: op.results[0]).dtype),
            let columns = Dim.product(domain[count...]).constant, Self.summedColumns.contains(columns),
            clusters[cluster].members.allSatisfy({
                $0 == root || (graph.roles[$0] == .elementwise && graph.shape($0) == domain)
            })
        else { return nil }
        return count
    }
}
