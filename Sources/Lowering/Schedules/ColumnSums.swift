import GraphIR
import HostTensors
import KernelIR

/// Sums of all rows, added up by a kernel that has the rows in hand: of each block of rows one sum, in working memory, which a second
/// kernel adds.
struct ColumnSums {
    /// The rows of a block. Blocks are the same whoever works on them, and as long as those of other long sums.
    static let block = KernelDraft.sumBlock

    /// A sum, and where those of the blocks are.
    struct Part {
        let op: GraphOp
        let subject: BufferSubject
    }

    let parts: [Part]
    /// The number of rows, and the shape of one.
    let rows: Dim
    let row: [Dim]

    /// The elements from the sum of one block to the next, over the rows of a block: a place is then a row times this.
    private var pitch: Dim { Dim(((Dim.product(row).constant ?? 0) + Self.block - 1) / Self.block) }

    /// What working memory for one sum holds.
    func type(_ part: Part, in function: GraphFunction) -> TensorType {
        TensorType(function.type(of: part.op.results[0]).dtype, [(rows + Dim(Self.block)) * pitch])
    }

    /// Where the sum of the block that begins with a row has its columns.
    func place(_ first: IndexExpression, _ column: [IndexExpression]) -> IndexExpression {
        first * pitch + flatten(column, row)
    }
}

extension ColumnSums {
    /// The loop over blocks of rows that a kernel needs which takes in sums.
    struct Blocks {
        /// The loop's variable: the first row of a block.
        let first: String
        let rows: Dim
        /// What is done before a block's rows.
        var start: [KernelStatement]
    }
}

extension KernelDraft {
    /// Adds an element of a row to the sums of its block; gives the blocks, each of which begins with the sum of nothing for a column.
    mutating func take(
        _ sums: ColumnSums, at indices: [IndexExpression], columns: [IndexExpression]
    ) throws -> ColumnSums.Blocks {
        let first = fresh("b")
        let place = sums.place(Dim(symbol: first), columns)
        let start = try sums.parts.map { part in
            let type = sums.type(part, in: function)
            let value = try element(part.op.operands[0], indices)
            let memory = buffer(part.subject, type, .readWrite)
            append(.store(memory, place, .apply(.add, [.load(memory, place), value], type.dtype)))
            return KernelStatement.store(memory, place, neutral("sum", type.dtype))
        }
        return ColumnSums.Blocks(first: first, rows: sums.rows, start: start)
    }

    /// Adds loops over blocks and their rows around the work on a row, split among threads; `workInside` is how often its statements run
    /// for a row. Where rows do not lie along one axis for all that is read, each finds its indices.
    mutating func wrap(
        _ axes: [LoopAxis], _ body: [KernelStatement], in blocks: ColumnSums.Blocks, workInside: Dim
    ) {
        let collapsed = collapse(axes, body)
        let step = fresh("s")
        let row = Dim(symbol: blocks.first) + Dim(symbol: step)
        let statements =
            collapsed.axes.count == 1
            ? collapsed.body.map { $0.substituting(collapsed.axes[0].variable, by: row) }
            : positions(of: collapsed.axes, in: row) + collapsed.body
        // As blocks of one row, so that the last, shorter block is no code of its own.
        let rows = KernelStatement.loop(KernelLoop(step, .tile(blocks.first), .tile(step: 1), statements))
        let work = statements.reduce(0) { $0 + $1.work }
        let chunk = chunk(workPerIteration: workInside * Dim(max(1, work)), step: ColumnSums.block)
        if blocks.rows.bounds(ranges).upperBound > chunk {
            parallel = ParallelLoop(variable: blocks.first, extent: blocks.rows, chunk: chunk)
        }
        append(
            .loop(KernelLoop(blocks.first, .count(blocks.rows), .tile(step: ColumnSums.block), blocks.start + [rows])))
    }
}
