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
    private let costs: RecomputeCosts

    /// Finds what is worth computing again, cheap operations only where no price is set for others; nil where that is nothing.
    init?(
        _ function: GraphFunction, _ context: PassContext, _ limited: Recomputation?, _ memory: MemoryProfile,
        border: Int?
    ) {
        let least = limited == nil ? context.options.recomputationLeast : 1
        guard let border, memory.mostKept >= least else { return nil }
        self.border = border
        costs = RecomputeCosts(function, limited, border: border, memory)
        let (isRead, inMemory) = Self.lateReads(function, border, costs.roles, memory)
        var isKept = inMemory
        for value in isKept.indices where memory.isWide[value] || costs.price(ValueID(value)) > 0 {
            isKept[value] = false
        }
        for value in function.liveOut where costs.isBefore(value) { isKept[memory.home(value).index] = true }
        var network = RecomputeNetwork(function, costs, memory, isRead: isRead, isKept: isKept)
        (isRecomputed, spared) = network.cheapest()
        guard spared > 0, spared >= least else { return nil }
    }

    /// Whether a copy of a value serves every reader, however far away.
    private func isShared(_ value: ValueID) -> Bool {
        guard costs.price(value) > 0, let op = costs.producers[value.index] else { return false }
        switch costs.roles[op] {
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
            let role = costs.producers[value.index].map { costs.roles[$0] }
            let isOfIndices = role == .indexOnly || role == .single
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
            guard isRecomputed[value.index], let at = costs.producers[value.index] else { return try mapped(value) }
            if let known = copies[value.index], isShared(value) || reader - known.madeFor <= Self.reach {
                return known.value
            }
            let op = function.ops[at]
            let operands = try op.operands.map {
                try costs.price(value) > 0 ? apart($0, for: reader) : copy($0, for: reader)
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
