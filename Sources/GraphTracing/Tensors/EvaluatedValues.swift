import HostTensors

/// The value of an expression that was computed on the spot, from which later computations start.
struct EvaluatedValue {
    let value: HostTensor
    /// The expressions whose values it was computed from.
    let basis: [WeakExpression]

    struct WeakExpression {
        weak var expression: Expression?
    }
}

extension Expression {
    /// Keeps a value that was computed from those of other expressions. What they were computed from themselves is given up, if it was not
    /// needed again: of a long loop, the last two rounds are kept. It would be computed again to the same bits.
    func keep(_ value: HostTensor, computedFrom basis: [Expression]) {
        guard types.count == 1, !operands.isEmpty else { return }
        for old in basis.flatMap({ $0.evaluated.withLock { $0?.basis ?? [] } }) {
            guard let old = old.expression, !basis.contains(where: { $0 === old }) else { continue }
            old.evaluated.withLock { $0 = nil }
        }
        let weak = basis.filter { $0 !== self }.map { EvaluatedValue.WeakExpression(expression: $0) }
        evaluated.withLock { $0 = EvaluatedValue(value: value, basis: weak) }
    }

    /// The nearest expressions below tensors, or the tensors' own, whose values are kept.
    static func kept(below tensors: [Tensor]) -> [(expression: Expression, value: HostTensor)] {
        var found: [(expression: Expression, value: HostTensor)] = []
        _ = ordered(from: tensors) { expression in
            guard let value = expression.evaluated.withLock({ $0?.value }) else { return true }
            found.append((expression, value))
            return false
        }
        return found
    }
}
