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

    /// `rows`: for each row, reductions over its elements in phases, then the outputs.
    mutating func lowerRows(_ group: GroupView, outerRank: Int) throws {
        hint = "rows_\(group.mainOpName)"
        let (outer, outerIndices) = axes(Array(group.domain.prefix(outerRank)), "i")
        let (inner, innerIndices) = axes(Array(group.domain.dropFirst(outerRank)), "j")
        let indices = outerIndices + innerIndices
        open(outer)
        var kept = KeptRow()
        for phase in group.reductionPhases() {
            var registers: [(op: GraphOp, name: String)] = []
            for op in phase {
                let dtype = type(op.results[0]).dtype
                let name = accumulator("r", dtype)
                append(.set(name, axes: [], neutral(op.attributes.keyword("kind"), dtype)))
                registers.append((op, name))
            }
            open(inner)
            kept.restore(in: &self, at: indices)
            for (op, name) in registers {
                let value = try element(op.operands[0], indices)
                kept.keep(op.operands[0], value, at: indices, of: group, in: &self)
                append(.reduce(name, axes: [], ReductionKind(rawValue: op.attributes.keyword("kind"))!, value))
            }
            let body = close()
            for statement in nest(inner, body, parallel: false) { append(statement) }
            for (op, name) in registers {
                let local = fresh("t")
                append(.define(local, .accumulator(name, [])))
                bind(op.results[0], at: outerIndices, to: .local(local))
            }
        }
        let full = group.outputs.filter { type($0).rank > outerRank }
        for output in group.outputs where type(output).rank <= outerRank {
            let value = try element(output, outerIndices)
            append(
                .store(buffer(.value(output), type(output), .write), flatten(outerIndices, type(output).shape), value))
        }
        if !full.isEmpty {
            open(inner)
            kept.restore(in: &self, at: indices)
            for output in full {
                let value = try element(output, indices)
                append(
                    .store(buffer(.value(output), type(output), .write), flatten(indices, type(output).shape), value))
            }
            let body = close()
            for statement in nest(inner, body, parallel: false) { append(statement) }
        }
        let body = close()
        wrap(outer, body, workInside: Dim.product(inner.map(\.extent)))
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
