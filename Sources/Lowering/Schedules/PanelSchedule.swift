import GraphIR
import HostTensors
import KernelIR

/// A contraction whose right operand is copied into panels first: as many columns as a register tile has, all of the depth, one
/// row after another. Read in place, the rows of a large operand would lie a page or more apart, and a transposed one
/// has none. A transposed operand's panels are a task's own, each copied when its columns' turn comes.
struct PanelForm {
    var rows: LoopAxis
    var columns: LoopAxis
    var depth: LoopAxis
    /// Rows in registers, and columns of a panel.
    var tile: TileShape
    var width: Int
    /// The row length of a copy of the left operand whose own rows would meet in the same lines of a cache; nil to read it
    /// in place.
    var leftStride: Int?
    /// Whether the right operand is transposed.
    var isTransposed: Bool

    /// The rows from which the copy pays, where their number is not known.
    var leastRows: Int { isTransposed ? 8 : 24 }

    /// The form of a contraction for which the copy pays, else nil: the right operand's size is constant, and it is transposed,
    /// larger than a second cache, or its rows lie a page apart.
    init?(
        _ contraction: Contraction, resultShape: [Dim], target: Target, lanes: Int, schedule: ContractionSchedule?
    ) {
        guard let matrix = MatrixForm(contraction, resultShape: resultShape, precision: .float32),
            matrix.batch.isEmpty, let columns = matrix.columns.extent.constant, let depth = matrix.depth.extent.constant
        else { return nil }
        let rows = matrix.rows.extent.constant
        let bytes = depth * columns * 4
        let isLarge = bytes > 1 << 20 || (columns >= 1024 && bytes > 1 << 17)
        var pays = rows ?? 64 >= 64 && columns >= 64 && depth >= 64 && isLarge && (rows != nil || columns >= 1024)
        isTransposed = matrix.rightIsTransposed
        self.rows = matrix.rows
        self.columns = matrix.columns
        self.depth = matrix.depth
        tile = TileShape.fitting(target, lanes: lanes, rows: matrix.rows.extent, columns: matrix.columns.extent)
            .overridden(by: schedule)
        width = tile.vectors * lanes
        if isTransposed { pays = rows ?? 8 >= 8 && columns >= lanes && depth >= lanes }
        guard schedule.map({ $0.form == .panels }) ?? pays, !isTransposed || depth * width <= 1 << 16 else {
            return nil
        }
        let meets = !matrix.leftIsTransposed && depth * 4 % 4096 == 0
        leftStride = meets && rows != nil ? depth + 16 : nil
    }

    /// Whether blocks of rows are the outer loop, because the left operand would not stay in a second cache while columns pass by.
    var rowsOuter: Bool {
        guard !isTransposed, let rows = rows.extent.constant, let depth = depth.extent.constant else { return false }
        return rows * depth * 4 > 1 << 20
    }

    /// The elements of all panels.
    var count: Dim {
        let columns = columns.extent.constant ?? 0
        return Dim((columns + width - 1) / width * width) * depth.extent
    }

    /// Where a column (a multiple of the width) begins in its panel, at a depth.
    func place(_ depthAt: IndexExpression, _ column: IndexExpression) -> IndexExpression {
        column * depth.extent + depthAt * Dim(width)
    }

    /// Rows that pass by all panels before the next ones: their part of the left operand stays in a second cache.
    var rowBlock: Int {
        let most = max(1, (1 << 20) / 4 / max(1, depth.extent.constant ?? 1) / tile.rows)
        return min(16, most) * tile.rows
    }
}

extension KernelDraft {
    /// The panel form of a contraction, if it pays. The right operand may be read before a `transpose` that makes it.
    mutating func panelForm(
        ifWorthwhile root: GraphOp, storing outputs: [ValueID], through transpose: GraphOp? = nil
    ) -> PanelForm? {
        guard root.name == "dot", (root.operands + root.results).allSatisfy({ type($0).dtype == .f32 }) else {
            return nil
        }
        return panelForm(dotAxes(root, through: transpose), root, outputs)
    }

    private func panelForm(_ contraction: Contraction, _ root: GraphOp, _ outputs: [ValueID]) -> PanelForm? {
        PanelForm(
            contraction, resultShape: type(root.results[0]).shape, target: target,
            lanes: target.lanes(storing: outputs.map { type($0).dtype }), schedule: schedule)
    }

