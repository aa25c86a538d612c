import HostTensors

func evaluateReduce(_ input: EvaluationInput) throws -> HostTensor {
    try input.operands[0].dtype.accumulate(Reduction(input: input))
}

func evaluateArgreduce(_ input: EvaluationInput) throws -> HostTensor {
    try input.operands[0].dtype.accumulate(PositionReduction(input: input))
}

/// Combines along axes: each row of the operand in order, into the place its kept axes name.
private struct Reduction: AccumulatorVisitor {
    let input: EvaluationInput

    func visit<Number: Accumulator>(_ type: Number.Type) throws -> HostTensor {
        let (x, shape) = (input.operands[0], try input.constantShape())
        switch input.attributes.keyword("kind") {
        case "sum": return try combined(x, shape, from: Number.zero) { Number.sum($0, $1) }
        case "prod": return try combined(x, shape, from: Number.one) { Number.product($0, $1) }
        case "max": return try combined(x, shape, from: Number.least(of: x.dtype)) { Number.larger($0, $1) }
        case "min": return try combined(x, shape, from: Number.greatest(of: x.dtype)) { Number.smaller($0, $1) }
        case "and": return try combined(x, shape, from: Number.one) { Number.smaller($0, $1) }
        default: return try combined(x, shape, from: Number.zero) { Number.larger($0, $1) }
        }
    }

    @inline(__always)
    private func combined<Number: Accumulator>(
        _ x: HostTensor, _ resultShape: [Int], from neutral: Number, _ combine: (Number, Number) -> Number
    ) throws -> HostTensor {
        let axes = input.attributes.ints("axes")
        let shape = x.shape
        var targetStrides = shape.map { _ in 0 }
        let kept = shape.indices.filter { !axes.contains($0) }
        for (axis, stride) in zip(kept, rowMajorStrides(resultShape)) { targetStrides[axis] = stride }
        let count = shape.last ?? 1
        let step = targetStrides.last ?? 0
        var results = [Number](repeating: neutral, count: resultShape.reduce(1, *))
        try x.converted(to: Number.dtype).withScalars(as: Number.self) { elements in
            results.withUnsafeMutableBufferPointer { results in
                forEachRow(shape, (0, rowMajorStrides(shape)), (0, targetStrides)) { from, to in
                    if step == 0 {
                        var total = results[to]
                        for index in 0..<count { total = combine(total, elements[from + index]) }
                        results[to] = total
                    } else {
                        for index in 0..<count {
                            results[to + index * step] = combine(results[to + index * step], elements[from + index])
                        }
                    }
                }
            }
        }
        return try HostTensor(results, shape: resultShape).converted(to: x.dtype)
    }
}

/// The position of the first extreme element along one axis.
private struct PositionReduction: AccumulatorVisitor {
    let input: EvaluationInput

    func visit<Number: Accumulator>(_ type: Number.Type) throws -> HostTensor {
        let (x, axis) = (input.operands[0], input.attributes.int("axis"))
        let wantsLargest = input.attributes.keyword("kind") == "max"
        let inner = x.shape[(axis + 1)...].reduce(1, *)
        let outer = x.shape[..<axis].reduce(1, *)
        let count = x.shape[axis]
        guard count > 0 || outer * inner == 0 else {
            throw GraphError("argreduce: axis \(axis) of \(x.typeText) has no elements to choose from")
        }
        var positions: [Int32] = []
        positions.reserveCapacity(outer * inner)
        try x.converted(to: Number.dtype).withScalars(as: Number.self) { elements in
            for block in 0..<outer {
                for column in 0..<inner {
                    let start = block * count * inner + column
                    var best = elements[start]
                    var position = 0
                    for index in 1..<count where !best.isNotANumber {
                        let element = elements[start + index * inner]
                        if element.isNotANumber || (wantsLargest ? element > best : element < best) {
                            best = element
                            position = index
                        }
                    }
                    positions.append(Int32(truncatingIfNeeded: position))
                }
            }
        }
        return try HostTensor(positions, shape: input.constantShape())
    }
}
