import GraphIR
import HostTensors
import KernelIR

/// One sum (or product, maximum …) over axes of a shape: what is taken in, and what is done with the result.
struct ReductionJob {
    /// The shape that is reduced.
    var shape: [Dim]
    /// The axes that disappear.
    var axes: Set<Int>
    /// Of the first axis, only every so-manieth index counts.
    var stride = 1
    var kind: ReductionKind
    var dtype: DType
    /// Element types that are stored.
    var stored: [DType]
    /// The element at indices.
    var element: (inout KernelDraft, [IndexExpression]) throws -> KernelExpression
    /// Statements for the result at indices of the axes that stay.
    var finish: (inout KernelDraft, [IndexExpression], KernelExpression) throws -> Void
}

extension KernelDraft {
    /// `reduction`: one reduce over any axes.
    mutating func lowerReduction(_ group: GroupView, root: GraphOp) throws {
        hint = "reduce"
        try reduce(job(group, root))
    }

    private func job(_ group: GroupView, _ root: GraphOp) -> ReductionJob {
        ReductionJob(
            shape: type(root.operands[0]).shape, axes: Set(root.attributes.ints("axes")),
            kind: ReductionKind(rawValue: root.attributes.keyword("kind"))!, dtype: type(root.results[0]).dtype,
            stored: group.outputs.map { type($0).dtype },
            element: { try $0.element(root.operands[0], $1) },
            finish: { draft, indices, result in
                draft.bind(root.results[0], at: indices, to: result)
                try draft.storeOutputs(group, indices)
            })
    }

    /// Whether the results are so few that threads could not share them, but the first axis, a batch, disappears too: its entries can be
    /// reduced apart from each other first.
    func reducesInTwoSteps(_ root: GraphOp) -> Bool {
        let shape = type(root.operands[0]).shape
        let axes = root.attributes.ints("axes")
        let kept = shape.indices.filter { !axes.contains($0) }
        guard axes.contains(0), axes.count > 1, kept.last == shape.count - 1,
            let results = Dim.product(kept.map { shape[$0] }).constant, results <= 1024
        else { return false }
        let perEntry = Dim.product(shape.dropFirst()).bounds(ranges).lowerBound
        return shape[0] != 1 && perEntry >= 4 * results && perEntry >= 4096
    }

    /// Whether a sum in two steps is over all rows, of whole vectors, and had better take in one after another, its sums in memory, than
    /// strips of rows as wide as registers allow, whose lines share few sets of a cache. Gives the number of axes summed over.
    func readsWholeRows(_ root: GraphOp) -> Int? {
        let type = type(root.operands[0])
        let axes = root.attributes.ints("axes")
        guard root.attributes.keyword("kind") == "sum", axes.sorted() == Array(0..<axes.count),
            [DType.f32, .f64].contains(type.dtype),
            let columns = Dim.product(type.shape[axes.count...]).constant
        else { return nil }
        let lanes = target.lanes(storing: [type.dtype])
        return columns > 4 * lanes && columns % lanes == 0 ? axes.count : nil
    }

    /// The first of two steps: every entry of the first axis by itself.
    mutating func lowerPartialReduction(_ group: GroupView, root: GraphOp, to goal: BufferSubject, _ type: TensorType)
        throws
    {
        hint = "reduce_part"
        var job = job(group, root)
        job.axes.remove(0)
        job.stored = [type.dtype]
        job.finish = { draft, indices, result in
            draft.append(.store(draft.buffer(goal, type, .write), flatten(indices, type.shape), result))
        }
        try reduce(job)
    }

    /// The second of two steps: what the entries gave, and the operations on the result.
    mutating func lowerFinalReduction(
        _ group: GroupView, root: GraphOp, from source: BufferSubject, _ type: TensorType
    ) throws {
        hint = "reduce"
        var job = job(group, root)
        job.shape = type.shape
        job.axes = [0]
        job.element = { draft, indices in .load(draft.buffer(source, type, .read), flatten(indices, type.shape)) }
        try reduce(job)
    }

    /// The second step where the first was that of a kernel on rows: what the blocks of rows gave, and the operations on the result.
    mutating func lowerFinalSum(_ group: GroupView, root: GraphOp, part: ColumnSums.Part, of sums: ColumnSums) throws {
        hint = "reduce"
        let type = sums.type(part, in: function)
        var job = job(group, root)
        job.shape = [sums.rows] + sums.row
        job.axes = [0]
        job.stride = ColumnSums.block
        job.element = { draft, indices in
            .load(draft.buffer(part.subject, type, .read), sums.place(indices[0], Array(indices.dropFirst())))
        }
        try reduce(job)
    }

    /// The terms of a long sum that are added up before they join it.
    static let sumBlock = 64

