import GraphIR
import HostTensors
import KernelIR

/// The size of a register tile.
struct TileShape {
    /// Rows, each an element of the operand that is read by broadcast.
    var rows: Int
    /// Vectors, each of the operand that is contiguous along the lanes.
    var vectors: Int

    /// The largest tile whose accumulators, vectors and one broadcast fit the registers: rows·vectors + vectors + 1.
    static func fitting(_ target: Target, lanes: Int, rows: Dim?, columns: Dim) -> TileShape {
        let needed = columns.constant.map { ($0 + lanes - 1) / lanes } ?? 8
        // NEON has no operands in memory: loaded elements take registers of their own.
        let spare = target.architecture == .aarch64 ? 4 : target.hasFusedMultiplyAdd ? 1 : 2
        guard let rows else { return TileShape(rows: 1, vectors: min(needed, 8)) }
        let wanted = target.architecture == .aarch64 && needed % 3 == 0 ? 3 : 2
        let vectors = min(needed, wanted)
        let most = min(16, (target.vectorRegisters - spare - 1 - vectors) / vectors)
        guard let count = rows.constant else {
            // Batches are mostly multiples of powers of two: 12 leaves a remainder of 8 or 4.
            return TileShape(rows: most >= 12 ? 12 : most >= 8 ? 8 : most >= 6 ? 6 : 4, vectors: vectors)
        }
        let blocks = (count + most - 1) / most
        return TileShape(rows: (count + blocks - 1) / blocks, vectors: vectors)
    }

    /// A tile of few rows for a right operand that is read but once: as many vectors as fit, so that each is a longer piece of it.
    static func streaming(_ target: Target, lanes: Int, rows: Int?, columns: Int) -> TileShape {
        let registers = target.vectorRegisters
        let most = registers >= 32 ? 4 : 2
        let steps = rows.map { ($0 + 3 * most + 1) / (3 * most + 2) } ?? 1
        let rows = rows.map { ($0 + steps - 1) / steps } ?? (registers >= 32 ? 6 : 3)
        let vectors = min(most, (columns + lanes - 1) / lanes, max(1, (registers - 1) / (rows + 1)))
        return TileShape(rows: rows, vectors: vectors)
    }

    /// The shape with what a schedule says in place of the standard choice.
    func overridden(by schedule: ContractionSchedule?) -> TileShape {
        TileShape(rows: schedule?.rows ?? rows, vectors: schedule?.vectors ?? vectors)
    }
}

