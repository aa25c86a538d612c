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
