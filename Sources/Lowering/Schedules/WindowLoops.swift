import GraphIR
import HostTensors
import KernelIR

/// Windows of many elements, which loops go through; those of few are written out.
extension KernelDraft {
    /// The most elements of a window that are written out.
    private static let mostWritten = 64

    /// Whether loops go through the windows of an operation.
    func loopsThroughWindows(_ root: GraphOp) -> Bool {
        var count = 1
        return root.attributes.ints("window").contains { size in
            count *= min(size, Self.mostWritten + 1)
            return count > Self.mostWritten
        }
    }

    /// `reduceWindow`: a reduction over the axes of the window.
    mutating func lowerWindowReduction(_ group: GroupView, root: GraphOp, source: ValueSource) throws {
        hint = "window"
        let kind = ReductionKind(rawValue: root.attributes.keyword("kind"))!
        let dtype = type(root.results[0]).dtype
        let (shape, window) = (group.domain, root.attributes.ints("window"))
        let strides = root.attributes.ints("strides")
        let stored = group.outputs.map { type($0).dtype }
        // Lanes run along windows where the results side by side are fewer than either.
        let isAlongWindow = (shape.last?.constant ?? .max) < min(target.lanes(storing: stored), window.last ?? 1)
        let (results, offsets) = isAlongWindow ? (0, shape.count) : (window.count, 0)
        let sizes = window.map { Dim($0) }
        try reduce(
            ReductionJob(
                shape: isAlongWindow ? shape + sizes : sizes + shape, axes: Set(offsets..<offsets + window.count),
                kind: kind, dtype: dtype, stored: stored,
                element: { draft, indices in
                    let place = strides.indices.map { axis in
                        indices[results + axis] * Dim(strides[axis]) + indices[offsets + axis] - Dim(source.low[axis])
                    }
                    return draft.loadSource(source, place, outside: kind, dtype)
                },
                finish: { draft, indices, result in
                    draft.bind(root.results[0], at: indices, to: result)
                    try draft.storeOutputs(group, indices)
                }))
    }

    /// `windowScatter` whose windows tile the result, as `lowerTilingScatter` does it.
    mutating func lowerTilingScatterByLoops(_ group: GroupView, root: GraphOp) throws {
        hint = "scatter_window"
        let x = root.operands[0]
        let dtype = type(x).dtype
        let (axes, indices) = axes(type(root.operands[1]).shape, "i")
        let source = ValueSource(subject: .value(x), type: type(x))
        let lanes = target.lanes(storing: group.outputs.map { type($0).dtype })
        open(axes)
        try forEachWindow(root, source, axes.last, indices, lanes: lanes) { draft, place, gradient, isChosen in
            let value = isChosen.map { .apply(.select, [$0, gradient, .constant(0, dtype)], dtype) } ?? gradient
            draft.bind(root.results[0], at: place, to: value)
            try draft.storeOutputs(group, place)
        }
        let body = close()
        let elements = root.attributes.ints("window").reduce(axes.last?.extent ?? 1) { $0 * Dim($1) }
        wrap(Array(axes.dropLast()), body, workInside: elements)
    }

    /// Adds loops over windows along an axis, as many at a time as there are lanes, and over the elements of each: `give` is given the place of
    /// an element, the window's cotangent and, where not all of a window is chosen, whether the element is.
    mutating func forEachWindow(
        _ root: GraphOp, _ source: ValueSource, _ inner: LoopAxis?, _ indices: [IndexExpression], lanes: Int,
        give: (inout Self, [IndexExpression], KernelExpression, KernelExpression?) throws -> Void
    ) throws {
        let kind = root.attributes.keyword("kind")
        let (sizes, strides) = (root.attributes.ints("window").map { Dim($0) }, root.attributes.ints("strides"))
        let dtype = type(root.operands[0]).dtype
        let (elements, offsets) = axes(sizes, "w")
        let lane = LoopAxis(variable: fresh("v"), extent: 1)
        let across = inner == nil ? [] : [lane.variable]
        let window = indices.map { index in
            inner.map { index.substituting($0.variable, by: Dim(symbol: $0.variable) + Dim(symbol: lane.variable)) }
                ?? index
        }
        let place = window.indices.map { window[$0] * Dim(strides[$0]) + offsets[$0] }
        func overLanes(_ body: [KernelStatement]) -> [KernelStatement] {
            guard let inner else { return body }
            return [.loop(KernelLoop(lane.variable, .tile(inner.variable), .vector(unroll: 1), body))]
        }
        func overElements(_ body: [KernelStatement]) -> [KernelStatement] { serial(elements, overLanes(body)) }
        var statements: [KernelStatement] = []
        var isChosen: KernelExpression?
        if kind != "sum" {
            let count = Dim.product(sizes).constant ?? .max
            let counting: DType = count > Int(Int32.max) ? .i64 : .i32
            let (best, first) = (accumulator("best", dtype), accumulator("first", counting))
            let number = KernelExpression.index(flatten(offsets, sizes), counting)
            let start = zip(window, strides).map { $0 * Dim($1) }
            statements += overLanes([
                .set(best, axes: across, loadSource(source, start)),
                .set(first, axes: across, .constant(0, counting)),
            ])
            open([lane] + elements)
            let level = scopes.count - 1
            let value = named(loadSource(source, place), level: level)
            let known = KernelExpression.accumulator(best, across)
            let isBetter = named(better(value, than: known, kind, dtype), level: level)
            append(.set(best, axes: across, .apply(.select, [isBetter, value, known], dtype)))
            append(
                .set(first, axes: across, .apply(.select, [isBetter, number, .accumulator(first, across)], counting)))
            statements += overElements(close())
            isChosen = .apply(.equal, [.accumulator(first, across), number], .bool)
        }
        open([lane] + elements)
        let gradient = named(load(root.operands[1], window), level: scopes.count - 1)
        try give(&self, place, gradient, isChosen)
        statements += overElements(close())
        guard let inner else { return statements.forEach { append($0) } }
        append(.loop(KernelLoop(inner.variable, .count(inner.extent), .tile(step: lanes), statements)))
    }

    /// A body in serial loops over axes.
    func serial(_ axes: some BidirectionalCollection<LoopAxis>, _ body: [KernelStatement]) -> [KernelStatement] {
        axes.reversed().reduce(body) {
            [.loop(KernelLoop($1.variable, .count($1.extent), .serial(unroll: 1), $0))]
        }
    }

    /// Whether a value is chosen rather than the best before it: the first NaN is, before any number.
    func better(
        _ value: KernelExpression, than known: KernelExpression, _ kind: String, _ dtype: DType
    ) -> KernelExpression {
        let isBeyond = KernelExpression.apply(kind == "max" ? .greater : .less, [value, known], .bool)
        guard dtype.isFloat else { return isBeyond }
        let becomesNaN = KernelExpression.apply(
            .and, [.apply(.notEqual, [value, value], .bool), .apply(.equal, [known, known], .bool)], .bool)
        return .apply(.or, [isBeyond, becomesNaN], .bool)
    }
}
