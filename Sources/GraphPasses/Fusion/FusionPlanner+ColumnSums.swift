import GraphIR
import HostTensors

/// Sums over all rows, as the gradients of a bias or of a norm's scale are, beside other work on these rows.
extension FusionPlanner {
    /// The lengths of rows that are added to sums in memory: longer ones' sums do not stay in a fast cache, and a shorter row adds to what
    /// the last one has just stored, which takes longer than the row itself.
    private static let summedLengths = 32...4096
    /// From this length on, sums in memory are no slower than sums in registers where nothing else is done for a row.
    private static let leastAlone = 64

    /// A sum over rows joins a kernel on rows that has what it reads in hand; where there is none, an elementwise one, or another such sum
    /// that reads the same.
    mutating func joinColumnSums() {
        var readers: [ValueID: [Int]] = [:]
        for op in clusterOf.indices where graph.isNode(op) {
            for operand in graph.function.ops[op].operands { readers[operand, default: []].append(op) }
        }
        for withOthers in [false, true] {
            for op in clusterOf.indices where graph.isNode(op) {
                guard clusters[clusterOf[op]].kind == .reduction(root: op), let outerRank = loneColumnSum(clusterOf[op])
                else { continue }
                joinColumnSum(op, outerRank, readers, withOthers: withOthers)
            }
        }
    }

    private mutating func joinColumnSum(
        _ op: Int, _ outerRank: Int, _ readers: [ValueID: [Int]], withOthers: Bool
    ) {
        let kind = GroupKind.rows(outerRank: outerRank)
        let domain = clusters[clusterOf[op]].domain
        let columns = Dim.product(domain[outerRank...]).constant ?? 0
        let isFit = Self.summedLengths.contains(columns)
        let mayBeAlone = withOthers && columns >= Self.leastAlone
        for value in valuesRead(by: clusterOf[op]) where graph.function.type(of: value).shape == domain {
            let maker = graph.producers[value.index]
            if let maker, graph.roles[maker] == .indexOnly { continue }
            for other in [maker].compactMap({ $0 }) + (readers[value] ?? []).reversed() {
                let (home, own) = (clusterOf[other], clusterOf[op])
                guard home != own, clusters[home].domain == domain,
                    clusters[home].kind == kind
                        || (mayBeAlone && (loneColumnSum(home) == outerRank || isElementwise(home)))
                else { continue }
                let lengths = "\(Self.summedLengths.lowerBound) to \(Self.summedLengths.upperBound)"
                guard
                    let reason = isFit
                        ? merge(home, own, kind: kind, domain: domain)
                        : "rows are added up beside other work where they have a fixed number of elements, \(lengths)"
                else { return }
                guard other == maker else { continue }
                for reader in readers[value] ?? [] where clusterOf[reader] == own { refuse(other, reader, reason) }
            }
        }
    }

    private func isElementwise(_ cluster: Int) -> Bool {
        clusters[cluster].kind == .loops
            && clusters[cluster].members.allSatisfy { graph.roles[$0] == .elementwise && !graph.isUpdateOnly[$0] }
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
        guard case .reduction(let root) = clusters[cluster].kind else { return nil }
        let (op, domain) = (graph.function.ops[root], clusters[cluster].domain)
        let count = op.attributes.ints("axes").count
        guard op.attributes.keyword("kind") == "sum", op.attributes.ints("axes").sorted() == Array(0..<count),
            [DType.f32, .f64].contains(graph.function.type(of: op.results[0]).dtype),
            clusters[cluster].members.allSatisfy({
                $0 == root || (graph.roles[$0] == .elementwise && graph.shape($0) == domain)
            })
        else { return nil }
        return count
    }
}
