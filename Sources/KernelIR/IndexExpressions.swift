extension KernelStatement {
    /// Every index polynomial in the statement.
    public var indexExpressions: [IndexExpression] {
        switch self {
        case .loop(let loop): (loop.window?.indexExpressions ?? []) + loop.body.flatMap(\.indexExpressions)
        case .define(_, let expression), .set(_, _, let expression), .reduce(_, _, _, let expression):
            expression.indexExpressions
        case .store(_, let offset, let expression): [offset] + expression.indexExpressions
        case .tile(.load(_, _, let offset, _)), .tile(.store(_, _, let offset, _)): [offset]
        case .prefetch(_, let offset, _): [offset]
        case .tile: []
        case .position(_, _, let expression): expression.indexExpressions
        }
    }
}

extension KernelExpression {
    /// Every index polynomial in the expression.
    public var indexExpressions: [IndexExpression] {
        switch self {
        case .number, .local, .accumulator: []
        case .load(_, let offset): [offset]
        case .loadWhere(_, let offset, let conditions): [offset] + conditions.flatMap { [$0.index, $0.limit] }
        case .bits(let value, _): value.indexExpressions
        case .index(let index, _): [index]
        case .apply(_, let operands, _): operands.flatMap(\.indexExpressions)
        case .random(let seed, let step, _, let index): seed.indexExpressions + step.indexExpressions + [index]
        }
    }
}

extension LoopWindow {
    /// The expressions that say where it begins and ends.
    public var indexExpressions: [IndexExpression] { [from] + (below.map { [$0] } ?? []) }

    /// Replaces a variable by an expression.
    public func substituting(_ variable: String, by value: IndexExpression) -> LoopWindow {
        LoopWindow(
            from: from.substituting(variable, by: value), below: below?.substituting(variable, by: value))
    }
}
