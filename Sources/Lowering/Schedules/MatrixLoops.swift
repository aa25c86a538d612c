import GraphIR
import KernelIR

/// The loops of a product of tiles, and where the parts of its operands are.
struct MatrixLoops {
    let form: MatrixForm
    let blocks: MatrixBlocks
    /// The variables within a block: of 32 rows, of 32 columns, of a row and of a column in those.
    let pair: String
    let panel: String
    let row: String
    let lane: String
    /// Buffers of the parts, and the operands where tasks split them.
    var leftBuffer = 0
    var rightBuffer = 0
    var left: SplitOperand?
    var right: SplitOperand?
    /// An element of the left operand where its tiles are loaded from where it lies.
    var leftInPlace: IndexExpression?
    /// Where a task has a block of a sum: the axis of the blocks, which add to the same results in order.
    var sums: LoopAxis?

    var firstRow: IndexExpression { Dim(symbol: form.rows.variable) + Dim(symbol: pair) }
    var column: IndexExpression { Dim(symbol: form.columns.variable) + Dim(symbol: panel) }

    /// The depth of what tasks split for themselves.
    private var ownDepth: Int { blocks.depth ?? form.paddedDepth ?? 0 }

    /// The rows whose parts a task holds, and where those at hand begin among them.
    var ownRows: Int { blocks.holdsRows ? blocks.rows : MatrixForm.block }
    var ownRow: IndexExpression { blocks.holdsRows ? Dim(symbol: pair) : 0 }

    /// The words of so many rows or columns that a task splits for itself.
    func ownCount(_ free: Int) -> Int { free * ownDepth * form.precision.parts / form.precision.elementsPerWord }

    /// The scales of so many rows or columns.
    func ownScales(_ free: Int) -> Int { form.hasScales ? free : 0 }

    /// Where the scales of the rows at hand begin, and those of the columns.
    var leftScales: IndexExpression {
        left == nil ? form.leftScales + firstRow : Dim(ownCount(ownRows)) + ownRow
    }
    var rightScales: IndexExpression {
        right == nil ? form.rightScales + column : Dim(ownCount(blocks.columns)) + Dim(symbol: panel)
    }

    /// Where a task's own parts begin, of the half of a block of 32 rows or columns (`at` is a multiple of 32), at a depth.
    func own(_ depth: IndexExpression, _ at: IndexExpression, _ half: Int, _ part: Int) -> IndexExpression {
        let words = depth * Dim(32 / form.precision.elementsPerWord) + Dim(half * 256)
        return at * Dim(ownCount(1)) + words * Dim(form.precision.parts) + Dim(part * 256)
    }

    /// An operation on each register of results, at its place in a block of 32 × 32 whose rows are `stride` apart.
    func overRegisters(
        _ stride: Int = MatrixForm.block, _ operation: (_ register: Int, _ at: IndexExpression) -> TileOperation
    ) -> [KernelStatement] {
        (0..<4).map { .tile(operation($0, Dim($0 / 2 * 16 * stride + $0 % 2 * 16))) }
    }

    /// The part of the depth that counts for a block of results; `step` runs through what is multiplied at a time, where that is not all.
    func window(of contraction: Contraction, within step: String? = nil) -> LoopWindow? {
        var contraction = contraction
        let k = Dim(symbol: form.depth.variable)
        contraction.margins = contraction.margins.map {
            $0.substituting(form.rows.variable, by: firstRow).substituting(form.columns.variable, by: column)
                .substituting(form.depth.variable, by: step.map { k + Dim(symbol: $0) } ?? k)
        }
        return contraction.window(
            of: step ?? form.depth.variable, blocks.depth.map { Dim($0) } ?? form.depth.extent,
            tiles: [(pair, MatrixForm.block), (panel, MatrixForm.block)])
    }

    /// The part of the depth of rows of the left operand that blocks of results read; nil for all of it.
    func leftWindow(of contraction: Contraction, within step: String? = nil) -> LoopWindow? {
        let isOfRows = contraction.margins.allSatisfy { $0.step(form.columns.variable) == 0 }
        guard contraction.margins.count == 1, isOfRows else { return nil }
        return window(of: contraction, within: step)
    }

    /// An element of the left operand where it lies.
    func leftPlace(_ row: IndexExpression, _ depth: IndexExpression) -> IndexExpression? {
        leftInPlace?.substituting(form.depth.variable, by: depth).substituting(form.rows.variable, by: row)
    }

