import GraphIR
import KernelIR

/// Loops that load under conditions: squares of a matrix that may go beyond its end, windows that may reach into padding. Most do not: their
/// conditions hold in every lane of every round, which a comparison for each of them says, and these are written without.
extension KernelEmitter {
    /// Writes what `rounds` writes for a loop, and once more without conditions where the loop stores what it loads under some.
    mutating func emitVersions(of loop: KernelLoop, _ rounds: (inout Self) throws -> Void) throws {
        guard columns == nil, heldConditions.isEmpty, var lefts = lefts(of: loop),
            !lefts.contains(where: { $0.constant.map { $0 <= 0 } ?? false })
        else { return try rounds(&self) }
        lefts.removeAll { $0.constant != nil }
        let tests = lefts.map { writer.value("icmp sgt i64 \(index($0)), 0") }
        guard let first = tests.first else { return try rounds(&self) }
        let hold = tests.dropFirst().reduce(first) { writer.value("and i1 \($0), \($1)") }
        let (whole, part, end) = (writer.freshLabel("whole"), writer.freshLabel("part"), writer.freshLabel("end"))
        writer.effect("br i1 \(hold), label %\(whole), label %\(part)")
        for label in [whole, part] {
            writer.begin(block: label)
            writer.pushScope()
            loads.append([:])
            heldConditions = label == whole ? Set(lefts) : []
            try rounds(&self)
            loads.removeLast()
            writer.popScope()
            writer.effect("br label %\(end)")
        }
        writer.begin(block: end)
    }

    /// Whether a comparison is one that holds here: padding is told from elements by the conditions of their loads.
    func isHeld(_ op: ScalarOp, _ operands: [KernelExpression]) -> Bool {
        guard !heldConditions.isEmpty, op == .less, operands.count == 2, case .index(let index, _) = operands[0],
            case .index(let limit, _) = operands[1]
        else { return false }
        return heldConditions.contains(resolve(limit - index))
    }

    /// By how much the conditions of a loop's loads hold at least in all its rounds and lanes; nil where it does more than store what
    /// it loads.
    private func lefts(of loop: KernelLoop) -> [Dim]? {
        guard case .count(let extent) = loop.extent else { return nil }
        let isVector = if case .vector = loop.kind { true } else { false }
        guard isVector || loop.kind == .unroll else { return nil }
        var lefts: [Dim] = []
        for statement in loop.body {
            let inner: [Dim]
            switch statement {
            case .loop(let loop):
                guard let found = self.lefts(of: loop) else { return nil }
                inner = found
            case .define(_, let value), .store(_, _, let value):
                inner = value.conditions.map { resolve($0.limit - $0.index) }
            default: return nil
            }
            lefts += inner.filter { !lefts.contains($0) }
        }
        let step = isVector ? lanes : 1
        var least: [Dim] = []
        for left in lefts {
            let factor = left.split(by: loop.variable)?.factor
            if factor == 0 {
                least.append(left)
                continue
            }
            guard let factor = factor?.constant, let count = extent.constant else { return nil }
            let last = (count + step - 1) / step * step - 1
            least.append(left.substituting(loop.variable, by: Dim(factor < 0 ? last : 0)))
        }
        return least
    }
}

extension KernelExpression {
    /// The conditions of loads in the expression.
    fileprivate var conditions: [IndexCondition] {
        switch self {
        case .number, .local, .load, .index, .accumulator, .random: []
        case .loadWhere(_, _, let conditions): conditions
        case .bits(let value, _): value.conditions
        case .apply(_, let operands, _): operands.flatMap(\.conditions)
        }
    }
}
