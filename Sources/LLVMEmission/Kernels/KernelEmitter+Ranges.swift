import GraphIR
import KernelIR

/// Which values a loop's variable takes: those of this task, in the window that a mask leaves.
extension KernelEmitter {
    /// The first and the past-the-end value of a loop's variable: all of it, or this task's chunks.
    mutating func range(of loop: KernelLoop, _ count: Dim) -> (from: Dim, to: Dim) {
        guard let parallel = kernel.parallel, parallel.variable == loop.variable else { return (0, resolve(count)) }
        let from = writer.value("mul i64 %begin, \(parallel.chunk)")
        let end = writer.value("mul i64 %end, \(parallel.chunk)")
        let all = index(resolve(count))
        let isLess = writer.value("icmp slt i64 \(end), \(all)")
        let to = writer.value("select i1 \(isLess), i64 \(end), i64 \(all)")
        return (Dim(symbol: from), Dim(symbol: to))
    }

    /// What a loop's window leaves of a range; it begins at a multiple of the step, and does not end before it begins.
    mutating func inWindow(of loop: KernelLoop, _ range: (from: Dim, to: Dim), step: Int) throws -> (
        from: Dim, to: Dim
    ) {
        guard let window = loop.window else { return range }
        if step > 1, loop.body.contains(where: { $0.runsOver(tile: loop.variable) }) {
            return try wholeBlocks(of: loop, window, range, step: step)
        }
        var (from, to) = range
        if window.from != 0 {
            from = chosen("sgt", resolve(window.from), from)
            if step > 1 {
                let blocks = writer.value("udiv i64 \(index(from)), \(step)")
                from = Dim(symbol: writer.value("mul i64 \(blocks), \(step)"))
            }
        }
        if let below = window.below { to = chosen("slt", resolve(below), to) }
        return (from, chosen("sgt", to, from))
    }

    /// The same of a loop over parts of blocks: these are counted from the loop's beginning, whatever is left of the last one, so that a
    /// window has to be known.
    private mutating func wholeBlocks(
        of loop: KernelLoop, _ window: LoopWindow, _ range: (from: Dim, to: Dim), step: Int
    ) throws -> (from: Dim, to: Dim) {
        guard range.from == 0, let from = window.from.constant, from >= 0, let below = (window.below ?? 0).constant
        else { throw malformed(loop) }
        let first = Dim(from / step * step)
        let to = window.below == nil ? range.to : chosen("slt", Dim((max(0, below) + step - 1) / step * step), range.to)
        return (first, chosen("sgt", to, first))
    }

    /// One of two numbers by how they compare, known where both are.
    private mutating func chosen(_ comparison: String, _ one: Dim, _ other: Dim) -> Dim {
        if let first = one.constant, let second = other.constant {
            return (comparison == "slt" ? first < second : first > second) ? one : other
        }
        let (one, other) = (index(one), index(other))
        let isOne = writer.value("icmp \(comparison) i64 \(one), \(other)")
        return Dim(symbol: writer.value("select i1 \(isOne), i64 \(one), i64 \(other)"))
    }
}
