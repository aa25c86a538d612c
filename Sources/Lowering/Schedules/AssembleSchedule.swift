import GraphIR
import HostTensors
import KernelIR

extension KernelDraft {
    /// `pad`: the padding value around, or where that is in small pieces everywhere, then the operand's elements in their places.
    mutating func lowerPad(_ group: GroupView, root: GraphOp) throws {
        hint = "pad"
        let low = root.attributes.ints("low")
        let interior = root.attributes.ints("interior")
        let result = root.results[0]
        let operand = root.operands[0]
        let number = buffer(.value(result), type(result), .write)
        let fillValue = root.operands[1]
        let untouched = low[safe: 0] == 0 && interior[safe: 0] == 0 && root.attributes.ints("high")[safe: 0] == 0
        let shape = type(result).shape
        try assemble(goal: type(result), number: number, splitsFirstAxis: untouched) { draft, outerIndices in
            var statements: [KernelStatement] = []
            for region in draft.fillRegions(root) {
                let inner = region.dropFirst(outerIndices.count)
                let (fillAxes, indices) = draft.axes(inner.map(\.extent), "z")
                let places = outerIndices + zip(indices, inner).map { $0 + $1.start }
                draft.open(fillAxes)
                let fill = try draft.element(fillValue, [])
                draft.append(.store(number, flatten(places, shape), fill))
                statements += draft.nest(fillAxes, draft.close(), parallel: false)
            }
            let inner = Array(draft.type(operand).shape.dropFirst(outerIndices.count))
            let (copyAxes, copyIndices) = draft.axes(inner, "i")
            let indices = outerIndices + copyIndices
            draft.open(copyAxes)
            let value = try draft.element(operand, indices)
            let goal = indices.indices.map { Dim(low[$0]) + indices[$0] * Dim(interior[$0] + 1) }
            draft.append(.store(number, flatten(goal, shape), value))
            statements += draft.nest(copyAxes, draft.close(), parallel: false)
            return statements
        }
    }

    /// The blocks of a `pad`'s result that get the padding value, a range of each axis: before and behind the operand along each
    /// axis, or everything, where elements lie between the operand's or the blocks' rows are shorter than a cache's line.
    private func fillRegions(_ root: GraphOp) -> [[(start: Dim, extent: Dim)]] {
        let (from, to) = (type(root.operands[0]).shape, type(root.results[0]).shape)
        let (low, high) = (root.attributes.ints("low"), root.attributes.ints("high"))
        let padded = to.indices.filter { low[$0] + high[$0] > 0 }
        let row = padded.last.map { Dim.product(to.dropFirst($0 + 1)).constant ?? 64 } ?? 64
        guard row >= 16, root.attributes.ints("interior").allSatisfy({ $0 == 0 }) else {
            return [to.map { (0, $0) }]
        }
        return padded.flatMap { axis in
            [(start: Dim(0), count: low[axis]), (start: Dim(low[axis]) + from[axis], count: high[axis])]
                .filter { $0.count > 0 }
                .map { end in
                    to.indices.map { at in
                        at < axis ? (Dim(low[at]), from[at]) : at == axis ? (end.start, Dim(end.count)) : (0, to[at])
                    }
                }
        }
    }

    /// `concat`: each operand's elements in their places.
    mutating func lowerConcat(_ group: GroupView, root: GraphOp) throws {
        hint = "concat"
        let axis = root.attributes.int("axis")
        let result = root.results[0]
        let number = buffer(.value(result), type(result), .write)
        try assemble(goal: type(result), number: number, splitsFirstAxis: axis != 0) { draft, outerIndices in
            var statements: [KernelStatement] = []
            var start = Dim(0)
            for operand in root.operands {
                let inner = Array(draft.type(operand).shape.dropFirst(outerIndices.count))
                let (copyAxes, copyIndices) = draft.axes(inner, "i")
                let indices = outerIndices + copyIndices
                draft.open(copyAxes)
                let value = try draft.element(operand, indices)
                var goal = indices
                goal[axis] = goal[axis] + start
                draft.append(.store(number, flatten(goal, draft.type(result).shape), value))
                let body = draft.close()
                statements += draft.nest(copyAxes, body, parallel: false)
                start = start + draft.type(operand).shape[axis]
            }
            return statements
        }
    }

    /// A copy of a value with `fill` around it, in scratch memory, for windows that reach past the edge.
    mutating func lowerPadded(
        _ value: ValueID, low: [Int], goal: TensorType, subject: BufferSubject, fill: Double
    ) throws {
        hint = "padded"
        let number = buffer(subject, goal, .write)
        try assemble(
            goal: goal, number: number, splitsFirstAxis: low[safe: 0] == 0 && goal.shape[0] == type(value).shape[0]
        ) {
            draft, outerIndices in
            let (fillAxes, fillIndices) = draft.axes(Array(goal.shape.dropFirst(outerIndices.count)), "z")
            let store = KernelStatement.store(
                number, flatten(outerIndices + fillIndices, goal.shape), .constant(fill, goal.dtype))
            var statements = draft.nest(fillAxes, [store], parallel: false)
            let (copyAxes, copyIndices) = draft.axes(Array(draft.type(value).shape.dropFirst(outerIndices.count)), "i")
            let indices = outerIndices + copyIndices
            let place = indices.indices.map { indices[$0] + Dim(low[$0]) }
            let copy = KernelStatement.store(number, flatten(place, goal.shape), draft.load(value, indices))
            statements += draft.nest(copyAxes, [copy], parallel: false)
            return statements
        }
    }

    /// The inner part of a padded scratch tensor, copied to a value.
    mutating func lowerCropped(_ subject: BufferSubject, _ source: TensorType, low: [Int], to value: ValueID) throws {
        hint = "crop"
        let (axes, indices) = axes(type(value).shape, "i")
        let place = indices.indices.map { indices[$0] + Dim(low[$0]) }
        let from = buffer(subject, source, .read)
        let store = KernelStatement.store(
            buffer(.value(value), type(value), .write), flatten(indices, type(value).shape),
            .load(from, flatten(place, source.shape)))
        for statement in nest(axes, [store], parallel: true) { append(statement) }
    }

    /// Runs `body` once, or once for each index of the first axis, split among threads.
    mutating func assemble(
        goal: TensorType, number: Int, splitsFirstAxis: Bool,
        _ body: (inout KernelDraft, [IndexExpression]) throws -> [KernelStatement]
    ) throws {
        let splits = splitsFirstAxis && goal.rank > 1
        let (outer, outerIndices) = splits ? axes([goal.shape[0]], "n") : ([], [])
        open(outer)
        for statement in try body(&self, outerIndices) { append(statement) }
        let statements = close()
        wrap(outer, statements, workInside: Dim.product(goal.shape.dropFirst(outer.isEmpty ? goal.rank : 1)))
    }
}

extension Array {
    /// The element, or nil past the end.
    subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
