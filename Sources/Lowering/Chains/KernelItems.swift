import GraphIR
import KernelIR

/// How a kernel's parallel loop falls into items that touch stretches of its buffers one after another: item 0 the first
/// elements of a buffer, item 1 as many that follow, and so on.
final class KernelItems {
    private let draft: KernelDraft
    private let parallel: ParallelLoop
    private let loop: KernelLoop
    /// The indices that the parallel loop's iterations stand for; none where an iteration is an index itself.
    private let positions: [ItemPosition]
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
        let positions = loop.itemPositions
        self.positions = positions
        let variables = Set(positions.isEmpty ? [parallel.variable] : positions.map(\.variable))
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

    /// Iterations that begin with a multiple of their number and have to be done in order.
    var ordered: Int { parallel.ordered }

    /// Whether an item may be that many iterations.
    func canTake(_ iterations: Int) -> Bool {
        guard positions.isEmpty else { return steps(in: iterations) != nil }
        if case .tile(let step) = loop.kind { return iterations % step == 0 }
        return true
    }

    /// The position of which an item of so many iterations is a few steps, and how many: items then begin where the positions inside it do,
    /// and end before it does. Nil where there is none.
    private func steps(in iterations: Int) -> (at: Int, count: Int)? {
        var inside = positions.dropFirst().reduce(1) { $0 * $1.extent }
        for at in positions.indices {
            let count = iterations / inside
            if iterations % inside == 0, at == 0 || positions[at].extent % count == 0 { return (at, count) }
            if at + 1 < positions.count { inside /= positions[at + 1].extent }
        }
        return nil
    }

    /// The elements of a subject that an item of so many iterations has for itself; nil where it is not proved that it stays
    /// among them.
    func stretch(of subject: BufferSubject, iterations: Int) -> Dim? {
        guard let at = draft.subjects.firstIndex(of: subject) else { return nil }
        let strides = loop.body.flatMap { $0.offsets(of: [at]) }.map { stride(of: $0, iterations: iterations) }
        guard let first = strides.first, let stride = first, strides.allSatisfy({ $0 == stride }), stride != 0,
            stride.symbols.allSatisfy({ draft.ranges[$0] != nil })
        else { return nil }
        // What is read under conditions is not proved to stay anywhere: they must say nothing of which item it is.
        let counted =
            positions.isEmpty ? [parallel.variable] : positions[...(steps(in: iterations)?.at ?? 0)].map(\.variable)
        guard loop.body.flatMap({ $0.conditions(of: at) }).allSatisfy({ Set(counted).isDisjoint(with: $0.symbols) })
        else { return nil }
        // If the first item stays in the first stretch, every item stays in its own: their indices differ by whole stretches.
        let kernel = firstItem(iterations, buffer: at, count: stride)
        let found = kernel.verify(
            dims: draft.ranges.sorted { $0.key < $1.key }.map { DimSymbol($0.key, range: $0.value) })
        guard found.isValid, !found.unproved.contains(where: { $0.buffer == kernel.buffers[at].name }) else {
            return nil
        }
        return kernel.buffers[at].count
    }

    /// How far on in a buffer the next item is; nil where that is not known, or not the same for all.
    private func stride(of index: IndexExpression, iterations: Int) -> Dim? {
        guard !positions.isEmpty else { return index.split(by: parallel.variable).map { $0.factor * Dim(iterations) } }
        guard let (last, count) = steps(in: iterations) else { return nil }
        let factors = positions[...last].map { index.split(by: $0.variable)?.factor }
        for at in 0..<last
        where factors[at] == nil || factors[at] != factors[at + 1].map({ $0 * Dim(positions[at + 1].extent) }) {
            return nil
        }
        return factors[last].map { $0 * Dim(count) }
    }

    /// The kernel for the first item only, with so many elements of one buffer.
    private func firstItem(_ iterations: Int, buffer: Int, count: Dim) -> Kernel {
        var kernel = draft.kernel
        kernel.parallel = nil
        kernel.buffers[buffer].count = count
        var body = loop.body
        if let (last, count) = steps(in: iterations), !positions.isEmpty {
            for number in 0...last {
                body[number] = .position(
                    positions[number].variable, extent: number == last ? Dim(count) : 1, .constant(0, .i64))
            }
        }
        kernel.body = [.loop(KernelLoop(loop.variable, .count(Dim(iterations)), loop.kind, body))]
        return kernel
    }
}

/// An index that the body of a loop begins with, found from the loop's variable.
struct ItemPosition {
    var variable: String
    /// How many there are; of the first, outermost one, 0 for as many as the loop leaves.
    var extent: Int
}

extension KernelLoop {
    /// The indices that its body finds first, outermost first: quotients and remainders of its variable. None if there are not two.
    var itemPositions: [ItemPosition] {
        let variables = body.prefix { if case .position = $0 { true } else { false } }.count
        guard body.count > variables else { return [] }
        for count in stride(from: variables, to: 1, by: -1) {
            if let found = itemPositions(count) { return found }
        }
        return []
    }

    private func itemPositions(_ count: Int) -> [ItemPosition]? {
        var number = KernelExpression.index(Dim(symbol: variable), .i64)
        var found: [ItemPosition] = []
        for at in (0..<count).reversed() {
            guard case .position(let name, let extent, let place) = body[at] else { return nil }
            guard at > 0 else { return place == number ? [ItemPosition(variable: name, extent: 0)] + found : nil }
            guard let size = extent.constant, place == .apply(.rem, [number, .constant(Double(size), .i64)], .i64)
            else { return nil }
            found.insert(ItemPosition(variable: name, extent: size), at: 0)
            number = .apply(.div, [number, .constant(Double(size), .i64)], .i64)
        }
        return nil
    }
}
