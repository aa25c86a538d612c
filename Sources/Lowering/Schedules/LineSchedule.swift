import GraphIR
import HostTensors
import KernelIR

/// A tensor seen as lines along one axis: [outer, count, inner].
private struct LineShape {
    let outer: Dim
    let count: Dim
    let inner: Dim

    init(_ shape: [Dim], axis: Int) {
        outer = Dim.product(shape[..<axis])
        count = shape[axis]
        inner = Dim.product(shape[(axis + 1)...])
    }

    func place(_ outer: IndexExpression, _ at: IndexExpression, _ inner: IndexExpression) -> IndexExpression {
        (outer * count + at) * self.inner + inner
    }
}

extension KernelDraft {
    /// `cumulative`: every line from one end to the other; neighbouring lines in lanes, where lines have neighbours.
    mutating func lowerCumulative(root: GraphOp) throws {
        let kind = ReductionKind(rawValue: root.attributes.keyword("kind"))!
        hint = "running_\(kind.rawValue)"
        let result = type(root.results[0])
        let lines = LineShape(result.shape, axis: root.attributes.int("axis"))
        let (source, goal) = (
            buffer(.value(root.operands[0]), result, .read), buffer(.value(root.results[0]), result, .write)
        )
        let register = accumulator("r", result.dtype)
        let along = fresh("k")
        let step = Dim(symbol: along)
        let at = root.attributes.bool("reverse") ? lines.count - 1 - step : step
        let (outer, outerIndex) = axes([lines.outer], "i")
        let start: KernelExpression = kind == .sum ? .constant(0, result.dtype) : neutral(kind.rawValue, result.dtype)

        func statements(_ inner: IndexExpression, _ axes: [String]) -> [KernelStatement] {
            let place = lines.place(outerIndex[0], at, inner)
            let take = KernelStatement.reduce(register, axes: axes, kind, .load(source, place))
            let store = KernelStatement.store(goal, place, .accumulator(register, axes))
            return root.attributes.bool("exclusive") ? [store, take] : [take, store]
        }
        open(outer)
        if lines.inner == 1 {
            append(.set(register, axes: [], start))
            append(.loop(KernelLoop(along, .count(lines.count), .serial(unroll: 1), statements(0, []))))
        } else {
            let lanes = target.lanes(storing: [result.dtype])
            let vectors = max(1, min(4, ((lines.inner.constant ?? 4 * lanes) + lanes - 1) / lanes))
            let (tile, lane) = (fresh("q"), fresh("v"))
            func overLanes(_ body: [KernelStatement]) -> KernelStatement {
                .loop(KernelLoop(lane, .tile(tile), .vector(unroll: vectors), body))
            }
            let body = statements(Dim(symbol: tile) + Dim(symbol: lane), [lane])
            append(
                .loop(
                    KernelLoop(
                        tile, .count(lines.inner), .tile(step: vectors * lanes),
                        [
                            overLanes([.set(register, axes: [lane], start)]),
                            .loop(KernelLoop(along, .count(lines.count), .serial(unroll: 1), [overLanes(body)])),
                        ])))
        }
        let body = close()
        wrap(outer, body, workInside: lines.count * lines.inner)
    }

    /// `argsort`: an element's place is the number of elements that come before it, counted in lanes.
    mutating func lowerArgsort(root: GraphOp) throws {
        hint = "argsort"
        let (x, result) = (type(root.operands[0]), type(root.results[0]))
        let lines = LineShape(x.shape, axis: root.attributes.int("axis"))
        let (source, goal) = (
            buffer(.value(root.operands[0]), x, .read), buffer(.value(root.results[0]), result, .write)
        )
        let (outer, indices) = axes([lines.outer, lines.inner], "i")
        let (one, other) = (fresh("k"), fresh("j"))
        let count = accumulator("before", .i32)
        open(outer)
        open(one)
        let mine = named(
            .load(source, lines.place(indices[0], Dim(symbol: one), indices[1])), level: scopes.count - 1)
        append(.set(count, axes: [], .constant(0, .i32)))
        open(other)
        let theirs = named(
            .load(source, lines.place(indices[0], Dim(symbol: other), indices[1])), level: scopes.count - 1)
        let isBefore = comesBefore(
            theirs, mine, dtype: x.dtype, descending: root.attributes.bool("descending"),
            isEarlier: .apply(
                .less, [.index(Dim(symbol: other), .i32), .index(Dim(symbol: one), .i32)], .bool))
        append(
            .reduce(
                count, axes: [], .sum, .apply(.select, [isBefore, .constant(1, .i32), .constant(0, .i32)], .i32)))
        let counting = close()
        for statement in nest([LoopAxis(variable: other, extent: lines.count)], counting, parallel: false) {
            append(statement)
        }
        let place = position(
            .apply(.cast, [.accumulator(count, [])], .i64), extent: lines.count, level: scopes.count - 1)
        append(.store(goal, lines.place(indices[0], place, indices[1]), .index(Dim(symbol: one), .i32)))
        let line = close()
        append(.loop(KernelLoop(one, .count(lines.count), .serial(unroll: 1), line)))
        let body = close()
        // More than a task's work anyway; the square of the longest line would be more than a number holds.
        let length = lines.count.constant.map { Dim(min($0, 1 << 16)) } ?? lines.count
        wrap(outer, body, workInside: length * length)
    }

    /// Whether `a` comes before `b`: it is smaller (larger), or no different and earlier; NaN is larger than any number.
    private func comesBefore(
        _ a: KernelExpression, _ b: KernelExpression, dtype: DType, descending: Bool, isEarlier: KernelExpression
    ) -> KernelExpression {
        func both(_ x: KernelExpression, _ y: KernelExpression) -> KernelExpression { .apply(.and, [x, y], .bool) }
        func either(_ x: KernelExpression, _ y: KernelExpression) -> KernelExpression { .apply(.or, [x, y], .bool) }
        var precedes = KernelExpression.apply(descending ? .greater : .less, [a, b], .bool)
        var ties = KernelExpression.apply(.equal, [a, b], .bool)
        if dtype.isFloat {
            let (aIsNaN, bIsNaN) = (
                KernelExpression.apply(.notEqual, [a, a], .bool), KernelExpression.apply(.notEqual, [b, b], .bool)
            )
            let isNumber = KernelExpression.apply(.equal, descending ? [b, b] : [a, a], .bool)
            precedes = either(precedes, both(descending ? aIsNaN : bIsNaN, isNumber))
            ties = either(ties, both(aIsNaN, bIsNaN))
        }
        return either(precedes, both(ties, isEarlier))
    }
}