extension KernelDraft {
    /// Rows × vectors of results in registers: one operand is read as vectors, the other element by element for all lanes.
    mutating func lowerBroadcastTile(_ job: ContractionJob, vector axis: LoopAxis) throws {
        var contraction = job.contraction
        let vectorIsLeft = contraction.left.step(axis.variable) != 0
        var rowAxis = contraction.outputs.filter {
            $0.variable != axis.variable && (vectorIsLeft ? contraction.left : contraction.right).step($0.variable) == 0
                && (vectorIsLeft ? contraction.right : contraction.left).step($0.variable) != 0
        }.max { extent($0) < extent($1) }
        var isDivided = false
        if let rows = rowAxis, let block = blockOfRows(contraction, rows: rows, columns: axis) {
            rowAxis = contraction.divide(rows, into: block, names: (fresh("b"), fresh("i")))
            isDivided = true
        }
        let wide = vectorIsLeft ? contraction.left : contraction.right
        let tile = TileShape.fitting(target, lanes: job.lanes, rows: rowAxis?.extent, columns: axis.extent)
            .overridden(by: rowAxis == nil ? nil : schedule)
        let lane = fresh("v")
        let row = fresh("r")
        let register = accumulator("acc", job.dtype)
        let rowVariable = rowAxis?.variable

        /// The expression with each tile's start replaced by start plus position in the tile.
        func placed(_ expression: IndexExpression) -> IndexExpression {
            let lanes = expression.substituting(axis.variable, by: Dim(symbol: axis.variable) + Dim(symbol: lane))
            guard let rowVariable else { return lanes }
            return lanes.substituting(rowVariable, by: Dim(symbol: rowVariable) + Dim(symbol: row))
        }
        func overTile(_ body: [KernelStatement]) -> KernelStatement {
            let vectors = KernelStatement.loop(
                KernelLoop(lane, .tile(axis.variable), .vector(unroll: tile.vectors), body))
            guard let rowVariable else { return vectors }
            return .loop(KernelLoop(row, .tile(rowVariable), .unroll, [vectors]))
        }
        let registerAxes = rowAxis == nil ? [lane] : [row, lane]
        let product = KernelExpression.apply(
            .multiplyAdd,
            [
                .load(job.left, placed(contraction.left)), .load(job.right, placed(contraction.right)),
                .accumulator(register, registerAxes),
            ], job.dtype)
        var sums = [overTile([.set(register, axes: registerAxes, product)])]
        let places =
            [(axis.variable, tile.vectors * job.lanes)] + (rowVariable.map { [($0, tile.rows)] } ?? [])
        for (at, reduced) in contraction.orderedReduction(by: wide).reversed().enumerated() {
            sums = [
                .loop(
                    KernelLoop(
                        reduced.variable, .count(reduced.extent),
                        window: contraction.window(of: reduced.variable, reduced.extent, tiles: places),
                        .serial(unroll: at == 0 ? unrolling(reduced, tile) : 1),
                        sums))
            ]
        }
        let clear = overTile([.set(register, axes: registerAxes, .constant(0, job.dtype))])
        scopes.append(BodyScope(variables: Set(contraction.outputs.map(\.variable) + [lane, row])))
        bind(job.root.results[0], at: contraction.indices.map(placed), to: .accumulator(register, registerAxes))
        try storeOutputs(job.group, contraction.indices.map(placed))
        let finish = overTile(close())

        let statements = [clear] + sums + [finish]
        let columnTile = (axis, LoopKind.tile(step: tile.vectors * job.lanes))
        let rowTile = rowAxis.map { ($0, LoopKind.tile(step: tile.rows)) }
        let others = contraction.outputs.filter { $0.variable != axis.variable && $0.variable != rowVariable }
        let columnTiles = (axis.extent.constant ?? 1024) / (tile.vectors * job.lanes)
        // Rows innermost: a column panel of the vector operand stays in cache while the rows pass by. Columns innermost where
        // all of that operand stays there, and the result is large: its rows are then written one after another.
        let depth = Dim.product(contraction.reduced.map(\.extent)).constant ?? 1 << 20
        let results = (axis.extent.constant ?? 0) * (rowAxis?.extent.bounds(ranges).upperBound ?? 1)
        let columnsInnermost = (axis.extent.constant ?? 1 << 20) * depth <= 1 << 15 && results > 1 << 18
        // A kernel for a single row has nothing but columns to share.
        let isSingle = condition.map { $0.range == 0..<2 } ?? false
        var loops = [columnTile]
        if let rowTile {
            loops =
                ((columnTiles >= 4 || isSingle) && !columnsInnermost) || !others.isEmpty
                ? [columnTile, rowTile] : [rowTile, columnTile]
        }
        // Where elements of the vector operand are used but a few times, it takes as long as they take to come.
        let uses = contraction.outputs.reduce(1) { $1.variable == axis.variable ? $0 : $0 * min(8, extent($1)) }
        let goal = Self.taskWork / (isSingle ? 8 : uses < 8 ? 4 : 1)
        appendInTasks(others, loops, statements, contraction, goal: goal, isDivided: isDivided)
    }

    /// The rows of a block of each product of a batch, where all rows would make a result or read an operand that a cache does not keep:
    /// a task then is a block, and so can be a chain's item, such as the scores of some queries of a long text. Nil where rows stay together.
    private func blockOfRows(_ contraction: Contraction, rows: LoopAxis, columns: LoopAxis) -> Int? {
        let depth = Dim.product(contraction.reduced.map(\.extent)).constant ?? 0
        guard condition == nil, contraction.outputs.count > 2, let count = rows.extent.constant,
            let width = columns.extent.constant
        else { return nil }
        return Self.block(of: count, beside: max(width, depth))
    }

