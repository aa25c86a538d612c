import HostTensors

/// The lines of a tensor along one axis.
private struct Lines {
    let count: Int
    let inner: Int
    let outer: Int

    init(_ shape: [Int], axis: Int) {
        count = shape[axis]
        inner = shape[(axis + 1)...].reduce(1, *)
        outer = shape[..<axis].reduce(1, *)
    }

    /// Calls `body` with the offset of each line's first element.
    @inline(__always)
    func forEach(_ body: (Int) -> Void) {
        for block in 0..<outer { for column in 0..<inner { body(block * count * inner + column) } }
    }
}

func evaluateCumulative(_ input: EvaluationInput) throws -> HostTensor {
    try input.operands[0].dtype.accumulate(RunningCombination(input: input))
}

private struct RunningCombination: AccumulatorVisitor {
    let input: EvaluationInput

    func visit<Number: Accumulator>(_ type: Number.Type) throws -> HostTensor {
        let dtype = input.operands[0].dtype
        switch input.attributes.keyword("kind") {
        case "sum": return try combined(from: Number.zero) { Number.sum($0, $1) }
        case "prod": return try combined(from: Number.one) { Number.product($0, $1) }
        case "max": return try combined(from: Number.least(of: dtype)) { Number.larger($0, $1) }
        default: return try combined(from: Number.greatest(of: dtype)) { Number.smaller($0, $1) }
        }
    }

    @inline(__always)
    private func combined<Number: Accumulator>(
        from neutral: Number, _ combine: (Number, Number) -> Number
    ) throws -> HostTensor {
        let x = input.operands[0]
        let lines = Lines(x.shape, axis: input.attributes.int("axis"))
        let (exclusive, reverse) = (input.attributes.bool("exclusive"), input.attributes.bool("reverse"))
        var results = [Number](repeating: neutral, count: x.count)
        try x.converted(to: Number.dtype).withScalars(as: Number.self) { elements in
            lines.forEach { start in
                var total = neutral
                for step in 0..<lines.count {
                    let place = start + (reverse ? lines.count - 1 - step : step) * lines.inner
                    if exclusive { results[place] = total }
                    total = combine(total, elements[place])
                    if !exclusive { results[place] = total }
                }
            }
        }
        return try HostTensor(results, shape: x.shape).converted(to: x.dtype)
    }
}

func evaluateArgsort(_ input: EvaluationInput) throws -> HostTensor {
    try input.operands[0].dtype.accumulate(PositionOrder(input: input))
}

private struct PositionOrder: AccumulatorVisitor {
    let input: EvaluationInput

    func visit<Number: Accumulator>(_ type: Number.Type) throws -> HostTensor {
        let x = input.operands[0]
        let lines = Lines(x.shape, axis: input.attributes.int("axis"))
        let descending = input.attributes.bool("descending")
        var positions = [Int32](repeating: 0, count: x.count)
        try x.converted(to: Number.dtype).withScalars(as: Number.self) { elements in
            lines.forEach { start in
                func isSmaller(_ one: Number, _ other: Number) -> Bool {
                    one < other || (other.isNotANumber && !one.isNotANumber)
                }
                let order = (0..<lines.count).sorted { left, right in
                    let (one, other) = (elements[start + left * lines.inner], elements[start + right * lines.inner])
                    if isSmaller(one, other) { return !descending }
                    return isSmaller(other, one) ? descending : left < right
                }
                for (place, position) in order.enumerated() {
                    positions[start + place * lines.inner] = Int32(truncatingIfNeeded: position)
                }
            }
        }
        return try HostTensor(positions, shape: x.shape)
    }
}
