import HostTensors

func evaluateReduceWindow(_ input: EvaluationInput) throws -> HostTensor {
    try input.operands[0].dtype.accumulate(WindowReduction(input: input))
}

func evaluateWindowScatter(_ input: EvaluationInput) throws -> HostTensor {
    try input.operands[0].dtype.accumulate(WindowScatter(input: input))
}

/// The windows of one operation; visited offset by offset, so that inner loops run along rows.
private struct Windows {
    let inputShape: [Int]
    let resultShape: [Int]
    let window: [Int]
    let strides: [Int]
    let low: [Int]

    init(_ attributes: Attributes, inputShape: [Int], resultShape: [Int]) {
        self.inputShape = inputShape
        self.resultShape = resultShape
        window = attributes.ints("window")
        strides = attributes.ints("strides")
        low = attributes.intLists("padding").map { $0[0] }
    }

    /// Calls `body(result offset, input offset, count, result step, input step)` for every run of windows whose element at
    /// one and the same place of the window lies inside the input; places come in row-major order.
    @inline(__always)
    func forEachRun(_ body: (Int, Int, Int, Int, Int) -> Void) {
        let (inputStrides, resultStrides) = (rowMajorStrides(inputShape), rowMajorStrides(resultShape))
        let places = window.reduce(1, *)
        let windowStrides = rowMajorStrides(window)
        for place in 0..<places {
            var (count, inputOffset, resultOffset) = (resultShape, 0, 0)
            for axis in window.indices {
                let shift = place / windowStrides[axis] % window[axis] - low[axis]
                // Result positions j with 0 ≤ j · stride + shift < input size.
                let first = shift >= 0 ? 0 : (-shift + strides[axis] - 1) / strides[axis]
                let rest = inputShape[axis] - 1 - shift
                let last = rest < 0 ? -1 : min(rest / strides[axis], resultShape[axis] - 1)
                count[axis] = max(0, last - first + 1)
                inputOffset += (first * strides[axis] + shift) * inputStrides[axis]
                resultOffset += first * resultStrides[axis]
            }
            let steps = zip(inputStrides, strides).map { $0 * $1 }
            let (run, inputStep) = (count.last ?? 1, steps.last ?? 1)
            forEachRow(count, (resultOffset, resultStrides), (inputOffset, steps)) { result, source in
                body(result, source, run, 1, inputStep)
            }
        }
    }
}

private struct WindowReduction: AccumulatorVisitor {
    let input: EvaluationInput

    func visit<Number: Accumulator>(_ type: Number.Type) throws -> HostTensor {
        let dtype = input.operands[0].dtype
        switch input.attributes.keyword("kind") {
        case "sum": return try combined(from: Number.zero) { Number.sum($0, $1) }
        case "max": return try combined(from: Number.least(of: dtype)) { Number.larger($0, $1) }
        default: return try combined(from: Number.greatest(of: dtype)) { Number.smaller($0, $1) }
        }
    }

    @inline(__always)
    private func combined<Number: Accumulator>(
        from neutral: Number, _ combine: (Number, Number) -> Number
    ) throws -> HostTensor {
        let (x, shape) = (input.operands[0], try input.constantShape())
        let windows = Windows(input.attributes, inputShape: x.shape, resultShape: shape)
        var results = [Number](repeating: neutral, count: shape.reduce(1, *))
        try x.converted(to: Number.dtype).withScalars(as: Number.self) { elements in
            results.withUnsafeMutableBufferPointer { results in
                windows.forEachRun { to, from, count, toStep, fromStep in
                    for index in 0..<count {
                        let place = to + index * toStep
                        results[place] = combine(results[place], elements[from + index * fromStep])
                    }
                }
            }
        }
        return try HostTensor(results, shape: shape).converted(to: x.dtype)
    }
}

private struct WindowScatter: AccumulatorVisitor {
    let input: EvaluationInput

    func visit<Number: Accumulator>(_ type: Number.Type) throws -> HostTensor {
        let (x, cotangent) = (input.operands[0], input.operands[1])
        let windows = Windows(input.attributes, inputShape: x.shape, resultShape: cotangent.shape)
        var results = [Number](repeating: .zero, count: x.count)
        try x.converted(to: Number.dtype).withScalars(as: Number.self) { elements in
            try cotangent.converted(to: Number.dtype).withScalars(as: Number.self) { cotangents in
                switch input.attributes.keyword("kind") {
                case "sum":
                    windows.forEachRun { to, from, count, toStep, fromStep in
                        for index in 0..<count {
                            let place = from + index * fromStep
                            results[place] = Number.sum(results[place], cotangents[to + index * toStep])
                        }
                    }
                case "max": scatter(windows, elements, cotangents, &results) { $0 > $1 }
                default: scatter(windows, elements, cotangents, &results) { $0 < $1 }
                }
            }
        }
        return try HostTensor(results, shape: x.shape).converted(to: x.dtype)
    }

    /// Finds each window's first winner, then adds the cotangents to them.
    @inline(__always)
    private func scatter<Number: Accumulator>(
        _ windows: Windows, _ elements: UnsafeBufferPointer<Number>, _ cotangents: UnsafeBufferPointer<Number>,
        _ results: inout [Number], _ beats: (Number, Number) -> Bool
    ) {
        var winners = [Int](repeating: -1, count: cotangents.count)
        winners.withUnsafeMutableBufferPointer { winners in
            windows.forEachRun { to, from, count, toStep, fromStep in
                for index in 0..<count {
                    let (place, candidate) = (to + index * toStep, from + index * fromStep)
                    let winner = winners[place]
                    if winner < 0 || beats(elements[candidate], elements[winner])
                        || (elements[candidate].isNotANumber && !elements[winner].isNotANumber)
                    {
                        winners[place] = candidate
                    }
                }
            }
        }
        for (place, winner) in winners.enumerated() where winner >= 0 {
            results[winner] = Number.sum(results[winner], cotangents[place])
        }
    }
}
