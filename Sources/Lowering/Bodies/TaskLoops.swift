import GraphIR
import KernelIR

/// Merges neighbouring axes that every access of the body runs through as one: fewer, longer loops.
func collapse(_ axes: [LoopAxis], _ body: [KernelStatement]) -> (axes: [LoopAxis], body: [KernelStatement]) {
    var axes = axes
    var body = body
    var at = axes.count - 2
    while at >= 0 {
        let outer = axes[at]
        let inner = axes[at + 1]
        let merges = body.flatMap(\.indexExpressions).allSatisfy { expression in
            guard let first = expression.split(by: outer.variable), let second = expression.split(by: inner.variable)
            else { return false }
            return first.factor == second.factor * inner.extent
        }
        if merges {
            body = body.map { $0.substituting(outer.variable, by: 0) }
            axes[at + 1].extent = outer.extent * inner.extent
            axes.remove(at: at)
        }
        at -= 1
    }
    return (axes, body)
}

extension KernelDraft {
    /// Units of work that are a task of their own.
    static let taskWork = 400_000

    /// A parallel loop's chunk: about `goal` units of work a task, a multiple of `step`, the same for every thread count.
    func chunk(workPerIteration: Dim, step: Int, goal: Int = taskWork) -> Int {
        let most = max(1, workPerIteration.bounds(ranges).upperBound)
        let wanted = max(1, goal / most)
        return max(step, (wanted + step - 1) / step * step)
    }

    /// Puts serial loops around a body and splits the outermost among threads when there is work enough; neighbouring axes that
    /// every access runs through as one become one. `workInside` is what one run of the body takes.
    ///
    /// Where the outermost axis is a batch that may be of one example, whose work several threads should share, and the next
    /// does not merge with it, a task is a pair of both.
    mutating func inTasks(
        _ axes: [LoopAxis], _ body: [KernelStatement], workInside: Dim, goal: Int = taskWork
    ) -> [KernelStatement] {
        let collapsed = collapse(axes, body)
        let axes = collapsed.axes
        func inside(_ count: Int) -> Dim { Dim.product(axes.dropFirst(count).map(\.extent)) * workInside }
        let joins =
            axes.count >= 2 && axes[0].extent.constant == nil && axes[1].extent.constant != nil
            && inside(1).bounds(ranges).lowerBound >= 2 * Self.taskWork
        var statements = collapsed.body
        for axis in axes.dropFirst(joins ? 2 : 0).reversed() {
            statements = [.loop(KernelLoop(axis.variable, .count(axis.extent), .serial(unroll: 1), statements))]
        }
        if joins { return overJoined(Array(axes.prefix(2)), statements, workInside: inside(2)) }
        guard let first = axes.first else { return statements }
        let chunk = chunk(workPerIteration: inside(1), step: 1, goal: goal)
        if first.extent.bounds(ranges).upperBound > chunk {
            parallel = ParallelLoop(variable: first.variable, extent: first.extent, chunk: chunk)
        }
        return statements
    }

    /// Adds a body in serial loops over axes, split among threads; `workInside` is how often the body's statements run in it.
    mutating func wrap(_ axes: [LoopAxis], _ body: [KernelStatement], workInside: Dim) {
        let work = body.reduce(0) { $0 + $1.work }
        for statement in inTasks(axes, body, workInside: workInside * Dim(max(1, work))) { append(statement) }
    }

    /// Puts one loop over all places of axes, which threads share, around a body; all but the first axis have a constant extent.
    /// `workInside` is what one run of the body takes, `goal` what a task should.
    mutating func overJoined(
        _ axes: [LoopAxis], _ body: [KernelStatement], workInside: Dim, goal: Int = taskWork
    ) -> [KernelStatement] {
        let (axes, body) = collapse(axes, body)
        guard axes.count > 1 else {
            return inTasks(axes, body, workInside: workInside, goal: goal)
        }
        let task = LoopAxis(variable: fresh("t"), extent: Dim.product(axes.map(\.extent)))
        parallel = ParallelLoop(
            variable: task.variable, extent: task.extent,
            chunk: chunk(workPerIteration: workInside, step: 1, goal: goal))
        let places = positions(of: axes, in: Dim(symbol: task.variable))
        return [.loop(KernelLoop(task.variable, .count(task.extent), .serial(unroll: 1), places + body))]
    }

    /// The indices along axes of one of all their places, by its number.
    func positions(of axes: [LoopAxis], in place: IndexExpression) -> [KernelStatement] {
        guard let first = axes.first else { return [] }
        var number = KernelExpression.index(place, .i64)
        var places: [KernelStatement] = []
        for axis in axes.dropFirst().reversed() {
            let count =
                axis.extent.constant.map { .constant(Double($0), .i64) } ?? KernelExpression.index(axis.extent, .i64)
            places.insert(.position(axis.variable, extent: axis.extent, .apply(.rem, [number, count], .i64)), at: 0)
            number = .apply(.div, [number, count], .i64)
        }
        places.insert(.position(first.variable, extent: first.extent, number), at: 0)
        return places
    }
}
