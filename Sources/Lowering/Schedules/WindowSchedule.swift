import GraphIR
import HostTensors
import KernelIR

extension KernelDraft {
    /// `argreduce`: the first best element along an axis; one result at a time, or where each has few elements as many as there are lanes.
    mutating func lowerArgreduce(_ group: GroupView, root: GraphOp) throws {
        hint = "arg\(root.attributes.keyword("kind"))"
        let axis = root.attributes.int("axis")
        let operand = root.operands[0]
        let shape = type(operand).shape
        let dtype = type(operand).dtype
        var outerShape = shape
        outerShape.remove(at: axis)
        let (outer, outerIndices) = axes(outerShape, "i")
        func position(_ at: IndexExpression) -> [IndexExpression] {
            var indices = outerIndices
            indices.insert(at, at: axis)
            return indices
        }
        let lanes = target.lanes(storing: group.outputs.map { type($0).dtype })
        let lanesAreResults =
            axis == shape.count - 1 && outer.count == 1 && hasFewColumns(shape[axis], rows: outer[0].extent, lanes)
        let across = lanesAreResults ? [fresh("v")] : []
        let along = fresh("k")
        let best = accumulator("best", dtype)
        let place = accumulator("place", .i32)
        open(outer)
        append(.set(best, axes: across, load(operand, position(0))))
        append(.set(place, axes: across, .constant(0, .i32)))
        open(along)
        let value = try element(operand, position(Dim(symbol: along)))
        let known = KernelExpression.accumulator(best, across)
        let better = better(value, than: known, root.attributes.keyword("kind"), dtype)
        let isBetter = fresh("t")
        append(.define(isBetter, better))
        append(.set(best, axes: across, .apply(.select, [.local(isBetter), value, known], dtype)))
        append(
            .set(
                place, axes: across,
                .apply(
                    .select, [.local(isBetter), .index(Dim(symbol: along), .i32), .accumulator(place, across)], .i32)))
        let body = close()
        append(.loop(KernelLoop(along, .count(shape[axis]), lanesAreResults ? .unroll : .serial(unroll: 1), body)))
        bind(root.results[0], at: outerIndices, to: .accumulator(place, across))
        try storeOutputs(group, outerIndices)
        let outerBody = close()
        if lanesAreResults {
            appendLanes(across[0], outer[0], outerBody, workInside: shape[axis])
        } else {
            wrap(outer, outerBody, workInside: shape[axis])
        }
    }

    /// The indices of a window's element `offsets` for the window at `indices`.
    private func windowElement(_ indices: [IndexExpression], _ strides: [Int], _ offsets: [Int]) -> [IndexExpression] {
        indices.indices.map { indices[$0] * Dim(strides[$0]) + Dim(offsets[$0]) }
    }

    private func windowOffsets(_ window: [Int]) -> [[Int]] {
        window.reduce([[]]) { partial, size in partial.flatMap { head in (0..<size).map { head + [$0] } } }
    }

    /// Whether windows that reach into padding are read where the operand is: lanes run along an axis that has none, and loads under
    /// a mask cost no more than others.
    func readsPaddingInPlace(_ root: GraphOp) -> Bool {
        root.name == "reduceWindow" && root.attributes.intLists("padding").last == [0, 0]
            && type(root.results[0]).shape.last != 1 && target.architecture == .x86_64 && target.vectorRegisters >= 32
    }

    /// `reduceWindow`: the window's elements combined one after another, windows in lanes; where they reach into padding, its
    /// neutral element instead.
    mutating func lowerReduceWindow(_ group: GroupView, root: GraphOp, source: ValueSource) throws {
        if loopsThroughWindows(root) { return try lowerWindowReduction(group, root: root, source: source) }
        hint = "window"
        let kind = ReductionKind(rawValue: root.attributes.keyword("kind"))!
        let strides = root.attributes.ints("strides")
        let dtype = type(root.results[0]).dtype
        let op: ScalarOp = kind == .sum ? .add : kind == .max ? .max : .min
        let (axes, indices) = axes(group.domain, "i")
        open(axes)
        var total: KernelExpression?
        for offsets in windowOffsets(root.attributes.ints("window")) {
            let place = windowElement(indices, strides, offsets)
            let element = loadSource(source, zip(place, source.low).map { $0 - Dim($1) }, outside: kind, dtype)
            guard let sum = total else {
                total = element
                continue
            }
            let local = fresh("t")
            append(.define(local, .apply(op, [sum, element], dtype)))
            total = .local(local)
        }
        bind(root.results[0], at: indices, to: total ?? neutral(kind.rawValue, dtype))
        try storeOutputs(group, indices)
        let body = close()
        for statement in nest(axes, body, parallel: true) { append(statement) }
    }

