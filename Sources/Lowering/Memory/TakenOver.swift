import GraphIR
import KernelIR

extension Kernel {
    /// Whether one buffer may be written in the memory of another that is read: every element is read where it is about to be overwritten, and
    /// not again. Both are given by their numbers.
    func mayWrite(_ written: Int, over read: Int) -> Bool {
        var places = Set(body.flatMap { $0.offsets(of: [written, read]) })
        guard buffers[written].access == .write, buffers[read].access == .read, let place = places.popFirst(),
            places.isEmpty
        else { return false }
        var isWritten = false
        return body.allSatisfy { $0.keepsOrder(written, over: read, at: place, within: [], &isWritten) }
    }
}

extension KernelStatement {
    /// Whether nothing of `read` is read after the first statement that writes, each element once, and no tile register is loaded or stored.
    fileprivate func keepsOrder(
        _ written: Int, over read: Int, at place: IndexExpression, within loops: Set<String>, _ isWritten: inout Bool
    ) -> Bool {
        switch self {
        case .loop(let loop):
            // Two indices found from a variable stand for it.
            let variables = loop.pairOfPositions.map { [$0.first, $0.second] } ?? [loop.variable]
            return loop.body.allSatisfy {
                $0.keepsOrder(written, over: read, at: place, within: loops.union(variables), &isWritten)
            }
        case .tile: return offsets(of: [written, read]).isEmpty
        case .store(written, _, _):
            // A loop that the place does not depend on would come by again.
            guard loops.isSubset(of: place.symbols) else { return false }
            defer { isWritten = true }
            return !isWritten || offsets(of: [read]).isEmpty
        default: return !isWritten || offsets(of: [read]).isEmpty
        }
    }
}

/// Lets buffers of the workspace take over the memory of others whose last reader writes them: sums of a residual network, elementwise work.
struct TakenOver {
    /// By buffer, the one whose memory it takes over.
    private(set) var replaced: [Int: Int] = [:]

    /// Looks through calls in order; those of chains are passed over, since their items come one after another.
    init(
        _ drafts: [KernelDraft], _ arguments: [[Int]], _ buffers: [PlannedBuffer], isInChain: (_ call: Int) -> Bool
    ) {
        for (call, draft) in drafts.enumerated() where !isInChain(call) && !draft.keepsRows {
            let kernel = draft.kernel
            // Arguments are the buffers that are not the task's own, in order.
            let numbers = kernel.buffers.indices.filter { kernel.buffers[$0].access != .local }
            let places = Array(zip(numbers, arguments[call]))
            for (written, new) in places
            where Self.isInArena(buffers[new]) && buffers[new].lifetime.lowerBound == call {
                let found = places.first { read, old in
                    old != new && Self.isInArena(buffers[old]) && buffers[old].lifetime.upperBound == call
                        && buffers[old].lifetime.lowerBound < call && !replaced.values.contains(old)
                        && buffers[old].type.dtype == buffers[new].type.dtype
                        && buffers[old].type.count == buffers[new].type.count
                        && kernel.mayWrite(written, over: read)
                }
                if let found { replaced[new] = found.1 }
            }
        }
    }

    private static func isInArena(_ buffer: PlannedBuffer) -> Bool {
        if case .arena = buffer.location { true } else { false }
    }
}
