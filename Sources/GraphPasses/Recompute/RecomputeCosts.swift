import GraphIR

/// What it costs to compute values of a function again behind a border, the first operation that reads the new copies.
struct RecomputeCosts {
    /// By value, the operation that makes it.
    let producers: [Int?]
    /// By operation, how it takes part in fusion.
    let roles: [FusionRole]
    private let border: Int
    private let worth: RecomputationWorth
    private let isWide: [Bool]
    private let endsChain: [Bool]

    /// The costs for a border; where memory is limited, also of operations that have a price.
    init(_ function: GraphFunction, _ limited: Recomputation?, border: Int, _ memory: MemoryProfile) {
        self.border = border
        producers = function.producers()
        roles = FusionRole.roles(of: function)
        worth = RecomputationWorth(function, limited, border: border, memory: memory)
        isWide = memory.isWide
        endsChain = Self.chainEnds(function, border, roles)
    }

    /// Whether a value is there before the border.
    func isBefore(_ value: ValueID) -> Bool { (producers[value.index] ?? -1) < border }

    /// The operations that may be done again for a byte of a value; 0 where no price was set.
    func price(_ value: ValueID) -> Int { producers[value.index].map { $0 < border ? worth.price($0) : 0 } ?? 0 }

    /// What it costs to compute a value again; nil where it is kept. Without a price, only operations that cost next to nothing
    /// come into question.
    func cost(_ value: ValueID) -> Int? {
        guard let op = producers[value.index], op < border else { return nil }
        if worth.price(op) > 0 { return worth.cost(of: value, by: op, roles[op]) }
        switch roles[op] {
        case .elementwise: return endsChain[value.index] ? nil : 0
        case .indexOnly, .view: return 0
        case .contraction: return isWide[value.index] ? 0 : nil
        case .random, .movement, .reduce, .window, .assemble, .single: return nil
        }
    }

    /// The elementwise operations before `border` that must not be done again, since too many are done one after another before
    /// them. What time steps hand on is such a chain: without an end, every step of the backward half would do all of it again.
    private static func chainEnds(_ function: GraphFunction, _ border: Int, _ roles: [FusionRole]) -> [Bool] {
        var lengths = [Int](repeating: 0, count: function.values.count)
        var isEnd = [Bool](repeating: false, count: function.values.count)
        for (op, role) in zip(function.ops, roles).prefix(border) where role == .elementwise || role == .view {
            let length = op.operands.reduce(0) { max($0, lengths[$1.index]) } + (role == .view ? 0 : 1)
            for result in op.results {
                isEnd[result.index] = length > longestChain
                lengths[result.index] = isEnd[result.index] ? 0 : length
            }
        }
        return isEnd
    }

    /// The most elementwise operations that are done again one after another.
    private static let longestChain = 16
}
