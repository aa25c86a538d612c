import GraphIR
import KernelIR

extension Kernel {
    /// Whether one parameter may be written in the memory of another that is read: every element is read where it is about to be
    /// overwritten, and not again. Both are given by their numbers among the parameters.
    func mayWrite(_ written: Int, over read: Int) -> Bool {
        let numbers = buffers.indices.filter { buffers[$0].access != .local }
        let (written, read) = (numbers[written], numbers[read])
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
            // Indices found from a variable stand for it.
            let positions = loop.itemPositions.map(\.variable)
            let variables = positions.isEmpty ? [loop.variable] : positions
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
/// Calls of chains are passed over, since their items come one after another.
func letTakeOver(
    _ buffers: inout [PlannedBuffer], _ drafts: [KernelDraft], _ arguments: [[Int]], isInChain: (_ call: Int) -> Bool
) {
    var given: Set<Int> = []
    for (call, draft) in drafts.enumerated() where !isInChain(call) && !draft.keepsRows {
        let kernel = draft.kernel
        for (written, new) in arguments[call].enumerated()
        where buffers[new].isInArena && buffers[new].lifetime.lowerBound == call {
            let old = arguments[call].enumerated().first { read, old in
                let (one, other) = (buffers[old], buffers[new])
                return one.isInArena && one.lifetime.lowerBound < call && one.lifetime.upperBound == call
                    && one.type.dtype == other.type.dtype && one.type.count == other.type.count
                    && !given.contains(old) && kernel.mayWrite(written, over: read)
            }?.element
            guard let old else { continue }
            buffers[new].replaces = old
            given.insert(old)
        }
    }
}

extension PlannedBuffer {
    fileprivate var isInArena: Bool { if case .arena = location { true } else { false } }
}
