import HostTensors

func evaluateDot(_ input: EvaluationInput) throws -> HostTensor {
    try input.operands[0].dtype.accumulate(DotProduct(input: input))
}

/// Brings both operands to [batch, rows, sum] and [batch, sum, columns], then multiplies matrices.
private struct DotProduct: AccumulatorVisitor {
    let input: EvaluationInput

    func visit<Number: Accumulator>(_ type: Number.Type) throws -> HostTensor {
        let (x, y) = (input.operands[0], input.operands[1])
        let axes = DotAxes(input.attributes, ranks: (x.rank, y.rank))
        let left = arranged(x.converted(to: Number.dtype), axes.batch.0 + axes.free.0 + axes.contract.0)
        let right = arranged(y.converted(to: Number.dtype), axes.batch.1 + axes.contract.1 + axes.free.1)
        func size(_ tensor: HostTensor, _ axes: [Int]) -> Int { axes.reduce(1) { $0 * tensor.shape[$1] } }
        let (rows, columns) = (size(x, axes.free.0), size(y, axes.free.1))
        let (batch, depth) = (size(x, axes.batch.0), size(x, axes.contract.0))
        var results = HostTensor(zeros: try input.constantShape(), dtype: Number.dtype)
        try left.withScalars(as: Number.self) { left in
            try right.withScalars(as: Number.self) { right in
                try results.withMutableScalars(as: Number.self) { results in
                    guard let left = left.baseAddress, let right = right.baseAddress, let target = results.baseAddress
                    else { return }
                    for block in 0..<batch {
                        addProduct(
                            left + block * rows * depth, right + block * depth * columns,
                            to: target + block * rows * columns, rows: rows, columns: columns, depth: depth)
                    }
                }
            }
        }
        return results.converted(to: x.dtype)
    }

    /// The tensor with its axes in another order.
    private func arranged(_ x: HostTensor, _ order: [Int]) -> HostTensor {
        if order == Array(x.shape.indices) { return x }
        let strides = rowMajorStrides(x.shape)
        var result = HostTensor(zeros: order.map { x.shape[$0] }, dtype: x.dtype)
        let target = StridedBlock(strides: rowMajorStrides(result.shape))
        copyBlock(result.shape, from: x, StridedBlock(strides: order.map { strides[$0] }), to: &result, target)
        return result
    }
}

/// `results += left · right` for row-major matrices [rows, depth] and [depth, columns]; every sum runs over depth in order.
@inline(__always)
func addProduct<Number: Accumulator>(
    _ left: UnsafePointer<Number>, _ right: UnsafePointer<Number>, to results: UnsafeMutablePointer<Number>,
    rows: Int, columns: Int, depth: Int
) {
    // A block of `right` stays in cache while all rows pass over it.
    let blockDepth = 128
    for start in stride(from: 0, to: depth, by: blockDepth) {
        let end = min(start + blockDepth, depth)
        for row in 0..<rows {
            addRow(
                left + row * depth, right, to: results + row * columns, columns: columns, depths: start..<end)
        }
    }
}

/// Adds the products of `depths` to one row of results: four depths a pass, so that results are loaded and stored once for them.
@inline(__always)
private func addRow<Number: Accumulator>(
    _ factors: UnsafePointer<Number>, _ right: UnsafePointer<Number>, to target: UnsafeMutablePointer<Number>,
    columns: Int, depths: Range<Int>
) {
    var index = depths.lowerBound
    while index + 4 <= depths.upperBound {
        let (a, b) = (factors[index], factors[index + 1])
        let (c, d) = (factors[index + 2], factors[index + 3])
        let first = right + index * columns
        let (second, third, fourth) = (first + columns, first + 2 * columns, first + 3 * columns)
        for column in 0..<columns {
            var sum = target[column]
            sum = Number.sum(sum, Number.product(a, first[column]))
            sum = Number.sum(sum, Number.product(b, second[column]))
            sum = Number.sum(sum, Number.product(c, third[column]))
            target[column] = Number.sum(sum, Number.product(d, fourth[column]))
        }
        index += 4
    }
    while index < depths.upperBound {
        let source = right + index * columns
        for column in 0..<columns {
            target[column] = Number.sum(target[column], Number.product(factors[index], source[column]))
        }
        index += 1
    }
}
