import GraphIR

// before:                                   after:
//   %0 = dot %x, %w                           %0 = dot %x, %w
//   %1 = tanh %0                              %1 = tanh %0
//   …                                         …
//   %8 = mul %1, %1                           %7 = tanh %0
//                                             %8 = mul %7, %7

extension GraphPass {
    /// Computes values again where they are needed late, instead of keeping them in memory until then.
    ///
    /// Where most is kept, between the forward and the backward half of a training step, a minimum cut through what can be
    /// computed again finds the fewest bytes to keep (as Jain et al., "Checkmate", 2020, state the problem, with only such
    /// operations computed again as cost little beside the memory they spare): those of single elements, and products
    /// that are much larger than what they are made of, as the scores of attention are where sequences are long.
    public static let recompute = GraphPass(
        name: "recompute", summary: "Computes values again instead of keeping them in memory."
    ) { function, context in
        var changed = false
        let memory = MemoryProfile(function, context)
        let borders = [memory.border] + (memory.borderOfLasting == memory.border ? [] : [memory.borderOfLasting])
        let choices = borders.compactMap { RecomputeChoice(function, context, nil, memory, border: $0) }
        if let choice = choices.max(by: { $0.spared < $1.spared }) {
            function = try choice.applied(to: function, context)
            changed = true
        }
        // What is to be kept then may be computed again too, where memory is limited.
        guard let limited = context.options.recomputation[function.name], limited.segments > 0 else { return changed }
        _ = try GraphPass.deadCode.run(&function, context)
        let left = MemoryProfile(function, context)
        guard let choice = RecomputeChoice(function, context, limited, left, border: left.border) else {
            return changed
        }
        function = try choice.applied(to: function, context)
        return true
    }
}

/// Which values are computed again, and from where on.
private struct RecomputeChoice {
    /// The first operation that reads the new copies.
    let border: Int
    /// By value, whether it is computed again behind the border.
    let isRecomputed: [Bool]
    /// The bytes that need not be kept then.
    let spared: Int
    private let producers: [Int?]
    /// By value, whether it is of a segment with a price.
    private let isPriced: [Bool]
    private let roles: [FusionRole]

