import GraphIR
import KernelIR

/// A product of matrices by fused multiply-adds, cut into blocks whose operands stay in a second cache while they are used again
/// and again, and lie there as register tiles read them.
///
/// A panel holds as many columns of the right operand as a register tile has, one row after another: read where it is, the rows
/// of a large operand would lie a page or more apart, and a transposed one has none.
struct PanelForm {
    /// Where products read an operand.
    enum Source {
        /// Where it is.
        case inPlace
        /// From the task's own copy of a block.
        case own
        /// From a copy of all of it, made before.
        case prepared
    }

    var rows: LoopAxis
    var columns: LoopAxis
    var depth: LoopAxis
    /// Rows in registers, and vectors of columns.
    var tile: TileShape
    var lanes: Int
    /// Whether the left operand is contiguous along rows, and the right one along the depth.
    var leftIsTransposed: Bool
    var rightIsTransposed: Bool
    var left: Source
    var right: Source
    /// The block of a task: rows, a multiple of the tile's; columns, a multiple of the panel's.
    var rowBlock = 0
    var columnBlock = 0
    /// The depth that is multiplied at a time where it is not all of it: results are then summed in memory.
    var depthBlock: Int?
    /// Whether blocks of rows are the outer loop, and what threads share.
    var rowsOuter = false

    /// Columns of a panel.
    var width: Int { tile.vectors * lanes }

    /// The rows from which the copies pay, where their number is not known.
    var leastRows: Int { right == .prepared ? 2 * tile.rows : rightIsTransposed ? 8 : 24 }

    /// The bytes of an operand's block, which stay in a second cache beside those of the other and of the results.
    private static let blockBytes = 1 << 18

    /// The form of a contraction for which it pays, else nil: of operands that are larger than a second cache keeps, or lie so that
    /// register tiles would read them from lines far apart. `rightIsKept` says whether a copy of the right operand stays from
    /// call to call.
    init?(
        _ contraction: Contraction, resultShape: [Dim], target: Target, lanes: Int, rightIsKept: Bool,
        schedule: ContractionSchedule?
    ) {
        guard let matrix = MatrixForm(contraction, resultShape: resultShape, precision: .float32),
            matrix.batch.isEmpty, let n = matrix.columns.extent.constant
        else { return nil }
        (rows, columns, depth) = (matrix.rows, matrix.columns, matrix.depth)
        (leftIsTransposed, rightIsTransposed) = (matrix.leftIsTransposed, matrix.rightIsTransposed)
        self.lanes = lanes
        tile = TileShape.fitting(target, lanes: lanes, rows: rows.extent, columns: columns.extent)
            .overridden(by: schedule)
        let m = rows.extent.constant
        // A sum over a batch is blocked, as a long one.
        let k = depth.extent.constant ?? 2048
        let staysInCache = k * n * 4 <= 1 << 17 || (n * 4 <= 1024 && k * n * 4 <= 1 << 19)
        let leftMeets = leftIsTransposed ? k > 256 : k % 1024 == 0
        right =
            !rightIsTransposed && staysInCache
            ? .inPlace : rightIsKept && depth.extent.constant != nil ? .prepared : .own
        left = leftMeets && m != nil ? .own : .inPlace
        let pays: Bool
        if let m {
            pays =
                rightIsTransposed
                ? m >= 8 && n >= lanes && k >= lanes
                : m >= 64 && n >= 64 && k >= 64
                    && (right != .inPlace || left == .own || m * k * 4 > 1 << 19)
        } else {
            pays = rightIsTransposed ? n >= lanes && k >= lanes : right != .inPlace && n >= 64 && k >= 64
        }
        guard schedule.map({ $0.form == .panels }) ?? pays else { return nil }
        chooseBlocks(m, n, k)
    }

    /// Blocks of even size, and the order in which the least is copied.
    private mutating func chooseBlocks(_ m: Int?, _ n: Int, _ k: Int) {
        func evenly(_ size: Int, _ most: Int, _ step: Int) -> Int {
            let blocks = max(1, (size + max(step, most) - 1) / max(step, most))
            return ((size + blocks - 1) / blocks + step - 1) / step * step
        }
        let deepest = left == .own ? 512 : 1024
        if k > deepest { depthBlock = evenly(k, left == .own ? 384 : 512, 16) }
        let height = Self.blockBytes / 4 / (depthBlock ?? k)
        let typical = m ?? 256
        rowBlock = evenly(typical, min(height, 256) / tile.rows * tile.rows, tile.rows)
        columnBlock = evenly(n, min(height, 256) / width * width, width)
        func times(_ size: Int, _ block: Int) -> Int { (size + block - 1) / block }
        let (leftTimes, rightTimes) = (times(n, columnBlock), times(typical, rowBlock))
        let copiesOfRight = right == .own ? k * n : 0
        let copiesOfLeft = left == .own ? typical * k : 0
        if depthBlock != nil {
            rowsOuter = m != nil && times(typical, rowBlock) >= times(n, columnBlock)
        } else {
            rowsOuter =
                m != nil
                && copiesOfLeft + rightTimes * copiesOfRight + k * n * rightTimes / 4
                    < leftTimes * copiesOfLeft + copiesOfRight + typical * k * leftTimes / 4
        }
        // A product that is one block is cut in four, where there is work enough for several threads.
        guard typical * n * k > 1 << 22, times(rowsOuter ? typical : n, rowsOuter ? rowBlock : columnBlock) == 1
        else { return }
        if rowsOuter {
            rowBlock = evenly(typical, (typical + 3) / 4, tile.rows)
        } else {
            columnBlock = evenly(n, (n + 3) / 4, width)
        }
    }

    /// The depth of a block, with room for whole vectors of a transposed operand.
    var blockDepth: Int {
        let depth = depthBlock ?? depth.extent.constant ?? 0
        return (depth + lanes - 1) / lanes * lanes
    }

    // MARK: Where copies are

    /// The elements of all panels of a prepared right operand.
    var preparedCount: Dim {
        let columns = columns.extent.constant ?? 0
        return Dim((columns + width - 1) / width * width * preparedDepth)
    }

    private var preparedDepth: Int {
        let depth = depth.extent.constant ?? 0
        return rightIsTransposed ? (depth + lanes - 1) / lanes * lanes : depth
    }

    /// Where the panel of a column (a multiple of the width) has its row at a depth, in a prepared operand.
    func prepared(_ depthAt: IndexExpression, _ column: IndexExpression) -> IndexExpression {
        column * Dim(preparedDepth) + depthAt * Dim(width)
    }

    /// The same of a task's own copy, both counted from the beginning of its block.
    func ownRight(_ depthAt: IndexExpression, _ column: IndexExpression) -> IndexExpression {
        column * Dim(blockDepth) + depthAt * Dim(width)
    }

    /// The elements of a task's own copy of the left operand: rows, a little further apart than a multiple of many lines, so that
    /// they do not meet in the same ones of a cache, and with room for whole vectors of them.
    var ownLeftCount: Int { (rowBlock + lanes - 1) / lanes * lanes * leftStride }
    private var leftStride: Int { (blockDepth + 15) / 16 * 16 + 16 }

    /// Where an element is in it, both counted from the beginning of the block.
    func ownLeft(_ depthAt: IndexExpression, row: IndexExpression) -> IndexExpression {
        row * Dim(leftStride) + depthAt
    }
}
