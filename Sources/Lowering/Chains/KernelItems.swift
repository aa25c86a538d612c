import GraphIR
import KernelIR

/// How a kernel's parallel loop falls into items that touch stretches of its buffers one after another: item 0 the first
/// elements of a buffer, item 1 as many that follow, and so on.
final class KernelItems {
    private let draft: KernelDraft
    private let parallel: ParallelLoop
    private let loop: KernelLoop
    /// What the parallel loop's iterations are pairs of; nil where they are indices.
    private let pair: PairOfPositions?
    /// The bytes that every item reads again: of buffers of which all items use the same elements.
    let sharedBytes: Dim

    /// Looks at a kernel; nil where it has no parallel loop, or not always runs.
    init?(_ draft: KernelDraft) {
        guard draft.condition == nil, let parallel = draft.parallel, let loop = draft.kernel.parallelStatement else {
            return nil
        }
        self.draft = draft
        self.parallel = parallel
        self.loop = loop
        let pair = loop.pairOfPositions
        self.pair = pair
        let variables = Set(pair.map { [$0.first, $0.second] } ?? [parallel.variable])
        sharedBytes = draft.buffers.enumerated().reduce(Dim(0)) { sum, place in
            let (number, buffer) = place
            let isShared =
                buffer.access != .local
                && loop.body.contains { statement in
                    statement.offsets(of: [number]).contains { variables.isDisjoint(with: $0.symbols) }
                }
            return isShared ? sum + buffer.count * Dim(buffer.stored.byteCount) : sum
        }
    }

    /// The number of iterations.
    var extent: Dim { parallel.extent }

    /// Whether an item may be that many iterations.
    func canTake(_ iterations: Int) -> Bool {
        if let pair { return iterations == 1 || iterations % pair.extent == 0 }
        if case .tile(let step) = loop.kind { return iterations % step == 0 }
        return true
    }

    /// The elements of a subject that an item of so many iterations has for itself; nil where it is not proved that it stays
    /// among them.
    func stretch(of subject: BufferSubject, iterations: Int) -> Dim? {
        guard let at = draft.subjects.firstIndex(of: subject) else { return nil }
        let strides = loop.body.flatMap { $0.offsets(of: [at]) }.map { stride(of: $0, iterations: iterations) }
        guard let first = strides.first, let stride = first, strides.allSatisfy({ $0 == stride }), stride != 0,
            stride.symbols.allSatisfy({ draft.ranges[$0] != nil })
        else { return nil }
        // If the first item stays in the first stretch, every item stays in its own: their indices differ by whole stretches.
        let steps = pair.map { max(1, iterations / $0.extent) } ?? iterations
        let kernel = firstItem(iterations, buffer: at, count: stride * Dim(steps))
        let found = kernel.verify(
            dims: draft.ranges.sorted { $0.key < $1.key }.map { DimSymbol($0.key, range: $0.value) })
        guard found.isValid, !found.unproved.contains(where: { $0.buffer == kernel.buffers[at].name }) else {
            return nil
        }
        return kernel.buffers[at].count
    }

    /// How far on in a buffer what comes next is: the next iteration or, of pairs, the next first index; nil where that is not known.
    private func stride(of index: IndexExpression, iterations: Int) -> Dim? {
        guard let pair else { return index.split(by: parallel.variable)?.factor }
        guard let (first, _) = index.split(by: pair.first) else { return nil }
        if iterations > 1 { return first }
        guard let (second, _) = index.split(by: pair.second), first == second * Dim(pair.extent) else { return nil }
        return second
    }

    /// The kernel for the first item only, with so many elements of one buffer.
    private func firstItem(_ iterations: Int, buffer: Int, count: Dim) -> Kernel {
        var kernel = draft.kernel
        kernel.parallel = nil
        kernel.buffers[buffer].count = count
        var body = loop.body
        if let pair {
            let (first, second) = (KernelExpression.constant(0, .i64), pair.second)
            body[0] = .position(pair.first, extent: Dim(max(1, iterations / pair.extent)), first)
            if iterations == 1 { body[1] = .position(second, extent: 1, first) }
        }
        kernel.body = [.loop(KernelLoop(loop.variable, .count(Dim(iterations)), loop.kind, body))]
        return kernel
    }
}

/// Two indices that the body of a loop over their pairs begins with: quotient and remainder of the loop's variable by the second one's extent.
struct PairOfPositions {
    var first: String
    var second: String
    var extent: Int
}

extension KernelLoop {
    /// The two indices that its body finds first, if it does.
    var pairOfPositions: PairOfPositions? {
        guard body.count > 2, case .position(let first, _, .apply(.div, let quotient, _)) = body[0],
            case .position(let second, let extent, .apply(.rem, let remainder, _)) = body[1],
            quotient == remainder, quotient.first == .index(Dim(symbol: variable), .i64), let count = extent.constant,
            quotient.last == .constant(Double(count), .i64)
        else { return nil }
        return PairOfPositions(first: first, second: second, extent: count)
    }
}
