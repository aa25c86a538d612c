import GraphIR
import KernelIR

/// A value of a `rows` kernel that is dear to compute and needed again in a later phase: it is kept, row by row, in the memory of an
/// output of the same type, which the last phase overwrites.
struct KeptRow {
    private var value: ValueID?
    private var lender: ValueID?

    /// The work, in vector instructions an element, from which keeping beats computing again.
    private static let dear = 16

    /// Stores a value, just computed in the open body, if it is dear, read again, and an output can lend its memory.
    mutating func keep(
        _ candidate: ValueID, _ expression: KernelExpression, at indices: [IndexExpression], of group: GroupView,
        in draft: inout KernelDraft
    ) {
        let readers = group.ops.reduce(0) { $0 + $1.operands.count { $0 == candidate } }
        let work = draft.scopes[draft.scopes.count - 1].statements.reduce(0) { $0 + $1.work }
        guard value == nil, readers > 1, work >= Self.dear,
            let lender = group.outputs.first(where: { draft.type($0) == draft.type(candidate) && !draft.isNarrowed($0) }
            )
        else { return }
        value = candidate
        self.lender = lender
        draft.keepsRows = true
        let number = draft.buffer(.value(lender), draft.type(lender), .write)
        draft.append(.store(number, flatten(indices, draft.type(lender).shape), expression))
    }

    /// Gives the kept value, if there is one, a name in the body just opened.
    func restore(in draft: inout KernelDraft, at indices: [IndexExpression]) {
        guard let value, let lender else { return }
        let type = draft.type(value)
        let local = draft.fresh("t")
        let number = draft.buffer(.value(lender), type, .read)
        draft.append(.define(local, .load(number, flatten(indices, type.shape))))
        draft.bind(value, at: indices, to: .local(local))
    }
}