    /// `windowScatter` whose windows tile the result: each window gives its cotangent to the elements it chose and 0 to the
    /// others, then come the operations on them.
    mutating func lowerTilingScatter(_ group: GroupView, root: GraphOp) throws {
        if loopsThroughWindows(root) { return try lowerTilingScatterByLoops(group, root: root) }
        hint = "scatter_window"
        let (x, cotangent) = (root.operands[0], root.operands[1])
        let strides = root.attributes.ints("strides")
        let kind = root.attributes.keyword("kind")
        let dtype = type(x).dtype
        let (axes, indices) = axes(type(cotangent).shape, "i")
        let places = windowOffsets(root.attributes.ints("window")).map { windowElement(indices, strides, $0) }
        open(axes)
        let gradient = fresh("t")
        append(.define(gradient, load(cotangent, indices)))
        var chosen: [KernelExpression] = []
        if kind != "sum" { chosen = chosenElements(places.map { load(x, $0) }, kind == "max" ? .max : .min, dtype) }
        for (at, place) in places.enumerated() {
            var value = KernelExpression.local(gradient)
            if kind != "sum" { value = .apply(.select, [chosen[at], value, .constant(0, dtype)], dtype) }
            bind(root.results[0], at: place, to: value)
            try storeOutputs(group, place)
        }
        let body = close()
        for statement in nest(axes, body, parallel: true) { append(statement) }
    }

    /// For each element of a window, whether it is the first that is the largest or smallest, or not a number.
    private mutating func chosenElements(
        _ elements: [KernelExpression], _ op: ScalarOp, _ dtype: DType
    ) -> [KernelExpression] {
        var best = elements[0]
        for element in elements.dropFirst() {
            let local = fresh("t")
            append(.define(local, .apply(op, [best, element], dtype)))
            best = .local(local)
        }
        var isOpen = KernelExpression.constant(1, .bool)
        return elements.map { element in
            let (hit, left) = (fresh("t"), fresh("t"))
            var matches = KernelExpression.apply(.equal, [element, best], .bool)
            if dtype.isFloat { matches = .apply(.or, [matches, .apply(.notEqual, [element, element], .bool)], .bool) }
            append(.define(hit, .apply(.and, [isOpen, matches], .bool)))
            append(.define(left, .apply(.and, [isOpen, .apply(.not, [.local(hit)], .bool)], .bool)))
            isOpen = .local(left)
            return .local(hit)
        }
    }

