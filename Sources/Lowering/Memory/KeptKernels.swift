import GraphIR
import KernelIR

/// The kernels of a function whose results depend on nothing but states that the function leaves as they are, and constants: copies of
/// weights in the order in which kernels read them, factors of a normalization. They need not run again while those states
/// stay the same.
struct KeptKernels {
    /// By number, whether a kernel is one of them.
    private(set) var isKept: [Bool] = []
    /// What they write.
    private(set) var results: Set<BufferSubject> = []
    /// The states they read.
    private(set) var states: Set<Int> = []

    /// Finds them among kernels in order; `places` are fixed places, `unchanged` the states that the function leaves as they are.
    init(_ drafts: [KernelDraft], places: [BufferSubject: BufferLocation], unchanged: Set<Int>) {
        var writers: [BufferSubject: Int] = [:]
        for draft in drafts {
            for subject in draft.subjects where draft.writes(subject) { writers[subject, default: 0] += 1 }
        }
        for draft in drafts {
            var read: Set<Int> = []
            let isDetermined = draft.subjects.allSatisfy { subject in
                if case .local = subject { return true }
                switch places[subject] {
                case .state(let state)?:
                    read.insert(state)
                    return unchanged.contains(state) && !draft.writes(subject)
                case .constant?: return true
                case nil: return draft.writes(subject) ? writers[subject] == 1 : results.contains(subject)
                default: return false
                }
            }
            let keeps = isDetermined && draft.kernel.isOfConstantSize(draft.ranges.keys)
            isKept.append(keeps)
            guard keeps else { continue }
            states.formUnion(read)
            results.formUnion(draft.subjects.filter { draft.writes($0) })
        }
    }
}

extension Kernel {
    /// Whether nothing in it depends on a dimension of these names.
    fileprivate func isOfConstantSize(_ dims: some Sequence<String>) -> Bool {
        let names = Set(dims)
        let sizes = buffers.map(\.count) + (parallel.map { [$0.extent] } ?? []) + body.flatMap(\.sizes)
        return sizes.allSatisfy { names.isDisjoint(with: $0.symbols) }
    }
}

extension KernelStatement {
    /// Every size and every index in the statement.
    fileprivate var sizes: [Dim] {
        switch self {
        case .loop(let loop):
            let part = loop.window?.indexExpressions ?? []
            if case .count(let count) = loop.extent { return [count] + part + loop.body.flatMap(\.sizes) }
            return part + loop.body.flatMap(\.sizes)
        case .position(_, let extent, _): return [extent] + indexExpressions
        default: return indexExpressions
        }
    }
}
