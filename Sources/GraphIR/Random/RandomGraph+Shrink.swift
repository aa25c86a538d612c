extension RandomGraph {
    /// A smaller module that still fails, found by leaving out parts as long as `failing` stays true.
    ///
    /// Functions, outputs, updates and operations are left out, outputs moved up to what they are made of, operands
    /// replaced by new inputs, sizes made smaller. `failing` is asked at most `attempts` times; it must be true for `module`, else
    /// `module` is given back unchanged. Every module it is asked about passes `verify`.
    public static func shrink(
        _ module: GraphModule, attempts: Int = 1000, failing: (GraphModule) -> Bool
    ) -> GraphModule {
        guard failing(module) else { return module }
        return withoutActuallyEscaping(failing) { failing in
            var shrinker = Shrinker(best: module.canonicalized(), left: attempts, failing: failing)
            repeat { shrinker.hasShrunk = false; shrinker.round() } while shrinker.hasShrunk
            return shrinker.best
        }
    }
}

/// The search of `RandomGraph.shrink`: what is smallest so far.
private struct Shrinker {
    var best: GraphModule
    var left: Int
    let failing: (GraphModule) -> Bool
    var hasShrunk = false

    /// Tries every kind of change once.
    mutating func round() {
        dropFunctions()
        for at in best.functions.indices {
            dropEach(at, \.outputs)
            dropEach(at, \.updates)
            hoistOutputs(at)
            dropOps(at)
            cutOperands(at)
        }
        shrinkSizes()
    }

    /// Takes a candidate if it fails too.
    private mutating func attempt(_ candidate: GraphModule?) -> Bool {
        guard let candidate, candidate != best, left > 0 else { return false }
        left -= 1
        guard failing(candidate) else { return false }
        best = candidate
        hasShrunk = true
        return true
    }

    private mutating func dropFunctions() {
        for at in best.functions.indices.reversed() where best.functions.count > 1 {
            var candidate = best
            candidate.functions.remove(at: at)
            _ = attempt(candidate)
        }
    }

    private mutating func attempt(_ edit: FunctionEdit, _ function: Int) -> Bool {
        attempt(edit.applied(to: best, function: function))
    }

    /// Leaves out outputs or updates, one after another.
    private mutating func dropEach<Item>(_ function: Int, _ items: WritableKeyPath<FunctionEdit, [Item]>) {
        var at = FunctionEdit(of: best.functions[function])[keyPath: items].count - 1
        while at >= 0 {
            var edit = FunctionEdit(of: best.functions[function])
            if at < edit[keyPath: items].count {
                edit[keyPath: items].remove(at: at)
                _ = attempt(edit, function)
            }
            at -= 1
        }
    }

    /// Makes an operand of the operation that makes an output (or update) an output in its place, and so on upwards.
    private mutating func hoistOutputs(_ function: Int) {
        var at = 0
        while at < best.functions[function].liveOut.count, left > 0 {
            if !hoistOutput(function, at) { at += 1 }
        }
    }

    private mutating func hoistOutput(_ function: Int, _ at: Int) -> Bool {
        let now = best.functions[function]
        guard let producer = now.producers()[now.liveOut[at].index] else { return false }
        for operand in now.ops[producer].operands {
            if now.liveOut.contains(operand) { continue }
            var edit = FunctionEdit(of: now)
            if at < now.outputs.count {
                edit.outputs[at].value = operand
            } else {
                let update = edit.updates.remove(at: at - now.outputs.count)
                edit.outputs.append(NamedValue("new \(best.states[update.state].path)", operand))
            }
            if attempt(edit, function) { return true }
        }
        return false
    }

    /// Leaves out runs of operations, long ones first (delta debugging: Zeller and Hildebrandt, 2002).
    private mutating func dropOps(_ function: Int) {
        var length = max(1, best.functions[function].ops.count / 2)
        while true {
            var end = best.functions[function].ops.count
            while end > 0 {
                var edit = FunctionEdit(of: best.functions[function])
                edit.removedOps = Set(max(0, end - length)..<end)
                if !attempt(edit, function) {
                    edit.keepsDead = true
                    _ = attempt(edit, function)
                }
                end = min(end - length, best.functions[function].ops.count)
            }
            if length == 1 { return }
            length /= 2
        }
    }

    private mutating func cutOperands(_ function: Int) {
        var at = best.functions[function].ops.count - 1
        while at >= 0 {
            let now = best.functions[function]
            if at < now.ops.count {
                for (position, operand) in now.ops[at].operands.enumerated()
                where now.values[operand.index].origin == .operation {
                    guard best.functions[function] == now else { break }
                    var edit = FunctionEdit(of: now)
                    edit.cutOperands = [[at, position]]
                    _ = attempt(edit, function)
                }
            }
            at -= 1
        }
    }

    private mutating func shrinkSizes() {
        let dims = best.functions.flatMap { $0.values.flatMap(\.type.shape) }
        var tried: Set<Dim> = []
        for dim in dims where tried.insert(dim).inserted {
            var smaller: [Dim] = []
            if let size = dim.constant {
                smaller = [1, 2, size / 2, size - 1].filter { $0 >= 1 && $0 < size }.map { Dim($0) }
            } else if dim.terms.count == 1, dim.terms[0].coefficient == 1, dim.terms[0].symbols.count == 1 {
                smaller = [1, 2, 3]
            }
            for size in smaller {
                var edit = FunctionEdit(of: best.functions[0])
                edit.size = (dim, size)
                if attempt(edit.applied(to: best, function: 0)) { break }
            }
        }
    }
}
