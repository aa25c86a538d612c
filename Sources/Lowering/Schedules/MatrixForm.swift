import GraphIR
import HostTensors
import KernelIR

/// A contraction as a product of matrices, left [rows, depth] times right [depth, columns], for tiles of bf16 parts or of 8-bit
/// integers.
///
/// Both operands are copied first, each f32 element split into bf16 parts or made an integer, in the order in which tiles read them:
/// * left: blocks of 16 rows × 32 of the depth (64 integers), row by row;
/// * right: blocks of 32 of the depth (64 integers) × 16 columns, 16 columns by 16 columns.
/// A word holds two elements (four integers) that are 16 apart along the depth, so that operands in any layout become words by loads
/// of neighbours. A left operand that lies in memory as bf16, row by row, is not copied: its words are of neighbours along the depth, and then so are
/// the right one's. The parts of a block lie next to each other. Blocks along the axis whose size is a constant are the inner
/// ones, so that every place is a polynomial. Behind integers are the scales of their rows or columns, f32 numbers by their bits.
struct MatrixForm {
    /// The left operand's free axis.
    var rows: LoopAxis
    /// The right operand's free axis: the innermost of the result.
    var columns: LoopAxis
    /// The axis summed over.
    var depth: LoopAxis
    /// The other axes of the result, outermost first: a product of matrices for each of their places.
    var batch: [LoopAxis]
    /// What the products are made of.
    var precision: Precision
    /// Whether operands are numbers of 8 bits already, and results their sums: there are no scales.
    var isWhole: Bool
    /// Whether the left operand is contiguous along its rows axis, not along the depth: a transposed matrix.
    var leftIsTransposed: Bool
    /// Whether the right operand is contiguous along the depth, not along its columns axis: a transposed matrix.
    var rightIsTransposed: Bool

    /// The axes of the batch that the right operand has: a copy of it for each of their places.
    var rightBatch: [LoopAxis]
    /// What a task takes of each product of a batch; nil for all of it.
    var division: MatrixDivision?

    /// Whether the parts of the right operand stay from call to call.
    var rightIsKept = false

    /// From a row of the left operand to the next where tiles are loaded from where it lies; nil where it is copied.
    var leftStride: Int?

    /// What a product of two tiles takes, in cycles.
    let productCycles: Double
    /// Whether tiles are multiplied in registers of their own, so fast that copies would be waited for.
    let hasTileRegisters: Bool

    /// Rows and columns of results that tile registers hold at a time.
    static let block = 32

    /// The largest depth for integers: sums stay far inside i32, and a task's rows in a second cache.
    private static let deepestOfIntegers = 8192

    /// The form of a contraction, or nil where it has none: more axes, other layouts, sizes of which too few are constant.
    init?(
        _ contraction: Contraction, resultShape: [Dim], precision: Precision, isWhole: Bool = false, target: Target
    ) {
        let position = flatten(contraction.indices, resultShape)
        func isFree(_ axis: LoopAxis, of operand: IndexExpression) -> Bool { operand.step(axis.variable) == 0 }
        guard contraction.reduced.count == 1,
            let columns = contraction.outputs.last, position.step(columns.variable) == 1,
            isFree(columns, of: contraction.left),
            let rows = contraction.outputs.last(where: {
                $0.variable != columns.variable && isFree($0, of: contraction.right)
            })
        else { return nil }
        batch = contraction.outputs.filter { $0.variable != columns.variable && $0.variable != rows.variable }
        rightBatch = batch.filter { !isFree($0, of: contraction.right) }
        let depth = contraction.reduced[0]
        let leftIsAlongDepth = contraction.left.step(depth.variable) == 1
        let rightIsAlongDepth = contraction.right.step(depth.variable) == 1
        guard leftIsAlongDepth || contraction.left.step(rows.variable) == 1,
            rightIsAlongDepth || contraction.right.step(columns.variable) == 1,
            columns.extent.constant != nil, depth.extent.constant != nil || rows.extent.constant != nil,
            batch.isEmpty || (depth.extent.constant != nil && rows.extent.constant != nil),
            batch.dropFirst().allSatisfy({ $0.extent.constant != nil })
        else { return nil }
        if precision == .int8 {
            guard let known = depth.extent.constant, known <= Self.deepestOfIntegers else { return nil }
        }
        self.rows = rows
        self.columns = columns
        self.depth = depth
        (self.precision, self.isWhole) = (precision, isWhole)
        (productCycles, hasTileRegisters) = (target.tileProductCycles, target.hasTileRegisters)
        leftIsTransposed = !leftIsAlongDepth
        rightIsTransposed = contraction.right.step(columns.variable) != 1
    }

