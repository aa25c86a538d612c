import GraphIR

/// The network whose minimum cut says which values are kept and which are computed again.
///
/// A value has two nodes, one that it is computed at and one that it is read from, and between them an edge of the bytes that keeping it
/// takes. The values it is made of lead to the first node, and so does the source, with what it costs to compute it again. What is read
/// behind the border leads to the sink.
struct RecomputeNetwork {
    private let function: GraphFunction
    private let costs: RecomputeCosts
    private let memory: MemoryProfile
    private let isKept: [Bool]
    private var cut = MinimumCut()
    private let source: Int
    private let sink: Int
    private var nodes: [Int: (made: Int, read: Int)] = [:]
    /// The values whose operands have not been looked at.
    private var pending: [ValueID] = []
    /// The values that are kept as long as none is computed again.
    private var wanted: Set<ValueID> = []

    /// The network of the values that are read behind the border; those that must be in memory anyway cost nothing to keep.
    init(
        _ function: GraphFunction, _ costs: RecomputeCosts, _ memory: MemoryProfile, isRead: [Bool], isKept: [Bool]
    ) {
        self.function = function
        self.costs = costs
        self.memory = memory
        self.isKept = isKept
        (source, sink) = (cut.addNode(), cut.addNode())
        for value in function.values.indices where isRead[value] && costs.isBefore(ValueID(value)) {
            let pair = node(ValueID(value))
            cut.addEdge(from: pair.read, to: sink, capacity: MinimumCut.unlimited)
            let home = memory.home(ValueID(value))
            if !isKept[home.index], function.values[home.index].origin == .operation { wanted.insert(home) }
        }
        while let value = pending.popLast() { addOperands(of: value) }
    }

    private mutating func node(_ value: ValueID) -> (made: Int, read: Int) {
        if let known = nodes[value.index] { return known }
        let pair = (made: cut.addNode(), read: cut.addNode())
        nodes[value.index] = pair
        let home = memory.home(value)
        let isFree =
            isKept[home.index] || memory.isConstant[home.index] || function.values[home.index].origin != .operation
        // What only has another shape is kept where the value itself is.
        let bytes = home == value ? memory.bytes[value.index] * max(1, costs.price(value)) : MinimumCut.unlimited
        cut.addEdge(from: pair.made, to: pair.read, capacity: isFree ? 0 : bytes)
        pending.append(value)
        return pair
    }

    private mutating func addOperands(of value: ValueID) {
        let made = node(value).made
        guard let cost = costs.cost(value), let op = costs.producers[value.index] else {
            cut.addEdge(from: source, to: made, capacity: MinimumCut.unlimited)
            return
        }
        if cost > 0 { cut.addEdge(from: source, to: made, capacity: cost) }
        for operand in Set(function.ops[op].operands).sorted() {
            cut.addEdge(from: node(operand).read, to: made, capacity: MinimumCut.unlimited)
        }
    }

    /// By value, whether it is computed again where that costs least, and the bytes that need not be kept then.
    mutating func cheapest() -> (isRecomputed: [Bool], spared: Int) {
        let isBehind = cut.sinkSide(source: source, sink: sink)
        var isRecomputed = [Bool](repeating: false, count: function.values.count)
        var spared = wanted.reduce(0) { $0 + memory.bytes[$1.index] }
        for (value, pair) in nodes {
            if isBehind[pair.made] {
                isRecomputed[value] = costs.cost(ValueID(value)) != nil
            } else if isBehind[pair.read], !isKept[value], memory.home(ValueID(value)).index == value {
                spared -= memory.bytes[value]
            }
        }
        return (isRecomputed, spared)
    }
}
