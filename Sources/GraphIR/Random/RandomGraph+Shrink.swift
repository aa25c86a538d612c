extension RandomGraph {
    /// A smaller module that still fails, found by leaving out parts as long as `failing` stays true.
    ///
    /// Functions, outputs, updates and operations are left out, operands replaced by new inputs, sizes made smaller; a
    /// part that fails to help is kept. `failing` is asked at most `attempts` times; it must be true for `module`, else
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
            dropEach(at, count: { $0.outputs.count }) { $0.keptOutputs.remove($1) }
            dropEach(at, count: { $0.updates.count }) { $0.keptUpdates.remove($1) }
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

    private mutating func dropEach(
        _ function: Int, count: (GraphFunction) -> Int, _ drop: (inout FunctionEdit, Int) -> Void
    ) {
        var at = count(best.functions[function]) - 1
        while at >= 0 {
            let now = best.functions[function]
            if at < count(now), now.liveOut.count > 1 {
                var edit = FunctionEdit(of: now)
                drop(&edit, at)
                _ = attempt(edit.applied(to: best, function: function))
            }
            at -= 1
        }
    }

    /// Leaves out runs of operations, long ones first (delta debugging: Zeller and Hildebrandt, 2002).
    private mutating func dropOps(_ function: Int) {
        var length = max(1, best.functions[function].ops.count / 2)
        while true {
            var end = best.functions[function].ops.count
            while end > 0 {
                var edit = FunctionEdit(of: best.functions[function])
                edit.removedOps = Set(max(0, end - length)..<end)
                _ = attempt(edit.applied(to: best, function: function))
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
                    _ = attempt(edit.applied(to: best, function: function))
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
