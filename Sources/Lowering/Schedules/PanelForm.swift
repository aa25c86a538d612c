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
        /// From a copy that the first products leave behind, of a panel those with a block's first rows, of rows those with the first
        /// panel: copying costs what stores and loads beside multiply-adds do.
        case leftBehind
    }

    /// The axis of the left operand's rows, which register tiles read element by element, that of vectors, and that of sums.
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
    /// Whether the left operand's rows, or of a transposed one its depths, lie so that many of them meet in the same lines of a cache.
    var leftMeets: Bool
    /// The block of a task: rows, a multiple of the tile's; columns, a multiple of the panel's.
    var rowBlock = 0
    var columnBlock = 0
    /// The depth that is multiplied at a time where it is not all of it: results are then summed in memory.
    var depthBlock: Int?
    /// Whether blocks of rows are the outer loop, and what threads share.
    var rowsOuter = false
    /// Whether rows and columns are exchanged: rows of the form are columns of the result, its left operand is the contraction's
    /// right one, and results are turned when they are finished.
    var isExchanged = false
    /// Whether the right operand passes by in strips of a few of its rows.
    var streams = false

    /// Whether a block's results lie in memory of the task's own before they are finished: parts of the depth are summed there, and
    /// those of exchanged products turned.
    var keepsSums: Bool { depthBlock != nil || isExchanged }

    /// Whether results are whole squares of as many rows as columns, but for a few columns of the last one, so that they are turned in registers.
    func hasWholeSquares(_ target: Target) -> Bool {
        guard let rows = rows.extent.constant, columns.extent.isMultiple(of: lanes) else { return false }
        return rows % lanes == 0 || (target.hasMaskRegisters && rows % lanes > lanes / 2)
    }

    /// Columns of a panel.
    var width: Int { tile.vectors * lanes }

    /// The rows from which the copies pay, where their number is not known.
    var leastRows: Int { right == .prepared ? 2 * tile.rows : rightIsTransposed ? 8 : right == .leftBehind ? 16 : 24 }

    /// The rows from which the right operand is copied once for all of them.
    private static let many = 768
    /// The rows for which nothing of the right operand is copied.
    private static let few = 32

    /// The depth of a block of a sum over a batch, which may have any size but is mostly one of few.
    private static let batchDepth = 512

    /// The bytes of an operand's block, which stay in a second cache beside those of the other and of the results.
    private static let blockBytes = 3 << 17

    /// The form of a contraction for which it pays, else nil: of operands that are larger than a second cache keeps, or lie so that
    /// register tiles would read them from lines far apart. `rightIsKept` says whether a copy of the right operand stays from
    /// call to call.
    init?(
        _ contraction: Contraction, resultShape: [Dim], target: Target, lanes: Int, rightIsKept: Bool,
        schedule: ContractionSchedule?
    ) {
        guard let matrix = MatrixForm(contraction, resultShape: resultShape, precision: .float32, target: target),
            matrix.batch.isEmpty,
            let plain = PanelForm(
                matrix, isExchanged: false, target: target, lanes: lanes, rightIsKept: rightIsKept, schedule: schedule)
        else { return nil }
        let exchanged = PanelForm(
            matrix, isExchanged: true, target: target, lanes: lanes, rightIsKept: false, schedule: nil)
        if schedule == nil, let exchanged, exchanged.cycles < 0.95 * plain.cycles {
            self = exchanged
            return
        }
        guard schedule.map({ $0.form == .panels }) ?? plain.pays else { return nil }
        self = plain
    }

    /// A form of a contraction of which so few rows are computed that the right operand passes by from beyond the second cache: nil
    /// where it does not.
    init?(few contraction: Contraction, resultShape: [Dim], target: Target, lanes: Int) {
        guard let matrix = MatrixForm(contraction, resultShape: resultShape, precision: .float32, target: target),
            matrix.batch.isEmpty,
            let form = PanelForm(
                matrix, isExchanged: false, target: target, lanes: lanes, rightIsKept: false, schedule: nil, isFew: true
            ),
            form.streams
        else { return nil }
        self = form
    }

    private init?(
        _ matrix: MatrixForm, isExchanged: Bool, target: Target, lanes: Int, rightIsKept: Bool,
        schedule: ContractionSchedule?, isFew: Bool = false
    ) {
        self.isExchanged = isExchanged
        (rows, columns) = isExchanged ? (matrix.columns, matrix.rows) : (matrix.rows, matrix.columns)
        depth = matrix.depth
        leftIsTransposed = isExchanged ? !matrix.rightIsTransposed : matrix.leftIsTransposed
        rightIsTransposed = isExchanged ? !matrix.leftIsTransposed : matrix.rightIsTransposed
        guard let n = columns.extent.constant else { return nil }
        self.lanes = lanes
        let m = rows.extent.constant
        // A sum over a batch is blocked, as a long one.
        let k = depth.extent.constant ?? 2048
        tile = TileShape.fitting(target, lanes: lanes, rows: rows.extent, columns: columns.extent)
            .overridden(by: schedule)
        let staysInCache = k * n * 4 <= 1 << 17 || (n * 4 <= 1024 && k * n * 4 <= 1 << 19)
        leftMeets = leftIsTransposed ? k > 256 : k % 512 == 0
        streams =
            schedule == nil && !rightIsTransposed && !staysInCache
            && (isFew ? n * 4 >= 4096 : (m ?? .max) <= Self.few)
        let isKept = rightIsKept && depth.extent.constant != nil
        // Depths a page apart are copied in whole rows before, as few of a page's lines stay in a first cache, and so are those of more than
        // a thousand pages. A sum over a batch is left behind in blocks.
        let pages = (depth.extent.constant ?? Self.batchDepth) * min(m ?? 1024, 1024) / 1024
        let leavesRowsBehind =
            leftIsTransposed && leftMeets && pages <= 1024 && m.map { $0 >= 64 && $0 % 1024 != 0 } ?? false
        if !rightIsTransposed && (staysInCache || streams) {
            right = .inPlace
        } else if isKept {
            right = .prepared
        } else if leftIsTransposed && (rightIsTransposed ? leftMeets : !leavesRowsBehind) {
            right = (m ?? 0) >= Self.many && depth.extent.constant != nil ? .prepared : .own
        } else {
            // Beside many rows a copy made before costs as little, and is less code.
            right = rightIsTransposed && (m ?? .max) > 256 ? .own : .leftBehind
        }
        left =
            !leftIsTransposed || !leftMeets || m == nil || streams
            ? .inPlace : leavesRowsBehind && [.leftBehind, .inPlace].contains(right) ? .leftBehind : .own
        if streams {
            tile = TileShape.streaming(target, lanes: lanes, rows: m, columns: n)
            chooseStrips(n, k)
        } else if leftIsTransposed && left != .leftBehind && right != .leftBehind {
            chooseBlocks(m, n, k)
        } else {
            if schedule == nil, leftMeets || (right == .leftBehind && !rightIsTransposed) {
                tile.rows = Self.rowsInPlace(m, most: tile.rows)
            }
            chooseTasks(m, n, k)
        }
    }

    /// So few rows that their lines do not push each other out of a first cache, however far apart they are.
    private static func rowsInPlace(_ rows: Int?, most: Int) -> Int {
        let most = min(most, 8)
        return rows.map { evenly($0, most, 1) } ?? most
    }

    /// Whether the form pays where operands would else be read where they are.
    private var pays: Bool {
        guard !streams, let n = columns.extent.constant else { return streams }
        let k = depth.extent.constant ?? 2048
        guard let m = rows.extent.constant else {
            return rightIsTransposed ? n >= lanes && k >= lanes : right != .inPlace && n >= 64 && k >= 64
        }
        return rightIsTransposed
            ? m >= 8 && n >= lanes / 2 && k >= (n * k <= lanes * lanes ? lanes / 2 : lanes)
            : m >= 64 && n >= 64 && k >= 64 && (right != .inPlace || leftMeets || m * k * 4 > 1 << 19)
    }

    /// What it takes, in cycles of a processor with two multiply-adds of `lanes` numbers in each, measured on one with AVX-512.
    private var cycles: Double {
        let (m, n) = (Double(rows.extent.constant ?? 256), columns.extent.constant ?? 0)
        let k = Double(depth.extent.constant ?? 2048)
        let wholeColumns = Double((n + lanes - 1) / lanes * lanes)
        let products = m * wholeColumns * k / Double(2 * lanes) / 0.93
        // Transposing takes longer in pieces of two lines, and where a panel does not stay in a first cache.
        let transposed = rightIsTransposed && right != .prepared ? Double(n) * k : 0
        let isAligned = depth.extent.isMultiple(of: lanes)
        let transposing = 0.15 + (isAligned ? 0 : 0.1) + (Double(width) * k > 0x1p14 ? 0.15 : 0)
        let copied = transposed * (right == .leftBehind ? transposing : 0.4)
        let turned = isExchanged ? m * Double(n) * 0.3 + 150 : 0
        // Elements of a left operand in the order of its rows are far apart for a tile.
        let isApart = leftIsTransposed && rows.extent.constant.map { $0 > 16 } ?? true
        let apart = isApart ? m * k * 0.1 : 0
        return products + copied + turned + apart
    }

    /// Whether it is faster to read both operands along the depth, where they are contiguous, and to add up the lanes of each sum: nothing is copied, and
    /// few columns leave no lanes idle.
    var sumsInLanesAreFaster: Bool {
        guard lanes >= 16, !leftIsTransposed, rightIsTransposed, let m = rows.extent.constant,
            let n = columns.extent.constant, let k = depth.extent.constant
        else { return false }
        let vectors = (k + lanes - 1) / lanes
        // Vectors across two lines take longer, as do operands that come from beyond a cache: ten rows from the first, all from the second.
        var products = Double(vectors) / 2 * (k % lanes == 0 ? 1.05 : 1.2)
        if k > 1200 { products *= 1.5 } else if max(m, n) * k > 1 << 18 { products *= 1.3 }
        return Double(m * n) * (products + 2) < cycles
    }

    /// Strips of the right operand: so few of its rows at a time that a processor fetches each ahead by itself. All rows of the left
    /// one meet a strip before the next; where one register tile has them all, longer strips store sums less often.
    private mutating func chooseStrips(_ n: Int, _ k: Int) {
        let typical = rows.extent.constant ?? 4 * tile.rows
        depthBlock = min(typical <= tile.rows ? 128 : 32, k)
        rowBlock = Self.evenly(typical, typical, tile.rows)
        let isShared = typical * n * k > 1 << 22
        columnBlock = Self.evenly(n, isShared ? max(512, (n + 3) / 4) : 4096, width)
    }

    /// What tasks are where rows of the left operand are read where they are or left behind: panels, for all rows, so that each is copied and read once; or
    /// blocks of rows, for each of which all panels are copied once more.
    private mutating func chooseTasks(_ m: Int?, _ n: Int, _ k: Int) {
        // A panel stays in a second cache for 2048 rows of it. A sum over a batch, which may have any size, is mostly one of few.
        if depth.extent.constant == nil {
            depthBlock = Self.batchDepth
        } else if k > (left == .leftBehind ? 1024 : 2048) {
            depthBlock = Self.evenly(k, 1024, 16)
        }
        // Rows that pass by for every panel come from a cache.
        let most = max(128, (1 << (left == .leftBehind ? 18 : 20)) / k)
        rowBlock = Self.evenly(m ?? 256, most, tile.rows)
        columnBlock = width
        guard let m else { return }
        // What the thread with most to do takes, of all that would be divided evenly; little work is one thread's.
        let threads = m * n * k > 1 << 22 ? [1, 2, 4] : [1]
        func share(_ size: Int, _ block: Int) -> Double {
            let tasks = (size + block - 1) / block
            let most = threads.map { threads in min(size, (tasks + threads - 1) / threads * block) * threads }
            return Double(most.reduce(0, +)) / Double(most.count * size)
        }
        // A copy of the panels takes as long as the products of so many rows.
        let copying: Double = right == .own || rightIsTransposed ? 13 : right == .leftBehind ? 6 : 1
        func cost(_ block: Int) -> Double { share(m, block) * (1 + copying / Double(block)) }
        let blocks = [1, 2, 4, 6, 8].map { Self.evenly(m, min(most, (m + $0 - 1) / $0), tile.rows) }
        guard let best = blocks.min(by: { cost($0) < cost($1) }) else { return }
        guard left == .leftBehind || m > 2 * most || cost(best) < share(n, width) else { return }
        (rowBlock, rowsOuter) = (best, true)
        columnBlock = keepsSums ? max(width, (1 << 17) / rowBlock / width * width) : (n + width - 1) / width * width
        columnBlock = Self.evenly(n, columnBlock, width)
    }

    /// Blocks of even size for a transposed left operand, in the order in which the least is copied and read again.
    private mutating func chooseBlocks(_ m: Int?, _ n: Int, _ k: Int) {
        // Beside panels of all of the right operand, few rows of the left one are copied once for many columns.
        let isSplit = right == .prepared && left == .own
        let deepest = left == .own && !isSplit ? 512 : 1024
        if k > deepest { depthBlock = Self.evenly(k, isSplit ? 1024 : left == .own ? 384 : 512, 16) }
        let height = min(Self.blockBytes / 4 / (depthBlock ?? k), 256)
        let typical = m ?? 256
        let rowBlock = Self.evenly(typical, min(height, isSplit ? 84 : height) / tile.rows * tile.rows, tile.rows)
        let columnBlock = Self.evenly(n, isSplit ? 1024 : height / width * width, width)
        // Where there is work enough for several threads, a product that is a few blocks is cut in four, six or eight: an odd one would
        // leave every second thread without work. In more than that only if the other operand, of `other` rows or columns, stays in a
        // second cache: it passes by once more for each.
        let isShared = typical * n * k > 1 << 22
        func cut(_ size: Int, _ block: Int, _ step: Int, other: Int) -> Int {
            let count = (size + block - 1) / block
            guard isShared, count < 8 else { return block }
            let counts = [4, 6, 8].filter { $0 >= count }.prefix(other * k * 4 < 1 << 20 ? 3 : 1)
            let cuts = counts.map { Self.evenly(size, (size + $0 - 1) / $0, step) }
            // What the thread with more has to do; a block more costs a hundredth.
            func share(_ block: Int) -> Double {
                let blocks = (size + block - 1) / block
                return Double((blocks + 1) / 2 * block) * (1 + Double(blocks) / 100)
            }
            return cuts.min { share($0) < share($1) } ?? block
        }
        var columnsOuter = self
        (columnsOuter.rowBlock, columnsOuter.columnBlock) = (rowBlock, cut(n, columnBlock, width, other: typical))
        var rowsOuter = self
        (rowsOuter.rowBlock, rowsOuter.columnBlock) = (cut(typical, rowBlock, tile.rows, other: n), columnBlock)
        rowsOuter.rowsOuter = true
        let rowsCostLess = rowsOuter.moved(typical, n, k) < columnsOuter.moved(typical, n, k)
        self = m != nil && rowsCostLess ? rowsOuter : columnsOuter
    }

    /// The least blocks that are as many as blocks of `most` would be, in whole steps.
    private static func evenly(_ size: Int, _ most: Int, _ step: Int) -> Int {
        let blocks = max(1, (size + max(step, most) - 1) / max(step, most))
        return ((size + blocks - 1) / blocks + step - 1) / step * step
    }

    /// The elements that are copied, and a quarter of those that are read again for each block of the other operand.
    private func moved(_ m: Int, _ n: Int, _ k: Int) -> Int {
        let rowTimes = (m + rowBlock - 1) / rowBlock
        let columnTimes = (n + columnBlock - 1) / columnBlock
        let leftTimes = rowsOuter && !keepsSums ? 1 : columnTimes
        let rightTimes = !rowsOuter && !keepsSums ? 1 : rowTimes
        let copies = (left == .own ? m * k * leftTimes : 0) + (right == .own ? n * k * rightTimes : 0)
        let again = rowsOuter ? n * k * rowTimes : m * k * columnTimes
        return copies + again / 4
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

    /// The copy that products with the same right operand share.
    func copy(of root: GraphOp, through transpose: GraphOp?) -> SplitCopy {
        let axes = root.attributes.intLists("contract")[1] + root.attributes.intLists("batch")[1]
        let order = transpose?.attributes.ints("permutation") ?? []
        return SplitCopy(
            value: transpose?.operands[0] ?? root.operands[1],
            layout: "panels of \(width) by \(preparedDepth), axes \(axes) of \(order)", condition: nil)
    }

    /// Where the panel of a column (a multiple of the width) has its row at a depth, in a prepared operand.
    func prepared(_ depthAt: IndexExpression, _ column: IndexExpression) -> IndexExpression {
        column * Dim(preparedDepth) + depthAt * Dim(width)
    }

    /// The same of a task's own copy, both counted from the beginning of its block.
    func ownRight(_ depthAt: IndexExpression, _ column: IndexExpression) -> IndexExpression {
        column * Dim(blockDepth) + depthAt * Dim(width)
    }

    /// The elements of a task's own copies of the right operand.
    var ownRightCount: Int { (right == .leftBehind ? width : columnBlock) * blockDepth }

    /// The elements of a task's own copy of a transposed left operand.
    var ownLeftCount: Int { rowBlock * leftStride }

    /// A register tile's rows lie together for each depth, and this is the share of one in what a tile takes.
    private var leftStride: Int {
        ((blockDepth * ownLeftWidth + tile.rows - 1) / tile.rows + 15) / 16 * 16
    }

    /// The elements that a depth of a register tile takes in the copy: whole vectors, where the copy is made before.
    var ownLeftWidth: Int { left == .leftBehind ? tile.rows : (tile.rows + lanes - 1) / lanes * lanes }

    /// Where an element is in it, counted from the beginning of the block; `step` is the first row of a register tile.
    func ownLeft(_ depthAt: IndexExpression, step: IndexExpression, row: IndexExpression) -> IndexExpression {
        step * Dim(leftStride) + depthAt * Dim(ownLeftWidth) + row
    }
}
