import GraphIR
import GraphPasses

/// Groups whose sums threads share: each kernel gives sums of a part, another one adds these.
extension FunctionLowering {
    /// Work on rows, with what else adds up all of them; each of these sums is finished by a kernel of its own.
    mutating func lowerRows(_ view: GroupView, outerRank: Int, _ draft: inout KernelDraft) throws {
        let added = view.group.columnSums(in: function)
        guard !added.isEmpty else { return try draft.lowerRows(view, outerRank: outerRank) }
        let sums = columnSums(added, of: view, outerRank: outerRank)
        try draft.lowerRows(view, outerRank: outerRank, sums: sums)
        for (at, part) in zip(added, sums.parts) {
            drafts.append(draft)
            let result = GroupView(
                group: FusionGroup(
                    kind: .reduction(root: at), members: [at], domain: view.domain, inputs: part.op.operands,
                    outputs: part.op.results), function: function)
            draft = self.draft(result)
            try draft.lowerFinalSum(result, root: part.op, part: part, of: sums)
        }
    }

    /// Sums over rows, with working memory for those of blocks.
    private mutating func columnSums(_ ops: [Int], of view: GroupView, outerRank: Int) -> ColumnSums {
        let sums = ColumnSums(
            parts: ops.enumerated().map {
                ColumnSums.Part(op: function.ops[$1], subject: .scratch(scratch.count + $0))
            },
            rows: Dim.product(view.domain[..<outerRank]), row: Array(view.domain[outerRank...]))
        scratch += sums.parts.map { sums.type($0, in: function) }
        return sums
    }

    /// A reduction in one step, or in two where threads could not share one.
    mutating func lowerReduction(_ view: GroupView, _ at: Int, _ draft: inout KernelDraft) throws {
        let root = function.ops[at]
        guard draft.reducesInTwoSteps(root) else { return try draft.lowerReduction(view, root: root) }
        let operand = function.type(of: root.operands[0])
        var partial = self.draft(view)
        if let outerRank = draft.readsWholeRows(root) {
            let sums = columnSums([at], of: view, outerRank: outerRank)
            var rows = view.group
            rows.kind = .rows(outerRank: outerRank)
            rows.outputs = root.results
            try partial.lowerRows(GroupView(group: rows, function: function), outerRank: outerRank, sums: sums)
            partial.hint = "reduce_part"
            (partial.ops, draft.ops) = (draft.ops.filter { $0 <= at }, draft.ops.filter { $0 > at })
            drafts.append(partial)
            return try draft.lowerFinalSum(view, root: root, part: sums.parts[0], of: sums)
        }
        let result = function.type(of: root.results[0])
        let subject = BufferSubject.scratch(scratch.count)
        let type = TensorType(result.dtype, [operand.shape[0]] + result.shape)
        scratch.append(type)
        try partial.lowerPartialReduction(view, root: root, to: subject, type)
        drafts.append(partial)
        try draft.lowerFinalReduction(view, root: root, from: subject, type)
    }
}
