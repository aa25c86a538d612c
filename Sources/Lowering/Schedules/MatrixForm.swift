import GraphIR
import HostTensors
import KernelIR

/// A contraction as a product of matrices, left [rows, depth] times right [depth, columns], for tiles of bf16 parts.
///
/// Both operands are copied first, each f32 element split into bf16 parts, in the order in which tiles read them:
/// * left: blocks of 16 rows × 32 of the depth, row by row;
/// * right: blocks of 32 of the depth × 16 columns, 16 columns by 16 columns.
/// A word holds two elements that are 16 apart along the depth, so that operands in any layout become words by loads of
/// neighbours. The parts of a block lie next to each other. Blocks along the axis whose size is a constant are the inner
/// ones, so that every place is a polynomial.
struct MatrixForm {
    /// The left operand's free axis.
    var rows: LoopAxis
    /// The right operand's free axis: the innermost of the result.
    var columns: LoopAxis
    /// The axis summed over.
    var depth: LoopAxis
    /// What the products are made of.
    var precision: Precision
    /// Whether the left operand is contiguous along its rows axis, not along the depth: a transposed matrix.
    var leftIsTransposed: Bool
    /// Whether the right operand is contiguous along the depth, not along its columns axis: a transposed matrix.
    var rightIsTransposed: Bool

    /// Rows and columns of results that tile registers hold at a time.
    static let block = 32

    /// Rows that are multiplied by all columns before the next ones, where rows are the outer loop.
    let rowBlock = 256

    /// The depth that a task splits before it multiplies, where it is not all of it: results are then summed in memory.
    static let depthBlock = 1024

    /// Whether blocks of rows are the outer loop, because the whole left operand would not stay in a second cache while
    /// columns pass by.
    var rowsOuter: Bool {
        guard let rows = rows.extent.constant, let depth = depth.extent.constant, rows > rowBlock else { return false }
        return rows * depth * precision.parts * 2 > 1 << 20
    }

    /// The form of a contraction, or nil where it has none: more axes, other layouts, sizes of which too few are constant.
    init?(_ contraction: Contraction, resultShape: [Dim], precision: Precision) {
        let position = flatten(contraction.indices, resultShape)
        guard contraction.outputs.count == 2, contraction.reduced.count == 1,
            let columns = contraction.outputs.last, let rows = contraction.outputs.first,
            position.step(columns.variable) == 1,
            contraction.left.step(columns.variable) == 0, contraction.right.step(rows.variable) == 0
        else { return nil }
        let depth = contraction.reduced[0]
        let leftIsAlongDepth = contraction.left.step(depth.variable) == 1
        let rightIsAlongDepth = contraction.right.step(depth.variable) == 1
        guard leftIsAlongDepth || contraction.left.step(rows.variable) == 1,
            rightIsAlongDepth || contraction.right.step(columns.variable) == 1,
            columns.extent.constant != nil, depth.extent.constant != nil || rows.extent.constant != nil
        else { return nil }
        self.rows = rows
        self.columns = columns
        self.depth = depth
        self.precision = precision
        leftIsTransposed = !leftIsAlongDepth
        rightIsTransposed = contraction.right.step(columns.variable) != 1
    }

    // MARK: Where the parts are

    private static func padded(_ extent: Dim) -> Dim? {
        extent.constant.map { Dim(($0 + block - 1) / block * block) }
    }

    /// The words of a split operand, with room for whole blocks past its end.
    private func count(_ free: Dim) -> Dim {
        let parts = Dim(precision.parts)
        let slack = Dim(Self.block - 1)
        if let depth = Self.padded(depth.extent)?.constant { return (free + slack) * Dim(depth / 2) * parts }
        let free = (Self.padded(free) ?? free).constant ?? 0
        return (Dim(free / 2) * (depth.extent + slack) + Dim(Self.block * Self.block / 2)) * parts
    }

    /// Words of the split left operand.
    var leftCount: Dim { count(rows.extent) }
    /// Words of the split right operand.
    var rightCount: Dim { count(columns.extent) }

