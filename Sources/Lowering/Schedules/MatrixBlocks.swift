import GraphIR
import KernelIR

/// How a product of tiles is cut into blocks: what a task holds, and in which order it works.
///
/// A task splits `columns` columns of the right operand into parts, which stay in its second cache, and multiplies them by all of its
/// rows, 32 at a time. Left parts are split 32 rows at a time just before their use, or come from a copy of all of them.
struct MatrixBlocks {
    /// Columns whose right parts a task holds at a time, a multiple of 32.
    var columns: Int
    /// Rows that are multiplied by those before the next ones, a multiple of 32.
    var rows: Int
    /// The depth that is multiplied at a time where it is not all of it: results are then summed in memory.
    var depth: Int?
    /// Whether blocks of rows are the outer loop, and what threads share.
    var rowsOuter: Bool
    /// Whether tasks split the left operand for themselves; else they read a split copy that was made before. Beside a copy of the
    /// right parts, a task splits all rows of its block, so that each column passes them once.
    var ownLeft: Bool
    /// The same of the right operand.
    var ownRight: Bool
    /// Whether the copy of the right parts stays from call to call.
    var rightIsKept = false

    /// The depth from which it is multiplied in blocks: the parts of 32 columns would not stay in a cache.
    static let deepest = 1024

    /// Whether a task splits all rows of its block before it multiplies them.
    var holdsRows: Bool { ownLeft && !ownRight && depth == nil }

    /// How often each element is split, of a product of m × n × k.
    func splits(_ m: Int, _ n: Int) -> (left: Int, right: Int) {
        func times(_ size: Int, _ block: Int) -> Int { max(1, (size + block - 1) / block) }
        // A copy's parts are written to memory and read again.
        return (
            ownLeft ? times(n, columns) : 2,
            ownRight ? (rowsOuter || depth != nil ? times(m, rows) : 1) : rightIsKept ? 0 : 2
        )
    }
}

/// Blocks, and for how many rows they are.
struct MatrixChoice {
    var rows: Range<Int>
    var blocks: MatrixBlocks
}

extension MatrixForm {
    /// The bytes of parts that stay in a second cache while they are used again and again.
    private static let cached = 5 << 18
    /// The most elements of an operand of which a copy is made beside tasks that could split their own.
    private static let mostCopied = 1 << 20

    /// The blocks for each number of rows in the range of sizes.
    func choices(ranges: [String: ClosedRange<Int>]) -> [MatrixChoice] {
        guard rightIsKept, batch.isEmpty, let depth = paddedDepth,
            let columns = Self.padded(columns.extent)?.constant
        else { return [MatrixChoice(rows: 0..<Int.max, blocks: blocks(ranges: ranges))] }
        // Few rows are split once for all products that they are in, and threads share the columns; of more, each task splits
        // its own, since copies would have to come from beyond the second cache.
        let limit = Self.cached / (depth * precision.bytes) + 1
        let groups = columns / Self.block >= 16 ? 4 : 2
        let few = MatrixBlocks(
            columns: groups * Self.block, rows: 256, depth: nil, rowsOuter: false, ownLeft: false, ownRight: false,
            rightIsKept: true)
        let many = manyRows(depth: depth, columns: columns)
        let possible = rows.extent.bounds(ranges)
        return [MatrixChoice(rows: 0..<limit, blocks: few), MatrixChoice(rows: limit..<Int.max, blocks: many)]
            .filter { $0.rows.overlaps(Range(possible)) }
    }

    /// Blocks of many rows beside kept right parts, which come from beyond the second cache: a task's parts of the left operand stay
    /// in it while all columns pass by; of a deeper one, those of the right operand for a part of the depth.
    private func manyRows(depth: Int, columns: Int) -> MatrixBlocks {
        let bytes = precision.bytes
        var blocks = MatrixBlocks(
            columns: columns, rows: 128, depth: nil, rowsOuter: true, ownLeft: true, ownRight: false,
            rightIsKept: true)
        if blocks.rows * depth * bytes > 1 << 20 {
            let part = 512
            let groups = (columns * part * bytes + Self.cached - 1) / Self.cached
            blocks.columns = ((columns + groups - 1) / groups + Self.block - 1) / Self.block * Self.block
            blocks.rows = 256
            blocks.depth = part
        }
        return blocks
    }

