import HostTensors

extension EvaluationInput {
    /// A zeroed tensor of result `at`'s type.
    func zeroedResult(_ at: Int = 0) throws -> HostTensor {
        let shape = try constantShape(at)
        _ = try HostTensor.elementCount(of: shape, dtype: results[at].dtype)
        return HostTensor(zeros: shape, dtype: results[at].dtype)
    }

    /// The shape of result `at`; throws if a symbol is left in it.
    func constantShape(_ at: Int = 0) throws -> [Int] {
        guard let shape = results[at].constantShape else {
            throw GraphError("result \(results[at]) is evaluated with a symbolic shape", remedy: "bind its symbols")
        }
        return shape
    }

    /// The result whose elements are read in row-major order from `block` of operand 0.
    func gathered(_ block: StridedBlock) throws -> HostTensor {
        var result = try zeroedResult()
        let target = StridedBlock(strides: rowMajorStrides(result.shape))
        copyBlock(result.shape, from: operands[0], block, to: &result, target)
        return result
    }
}

func evaluateBroadcast(_ input: EvaluationInput) throws -> HostTensor {
    let source = rowMajorStrides(input.operands[0].shape)
    var strides = try input.constantShape().map { _ in 0 }
    for (axis, target) in input.attributes.ints("axes").enumerated() { strides[target] = source[axis] }
    return try input.gathered(StridedBlock(strides: strides))
}

func evaluateReshape(_ input: EvaluationInput) throws -> HostTensor {
    try input.operands[0].reshaped(input.constantShape())
}

func evaluateTranspose(_ input: EvaluationInput) throws -> HostTensor {
    let source = rowMajorStrides(input.operands[0].shape)
    return try input.gathered(StridedBlock(strides: input.attributes.ints("permutation").map { source[$0] }))
}

func evaluateSlice(_ input: EvaluationInput) throws -> HostTensor {
    let source = rowMajorStrides(input.operands[0].shape)
    let (starts, strides) = (input.attributes.ints("starts"), input.attributes.ints("strides"))
    let offset = zip(starts, source).reduce(0) { $0 + $1.0 * $1.1 }
    return try input.gathered(StridedBlock(offset: offset, strides: zip(strides, source).map { $0 * $1 }))
}

func evaluateReverse(_ input: EvaluationInput) throws -> HostTensor {
    let x = input.operands[0]
    var block = StridedBlock(strides: rowMajorStrides(x.shape))
    for axis in input.attributes.ints("axes") {
        block.offset += (x.shape[axis] - 1) * block.strides[axis]
        block.strides[axis] = -block.strides[axis]
    }
    return try input.gathered(block)
}

func evaluatePad(_ input: EvaluationInput) throws -> HostTensor {
    let (x, value) = (input.operands[0], input.operands[1])
    var result = try input.zeroedResult()
    let strides = rowMajorStrides(result.shape)
    copyBlock(
        result.shape, from: value, StridedBlock(strides: result.shape.map { _ in 0 }), to: &result,
        StridedBlock(strides: strides))
    let (low, interior) = (input.attributes.ints("low"), input.attributes.ints("interior"))
    let target = StridedBlock(
        offset: zip(low, strides).reduce(0) { $0 + $1.0 * $1.1 },
        strides: zip(interior, strides).map { ($0 + 1) * $1 })
    copyBlock(x.shape, from: x, StridedBlock(strides: rowMajorStrides(x.shape)), to: &result, target)
    return result
}

func evaluateConcat(_ input: EvaluationInput) throws -> HostTensor {
    let axis = input.attributes.int("axis")
    var result = try input.zeroedResult()
    var target = StridedBlock(strides: rowMajorStrides(result.shape))
    for part in input.operands {
        copyBlock(part.shape, from: part, StridedBlock(strides: rowMajorStrides(part.shape)), to: &result, target)
        target.offset += part.shape[axis] * target.strides[axis]
    }
    return result
}

func evaluateIota(_ input: EvaluationInput) throws -> HostTensor {
    let (shape, dtype) = (try input.constantShape(), input.results[0].dtype)
    let axis = input.attributes.int("axis")
    let positions = HostTensor((0..<shape[axis]).map(Int64.init)).converted(to: dtype)
    var strides = shape.map { _ in 0 }
    strides[axis] = 1
    var result = try input.zeroedResult()
    copyBlock(
        shape, from: positions, StridedBlock(strides: strides), to: &result,
        StridedBlock(strides: rowMajorStrides(shape)))
    return result
}

func evaluateRandom(_ input: EvaluationInput) throws -> HostTensor {
    let shape = try input.constantShape()
    let seed = try input.operands[0].scalars(as: Int64.self)[0]
    let step = try input.operands[1].scalars(as: Int64.self)[0]
    let count = try HostTensor.elementCount(of: shape, dtype: .f32)
    let uniform = RandomStream.uniform(
        seed: UInt64(bitPattern: seed), stream: UInt32(truncatingIfNeeded: input.attributes.int("stream")),
        step: UInt64(bitPattern: step), count: count)
    return try HostTensor(uniform, shape: shape)
}