    /// The form with a left operand that lies in memory as bf16, of which tiles are loaded where whole ones can be.
    func withLeftInPlace(_ left: IndexExpression) -> Self {
        guard precision == .bfloat16, !leftIsTransposed, depth.extent.constant ?? 1 == paddedDepth,
            rows.extent.isMultiple(of: Self.block), let stride = left.step(rows.variable).constant
        else { return self }
        var form = self
        form.leftStride = stride
        return form
    }

    // MARK: Where the parts are

    static func padded(_ extent: Dim) -> Dim? {
        extent.constant.map { Dim(($0 + block - 1) / block * block) }
    }

    /// The depth in whole tiles, where it is a constant.
    var paddedDepth: Int? {
        let step = precision.tileDepth
        return depth.extent.constant.map { ($0 + step - 1) / step * step }
    }

    private static let slack = Dim(block - 1)

    /// Rows or columns in whole blocks.
    private func room(_ free: Dim) -> Dim {
        let padded = batch.isEmpty ? nil : Self.padded(free)
        return padded ?? free + Self.slack
    }

    /// The words of a split operand, with room for whole blocks past its end.
    private func words(_ free: Dim) -> Dim {
        let parts = Dim(precision.parts)
        if let depth = paddedDepth { return room(free) * Dim(depth / precision.elementsPerWord) * parts }
        let free = (Self.padded(free) ?? free).constant ?? 0
        return (Dim(free / 2) * (depth.extent + Self.slack) + Dim(Self.block * Self.block / 2)) * parts
    }

    /// Whether there are scales behind the words of an operand.
    var hasScales: Bool { precision == .int8 && !isWhole }

    private func count(_ free: Dim) -> Dim { words(free) + (hasScales ? room(free) : 0) }

    /// Words of the split left operand.
    var leftCount: Dim { count(rows.extent) }
    /// Words of the split right operand, of all in a batch.
    var rightCount: Dim { Dim.product(rightBatch.map(\.extent)) * rightStride }
    /// Where the scales of integers begin in a copy of the left operand, and in one of the right.
    var leftScales: Dim { words(rows.extent) }
    var rightScales: Dim { rightStart + words(columns.extent) }

    /// The words from one right operand of a batch to the next, in whole lines.
    private var rightStride: Dim {
        let count = count(columns.extent)
        return rightBatch.isEmpty ? count : Dim(((count.constant ?? 0) + 15) / 16 * 16)
    }
    /// Where the right operand begins for a place of the batch.
    private var rightStart: IndexExpression {
        flatten(rightBatch.map { Dim(symbol: $0.variable) }, rightBatch.map(\.extent)) * rightStride
    }

    /// The first word of a part of the block at (row or column, depth), multiples of 16 and of a tile's depth.
    private func place(_ free: LoopAxis, _ at: IndexExpression, _ depthAt: IndexExpression, part: Int)
        -> IndexExpression
    {
        let parts = Dim(precision.parts)
        let inner = Dim(part * 256)
        if let depth = paddedDepth {
            let perWord = precision.elementsPerWord
            return at * Dim(depth / perWord) * parts + depthAt * Dim(16 / perWord) * parts + inner
        }
        let free = (Self.padded(free.extent) ?? free.extent).constant ?? 0
        return depthAt * Dim(free / 2) * parts + at * 16 * parts + inner
    }

    /// Where a part of the left block at (row, depth) begins.
    func left(_ row: IndexExpression, _ depthAt: IndexExpression, part: Int) -> IndexExpression {
        place(rows, row, depthAt, part: part)
    }

    /// Where a part of the right block at (depth, column) begins.
    func right(_ depthAt: IndexExpression, _ column: IndexExpression, part: Int) -> IndexExpression {
        rightStart + place(columns, column, depthAt, part: part)
    }
}
