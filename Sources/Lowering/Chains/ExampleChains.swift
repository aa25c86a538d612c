import GraphIR
import HostTensors
import KernelIR

/// Finds kernels that can run example by example, as if each were the only one: what they hand to one another is then of one example,
/// and near, where that of a whole batch would go through memory.
///
/// An example's results must not depend on the others, which the operations say (`keepsExamplesApart`), and kernels must be the
/// same for every number of examples.
struct ExampleChains {
    private let drafts: [KernelDraft]
    private let first: Int
    private let places: [BufferSubject: BufferLocation]
    private let function: GraphFunction
    private let dims: [DimSymbol]
    private let resolve: (ValueID) -> ValueID
    /// By subject, the numbers of the kernels that use it.
    private let users: [BufferSubject: [Int]]
    private let producers: [ValueID: GraphOp]

    /// Bytes that a kernel must read and write of one example for a chain to pay: about what a second-level cache holds.
    private static let leastBytes = 1 << 20

    /// Looks through drafts in order, from number `first` on; `places` are fixed places of memory.
    init(
        _ drafts: [KernelDraft], from first: Int, places: [BufferSubject: BufferLocation], of lowering: FunctionLowering
    ) {
        (self.drafts, self.first, self.places) = (drafts, first, places)
        function = lowering.function
        dims = lowering.module.dims
        resolve = lowering.resolve
        var users: [BufferSubject: [Int]] = [:]
        for (at, draft) in drafts.enumerated() {
            for subject in draft.subjects { users[subject, default: []].append(at) }
        }
        self.users = users
        var producers: [ValueID: GraphOp] = [:]
        for op in function.ops { for result in op.results { producers[result] = op } }
        self.producers = producers
    }

    /// The chains, in order, all over the same dimension.
    func found() -> [KernelChain] {
        for dim in dims where dim.range.lowerBound <= 1 && dim.range.upperBound > 1 && dim.multiple == 1 {
            var chains: [KernelChain] = []
            var start = first
            while start < drafts.count {
                guard runsAlone(start, dim.name) else {
                    start += 1
                    continue
                }
                let end = drafts.indices[start...].first { !runsAlone($0, dim.name) } ?? drafts.count
                chains += self.chains(in: start..<end, dim.name)
                start = end
            }
            if !chains.isEmpty { return chains }
        }
        return []
    }

    /// The stretches of neighbouring kernels that pay as chains.
    private func chains(in run: Range<Int>, _ dimension: String) -> [KernelChain] {
        guard let best = best(in: run, dimension), let chain = chain(of: best, dimension) else { return [] }
        return chains(in: run.lowerBound..<best.lowerBound, dimension) + [chain]
            + chains(in: best.upperBound..<run.upperBound, dimension)
    }

    /// The stretch that spares most: the bytes of an example stay near, and what all have in common is read again for each.
    private func best(in run: Range<Int>, _ dimension: String) -> Range<Int>? {
        var (best, bestGain) = (run.lowerBound..<run.lowerBound, 0)
        var (start, gain) = (run.lowerBound, 0)
        for kernel in run {
            let traffic = traffic(of: kernel, dimension)
            gain += traffic.again - traffic.inCommon
            if gain <= 0 { (start, gain) = (kernel + 1, 0) }
            if gain > bestGain { (best, bestGain) = (start..<kernel + 1, gain) }
        }
        return bestGain > 0 ? closed(best, dimension) : nil
    }

    /// The stretch without those at its ends that share working memory with kernels outside of it: that is laid out as one kernel likes it.
    private func closed(_ stretch: Range<Int>, _ dimension: String) -> Range<Int>? {
        var stretch = stretch
        while let outside = stretch.lazy.compactMap({ outsider(of: $0, stretch, dimension) }).first {
            stretch =
                outside.user < stretch.lowerBound
                ? outside.kernel + 1..<stretch.upperBound : stretch.lowerBound..<outside.kernel
        }
        return stretch.isEmpty ? nil : stretch
    }

