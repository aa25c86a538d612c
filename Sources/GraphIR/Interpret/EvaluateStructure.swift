import HostTensors

func evaluateCond(_ input: EvaluationInput) throws -> [HostTensor] {
    let holds = try input.operands[0].scalars(as: Bool.self)[0]
    let body = try input.attributes.function(holds ? "then" : "else").expandingComposites()
    return try FunctionEvaluation(function: body, bindings: [:])
        .run(inputs: Array(input.operands.dropFirst()), states: []).outputs
}

func evaluateScan(_ input: EvaluationInput) throws -> [HostTensor] {
    let shape = ScanShape(input.attributes)
    let body = try shape.body.expandingComposites()
    let rest = shape.carries + shape.sequences
    var carries = Array(input.operands[..<shape.carries])
    let sequences = input.operands[shape.carries..<rest]
    var stacked = try (shape.carries..<input.results.count).map { try input.zeroedResult($0) }
    for step in 0..<shape.length {
        let at = input.attributes.bool("reverse") ? shape.length - 1 - step : step
        let slices = try sequences.map { try $0.slice(at) }
        let results = try FunctionEvaluation(function: body, bindings: [:]).run(
            inputs: carries + slices + Array(input.operands[rest...]), states: []
        ).outputs
        carries = Array(results[..<shape.carries])
        for (number, result) in results[shape.carries...].enumerated() { stacked[number].setSlice(at, to: result) }
    }
    return carries + stacked
}

extension HostTensor {
    /// Element `at` of the first axis, without that axis.
    fileprivate func slice(_ at: Int) throws -> HostTensor {
        let rest = Array(shape.dropFirst())
        let size = rest.reduce(1, *) * dtype.byteCount
        return try withUnsafeBytes { bytes in
            try HostTensor(
                copying: UnsafeRawBufferPointer(rebasing: bytes[at * size..<(at + 1) * size]), dtype: dtype,
                shape: rest)
        }
    }

    /// Puts a tensor in place of element `at` of the first axis.
    fileprivate mutating func setSlice(_ at: Int, to slice: HostTensor) {
        let size = slice.byteCount
        withUnsafeMutableBytes { bytes in
            slice.withUnsafeBytes {
                UnsafeMutableRawBufferPointer(rebasing: bytes[at * size..<(at + 1) * size]).copyMemory(from: $0)
            }
        }
    }
}