    /// The blocks for the range of sizes: those that cost least of all that leave threads enough to do.
    private func blocks(ranges: [String: ClosedRange<Int>]) -> MatrixBlocks {
        if !batch.isEmpty { return wholeBlocks }
        let known = Self.padded(depth.extent)?.constant
        if let known, known <= MatrixBlocks.deepest {
            let isLong = rows.extent.bounds(ranges).lowerBound >= 2 * Self.block
            return isLong && !staysInCache(known)
                ? cheapestBlocks(depth: nil, ranges: ranges) : copied(ownRight: true, ranges: ranges)
        }
        guard known != nil || depth.extent.bounds(ranges).lowerBound >= 2 * Self.block else {
            return copied(ownRight: false, ranges: ranges)
        }
        return cheapestBlocks(depth: 256, ranges: ranges)
    }

    /// Blocks of one of many products: as many of its columns as keep their parts in a second cache, and all rows that a task has.
    private var wholeBlocks: MatrixBlocks {
        let (rows, depth) = ofTask
        let columns = Self.padded(columns.extent)?.constant ?? 0
        var ownRight = true
        if case .rows = division { ownRight = false }
        let part = depth <= MatrixBlocks.deepest || precision == .int8 ? nil : 256
        let most = max(1, (1 << 19) / ((part ?? depth) * precision.bytes * Self.block)) * Self.block
        return MatrixBlocks(
            columns: min(columns, most), rows: min(rows, 256), depth: part, rowsOuter: false, ownLeft: true,
            ownRight: ownRight)
    }

    /// Whether all left parts stay in a second cache, so that splitting them once is best.
    private func staysInCache(_ depth: Int) -> Bool {
        guard let rows = rows.extent.constant else { return false }
        return rows * depth * precision.bytes <= Self.cached
    }

    /// Blocks with a copy of the left parts: as many columns as keep one larger than a second cache from being read again and
    /// again, while their part of the right one still stays there.
    private func copied(ownRight: Bool, ranges: [String: ClosedRange<Int>]) -> MatrixBlocks {
        let (rows, depth) = (rows.extent.bounds(ranges).upperBound, depth.extent.bounds(ranges).upperBound)
        let bytes = rows.multipliedReportingOverflow(by: depth * precision.bytes)
        let isLarge = bytes.overflow || bytes.partialValue > 1 << 20
        // Tasks enough for several threads come first.
        let group = !isLarge ? 1 : columns.extent.bounds(ranges).lowerBound >= 16 * Self.block ? 4 : 2
        return MatrixBlocks(
            columns: group * Self.block, rows: 256, depth: nil, rowsOuter: false, ownLeft: false, ownRight: ownRight)
    }

    private func cheapestBlocks(depth depthBlock: Int?, ranges: [String: ClosedRange<Int>]) -> MatrixBlocks {
        func typical(_ extent: Dim) -> Int {
            let range = extent.bounds(ranges)
            return max(range.lowerBound, min(1024, range.upperBound))
        }
        let (m, n, k) = (typical(rows.extent), typical(columns.extent), typical(depth.extent))
        let cycles = Double(m) * Double(n) * Double(k) / 8192 * productCycles / 0.75 * Double(precision.products.count)
        let wantedTasks = max(1, min(4, Int(cycles / 400_000)))
        let best = candidates(m, n, k, depthBlock).map { blocks in
            let splits = blocks.splits(m, n)
            let tasks = blocks.rowsOuter ? m / blocks.rows : n / blocks.columns
            return (blocks, missing: max(0, wantedTasks - tasks), cost: splitting(splits, m, n, k))
        }.min { ($0.missing, $0.cost) < ($1.missing, $1.cost) }
        return best?.0 ?? copied(ownRight: false, ranges: ranges)
    }

