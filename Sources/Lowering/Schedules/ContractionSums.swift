import GraphIR
import HostTensors
import KernelIR

/// Long sums taken block by block: each block adds to the results, which lie in memory in between.
///
/// The gradients of keys and values are sums over all queries of a text. What is summed is made for some queries at a time, where a chain
/// does so, and need not be there as a whole.
extension KernelDraft {
    /// A product for each of a batch whose left operand has an index of the sum on each of its rows and is too large for a cache; says whether it
    /// is one.
    mutating func lowerSumsByBlocks(_ job: ContractionJob, vector axis: LoopAxis) throws -> Bool {
        var contraction = job.contraction
        let vectorIsLeft = contraction.left.step(axis.variable) != 0
        let narrow = vectorIsLeft ? contraction.right : contraction.left
        let wide = vectorIsLeft ? contraction.left : contraction.right
        let rowAxes = contraction.outputs.filter { wide.step($0.variable) == 0 && narrow.step($0.variable) != 0 }
        guard job.group.outputs == job.root.results, condition == nil, let sum = contraction.reduced.first,
            contraction.reduced.count == 1, rowAxes.count == 1, let rows = rowAxes.first?.extent.constant,
            narrow.step(rowAxes[0].variable) == 1, let columns = axis.extent.constant,
            let block = blockOf(sum, beside: max(rows, columns), contraction)
        else { return false }
        let inside = contraction.divide(sum, into: block, names: (fresh("b"), fresh("k")))
        let blocks = contraction.outputs[contraction.outputs.count - 1]
        let tile = sumTile(job, rows: rowAxes[0].extent, columns: columns)
        let (row, lane) = (fresh("r"), fresh("v"))
        let register = accumulator("acc", job.dtype)
        func placed(_ expression: IndexExpression) -> IndexExpression {
            expression.substituting(axis.variable, by: Dim(symbol: axis.variable) + Dim(symbol: lane))
                .substituting(rowAxes[0].variable, by: Dim(symbol: rowAxes[0].variable) + Dim(symbol: row))
        }
        func overTile(_ statement: KernelStatement) -> KernelStatement {
            let vectors = KernelLoop(lane, .tile(axis.variable), .vector(unroll: tile.vectors), [statement])
            return .loop(KernelLoop(row, .tile(rowAxes[0].variable), .unroll, [.loop(vectors)]))
        }
        let type = type(job.root.results[0])
        let result = buffer(.value(job.root.results[0]), type, .write)
        readAgain(result)
        let at = flatten(contraction.indices.map(placed), type.shape)
        let before = sumBefore(blocks, in: result, at)
        let product = KernelExpression.apply(
            .multiplyAdd,
            [
                .load(job.left, placed(contraction.left)), .load(job.right, placed(contraction.right)),
                .accumulator(register, [row, lane]),
            ], job.dtype)
        let sums = KernelLoop(
            inside.variable, .count(inside.extent),
            window: contraction.window(
                of: inside.variable, inside.extent,
                tiles: [(rowAxes[0].variable, tile.rows), (axis.variable, tile.vectors * job.lanes)]),
            .serial(unroll: 1),
            [overTile(.set(register, axes: [row, lane], product))])
        var statements = [
            overTile(.set(register, axes: [row, lane], before)), .loop(sums),
            overTile(.store(result, at, .accumulator(register, [row, lane]))),
        ]
        for (axis, step) in [(rowAxes[0], tile.rows), (axis, tile.vectors * job.lanes)] {
            statements = [.loop(KernelLoop(axis.variable, .count(axis.extent), .tile(step: step), statements))]
        }
        let others = contraction.outputs.filter { ![axis.variable, rowAxes[0].variable].contains($0.variable) }
        let work = rowAxes[0].extent * axis.extent * inside.extent
        for statement in overJoined(others, statements, workInside: work) { append(statement) }
        keepInOrder(blocks)
        return true
    }

    /// What the blocks before have summed: nothing before the first.
    func sumBefore(_ blocks: LoopAxis, in result: Int, _ at: IndexExpression) -> KernelExpression {
        let dtype = buffers[result].dtype
        let isLater = KernelExpression.apply(
            .less, [.constant(0, .i64), .index(Dim(symbol: blocks.variable), .i64)], .bool)
        return .apply(.select, [isLater, .load(result, at), .constant(0, dtype)], dtype)
    }

    /// Has the innermost of the axes that tasks go through taken one place after another.
    mutating func keepInOrder(_ blocks: LoopAxis) {
        let ordered = blocks.extent.constant ?? 1
        if let chunk = parallel?.chunk { parallel?.chunk = (chunk + ordered - 1) / ordered * ordered }
        parallel?.ordered = ordered
    }

    /// The size of a block of a sum; nil where that is taken at once.
    private func blockOf(_ sum: LoopAxis, beside width: Int, _ contraction: Contraction) -> Int? {
        guard contraction.outputs.count > 2, let count = sum.extent.constant else { return nil }
        return Self.block(of: count, beside: width)
    }

    /// Rows of all columns of the result, where they fit registers, so that the left operand passes by once.
    private func sumTile(_ job: ContractionJob, rows: Dim, columns: Int) -> TileShape {
        let vectors = (columns + job.lanes - 1) / job.lanes
        guard target.vectorRegisters >= 32, vectors == 3 || vectors == 4 else {
            return TileShape.fitting(target, lanes: job.lanes, rows: rows, columns: Dim(columns))
        }
        return TileShape(rows: (target.vectorRegisters - 2 - vectors) / vectors, vectors: vectors)
    }

    /// Of so many rows of matrices that are `width` wide, those that a block has: as many as a cache keeps, and a divisor, of whole units if
    /// there is one. Nil where all are few enough.
    static func block(of count: Int, beside width: Int, unit: Int = 1) -> Int? {
        guard count * width > blockElements else { return nil }
        let fitting = (32...max(32, min(count / 2, blockElements / width))).filter { count % $0 == 0 }
        return fitting.last { $0 % unit == 0 } ?? fitting.last
    }

    /// The elements that a block has of the largest matrix, at most.
    private static let blockElements = 1 << 17
}