    /// Lanes run along the innermost axis: kept, they hold different results; reduced, partial results that are combined
    /// at the end.
    mutating func reduce(_ job: ReductionJob) throws {
        let (allAxes, indices) = axes(job.shape, "i")
        let named = zip(job.shape.indices, indices).compactMap { at, index -> (Int, LoopAxis)? in
            guard let axis = allAxes.first(where: { Dim(symbol: $0.variable) == index }) else { return nil }
            return (at, axis)
        }
        var kept = named.filter { !job.axes.contains($0.0) }.map(\.1)
        let gone = named.filter { job.axes.contains($0.0) }.map(\.1)
        let lanesKeep = named.last.map { !job.axes.contains($0.0) } ?? false
        let keptIndices = indices.indices.filter { !job.axes.contains($0) }.map { indices[$0] }
        let register = accumulator("r", job.dtype)
        guard lanesKeep, let inner = kept.popLast() else {
            open(kept)
            append(.set(register, axes: [], neutral(job.kind.rawValue, job.dtype)))
            open(gone)
            let value = try job.element(&self, indices)
            append(.reduce(register, axes: [], job.kind, value))
            let body = close()
            for statement in nest(gone, body, parallel: false) { append(statement) }
            try job.finish(&self, keptIndices, .accumulator(register, []))
            let outer = close()
            wrap(kept, outer, workInside: Dim.product(gone.map(\.extent)))
            return
        }
        // Lanes over the innermost kept axis, a few vectors at a time; indices get the block's start plus the lane.
        let lanes = target.lanes(storing: job.stored)
        let vectors = min(4, max(1, ((inner.extent.constant ?? 4 * lanes) + lanes - 1) / lanes))
        let lane = fresh("v")
        // Long sums are made of the sums of blocks, so that their rounding errors grow with the square root of their length's.
        let block = Self.sumBlock * job.stride
        let longest = gone.first.flatMap {
            job.kind == .sum && job.dtype.isFloat && $0.extent.bounds(ranges).upperBound > block ? $0 : nil
        }
        // What a loop over the first axis, or a block of it, takes one after another.
        let terms: LoopKind = job.stride == 1 ? .serial(unroll: 1) : .tile(step: job.stride)
        let step = fresh("s")
        func placed(_ index: IndexExpression) -> IndexExpression {
            let moved = index.substituting(inner.variable, by: Dim(symbol: inner.variable) + Dim(symbol: lane))
            guard let longest else { return moved }
            return moved.substituting(longest.variable, by: Dim(symbol: longest.variable) + Dim(symbol: step))
        }
        func overLanes(_ body: [KernelStatement]) -> KernelStatement {
            .loop(KernelLoop(lane, .tile(inner.variable), .vector(unroll: vectors), body))
        }
        open(kept + [inner])
        append(overLanes([.set(register, axes: [lane], neutral(job.kind.rawValue, job.dtype))]))
        open(gone + [LoopAxis(variable: lane, extent: 1), LoopAxis(variable: step, extent: 1)])
        let value = try job.element(&self, indices.map(placed))
        let part = longest == nil ? register : accumulator("p", job.dtype)
        append(.reduce(part, axes: [lane], job.kind, value))
        var statements = [overLanes(close())]
        for (at, axis) in gone.enumerated().reversed() where axis.variable != longest?.variable {
            statements = [
                .loop(KernelLoop(axis.variable, .count(axis.extent), at == 0 ? terms : .serial(unroll: 1), statements))
            ]
        }
        if let longest {
            let sum =
                [overLanes([.set(part, axes: [lane], neutral(job.kind.rawValue, job.dtype))])]
                + [.loop(KernelLoop(step, .tile(longest.variable), terms, statements))]
                + [overLanes([.reduce(register, axes: [lane], job.kind, .accumulator(part, [lane]))])]
            statements = [
                .loop(
                    KernelLoop(longest.variable, .count(longest.extent), .tile(step: block), sum))
            ]
        }
        for statement in statements { append(statement) }
        open(lane)
        try job.finish(&self, keptIndices.map(placed), .accumulator(register, [lane]))
        let finish = close()
        append(overLanes(finish))
        let body = close()
        let tile = KernelStatement.loop(
            KernelLoop(inner.variable, .count(inner.extent), .tile(step: vectors * lanes), body))
        if kept.isEmpty {
            append(tile)
            let perLane = Dim.product(gone.map(\.extent))
            let chunk = chunk(
                workPerIteration: perLane, step: vectors * lanes, goal: Self.taskWork * job.stride)
            if inner.extent.bounds(ranges).upperBound > chunk {
                parallel = ParallelLoop(variable: inner.variable, extent: inner.extent, chunk: chunk)
            }
        } else {
            wrap(kept, [tile], workInside: Dim.product(gone.map(\.extent)) * inner.extent)
        }
    }

    /// Stores every output of the group at indices of the result.
    mutating func storeOutputs(_ group: GroupView, _ indices: [IndexExpression]) throws {
        for output in group.outputs {
            let value = try element(output, indices)
            append(.store(buffer(.value(output), type(output), .write), flatten(indices, type(output).shape), value))
        }
    }
}
