import GraphIR

/// The data flow that fusion decides on: operations that compute something, and how each reads the others.
///
/// Index-only operations are seen through: their readers recompute them, so only what they read counts.
struct FusionGraph: Sendable {
    /// How a consumer's element reads a producer's result.
    enum Path: Hashable, Sendable {
        /// The element of the same position.
        case direct
        /// One value a row: a broadcast of the leading axes.
        case kept
        /// Any element: the producer's result must be in memory.
        case memory
    }

    /// One read of a computed value.
    struct Edge: Hashable, Sendable {
        var producer: Int
        var path: Path
    }

    let function: GraphFunction
    let producers: [Int?]
    let roles: [FusionRole]
    /// By value, see `FusionRole.rowPassEnds`.
    private let rowPassEnds: [Int]
    /// Index-only operations whose result is needed in memory.
    private(set) var materialised: Set<Int> = []
    /// By consumer: what it reads.
    private(set) var edges: [[Edge]]
    /// By producer: the computing operations that read it, ascending, each once.
    private(set) var readers: [[Int]]
    /// Whether a result outlives the call.
    let isLiveOut: [Bool]
    /// Whether an operation is elementwise arithmetic that leads to state updates only, through nothing but such.
    private(set) var isUpdateOnly: [Bool]

    init(_ function: GraphFunction) {
        self.function = function
        producers = function.producers()
        roles = FusionRole.roles(of: function)
        rowPassEnds = FusionRole.rowPassEnds(of: function, roles)
        let count = function.ops.count
        edges = Array(repeating: [], count: count)
        readers = Array(repeating: [], count: count)
        var live = [Bool](repeating: false, count: count)
        for value in function.liveOut { if let maker = producers[value.index] { live[maker] = true } }
        isLiveOut = live
        isUpdateOnly = Array(repeating: false, count: count)
        collectMaterialised()
        for op in 0..<count where isNode(op) { edges[op] = collectEdges(of: op) }
        for op in 0..<count {
            for edge in edges[op] where readers[edge.producer].last != op { readers[edge.producer].append(op) }
        }
        markUpdateOnly()
    }

    /// Whether an operation belongs to exactly one group.
    func isNode(_ op: Int) -> Bool { roles[op] != .indexOnly || materialised.contains(op) }

    /// Whether a reader of an operation's result is behind the end of the pass over rows that makes it.
    func readsLater(_ reader: Int, _ producer: Int) -> Bool {
        rowPassEnds[function.ops[reader].results[0].index] > rowPassEnds[function.ops[producer].results[0].index]
    }

    /// The shape of an operation's first result.
    func shape(_ op: Int) -> [Dim] { function.type(of: function.ops[op].results[0]).shape }

    /// Whether operand number `at` of an operation must be in memory.
    func needsMemory(_ op: Int, operand at: Int) -> Bool {
        switch function.ops[op].name {
        case "pad": at == 1
        // What is written over is copied element by element first.
        case "scatter", "dynamicUpdateSlice": at > 0
        default: roles[op].readsMemoryOnly
        }
    }

    private mutating func collectMaterialised() {
        for (at, op) in function.ops.enumerated() {
            if roles[at] == .indexOnly {
                if isLiveOut[at] { materialised.insert(at) }
                continue
            }
            guard roles[at].readsMemoryOnly else { continue }
            for (number, operand) in op.operands.enumerated() where needsMemory(at, operand: number) {
                if let maker = producers[operand.index], roles[maker] == .indexOnly { materialised.insert(maker) }
            }
        }
    }

    private func collectEdges(of op: Int) -> [Edge] {
        var found: [Edge] = []
        if roles[op] == .indexOnly {
            found = sources(ofIndexOnly: op).map { Edge(producer: $0.producer, path: .memory) }
        } else {
            for (at, operand) in function.ops[op].operands.enumerated() {
                guard let maker = producers[operand.index] else { continue }
                let memory = needsMemory(op, operand: at)
                if roles[maker] != .indexOnly || (memory && materialised.contains(maker)) {
                    found.append(Edge(producer: maker, path: memory ? .memory : .direct))
                } else {
                    found += sources(ofIndexOnly: maker)
                }
            }
        }
        var unique: [Edge] = []
        for edge in found where !unique.contains(edge) { unique.append(edge) }
        return unique
    }

    /// The computed values an index-only operation reads, through any others.
    private func sources(ofIndexOnly op: Int) -> [Edge] {
        let made = function.ops[op]
        return made.operands.flatMap { operand -> [Edge] in
            guard let maker = producers[operand.index] else { return [] }
            if roles[maker] == .indexOnly {
                let deeper = sources(ofIndexOnly: maker)
                if made.name != "broadcast" { return deeper }
                return deeper.map { Edge(producer: $0.producer, path: .memory) }
            }
            let axes = made.attributes.ints("axes")
            let isPrefix = made.name == "broadcast" && axes == Array(0..<axes.count)
            return [Edge(producer: maker, path: isPrefix ? .kept : .memory)]
        }
    }

    private mutating func markUpdateOnly() {
        let outputs = Set(function.outputs.map(\.value))
        for op in stride(from: function.ops.count - 1, through: 0, by: -1) where isNode(op) {
            let leavesAsOutput = function.ops[op].results.contains { outputs.contains($0) }
            isUpdateOnly[op] =
                roles[op] == .elementwise && !leavesAsOutput && readers[op].allSatisfy { isUpdateOnly[$0] }
        }
    }
}
