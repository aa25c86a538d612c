import GraphIR
import KernelIR

// Axes that lie behind each other wherever they are used are one axis: batch and time of a sequence are the rows of a matrix.

extension Contraction {
    /// Neighbouring axes made one where each operand steps through them as through one. `mayMerge` says whether the result's axes
    /// at a place and behind it may be, whatever else is done with the result.
    func merged(
        resultShape: [Dim], fresh: (_ hint: String) -> String, mayMerge: (_ axis: Int) -> Bool
    ) -> Contraction {
        var result = self
        var at = 0
        while at + 1 < result.reduced.count {
            let (outer, inner) = (result.reduced[at], result.reduced[at + 1])
            guard result.areOne(outer, inner) else {
                at += 1
                continue
            }
            let axis = LoopAxis(variable: fresh("k"), extent: outer.extent * inner.extent)
            result.reduced.replaceSubrange(at...at + 1, with: [axis])
            result.substitute(outer, inner, by: axis)
        }
        at = 0
        while at + 1 < result.outputs.count {
            let (outer, inner) = (result.outputs[at], result.outputs[at + 1])
            guard result.areOne(outer, inner),
                let place = result.indices.firstIndex(of: Dim(symbol: outer.variable)),
                let next = result.indices.firstIndex(of: Dim(symbol: inner.variable)), next == place + 1,
                resultShape[next] == inner.extent, mayMerge(place)
            else {
                at += 1
                continue
            }
            let axis = LoopAxis(variable: fresh("i"), extent: outer.extent * inner.extent)
            result.outputs.replaceSubrange(at...at + 1, with: [axis])
            result.substitute(outer, inner, by: axis)
        }
        return result
    }

    private func areOne(_ outer: LoopAxis, _ inner: LoopAxis) -> Bool {
        [left, right].allSatisfy { $0.step(outer.variable) == $0.step(inner.variable) * inner.extent }
    }

    /// Every position from 0 of the outer axis and of the new one in place of the inner.
    private mutating func substitute(_ outer: LoopAxis, _ inner: LoopAxis, by axis: LoopAxis) {
        func replaced(_ index: IndexExpression) -> IndexExpression {
            index.substituting(outer.variable, by: 0).substituting(inner.variable, by: Dim(symbol: axis.variable))
        }
        (left, right, indices) = (replaced(left), replaced(right), indices.map(replaced))
        // What is one axis for the products need not be for a mask.
        margins.removeAll { $0.step(outer.variable) != $0.step(inner.variable) * inner.extent }
        margins = margins.map(replaced)
    }
}

extension KernelDraft {
    /// Whether everything this kernel computes from a contraction's result treats axis `axis` and the one behind it as one: it
    /// reads both, one behind the other, or neither.
    func treatsAsOne(_ axis: Int, ofResultOf root: GraphOp) -> Bool {
        let shape = type(root.results[0]).shape
        return producers.values.allSatisfy { op in
            op.name == "constant" || op.results.allSatisfy { type($0).shape != shape || treatsAsOne($0, axis, root) }
        }
    }

    private func treatsAsOne(_ value: ValueID, _ axis: Int, _ root: GraphOp) -> Bool {
        guard let op = producers[value], op.name != "constant", !root.results.contains(value) else { return true }
        switch op.name {
        case "broadcast":
            let axes = op.attributes.ints("axes")
            guard let place = axes.firstIndex(of: axis) else { return !axes.contains(axis + 1) }
            let (from, to) = (type(op.operands[0]).shape, type(value).shape)
            return place + 1 < axes.count && axes[place + 1] == axis + 1
                && from[place] == to[axis] && from[place + 1] == to[axis + 1]
                && treatsAsOne(op.operands[0], place, root)
        case "cast": return treatsAsOne(op.operands[0], axis, root)
        default:
            guard case .elementwise? = OpTable.rows[op.name]?.scalar else { return false }
            return op.operands.allSatisfy { treatsAsOne($0, axis, root) }
        }
    }
}