    /// Copies the right operand into panels.
    mutating func lowerPanels(_ root: GraphOp, storing outputs: [ValueID], to goal: BufferSubject) throws {
        hint = "panels"
        let (contraction, form) = try panelForm(root, nil, outputs)
        let source = buffer(.value(root.operands[1]), type(root.operands[1]), .read)
        let panels = buffer(goal, TensorType(.f32, [form.count]), .write)
        let lane = fresh("v")
        let (j, k, v) = (Dim(symbol: form.columns.variable), Dim(symbol: form.depth.variable), Dim(symbol: lane))
        let copy = KernelStatement.store(
            panels, form.place(k, j) + v,
            .load(source, contraction.right.substituting(form.columns.variable, by: j + v)))
        let vectors = KernelStatement.loop(
            KernelLoop(lane, .tile(form.columns.variable), .vector(unroll: form.tile.vectors), [copy]))
        let columns = KernelStatement.loop(
            KernelLoop(form.columns.variable, .count(form.columns.extent), .tile(step: form.width), [vectors]))
        append(.loop(KernelLoop(form.depth.variable, .count(form.depth.extent), .serial(unroll: 1), [columns])))
        parallelize(over: form.depth, step: 1, workInside: form.columns.extent, goal: 25_000)
    }

    /// Copies the left operand's rows to places a little further apart.
    mutating func lowerRestride(
        _ root: GraphOp, through transpose: GraphOp?, storing outputs: [ValueID], to goal: BufferSubject
    ) throws {
        hint = "restride"
        let (contraction, form) = try panelForm(root, transpose, outputs)
        let stride = form.leftStride ?? 0
        let source = buffer(.value(root.operands[0]), type(root.operands[0]), .read)
        let rows = buffer(goal, TensorType(.f32, [form.rows.extent * Dim(stride)]), .write)
        let place = Dim(symbol: form.rows.variable) * Dim(stride) + Dim(symbol: form.depth.variable)
        let copy = KernelStatement.store(rows, place, .load(source, contraction.left))
        for statement in nest([form.rows, form.depth], [copy], parallel: true) { append(statement) }
    }

