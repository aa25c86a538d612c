import GraphIR
import HostTensors
import KernelIR

extension KernelDraft {
    /// `scatter`: a copy of `x`, to which updates are added in their order. What is split among threads – axes before the
    /// indexed one, else blocks of the last axis behind it – never shares an element.
    mutating func lowerScatter(_ group: GroupView, root: GraphOp) throws {
        hint = "scatter"
        let axes = GatherAxes(type(root.operands[0]), type(root.operands[1]), root.attributes)
        let (outer, before) = self.axes(axes.before, "i")
        guard outer.isEmpty, let last = axes.behind.last, last != 1 else {
            open(outer)
            try appendScatter(root, axes, before: before, lanes: nil)
            let body = close()
            return wrap(outer, body, workInside: axes.size * Dim.product(axes.behind))
        }
        let lanes = target.lanes(storing: [type(root.results[0]).dtype])
        let vectors = max(1, min(4, ((last.constant ?? 4 * lanes) + lanes - 1) / lanes))
        let (tile, lane) = (fresh("q"), fresh("v"))
        open([LoopAxis(variable: tile, extent: last)])
        try appendScatter(root, axes, before: before, lanes: (tile, lane))
        let body = close()
        let step = vectors * lanes
        append(.loop(KernelLoop(tile, .count(last), .tile(step: step), body)))
        let rows = axes.size + Dim.product(axes.places)
        let chunk = chunk(workPerIteration: rows * Dim.product(axes.behind.dropLast()), step: step)
        if last.bounds(ranges).upperBound > chunk {
            parallel = ParallelLoop(variable: tile, extent: last, chunk: chunk)
        }
    }

    /// The copy and the additions for one index of the axes before, or for one block of the last axis.
    private mutating func appendScatter(
        _ root: GraphOp, _ axes: GatherAxes, before: [IndexExpression], lanes: (tile: String, lane: String)?
    ) throws {
        let (x, indices, updates) = (root.operands[0], root.operands[1], root.operands[2])
        let result = type(root.results[0])
        let number = buffer(.value(root.results[0]), result, .readWrite)

        let (sizeAxes, size) = self.axes([axes.size], "k")
        let (copyAxes, copyBehind) = axesBehind(axes, lanes, "j")
        let lane = lanes.map { [LoopAxis(variable: $0.lane, extent: 1)] } ?? []
        open(sizeAxes + copyAxes + lane)
        let place = before + size + copyBehind
        append(.store(number, flatten(place, result.shape), try element(x, place)))
        appendNest(sizeAxes + copyAxes, close(), lanes)

        let (placeAxes, places) = self.axes(axes.places, "u")
        let (addAxes, behind) = axesBehind(axes, lanes, "j")
        open(placeAxes)
        let chosen = try chosen(
            indices, Array(before[..<axes.batch]) + places, size: axes.size, level: scopes.count - 1)
        open(addAxes + lane)
        let goal = flatten(before + [chosen.at] + behind, result.shape)
        let sum = KernelExpression.apply(
            .add, [.load(number, goal), load(updates, before + places + behind)], result.dtype)
        append(.store(number, goal, .apply(.select, [chosen.isInside, sum, .load(number, goal)], result.dtype)))
        appendNest(addAxes, close(), lanes)
        var statements = close()
        for axis in placeAxes.reversed() {
            statements = [.loop(KernelLoop(axis.variable, .count(axis.extent), .serial(unroll: 1), statements))]
        }
        for statement in statements { append(statement) }
    }

    /// Loop axes and indices of the axes behind the indexed one; the last in lanes over a block, if there is one.
    private mutating func axesBehind(
        _ axes: GatherAxes, _ lanes: (tile: String, lane: String)?, _ hint: String
    ) -> (axes: [LoopAxis], indices: [IndexExpression]) {
        guard let lanes else { return self.axes(axes.behind, hint) }
        let (loops, indices) = self.axes(Array(axes.behind.dropLast()), hint)
        return (loops, indices + [Dim(symbol: lanes.tile) + Dim(symbol: lanes.lane)])
    }

    /// Loops around a body: vectors along the last axis, or lanes over a block.
    private mutating func appendNest(
        _ axes: [LoopAxis], _ body: [KernelStatement], _ lanes: (tile: String, lane: String)?
    ) {
        var statements = body
        if let lanes {
            statements = [.loop(KernelLoop(lanes.lane, .tile(lanes.tile), .vector(unroll: 1), body))]
            for axis in axes.reversed() {
                statements = [.loop(KernelLoop(axis.variable, .count(axis.extent), .serial(unroll: 1), statements))]
            }
        } else {
            statements = nest(axes, body, parallel: false)
        }
        for statement in statements { append(statement) }
    }

    /// `dynamicUpdateSlice`: a copy of `x`, then the update over its block.
    mutating func lowerDynamicUpdateSlice(root: GraphOp) throws {
        hint = "update"
        let (x, update, starts) = (root.operands[0], root.operands[1], root.operands[2])
        let goal = type(root.results[0])
        let sizes = type(update).shape
        let number = buffer(.value(root.results[0]), goal, .write)
        // A block that covers the first axis begins at its start, so rows are independent.
        let coversFirst = goal.shape.first == sizes.first
        try assemble(goal: goal, number: number, splitsFirstAxis: coversFirst) { draft, outer in
            let (copyAxes, copyIndices) = draft.axes(Array(goal.shape.dropFirst(outer.count)), "i")
            draft.open(copyAxes)
            let place = outer + copyIndices
            draft.append(.store(number, flatten(place, goal.shape), try draft.element(x, place)))
            let copy = draft.close()
            var statements = draft.nest(copyAxes, copy, parallel: false)
            let start = try draft.blockStart(
                starts, in: goal.shape, sizes: sizes, level: draft.scopes.count - 1)
            let (blockAxes, blockIndices) = draft.axes(Array(sizes.dropFirst(outer.count)), "j")
            let block = outer + blockIndices
            let store = KernelStatement.store(
                number, flatten(zip(start, block).map { $0 + $1 }, goal.shape), draft.load(update, block))
            statements += draft.nest(blockAxes, [store], parallel: false)
            return statements
        }
    }
}