    /// The blocks whose parts and results stay in a second cache.
    private func candidates(_ m: Int, _ n: Int, _ k: Int, _ depthBlock: Int?) -> [MatrixBlocks] {
        // Copies that a third cache keeps come as fast as tiles are multiplied where there are no registers for them.
        func owned(_ free: Int) -> [Bool] { hasTileRegisters || free * k > Self.mostCopied ? [true] : [true, false] }
        var found: [MatrixBlocks] = []
        for count in [1, 2, 4, 8, 16, 32] {
            let width = ((n + count - 1) / count + Self.block - 1) / Self.block * Self.block
            guard width * (depthBlock ?? k) * precision.bytes <= 1 << 20 || width == Self.block else { continue }
            for height in [128, 256, 512] where depthBlock == nil || height * width * 4 <= 1 << 18 {
                for rowsOuter in [false, true] {
                    for ownLeft in owned(m) {
                        for ownRight in owned(n) {
                            found.append(
                                MatrixBlocks(
                                    columns: width, rows: height, depth: depthBlock, rowsOuter: rowsOuter,
                                    ownLeft: ownLeft, ownRight: ownRight))
                        }
                    }
                }
            }
        }
        return found
    }

    // MARK: Cost

    /// The cycles of splitting m × k left elements and n × k right ones, each so often: with loads and stores, those that lie
    /// across are transposed on the way.
    private func splitting(_ times: (left: Int, right: Int), _ m: Int, _ n: Int, _ k: Int) -> Double {
        let left = leftStride != nil ? 0 : Double(m * times.left) * (leftIsTransposed ? 0.25 : 0.15)
        let right = Double(n * times.right) * (rightIsTransposed ? 0.25 : 0.15)
        // Integers take two passes.
        return (left + right) * Double(k) * Double(hasScales ? 2 : precision.parts)
    }

    /// The size of the one axis that is not constant from which tiles are faster than fused multiply-adds: nil for
    /// never, 0 for always.
    ///
    /// A model in cycles, its factors measured on one processor with AMX: three quarters of the rate of tile products are
    /// reached; 32 fused multiply-adds, of which 85 % are reached; a part of an element split in a fraction of one.
    func threshold(ranges: [String: ClosedRange<Int>]) -> (size: Dim, atLeast: Int)? {
        let extents = [rows.extent, columns.extent, depth.extent]
        let open = extents.filter { $0.constant == nil }
        guard let blocks = choices(ranges: ranges).first?.blocks else { return nil }
        guard let size = open.first else {
            return isFaster(blocks, extents.map { $0.constant ?? 0 }) ? (Dim(0), 0) : nil
        }
        guard open.allSatisfy({ $0 == size }) else { return nil }
        let possible = size.bounds(ranges)
        var trial = 16
        while trial <= possible.upperBound {
            if isFaster(blocks, extents.map { $0.constant ?? trial }) {
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

    private func isFaster(_ blocks: MatrixBlocks, _ sizes: [Int]) -> Bool {
        let (m, n, k) = (Double(sizes[0]), Double(sizes[1]), Double(sizes[2]))
        // Multiply-adds want a large right operand in panels if rows are many, and a transposed one turned.
        let isLarge = m >= 64 && n * k > 262_144
        let copying = n * k * (rightIsTransposed ? (k > 2048 ? 2.5 : 0.5) : isLarge ? 1 : 0)
        let fused = m * n * k / 32 / 0.85 + copying
        return cycles(blocks, sizes) < 0.75 * fused
    }

    /// What a product takes by tiles.
    private func cycles(_ blocks: MatrixBlocks, _ sizes: [Int]) -> Double {
        func whole(_ size: Int, _ step: Int) -> Double { Double((size + step - 1) / step) }
        let steps = whole(sizes[0], Self.block) * whole(sizes[1], Self.block) * whole(sizes[2], precision.tileDepth)
        let splits = splitting(blocks.splits(sizes[0], sizes[1]), sizes[0], sizes[1], sizes[2])
        let products = steps * 4 * productCycles / 0.75 * Double(precision.products.count)
        var times = 1
        if case .depth(let count) = division { times = sizes[2] / count }
        return products + splits + Double(sizes[0] * sizes[1] * times) * 0.3
    }

    /// Whether a product of computed operands takes less time in its precision than in another: integers are dearer to make and
    /// cheaper to multiply.
    func isFaster(than precision: Precision, ranges: [String: ClosedRange<Int>]) -> Bool {
        let sizes = [rows.extent, columns.extent, depth.extent].map { $0.bounds(ranges).upperBound }
        var other = self
        other.precision = precision
        guard let blocks = choices(ranges: ranges).first?.blocks,
            let others = other.choices(ranges: ranges).first?.blocks
        else { return false }
        return cycles(blocks, sizes) < other.cycles(others, sizes)
    }
}