    /// Finds what is worth computing again, cheap operations only where no price is set for others; nil where that is nothing.
    init?(
        _ function: GraphFunction, _ context: PassContext, _ limited: Recomputation?, _ memory: MemoryProfile,
        border: Int?
    ) {
        let least = limited == nil ? context.options.recomputationLeast : 1
        guard let border, memory.mostKept >= least else { return nil }
        self.border = border
        producers = function.producers()
        let worth = RecomputationWorth(function, limited, border: border, memory: memory)
        let roles = FusionRole.roles(of: function)
        let known = producers
        let isWide = memory.isWide
        let endsChain = Self.chainEnds(function, border, roles)
        /// What it costs to compute a value again; nil where it is kept. Without a price, only operations that cost next to nothing
        /// come into question.
        func cost(_ value: ValueID) -> Int? {
            guard let op = known[value.index], op < border else { return nil }
            if worth.price(op) > 0 { return worth.cost(of: value, by: op, roles[op]) }
            switch roles[op] {
            case .elementwise: return endsChain[value.index] ? nil : 0
            case .indexOnly, .view: return 0
            case .contraction: return isWide[value.index] ? 0 : nil
            case .random, .movement, .reduce, .window, .assemble, .single: return nil
            }
        }
        func price(_ value: ValueID) -> Int { known[value.index].map { $0 < border ? worth.price($0) : 0 } ?? 0 }
        func isBefore(_ value: ValueID) -> Bool { (known[value.index] ?? -1) < border }

        var (isWanted, isKept) = Self.lateReads(function, border, roles, memory)
        for value in isKept.indices where isWide[value] || price(ValueID(value)) > 0 { isKept[value] = false }
        for value in function.liveOut where isBefore(value) { isKept[memory.home(value).index] = true }
        var cut = MinimumCut()
        let (source, sink) = (cut.addNode(), cut.addNode())
        // By value: the node it is computed at, and the one it is read from.
        var nodes: [Int: (made: Int, read: Int)] = [:]
        var pending: [ValueID] = []
        var wanted: Set<ValueID> = []
        func node(_ value: ValueID, _ cut: inout MinimumCut) -> (made: Int, read: Int) {
            if let known = nodes[value.index] { return known }
            let pair = (made: cut.addNode(), read: cut.addNode())
            nodes[value.index] = pair
            let home = memory.home(value)
            let isFree =
                isKept[home.index] || memory.isConstant[home.index] || function.values[home.index].origin != .operation
            // What only has another shape is kept where the value itself is.
            let bytes = home == value ? memory.bytes[value.index] * max(1, price(value)) : MinimumCut.unlimited
            cut.addEdge(from: pair.made, to: pair.read, capacity: isFree ? 0 : bytes)
            pending.append(value)
            return pair
        }
        for value in function.values.indices where isWanted[value] && isBefore(ValueID(value)) {
            let pair = node(ValueID(value), &cut)
            cut.addEdge(from: pair.read, to: sink, capacity: MinimumCut.unlimited)
            let home = memory.home(ValueID(value))
            if !isKept[home.index], function.values[home.index].origin == .operation { wanted.insert(home) }
        }
        while let value = pending.popLast() {
            let made = node(value, &cut).made
            guard let cost = cost(value), let op = known[value.index] else {
                cut.addEdge(from: source, to: made, capacity: MinimumCut.unlimited)
                continue
            }
            if cost > 0 { cut.addEdge(from: source, to: made, capacity: cost) }
            for operand in Set(function.ops[op].operands).sorted() {
                cut.addEdge(from: node(operand, &cut).read, to: made, capacity: MinimumCut.unlimited)
            }
        }
        let isBehind = cut.sinkSide(source: source, sink: sink)
        let before = wanted.reduce(0) { $0 + memory.bytes[$1.index] }
        var again = [Bool](repeating: false, count: function.values.count)
        var after = 0
        for (value, pair) in nodes {
            if isBehind[pair.made] {
                again[value] = cost(ValueID(value)) != nil
            } else if isBehind[pair.read], !isKept[value], memory.home(ValueID(value)).index == value {
                after += memory.bytes[value]
            }
        }
        guard before > after, before - after >= least else { return nil }
        spared = before - after
        isRecomputed = again
        isPriced = function.values.indices.map { price(ValueID($0)) > 0 }
        self.roles = roles
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

    /// Whether a copy of a value serves every reader, however far away.
    private func isShared(_ value: ValueID) -> Bool {
        guard isPriced[value.index], let op = producers[value.index] else { return false }
        switch roles[op] {
        case .indexOnly, .view: return false
        default: return true
        }
    }

    /// The values that operations behind the border read from memory, and those of them that must be there. Where nothing
    /// between a value and its reader ends a pass over rows, the two may share a kernel, and the value is at hand.
    private static func lateReads(
        _ function: GraphFunction, _ border: Int, _ roles: [FusionRole], _ memory: MemoryProfile
    ) -> (read: [Bool], inMemory: [Bool]) {
        var read = [Bool](repeating: false, count: function.values.count)
        var inMemory = read
        let ends = FusionRole.rowPassEnds(of: function, roles)
        for at in function.ops.indices.dropFirst(border) {
            let op = function.ops[at]
            for operand in op.operands {
                if ends[op.results[0].index] > ends[operand.index] { read[operand.index] = true }
                if roles[at].readsMemoryOnly { inMemory[memory.home(operand).index] = true }
            }
        }
        return (read, inMemory)
    }

    /// A copy serves operations up to so far behind the one it was made for: one that served all would be kept itself.
    private static let reach = 48

    /// The function with the copies, each made before the first operation that reads it.
    func applied(to function: GraphFunction, _ context: PassContext) throws -> GraphFunction {
        var builder = FunctionBuilder(name: function.name, states: context.states)
        var new = [ValueID?](repeating: nil, count: function.values.count)
        var others: [Int: ValueID] = [:]
        var copies = [(value: ValueID, madeFor: Int)?](repeating: nil, count: function.values.count)
        for input in function.inputs {
            new[input.value.index] = builder.input(input.name, function.type(of: input.value))
        }
        func mapped(_ value: ValueID) throws -> ValueID {
            if let known = new[value.index] { return known }
            guard case .state(let state) = function.values[value.index].origin else {
                throw GraphError("function '\(function.name)' reads %\(value.index), which nothing made before")
            }
            let made = builder.state(state)
            new[value.index] = made
            return made
        }
        /// What a priced copy reads. A value that was kept has another name there, or fusion would let one kernel do an operation for
        /// both halves, since both read the same.
        func apart(_ value: ValueID, for reader: Int) throws -> ValueID {
            let isOfIndices = producers[value.index].map { roles[$0] == .indexOnly || roles[$0] == .single } ?? false
            var isState = false
            if case .state = function.values[value.index].origin { isState = true }
            guard !isRecomputed[value.index], !isOfIndices, !isState else { return try copy(value, for: reader) }
            if let known = others[value.index] { return known }
            builder.place = function.ops[reader].place
            let shape = function.type(of: value).shape
            let made = try builder.emit("reshape", [mapped(value)], ["shape": .dims(shape)])[0]
            others[value.index] = made
            return made
        }
        func copy(_ value: ValueID, for reader: Int) throws -> ValueID {
            guard isRecomputed[value.index], let at = producers[value.index] else { return try mapped(value) }
            if let known = copies[value.index], isShared(value) || reader - known.madeFor <= Self.reach {
                return known.value
            }
            let op = function.ops[at]
            let operands = try op.operands.map {
                try isPriced[value.index] ? apart($0, for: reader) : copy($0, for: reader)
            }
            builder.place = op.place
            let results = try builder.emit(op.name, operands, op.attributes)
            for (result, made) in zip(op.results, results) { copies[result.index] = (made, reader) }
            return try copies[value.index]?.value ?? mapped(value)
        }
        for (at, op) in function.ops.enumerated() {
            let operands = try op.operands.map { at < border ? try mapped($0) : try copy($0, for: at) }
            builder.place = op.place
            let results = try builder.emit(op.name, operands, op.attributes)
            for (result, made) in zip(op.results, results) { new[result.index] = made }
        }
        for output in function.outputs { builder.output(output.name, try mapped(output.value)) }
        for update in function.updates { builder.update(update.state, try mapped(update.value)) }
        return builder.function
    }
}