    /// `windowScatter` without padding: zeros, then each window's cotangent added where it belongs, in window order.
    mutating func lowerWindowScatter(
        _ group: GroupView, root: GraphOp, source: ValueSource, goal: BufferSubject, goalType: TensorType
    ) throws {
        hint = "scatter_window"
        let kind = root.attributes.keyword("kind")
        let window = root.attributes.ints("window")
        let strides = root.attributes.ints("strides")
        let dtype = goalType.dtype
        let cotangent = root.operands[1]
        let number = buffer(goal, goalType, .readWrite)
        // The first axis is independent of all others when its windows are single elements.
        let splits = window[0] == 1 && strides[0] == 1 && goalType.shape[0] != 1
        let (outer, outerIndices) = splits ? axes([goalType.shape[0]], "n") : ([], [])
        open(outer)
        let (clearAxes, clearIndices) = axes(Array(goalType.shape.dropFirst(outer.count)), "z")
        let clear = KernelStatement.store(
            number, flatten(outerIndices + clearIndices, goalType.shape), .constant(0, dtype))
        for statement in nest(clearAxes, [clear], parallel: false) { append(statement) }
        let (axes, innerIndices) = axes(Array(type(cotangent).shape.dropFirst(outer.count)), "i")
        let indices = outerIndices + innerIndices
        if loopsThroughWindows(root) {
            let lanes = target.lanes(storing: [dtype])
            open(axes)
            try forEachWindow(root, source, axes.last, indices, lanes: lanes) { draft, place, gradient, isChosen in
                let at = flatten(place, goalType.shape)
                let sum = KernelExpression.apply(.add, [.load(number, at), gradient], dtype)
                let value = isChosen.map { .apply(.select, [$0, sum, .load(number, at)], dtype) } ?? sum
                draft.append(.store(number, at, value))
            }
            for statement in serial(axes.dropLast(), close()) { append(statement) }
            return wrap(outer, close(), workInside: Dim.product(goalType.shape.dropFirst(outer.count)))
        }
        let gradient = fresh("t")
        var body: [KernelStatement] = []
        let offsets = windowOffsets(window)
        if kind != "sum" {
            let op: ScalarOp = kind == "max" ? .max : .min
            open(axes)
            let elements = offsets.map { loadSource(source, windowElement(indices, strides, $0)) }
            let chosen = chosenElements(elements, op, dtype)
            append(.define(gradient, load(cotangent, indices)))
            for (offset, hit) in zip(offsets, chosen) {
                let goalOffset = flatten(windowElement(indices, strides, offset), goalType.shape)
                let sum = KernelExpression.apply(.add, [.load(number, goalOffset), .local(gradient)], dtype)
                append(.store(number, goalOffset, .apply(.select, [hit, sum, .load(number, goalOffset)], dtype)))
            }
            body = close()
        } else {
            body.append(.define(gradient, load(cotangent, indices)))
            for offset in offsets {
                let goalOffset = flatten(windowElement(indices, strides, offset), goalType.shape)
                body.append(
                    .store(number, goalOffset, .apply(.add, [.load(number, goalOffset), .local(gradient)], dtype)))
            }
        }
        var statements = body
        for (at, axis) in axes.reversed().enumerated() {
            let kind: LoopKind = at == 0 ? .vector(unroll: 1) : .serial(unroll: 1)
            statements = [.loop(KernelLoop(axis.variable, .count(axis.extent), kind, statements))]
        }
        for statement in statements { append(statement) }
        let all = close()
        wrap(outer, all, workInside: Dim.product(goalType.shape.dropFirst(outer.count)))
    }

    /// An element of a value where the indices are inside, else the neutral element of a reduction.
    mutating func loadSource(
        _ source: ValueSource, _ indices: [IndexExpression], outside kind: ReductionKind, _ dtype: DType
    ) -> KernelExpression {
        let number = buffer(source.subject, source.type, .read)
        let place = flatten(indices, source.type.shape)
        let padded = indices.indices.filter { source.low[$0] > 0 || source.high[$0] > 0 }
        guard !padded.isEmpty else { return .load(number, place) }
        let conditions = padded.flatMap {
            [IndexCondition(Dim(0) - indices[$0], below: 1), IndexCondition(indices[$0], below: source.type.shape[$0])]
        }
        let element = KernelExpression.loadWhere(number, place, conditions)
        guard kind != .sum else { return element }
        let isInside = conditions.map {
            KernelExpression.apply(.less, [.index($0.index, .i64), .index($0.limit, .i64)], .bool)
        }
        let all = isInside.dropFirst().reduce(isInside[0]) { .apply(.and, [$0, $1], .bool) }
        return .apply(.select, [all, element, neutral(kind.rawValue, dtype)], dtype)
    }

    /// An element of a graph value or of a padded copy of one.
    mutating func loadSource(_ source: ValueSource, _ indices: [IndexExpression]) -> KernelExpression {
        .load(buffer(source.subject, source.type, .read), flatten(indices, source.type.shape))
    }
}

/// Where a kernel reads an operand from: the value itself, or a padded copy in scratch memory.
struct ValueSource {
    var subject: BufferSubject
    var type: TensorType
    /// Positions before and behind the value in every axis that windows reach into.
    var low: [Int]
    var high: [Int]

    /// A source that windows stay inside of, or that they leave by so much.
    init(subject: BufferSubject, type: TensorType, padding: [[Int]] = []) {
        (self.subject, self.type) = (subject, type)
        low = padding.isEmpty ? type.shape.map { _ in 0 } : padding.map { $0.first ?? 0 }
        high = padding.isEmpty ? type.shape.map { _ in 0 } : padding.map { $0.last ?? 0 }
    }
}
