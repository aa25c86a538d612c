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

extension KernelDraft {
    /// Adds an element of a row to the sums of its block, which begins with row `first`; gives what such a sum begins with.
    mutating func take(
        _ sums: ColumnSums, at indices: [IndexExpression], columns: [IndexExpression], first: String
    ) throws -> [KernelStatement] {
        let place = sums.place(Dim(symbol: first), columns)
        return try sums.parts.map { part in
            let type = sums.type(part, in: function)
            let value = try element(part.op.operands[0], indices)
            let memory = buffer(part.subject, type, .readWrite)
            append(.store(memory, place, .apply(.add, [.load(memory, place), value], type.dtype)))
            return .store(memory, place, neutral("sum", type.dtype))
        }
    }

    /// Adds loops over blocks of rows around the work on a row: every block's sums begin with nothing. `first` is the variable of the
    /// loop over blocks, in which the work on a row takes in the sums.
    mutating func wrap(
        _ axes: [LoopAxis], _ body: [KernelStatement], adding sums: ColumnSums, first: String,
        zeros: [KernelStatement], workInside: Dim
    ) {
        let (axes, collapsed) = collapse(axes, body)
        var body = collapsed
        let step = fresh("s")
        let row = Dim(symbol: first) + Dim(symbol: step)
        if axes.count == 1 {
            body = body.map { $0.substituting(axes[0].variable, by: row) }
        } else {
            body = positions(of: axes, in: row) + body
        }
        let rows = KernelStatement.loop(KernelLoop(step, .tile(first), .serial(unroll: 1), body))
        let work = body.reduce(0) { $0 + $1.work }
        let chunk = chunk(workPerIteration: workInside * Dim(max(1, work)), step: ColumnSums.block)
        if sums.rows.bounds(ranges).upperBound > chunk {
            parallel = ParallelLoop(variable: first, extent: sums.rows, chunk: chunk)
        }
        append(.loop(KernelLoop(first, .count(sums.rows), .tile(step: ColumnSums.block), zeros + [rows])))
    }
}
