import GraphIR

// before:                                   after:
//   %0 = exp %x : f32[B]                      %1 = neg %x : f32[B]
//   %1 = neg %x : f32[B]                      output %1 : f32[B] "y"
//   update %w = %w
//   output %1 : f32[B] "y"

extension GraphPass {
    /// Removes operations that lead to no output and no update, and updates of a state with its own value.
    public static let deadCode = GraphPass(
        name: "deadCode", summary: "Removes what leads to no output and no update."
    ) { function, context in
        let updates = function.updates.filter { function.values[$0.value.index].origin != .state($0.state) }
        var changed = updates.count != function.updates.count
        function.updates = updates
        let live = liveOps(of: function)
        if live.contains(false) {
            function.ops = zip(function.ops, live).filter(\.1).map(\.0)
            changed = true
        }
        if changed { function = function.compacted() }
        return changed
    }
}

/// For every operation, whether an output or update depends on it.
func liveOps(of function: GraphFunction) -> [Bool] {
    var isNeeded = [Bool](repeating: false, count: function.values.count)
    for value in function.liveOut { isNeeded[value.index] = true }
    var live = [Bool](repeating: false, count: function.ops.count)
    for (at, op) in function.ops.enumerated().reversed() where op.results.contains(where: { isNeeded[$0.index] }) {
        live[at] = true
        for operand in op.operands { isNeeded[operand.index] = true }
    }
    return live
}

extension GraphFunction {
    /// The same function with an arena that holds only inputs and values that are made or read, in order.
    public func compacted() -> GraphFunction {
        var isUsed = [Bool](repeating: false, count: values.count)
        for input in inputs { isUsed[input.value.index] = true }
        for value in liveOut { isUsed[value.index] = true }
        for op in ops { for value in op.operands + op.results { isUsed[value.index] = true } }
        var compact = GraphFunction(name: name)
        var moved = [ValueID](repeating: ValueID(0), count: values.count)
        for (at, value) in values.enumerated() where isUsed[at] {
            moved[at] = ValueID(compact.values.count)
            compact.values.append(value)
        }
        compact.inputs = inputs.map { NamedValue($0.name, moved[$0.value.index]) }
        compact.outputs = outputs.map { NamedValue($0.name, moved[$0.value.index]) }
        compact.updates = updates.map { StateUpdate(state: $0.state, value: moved[$0.value.index]) }
        compact.ops = ops.map { op in
            var copy = op
            copy.operands = op.operands.map { moved[$0.index] }
            copy.results = op.results.map { moved[$0.index] }
            return copy
        }
        return compact
    }
}
