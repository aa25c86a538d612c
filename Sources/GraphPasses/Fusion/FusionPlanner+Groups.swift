import GraphIR

/// From merged clusters to ordered groups with inputs and outputs.
extension FusionPlanner {
    /// The groups in an order in which each reads only what earlier ones wrote; a state's update comes, where possible,
    /// after every other reader of the old value.
    func orderedGroups() -> [FusionGroup] {
        let living = clusters.indices.filter { !clusters[$0].members.isEmpty }
        var groups: [Int: FusionGroup] = [:]
        for at in living { groups[at] = group(clusters[at]) }
        let read = Set(groups.values.flatMap(\.inputs)).union(graph.function.liveOut)
        for at in living {
            let results = clusters[at].members.flatMap { graph.function.ops[$0].results }
            groups[at]?.outputs = results.filter(read.contains)
        }
        return order(living).compactMap { groups[$0] }
    }

    private func group(_ cluster: Cluster) -> FusionGroup {
        let function = graph.function
        var members = Set(cluster.members)
        for member in cluster.members {
            for (at, operand) in function.ops[member].operands.enumerated() {
                addIndexOnly(operand, readBy: member, operand: at, to: &members)
            }
        }
        let ordered = members.sorted()
        let made = Set(ordered.flatMap { function.ops[$0].results })
        var inputs: [ValueID] = []
        for member in ordered {
            for operand in function.ops[member].operands where !made.contains(operand) && !inputs.contains(operand) {
                inputs.append(operand)
            }
        }
        return FusionGroup(kind: cluster.kind, members: ordered, domain: cluster.domain, inputs: inputs, outputs: [])
    }

    private func addIndexOnly(_ value: ValueID, readBy reader: Int, operand: Int, to members: inout Set<Int>) {
        guard let maker = graph.producers[value.index], graph.roles[maker] == .indexOnly else { return }
        if graph.needsMemory(reader, operand: operand) && graph.materialised.contains(maker) { return }
        guard members.insert(maker).inserted else { return }
        for (at, operand) in graph.function.ops[maker].operands.enumerated() {
            addIndexOnly(operand, readBy: maker, operand: at, to: &members)
        }
    }

    private func order(_ living: [Int]) -> [Int] {
        var waitingFor: [Int: Set<Int>] = [:]
        var feeds: [Int: [Int]] = [:]
        for at in living {
            let sources = clusters[at].members.flatMap { graph.edges[$0] }.map { clusterOf[$0.producer] }
            waitingFor[at] = Set(sources).subtracting([at])
            for source in waitingFor[at] ?? [] { feeds[source, default: []].append(at) }
        }
        let oldReaders = readersOfOldStates(living)
        var done: Set<Int> = []
        var ready = living.filter { waitingFor[$0]?.isEmpty ?? true }
        var order: [Int] = []
        while !ready.isEmpty {
            let next = ready.min { left, right in
                let leftWaits = !(oldReaders[left] ?? []).isSubset(of: done)
                let rightWaits = !(oldReaders[right] ?? []).isSubset(of: done)
                if leftWaits != rightWaits { return rightWaits }
                return lastMember(left) < lastMember(right)
            }
            guard let next else { break }
            ready.removeAll { $0 == next }
            order.append(next)
            done.insert(next)
            for reader in feeds[next] ?? [] {
                waitingFor[reader]?.remove(next)
                if waitingFor[reader]?.isEmpty ?? false, !done.contains(reader), !ready.contains(reader) {
                    ready.append(reader)
                }
            }
        }
        return order
    }

    private func lastMember(_ cluster: Int) -> Int { clusters[cluster].members.last ?? 0 }

    /// By group that updates a state: the other groups that read the state's old value.
    private func readersOfOldStates(_ living: [Int]) -> [Int: Set<Int>] {
        var stateReaders: [Int: Set<Int>] = [:]
        for at in living {
            for input in group(clusters[at]).inputs {
                if case .state(let state) = graph.function.values[input.index].origin {
                    stateReaders[state, default: []].insert(at)
                }
            }
        }
        var blocked: [Int: Set<Int>] = [:]
        for update in graph.function.updates {
            guard let maker = graph.producers[update.value.index] else { continue }
            let home = clusterOf[maker]
            blocked[home, default: []].formUnion((stateReaders[update.state] ?? []).subtracting([home]))
        }
        return blocked
    }
}
