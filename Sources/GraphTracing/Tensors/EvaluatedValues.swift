import HostTensors
import Synchronization

/// Values that were computed on the spot, from which later computations start.
///
/// Each lives with its expression. Only the newest are kept, within a number of bytes; any other is computed again when it
/// is needed, to the same bits.
final class EvaluatedValues: Sendable {
    /// Those of the process.
    static let shared = EvaluatedValues(count: 1024, bytes: 256 << 20)

    private struct Entry {
        weak var expression: Expression?
        let bytes: Int
    }
    private struct Kept {
        var entries: [Entry] = []
        var bytes = 0
    }

    private let count: Int
    private let bytes: Int
    private let kept = Mutex(Kept())

    init(count: Int, bytes: Int) {
        self.count = count
        self.bytes = bytes
    }

    /// Keeps the value of an expression with one result, and lets go of the oldest ones beyond the limits.
    func keep(_ value: HostTensor, of expression: Expression) {
        guard expression.types.count == 1, !expression.operands.isEmpty else { return }
        expression.value.withLock { $0 = value }
        kept.withLock { kept in
            kept.entries.append(Entry(expression: expression, bytes: value.byteCount))
            kept.bytes += value.byteCount
            while kept.bytes > bytes || kept.entries.count > count {
                let oldest = kept.entries.removeFirst()
                kept.bytes -= oldest.bytes
                oldest.expression?.value.withLock { $0 = nil }
            }
        }
    }

    /// The nearest expressions below tensors, or the tensors' own, whose values are kept.
    static func below(_ tensors: [Tensor]) -> [(expression: Expression, value: HostTensor)] {
        var found: [(expression: Expression, value: HostTensor)] = []
        _ = Expression.ordered(from: tensors) { expression in
            guard let value = expression.value.withLock({ $0 }) else { return true }
            found.append((expression, value))
            return false
        }
        return found
    }
}