    /// Blocks of results, each summed in the lanes of one register along an axis both operands are contiguous in.
    mutating func lowerLaneTile(_ job: ContractionJob, vector axis: LoopAxis?) throws {
        let contraction = job.contraction
        func only(_ seen: IndexExpression, _ unseen: IndexExpression) -> LoopAxis? {
            contraction.outputs.filter { seen.step($0.variable) != 0 && unseen.step($0.variable) == 0 }
                .max { extent($0) < extent($1) }
        }
        let blocked = [only(contraction.left, contraction.right), only(contraction.right, contraction.left)].compactMap
        { $0 }
        // Blocks of a known number are equal where they can be, 10 are 5 and 5: a rest would be code of its own.
        let (size, most) = target.vectorRegisters >= 32 ? (4, 5) : (3, 3)
        let places = blocked.map { axis in
            let step = axis.extent.constant.map { count in
                guard blocked.count > 1, count > size else { return min(size, max(1, count)) }
                let blocks = (count + most - 1) / most
                return (most - 1...most).last { count % $0 == 0 } ?? (count + blocks - 1) / blocks
            }
            return (axis: axis, variable: fresh("b"), step: step ?? size)
        }
        func placed(_ expression: IndexExpression) -> IndexExpression {
            places.reduce(expression) {
                $0.substituting($1.axis.variable, by: Dim(symbol: $1.axis.variable) + Dim(symbol: $1.variable))
            }
        }
        func overBlock(_ body: [KernelStatement]) -> [KernelStatement] {
            places.reversed().reduce(body) { body, place in
                [.loop(KernelLoop(place.variable, .tile(place.axis.variable), .unroll, body))]
            }
        }
        let register = accumulator("acc", job.dtype)
        let registerAxes = places.map(\.variable)
        let product = KernelExpression.apply(
            .multiplyAdd,
            [
                .load(job.left, placed(contraction.left)), .load(job.right, placed(contraction.right)),
                .constant(0, job.dtype),
            ], job.dtype)
        var sums = overBlock([.reduce(register, axes: registerAxes, .sum, product)])
        if let axis {
            sums = [.loop(KernelLoop(axis.variable, .count(axis.extent), .vector(unroll: 1), sums))]
        }
        for reduced in contraction.orderedReduction(by: contraction.right).reversed()
        where reduced.variable != axis?.variable {
            sums = [.loop(KernelLoop(reduced.variable, .count(reduced.extent), .serial(unroll: 1), sums))]
        }
        let clear = overBlock([.set(register, axes: registerAxes, .constant(0, job.dtype))])
        scopes.append(BodyScope(variables: Set(contraction.outputs.map(\.variable) + registerAxes)))
        bind(job.root.results[0], at: contraction.indices.map(placed), to: .accumulator(register, registerAxes))
        try storeOutputs(job.group, contraction.indices.map(placed))
        let finish = overBlock(close())
        let statements = clear + sums + finish
        let others = contraction.outputs.filter { axis in !places.contains { $0.axis.variable == axis.variable } }
        appendInTasks(
            others, places.map { ($0.axis, LoopKind.tile(step: $0.step)) }, statements, contraction)
    }

    private func extent(_ axis: LoopAxis) -> Int { axis.extent.bounds(ranges).upperBound }

    /// How often the innermost sum's body is repeated: all of a short sum, else so often that the loop's own instructions are few
    /// beside it. More would be compiled longer and run no faster.
    private func unrolling(_ axis: LoopAxis, _ tile: TileShape) -> Int {
        let accumulators = tile.rows * tile.vectors
        let needed = target.architecture == .aarch64 || accumulators < 8 ? 4 : accumulators < 16 ? 2 : 1
        guard let count = axis.extent.constant else { return needed }
        if count <= 8 { return count }
        // Rows that lie close make the loads of neighbouring terms pairs on NEON, which takes registers the tile needs.
        return target.architecture == .aarch64 && count <= 16 ? 1 : needed
    }

    /// Adds statements in loops of tiles within loops over other axes; the outermost is split among threads.
    private mutating func appendInTasks(
        _ others: [LoopAxis], _ tiles: [(axis: LoopAxis, kind: LoopKind)], _ body: [KernelStatement],
        _ contraction: Contraction, goal: Int = taskWork, isDivided: Bool = false
    ) {
        let reduced = contraction.reduced.map(\.extent)
        var statements = body
        for (axis, kind) in tiles.reversed() {
            statements = [.loop(KernelLoop(axis.variable, .count(axis.extent), kind, statements))]
        }
        guard others.isEmpty else {
            let work = Dim.product(tiles.map(\.axis.extent) + reduced)
            statements =
                isDivided
                ? overJoined(others, statements, workInside: work) : inTasks(others, statements, workInside: work)
            for statement in statements { append(statement) }
            return
        }
        for statement in statements { append(statement) }
        guard let (axis, kind) = tiles.first else { return }
        var step = 1
        if case .tile(let size) = kind { step = size }
        let chunk = chunk(
            workPerIteration: Dim.product(tiles.dropFirst().map(\.axis.extent) + reduced), step: step,
            goal: goal)
        if axis.extent.bounds(ranges).upperBound > chunk {
            parallel = ParallelLoop(variable: axis.variable, extent: axis.extent, chunk: chunk)
        }
    }
}