    // MARK: What is asked for ahead

    /// The next 32 rows of the left operand, a share for each block of columns.
    func nextRows(depth: IndexExpression) -> [KernelStatement] {
        let next = firstRow + Dim(MatrixForm.block)
        if let stride = form.leftStride, stride % MatrixForm.block == 0 {
            // A row's step of the depth is a line; there may be few blocks of columns, but what other threads wrote comes late.
            let share = Dim(symbol: panel) * Dim(stride / MatrixForm.block)
            let rows = Swift.stride(from: 0, to: MatrixForm.block, by: max(1, blocks.columns / MatrixForm.block))
            return rows.compactMap { row in
                leftPlace(next + Dim(row), depth).map { .prefetch(leftBuffer, $0 + share) }
            }
        }
        // Integers' scales are found in all of a row first.
        guard let left, !blocks.holdsRows, !form.hasScales else { return [] }
        return ahead(
            left, free: next, depth: depth, share: panel,
            of: blocks.columns / MatrixForm.block)
    }

    /// The next part of the depth of the right operand, a share for each block of rows.
    func nextDepth(depth: IndexExpression) -> [KernelStatement] {
        guard let right, let step = blocks.depth else { return [] }
        return ahead(
            right, free: column, depth: depth + Dim(step), share: pair, of: blocks.rows / MatrixForm.block)
    }

    /// What is read and written when a block of results is finished, a share for each step of the depth; `buffers` are those that are not a task's
    /// own, with the elements of a line.
    func finished(by statement: KernelStatement?, in buffers: [(number: Int, line: Int)]) -> [KernelStatement] {
        guard let statement else { return [] }
        let stepSize = form.precision.tileDepth
        let steps = (form.depth.extent.constant ?? 0) / stepSize
        return buffers.flatMap { buffer, line in
            Set(statement.offsets(of: [buffer])).sorted { $0.description < $1.description }.flatMap { index in
                index.step(lane) == 1
                    ? ahead(buffer, index, line: line, share: form.depth.variable, by: stepSize, of: steps) : []
            }
        }
    }

    private func ahead(
        _ operand: SplitOperand, free: IndexExpression, depth: IndexExpression, share: String, of count: Int
    ) -> [KernelStatement] {
        let (r, v) = (Dim(symbol: row), Dim(symbol: lane))
        let index = operand.index
            .substituting(operand.depth.variable, by: depth + (operand.isAlongDepth ? v : r))
            .substituting(operand.free.variable, by: free + (operand.isAlongDepth ? r : v))
        return ahead(operand.buffer, index, share: share, of: count)
    }

    /// One of `count` shares of the lines of 32 rows of 32 elements; `share` runs through the multiples of `size` below `size` · `count`.
    private func ahead(
        _ buffer: Int, _ index: IndexExpression, line: Int = 16, share: String, by size: Int = MatrixForm.block,
        of count: Int
    ) -> [KernelStatement] {
        let step = index.step(row).constant ?? 0
        guard count >= 4, step > 0, step % size == 0 else { return [] }
        return stride(from: 0, to: MatrixForm.block, by: count).flatMap { at in
            stride(from: 0, to: MatrixForm.block, by: line).map { within in
                let place = index.substituting(row, by: Dim(at)).substituting(lane, by: Dim(within))
                return .prefetch(buffer, place + Dim(symbol: share) * Dim(step / size))
            }
        }
    }

    func overPanels(_ body: [KernelStatement]) -> KernelStatement {
        .loop(KernelLoop(panel, .tile(form.columns.variable), .tile(step: MatrixForm.block), body))
    }

    func overPairs(_ body: [KernelStatement]) -> KernelStatement {
        .loop(KernelLoop(pair, .tile(form.rows.variable), .tile(step: MatrixForm.block), body))
    }

    func overRows(_ body: [KernelStatement]) -> KernelStatement {
        .loop(KernelLoop(form.rows.variable, .count(form.rows.extent), .tile(step: blocks.rows), body))
    }

    func overColumns(_ body: [KernelStatement]) -> KernelStatement {
        .loop(KernelLoop(form.columns.variable, .count(form.columns.extent), .tile(step: blocks.columns), body))
    }
}