    /// The first word of a part of the block at (row or column, depth), multiples of 16 and 32.
    private func place(_ free: LoopAxis, _ at: IndexExpression, _ depthAt: IndexExpression, part: Int)
        -> IndexExpression
    {
        let parts = Dim(precision.parts)
        let inner = Dim(part * 256)
        if let depth = Self.padded(depth.extent)?.constant {
            return at * Dim(depth / 2) * parts + depthAt * 8 * parts + inner
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
        place(columns, column, depthAt, part: part)
    }

    /// Blocks of columns that a block of rows is multiplied by before the next one: as many as keep a left operand larger than a
    /// second cache from being read again and again, while their part of the right one still stays there.
    func columnGroup(ranges: [String: ClosedRange<Int>]) -> Int {
        let (rows, depth) = (rows.extent.bounds(ranges).upperBound, depth.extent.bounds(ranges).upperBound)
        let isLarge = rows.multipliedReportingOverflow(by: depth * precision.parts * 2)
        guard !rowsOuter, !sumsInMemory, isLarge.overflow || isLarge.partialValue > 1 << 20 else { return 1 }
        // Tasks enough for several threads come first.
        return columns.extent.bounds(ranges).lowerBound >= 16 * Self.block ? 4 : 2
    }

    /// The depth that a task splits for itself, 32 columns at a time; nil when the right operand is split once, before, because
    /// the parts would not stay in cache or their number is not known.
    var panelDepth: Int? {
        guard !rowsOuter, let depth = Self.padded(depth.extent)?.constant else { return nil }
        return min(depth, Self.depthBlock)
    }

    /// Whether the depth is multiplied in blocks.
    var sumsInMemory: Bool {
        guard let panelDepth, let depth = Self.padded(depth.extent)?.constant else { return false }
        return depth > panelDepth
    }

    /// The words of a panel.
    var panelCount: Int { (panelDepth ?? 0) * Self.block * precision.parts / 2 }

    /// Where a part of the right block at (depth, column of the panels: a multiple of 32, and a half) begins in a task's own panels.
    func panel(_ depthAt: IndexExpression, _ block: IndexExpression, _ half: Int, part: Int) -> IndexExpression {
        let panel = block * Dim(panelCount / Self.block)
        return panel + (depthAt * 16 + Dim(half * 256)) * Dim(precision.parts) + Dim(part * 256)
    }
}

extension MatrixForm {
    /// The size of the one axis that is not constant from which tiles are faster than fused multiply-adds: nil for
    /// never, 0 for always.
    ///
    /// A model in cycles, its factors measured on one processor with AMX: a product of tiles 16, of which three quarters are
    /// reached; 32 fused multiply-adds, of which 85 % are reached; a part of an element split in a fraction of one.
    func threshold(ranges: [String: ClosedRange<Int>]) -> (size: Dim, atLeast: Int)? {
        let extents = [rows.extent, columns.extent, depth.extent]
        let open = extents.filter { $0.constant == nil }
        guard let size = open.first else { return isFaster(extents.map { $0.constant ?? 0 }) ? (Dim(0), 0) : nil }
        guard open.allSatisfy({ $0 == size }) else { return nil }
        let possible = size.bounds(ranges)
        var trial = 16
        while trial <= possible.upperBound {
            if isFaster(extents.map { $0.constant ?? trial }) {
                return trial <= possible.lowerBound ? (Dim(0), 0) : (size, trial)
            }
            trial += 16
            if trial > 1024 { return nil }
        }
        return nil
    }

    /// The same where tiles are wanted: from one block on.
    var wanted: (size: Dim, atLeast: Int)? {
        guard let open = [rows.extent, columns.extent, depth.extent].first(where: { $0.constant == nil }) else {
            return (Dim(0), 0)
        }
        return (open, Self.block)
    }

    private func isFaster(_ sizes: [Int]) -> Bool {
        let (m, n, k) = (Double(sizes[0]), Double(sizes[1]), Double(sizes[2]))
        func whole(_ size: Double, _ block: Double) -> Double { (size / block).rounded(.up) * block }
        // Multiply-adds want a large right operand in panels, and a transposed one turned.
        let isLarge = n * k > 262_144
        let copying = n * k * (rightIsTransposed ? (k > 2048 ? 2.5 : 0.5) : isLarge ? 1 : 0)
        let fused = m * n * k / 32 / 0.85 + copying
        let products = whole(m, 32) * whole(n, 32) * whole(k, 32) / 8192 * 16 / 0.75 * Double(precision.products.count)
        // What tasks split for themselves stays in a cache; else the parts are written to memory and read again.
        let right = (rightIsTransposed ? 0.33 : 0.25) * (panelDepth == nil ? 2 : 1)
        let splitting = (m * k * (leftIsTransposed ? 0.4 : 0.2) + n * k * right) * Double(precision.parts)
        return products + splitting + m * n * 0.3 < 0.75 * fused
    }
}