    /// The products of register tiles of rows with panels; without `panels`, each task makes those of its columns.
    mutating func lowerPanelTile(
        _ group: GroupView, root: GraphOp, through transpose: GraphOp?, panels: BufferSubject?,
        restrided: BufferSubject?
    ) throws {
        hint = "\(root.name)_panels"
        let (contraction, form) = try panelForm(root, transpose, group.outputs)
        let left: Int
        var leftPlace = contraction.left
        if let restrided, let stride = form.leftStride {
            left = buffer(restrided, TensorType(.f32, [form.rows.extent * Dim(stride)]), .read)
            leftPlace = Dim(symbol: form.rows.variable) * Dim(stride) + Dim(symbol: form.depth.variable)
        } else {
            left = buffer(.value(root.operands[0]), type(root.operands[0]), .read)
        }
        let lanes = form.width / form.tile.vectors
        let depths = ((form.depth.extent.constant ?? 0) + lanes - 1) / lanes * lanes
        let right =
            if let panels {
                buffer(panels, TensorType(.f32, [form.count]), .read)
            } else {
                local(TensorType(.f32, [Dim(depths * form.width)]))
            }
        let (step, row, lane) = (fresh("i"), fresh("r"), fresh("v"))
        let (i, j, k) = (
            Dim(symbol: form.rows.variable), Dim(symbol: form.columns.variable), Dim(symbol: form.depth.variable)
        )
        func placed(_ expression: IndexExpression) -> IndexExpression {
            expression.substituting(form.columns.variable, by: j + Dim(symbol: lane))
                .substituting(form.rows.variable, by: i + Dim(symbol: step) + Dim(symbol: row))
        }
        func overTile(_ body: [KernelStatement]) -> KernelStatement {
            .loop(
                KernelLoop(
                    row, .tile(step), .unroll,
                    [
                        .loop(
                            KernelLoop(
                                lane, .tile(form.columns.variable), .vector(unroll: form.tile.vectors), body))
                    ]))
        }
        let register = accumulator("acc", .f32)
        let product = KernelExpression.apply(
            .multiplyAdd,
            [
                .load(left, placed(leftPlace)),
                .load(right, (panels == nil ? k * Dim(form.width) : form.place(k, j)) + Dim(symbol: lane)),
                .accumulator(register, [row, lane]),
            ], .f32)
        let sums = KernelStatement.loop(
            KernelLoop(
                form.depth.variable, .count(form.depth.extent),
                .serial(unroll: 1),
                [overTile([.set(register, axes: [row, lane], product)])]))
        scopes.append(
            BodyScope(variables: [form.rows.variable, form.columns.variable, step, row, lane]))
        bind(
            root.results[0], at: contraction.indices.map(placed), to: .accumulator(register, [row, lane]))
        try storeOutputs(group, contraction.indices.map(placed))
        let finish = overTile(close())
        let clear = overTile([.set(register, axes: [row, lane], .constant(0, .f32))])
        let tiles = KernelStatement.loop(
            KernelLoop(step, .tile(form.rows.variable), .tile(step: form.tile.rows), [clear, sums, finish]))
        func overRows(_ body: KernelStatement) -> KernelStatement {
            .loop(KernelLoop(form.rows.variable, .count(form.rows.extent), .tile(step: form.rowBlock), [body]))
        }
        func overColumns(_ body: KernelStatement) -> KernelStatement {
            let copy =
                panels == nil ? [transposedPanel(form, root, contraction, transpose, lanes: lanes, to: right)] : []
            return .loop(
                KernelLoop(
                    form.columns.variable, .count(form.columns.extent), .tile(step: form.width), copy + [body]))
        }
        if form.rowsOuter {
            append(overRows(overColumns(tiles)))
            parallelize(over: form.rows, step: form.rowBlock, workInside: form.columns.extent * form.depth.extent)
        } else {
            append(overColumns(overRows(tiles)))
            parallelize(over: form.columns, step: form.width, workInside: form.rows.extent * form.depth.extent)
        }
    }

    /// Copies the columns at hand of a transposed operand into a panel, in square blocks that machine code transposes in
    /// registers.
    private mutating func transposedPanel(
        _ form: PanelForm, _ root: GraphOp, _ contraction: Contraction, _ transpose: GraphOp?, lanes: Int, to panel: Int
    ) -> KernelStatement {
        let value = transpose?.operands[0] ?? root.operands[1]
        let source = buffer(.value(value), type(value), .read)
        let (column, row, lane) = (fresh("c"), fresh("r"), fresh("v"))
        let (c, r) = (Dim(symbol: column), Dim(symbol: row))
        let depth = Dim(symbol: form.depth.variable) + Dim(symbol: lane)
        let at = Dim(symbol: form.columns.variable) + c + r
        let index = contraction.right.substituting(form.depth.variable, by: depth)
            .substituting(form.columns.variable, by: at)
        let conditions = [(depth, form.depth.extent, lanes), (at, form.columns.extent, form.width)]
            .filter { ($1.constant ?? 1) % $2 != 0 }.map { IndexCondition($0.0, below: $0.1) }
        let element: KernelExpression =
            conditions.isEmpty ? .load(source, index) : .loadWhere(source, index, conditions)
        var body = KernelStatement.store(panel, depth * Dim(form.width) + c + r, element)
        body = .loop(KernelLoop(lane, .count(Dim(lanes)), .vector(unroll: 1), [body]))
        body = .loop(KernelLoop(row, .count(Dim(lanes)), .unroll, [body]))
        body = .loop(KernelLoop(column, .count(Dim(form.width)), .tile(step: lanes), [body]))
        return .loop(KernelLoop(form.depth.variable, .count(form.depth.extent), .tile(step: lanes), [body]))
    }

    private mutating func panelForm(
        _ root: GraphOp, _ transpose: GraphOp?, _ outputs: [ValueID]
    ) throws -> (Contraction, PanelForm) {
        let contraction = dotAxes(root, through: transpose)
        guard let form = panelForm(contraction, root, outputs) else {
            throw GraphError("'\(root.name)' has no panels", place: root.place?.description)
        }
        return (contraction, form)
    }
}
