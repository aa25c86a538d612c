import HostTensors
import GraphIR
import KernelIR

extension KernelDraft {
    /// `loops`: one nest over the domain, every output stored at each point.
    mutating func lowerLoops(_ group: GroupView) throws {
        hint = group.mainOpName
        let (axes, indices) = axes(group.domain, "i")
        open(axes)
        for output in group.outputs {
            let value = try element(output, indices)
            let number = buffer(.value(output), type(output), .write)
            append(.store(number, flatten(indices, type(output).shape), value))
        }
        let body = close()
        for statement in nest(axes, body, parallel: true) { append(statement) }
    }

    /// `rows`: for each row, reductions over its elements in phases, then the outputs, and what sums of all rows take in. Lanes run along a
    /// row, or where it has few elements from row to row.
    mutating func lowerRows(_ group: GroupView, outerRank: Int, sums: ColumnSums? = nil) throws {
        hint = "rows_\(group.mainOpName)" + (sums == nil ? "" : "_sums")
        let (outer, outerIndices) = axes(Array(group.domain.prefix(outerRank)), "i")
        let (inner, innerIndices) = axes(Array(group.domain.dropFirst(outerRank)), "j")
        let indices = outerIndices + innerIndices
        let stored = group.outputs.map { type($0).dtype }
        let lanesAreRows =
            sums == nil && outer.count == 1 && inner.count == 1
            && hasFewColumns(inner[0].extent, rows: outer[0].extent, target.lanes(storing: stored))
        let across = lanesAreRows ? [fresh("v")] : []
        open(outer)
        var kept = KeptRow(registers: lanesAreRows ? inner.map(\.variable) + across : nil)
        for phase in group.reductionPhases() {
            var registers: [(op: GraphOp, name: String)] = []
            for op in phase {
                let dtype = type(op.results[0]).dtype
                let name = accumulator("r", dtype)
                append(.set(name, axes: across, neutral(op.attributes.keyword("kind"), dtype)))
                registers.append((op, name))
            }
            open(inner)
            kept.restore(in: &self, at: indices)
            for (op, name) in registers {
                let value = try element(op.operands[0], indices)
                kept.keep(op.operands[0], value, at: indices, of: group, in: &self)
                append(.reduce(name, axes: across, ReductionKind(rawValue: op.attributes.keyword("kind"))!, value))
            }
            appendColumns(inner, close(), unrolled: lanesAreRows)
            for (op, name) in registers {
                let local = fresh("t")
                append(.define(local, .accumulator(name, across)))
                bind(op.results[0], at: outerIndices, to: .local(local))
            }
        }
        let outputs = group.outputs.filter { output in !(sums?.parts.contains { $0.op.results == [output] } ?? false) }
        let full = outputs.filter { type($0).rank > outerRank }
        for output in outputs where type(output).rank <= outerRank {
            let value = try element(output, outerIndices)
            append(
                .store(buffer(.value(output), type(output), .write), flatten(outerIndices, type(output).shape), value))
        }
        var blocks: ColumnSums.Blocks?
        if !full.isEmpty || sums != nil {
            open(inner)
            kept.restore(in: &self, at: indices)
            for output in full {
                let value = try element(output, indices)
                append(
                    .store(buffer(.value(output), type(output), .write), flatten(indices, type(output).shape), value))
            }
            blocks = try sums.map { try take($0, at: indices, columns: innerIndices) }
            appendColumns(inner, close(), unrolled: lanesAreRows)
        }
        let body = close()
        let columns = Dim.product(inner.map(\.extent))
        if var blocks {
            blocks.start = nest(inner, blocks.start, parallel: false)
            wrap(outer, body, in: blocks, workInside: columns)
        } else if lanesAreRows {
            appendLanes(across[0], outer[0], body, workInside: columns)
        } else {
            wrap(outer, body, workInside: columns)
        }
    }

    /// Whether rows have so few elements that lanes along them would idle, or spend their time on combining lanes.
    func hasFewColumns(_ columns: Dim, rows: Dim, _ lanes: Int) -> Bool {
        guard let columns = columns.constant else { return false }
        return columns <= 16 && columns < 2 * lanes && rows.bounds(ranges).upperBound >= lanes
    }

    private mutating func appendColumns(_ axes: [LoopAxis], _ body: [KernelStatement], unrolled: Bool) {
        guard unrolled else { return nest(axes, body, parallel: false).forEach { append($0) } }
        append(.loop(KernelLoop(axes[0].variable, .count(axes[0].extent), .unroll, body)))
    }

    /// Adds a body whose lanes run along an axis, split among threads; its statements run `workInside` times. Accumulators have the
    /// axis `lane`.
    mutating func appendLanes(_ lane: String, _ axis: LoopAxis, _ body: [KernelStatement], workInside: Dim) {
        let lanes = target.lanes(storing: buffers.filter { $0.access != .read }.map(\.dtype))
        let work = body.reduce(0) { $0 + $1.work }
        let chunk = chunk(workPerIteration: workInside * Dim(max(1, work)), step: 64)
        if axis.extent.bounds(ranges).upperBound > chunk {
            parallel = ParallelLoop(variable: axis.variable, extent: axis.extent, chunk: chunk)
        }
        let placed = body.map {
            $0.substituting(axis.variable, by: Dim(symbol: axis.variable) + Dim(symbol: lane))
        }
        let vector = KernelStatement.loop(KernelLoop(lane, .tile(axis.variable), .vector(unroll: 1), placed))
        append(.loop(KernelLoop(axis.variable, .count(axis.extent), .tile(step: lanes), [vector])))
    }

    /// What a reduction begins with.
    func neutral(_ kind: String, _ dtype: DType) -> KernelExpression {
        switch kind {
        case "sum": .constant(dtype.isFloat ? -0.0 : 0, dtype)
        case "prod", "and": .constant(1, dtype)
        case "max": dtype.isFloat ? .constant(-.infinity, dtype) : .constant(dtype.leastFinite, dtype)
        case "min": dtype.isFloat ? .constant(.infinity, dtype) : .constant(dtype.greatestFinite, dtype)
        default: .constant(0, dtype)
        }
    }
}

extension DType {
    /// The smallest integer of the type, as a number.
    var leastFinite: Double { isSigned ? -Double(sign: .plus, exponent: byteCount * 8 - 1, significand: 1) : 0 }
    /// The largest integer of the type, as a number (saturating when written out).
    var greatestFinite: Double {
        self == .bool ? 1 : Double(sign: .plus, exponent: byteCount * 8 - (isSigned ? 1 : 0), significand: 1) - 1
    }
}
