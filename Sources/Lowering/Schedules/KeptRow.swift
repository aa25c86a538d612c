import GraphIR
import KernelIR

/// A value of a `rows` kernel that is dear to compute and needed again in a later phase: it is kept, row by row, in the memory of an
/// output of the same type, which the last phase overwrites; in memory of the task's own where that output is bf16 in memory; in
/// registers where lanes are rows.
struct KeptRow {
    private var value: ValueID?
    private var place: Place?
    /// The axes of registers, where there is one for each column.
    private let registers: [String]?

    private enum Place {
        /// A buffer, and how many outer axes have no place in it.
        case memory(buffer: Int, outerRank: Int)
        case registers(String, axes: [String])
    }

    /// Keeps nothing yet.
    init(registers: [String]?) { self.registers = registers }

    /// The work, in vector instructions an element, from which keeping beats computing again.
    private static let dear = 16
    /// The most elements of a row in memory of the task's own.
    private static let longestRow = 4096

    /// Stores a value, just computed in the open body, if it is dear, read again, and there is memory for it.
    mutating func keep(
        _ candidate: ValueID, _ expression: KernelExpression, at indices: [IndexExpression], of group: GroupView,
        in draft: inout KernelDraft
    ) {
        let readers = group.ops.reduce(0) { $0 + $1.operands.count { $0 == candidate } }
        let work = draft.scopes[draft.scopes.count - 1].statements.reduce(0) { $0 + $1.work }
        guard value == nil, readers > 1, work >= Self.dear,
            let found = place(for: candidate, of: group, in: &draft)
        else { return }
        value = candidate
        place = found
        switch found {
        case .memory(let buffer, let outerRank):
            draft.append(.store(buffer, Self.index(indices, draft.type(candidate), outerRank), expression))
        case .registers(let name, let axes): draft.append(.set(name, axes: axes, expression))
        }
    }

    private func place(for candidate: ValueID, of group: GroupView, in draft: inout KernelDraft) -> Place? {
        let type = draft.type(candidate)
        if let registers { return .registers(draft.accumulator("kept", type.dtype), axes: registers) }
        let lenders = group.outputs.filter { draft.type($0) == type }
        if let lender = lenders.first(where: { !draft.isNarrowed($0) }) {
            draft.keepsRows = true
            return .memory(buffer: draft.buffer(.value(lender), type, .write), outerRank: 0)
        }
        guard !lenders.isEmpty, case .rows(let outerRank) = group.group.kind,
            let count = Dim.product(type.shape.dropFirst(outerRank)).constant, count <= Self.longestRow
        else { return nil }
        return .memory(buffer: draft.local(TensorType(type.dtype, [Dim(count)])), outerRank: outerRank)
    }

    private static func index(_ indices: [IndexExpression], _ type: TensorType, _ outerRank: Int) -> IndexExpression {
        flatten(Array(indices.dropFirst(outerRank)), Array(type.shape.dropFirst(outerRank)))
    }

    /// Gives the kept value, if there is one, a name in the body just opened.
    func restore(in draft: inout KernelDraft, at indices: [IndexExpression]) {
        guard let value, let place else { return }
        let local = draft.fresh("t")
        switch place {
        case .memory(let buffer, let outerRank):
            draft.readAgain(buffer)
            draft.append(.define(local, .load(buffer, Self.index(indices, draft.type(value), outerRank))))
        case .registers(let name, let axes): draft.append(.define(local, .accumulator(name, axes)))
        }
        draft.bind(value, at: indices, to: .local(local))
    }
}