    /// A kernel outside of a stretch that uses working memory of one inside.
    private func outsider(
        of kernel: Int, _ stretch: Range<Int>, _ dimension: String
    ) -> (kernel: Int, user: Int)? {
        for (subject, buffer) in zip(drafts[kernel].subjects, drafts[kernel].buffers) {
            guard case .scratch = subject, buffer.count.symbols.contains(dimension) else { continue }
            if let user = users[subject, default: []].first(where: { !stretch.contains($0) }) { return (kernel, user) }
        }
        return nil
    }

    private func chain(of stretch: Range<Int>, _ dimension: String) -> KernelChain? {
        guard stretch.count > 1, stretch.contains(where: { traffic(of: $0, dimension).ofExample >= Self.leastBytes })
        else { return nil }
        var chain = KernelChain(
            calls: stretch, items: Dim(symbol: dimension), iterations: [], dimension: dimension, stretches: [:])
        for kernel in stretch {
            for (subject, buffer) in zip(drafts[kernel].subjects, drafts[kernel].buffers)
            where places[subject] == nil && buffer.access != .local && buffer.count.symbols.contains(dimension) {
                guard users[subject, default: []].allSatisfy(stretch.contains) else { continue }
                chain.stretches[subject] = buffer.count
            }
        }
        return chain.stretches.isEmpty ? nil : chain
    }

    /// The bytes that a kernel reads and writes of one example, the same with each pass over them, and those that it reads for every one.
    private func traffic(of kernel: Int, _ dimension: String) -> (ofExample: Int, again: Int, inCommon: Int) {
        var sizes = drafts[kernel].ranges.mapValues { min(max(64, $0.lowerBound), $0.upperBound) }
        sizes[dimension] = 1
        var (ofExample, again, inCommon) = (0, 0, 0)
        for (number, buffer) in drafts[kernel].buffers.enumerated() where buffer.access != .local {
            let bytes = ((try? buffer.count.value(sizes)) ?? 0) * buffer.stored.byteCount
            if buffer.count.symbols.contains(dimension) {
                ofExample += bytes
                again += bytes * (drafts[kernel].passes[number] ?? 1)
            } else {
                inCommon += bytes
            }
        }
        return (ofExample, again, inCommon)
    }

    /// Whether a kernel can run for one example as if that were the only one.
    private func runsAlone(_ kernel: Int, _ dimension: String) -> Bool {
        let draft = drafts[kernel]
        guard draft.condition == nil, draft.fitsChains else { return false }
        var hasExamples = false
        for (subject, buffer) in zip(draft.subjects, draft.buffers) where buffer.access != .local {
            guard buffer.count.symbols.contains(dimension) else {
                // What all have in common would be written again by each.
                guard buffer.access == .read else { return false }
                continue
            }
            hasExamples = true
            switch subject {
            case .value(let value):
                guard function.type(of: value).holdsExamples(of: dimension),
                    let count = buffer.count.substituting(dimension, by: 1).constant,
                    // Kernels may count on the places of vectors.
                    count * buffer.stored.byteCount % 64 == 0
                else { return false }
            case .scratch:
                guard buffer.count.terms.allSatisfy({ $0.symbols.filter { $0 == dimension }.count < 2 }) else {
                    return false
                }
            case .local: continue
            }
        }
        return hasExamples && draft.ops.allSatisfy { keepsExamplesApart(function.ops[$0], dimension) }
    }

    /// Whether an operation, and what a kernel computes for it on the way, keeps examples apart.
    private func keepsExamplesApart(_ op: GraphOp, _ dimension: String) -> Bool {
        var pending = [op]
        var seen: Set<ValueID> = []
        while let op = pending.popLast() {
            guard op.keepsExamplesApart(of: dimension, in: function) else { return false }
            for operand in op.operands.map(resolve) where seen.insert(operand).inserted {
                // What is in memory was made by a kernel before.
                guard users[.value(operand)] == nil, let producer = producers[operand] else { continue }
                pending.append(producer)
            }
        }
        return true
    }
}
