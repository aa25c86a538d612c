import GraphIR
import HostTensors
import KernelIR

extension KernelDraft {
    /// `reduction`: one reduce over any axes. Lanes run along the innermost axis: kept, they hold different results;
    /// reduced, partial results that are combined at the end.
    mutating func lowerReduction(_ group: GroupView, root: GraphOp) throws {
        hint = "reduce"
        let reduced = Set(root.attributes.ints("axes"))
        let shape = type(root.operands[0]).shape
        let kind = ReductionKind(rawValue: root.attributes.keyword("kind"))!
        let dtype = type(root.results[0]).dtype
        let (allAxes, indices) = axes(shape, "i")
        let named = zip(shape.indices, indices).compactMap { at, index -> (Int, LoopAxis)? in
            guard let axis = allAxes.first(where: { Dim(symbol: $0.variable) == index }) else { return nil }
            return (at, axis)
        }
        var kept = named.filter { !reduced.contains($0.0) }.map(\.1)
        var gone = named.filter { reduced.contains($0.0) }.map(\.1)
        let lanesKeep = named.last.map { !reduced.contains($0.0) } ?? false
        let keptIndices = indices.indices.filter { !reduced.contains($0) }.map { indices[$0] }
        let register = accumulator("r", dtype)
        guard lanesKeep, let inner = kept.popLast() else {
            open(kept)
            append(.set(register, axes: [], neutral(kind.rawValue, dtype)))
            open(gone)
            let value = try element(root.operands[0], indices)
            append(.reduce(register, axes: [], kind, value))
            let body = close()
            for statement in nest(gone, body, parallel: false) { append(statement) }
            bind(root.results[0], at: keptIndices, to: .accumulator(register, []))
            try storeOutputs(group, keptIndices)
            let outer = close()
            wrap(kept, outer, workInside: Dim.product(gone.map(\.extent)))
            return
        }
        // Lanes over the innermost kept axis, a few vectors at a time; indices get the block's start plus the lane.
        let lanes = target.lanes(storing: group.outputs.map { type($0).dtype })
        let vectors = min(4, max(1, ((inner.extent.constant ?? 4 * lanes) + lanes - 1) / lanes))
        let lane = fresh("v")
        let laneIndices = keptIndices.map {
            $0.substituting(inner.variable, by: Dim(symbol: inner.variable) + Dim(symbol: lane))
        }
        let elementIndices = indices.map {
            $0.substituting(inner.variable, by: Dim(symbol: inner.variable) + Dim(symbol: lane))
        }
        func overLanes(_ body: [KernelStatement]) -> KernelStatement {
            .loop(KernelLoop(lane, .tile(inner.variable), .vector(unroll: vectors), body))
        }
        open(kept + [inner])
        append(overLanes([.set(register, axes: [lane], neutral(kind.rawValue, dtype))]))
        open(gone + [LoopAxis(variable: lane, extent: 1)])
        let value = try element(root.operands[0], elementIndices)
        append(.reduce(register, axes: [lane], kind, value))
        var statements = [overLanes(close())]
        gone = gone.reversed()
        for axis in gone {
            statements = [.loop(KernelLoop(axis.variable, .count(axis.extent), .serial(unroll: 1), statements))]
        }
        for statement in statements { append(statement) }
        open(lane)
        bind(root.results[0], at: laneIndices, to: .accumulator(register, [lane]))
        try storeOutputs(group, laneIndices)
        let finish = close()
        append(overLanes(finish))
        let body = close()
        let tile = KernelStatement.loop(
            KernelLoop(inner.variable, .count(inner.extent), .tile(step: vectors * lanes), body))
        if kept.isEmpty {
            append(tile)
            let perLane = Dim.product(gone.map(\.extent))
            let chunk = chunk(workPerIteration: perLane, step: vectors * lanes, goal: 400_000)
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
