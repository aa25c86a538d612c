import HostTensors

/// The loops of a gather or scatter: for every row of `x` and every index where it points to, -1 outside.
private struct IndexedRows {
    let rows: Int
    let places: Int
    let size: Int
    /// Elements in one go, behind the indexed axis.
    let run: Int
    private let rowsPerBatch: Int
    private let indices: [Int64]

    init(_ x: HostTensor, _ indices: HostTensor, _ attributes: Attributes) throws {
        let (axis, batch) = (attributes.int("axis"), attributes.int("batch"))
        let batches = x.shape[..<batch].reduce(1, *)
        rows = x.shape[..<axis].reduce(1, *)
        rowsPerBatch = batches == 0 ? 1 : rows / batches
        places = indices.shape[batch...].reduce(1, *)
        size = x.shape[axis]
        run = x.shape[(axis + 1)...].reduce(1, *)
        self.indices = try indices.converted(to: .i64).scalars(as: Int64.self)
    }

    /// Calls `body(offset in x or -1, offset in what is read)` for every run of elements.
    @inline(__always)
    func forEach(_ body: (Int, Int) -> Void) {
        for row in 0..<rows {
            for place in 0..<places {
                let index = indices[row / rowsPerBatch * places + place]
                let isInside = index >= 0 && index < size
                body(isInside ? (row * size + Int(index)) * run : -1, (row * places + place) * run)
            }
        }
    }
}

func evaluateGather(_ input: EvaluationInput) throws -> HostTensor {
    let x = input.operands[0]
    let rows = try IndexedRows(x, input.operands[1], input.attributes)
    var result = try input.zeroedResult()
    let size = x.dtype.byteCount
    x.withUnsafeBytes { source in
        result.withUnsafeMutableBytes { goal in
            rows.forEach { from, to in
                guard from >= 0 else { return }
                UnsafeMutableRawBufferPointer(rebasing: goal[to * size..<(to + rows.run) * size]).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: source[from * size..<(from + rows.run) * size]))
            }
        }
    }
    return result
}

func evaluateScatter(_ input: EvaluationInput) throws -> HostTensor {
    try input.operands[0].dtype.accumulate(Scattering(input: input))
}

private struct Scattering: AccumulatorVisitor {
    let input: EvaluationInput

    func visit<Number: Accumulator>(_ type: Number.Type) throws -> HostTensor {
        let x = input.operands[0]
        let rows = try IndexedRows(x, input.operands[1], input.attributes)
        var sums = try x.converted(to: Number.dtype).scalars(as: Number.self)
        try input.operands[2].converted(to: Number.dtype).withScalars(as: Number.self) { updates in
            sums.withUnsafeMutableBufferPointer { sums in
                rows.forEach { to, from in
                    guard to >= 0 else { return }
                    for at in 0..<rows.run { sums[to + at] = Number.sum(sums[to + at], updates[from + at]) }
                }
            }
        }
        return try HostTensor(sums, shape: x.shape).converted(to: x.dtype)
    }
}

/// Where a block of `sizes` begins in a tensor of `shape`: moved so that it lies inside.
private func blockStart(_ starts: HostTensor, shape: [Int], sizes: [Int]) throws -> [Int] {
    // Numbers beyond i64 are beyond every block's last start, too.
    let wanted =
        starts.dtype == .u64
        ? try starts.scalars(as: UInt64.self).map { Int64(min($0, UInt64(Int64.max))) }
        : try starts.converted(to: .i64).scalars(as: Int64.self)
    return shape.indices.map { axis in max(0, min(Int(wanted[axis]), shape[axis] - sizes[axis])) }
}

func evaluateDynamicSlice(_ input: EvaluationInput) throws -> HostTensor {
    let x = input.operands[0]
    let start = try blockStart(input.operands[1], shape: x.shape, sizes: input.constantShape())
    let strides = rowMajorStrides(x.shape)
    return try input.gathered(
        StridedBlock(offset: zip(start, strides).reduce(0) { $0 + $1.0 * $1.1 }, strides: strides))
}

func evaluateDynamicUpdateSlice(_ input: EvaluationInput) throws -> HostTensor {
    let (x, update) = (input.operands[0], input.operands[1])
    let start = try blockStart(input.operands[2], shape: x.shape, sizes: update.shape)
    var result = x
    let strides = rowMajorStrides(x.shape)
    copyBlock(
        update.shape, from: update, StridedBlock(strides: rowMajorStrides(update.shape)), to: &result,
        StridedBlock(offset: zip(start, strides).reduce(0) { $0 + $1.0 * $1.1 }, strides: strides))
    return result
}
