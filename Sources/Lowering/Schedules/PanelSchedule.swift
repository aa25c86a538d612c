import GraphIR
import HostTensors
import KernelIR

extension KernelDraft {
    /// The panel form of a contraction, if it pays. The right operand may be read before a `transpose` that makes it.
    mutating func panelForm(
        ifWorthwhile root: GraphOp, storing outputs: [ValueID], through transpose: GraphOp?, rightIsKept: Bool
    ) -> PanelForm? {
        guard root.name == "dot", (root.operands + root.results).allSatisfy({ type($0).dtype == .f32 }) else {
            return nil
        }
        return PanelForm(
            dotAxes(root, through: transpose), resultShape: type(root.results[0]).shape, target: target,
            lanes: target.lanes(storing: outputs.map { type($0).dtype }), rightIsKept: rightIsKept, schedule: schedule)
    }

    /// The form of a contraction for few rows, if it pays.
    mutating func fewForm(of root: GraphOp, storing outputs: [ValueID]) -> PanelForm? {
        guard root.name == "dot", (root.operands + root.results).allSatisfy({ type($0).dtype == .f32 }),
            schedule == nil
        else { return nil }
        return PanelForm(
            few: dotAxes(root), resultShape: type(root.results[0]).shape, target: target,
            lanes: target.lanes(storing: outputs.map { type($0).dtype }))
    }

    /// The register tile for few rows of a contraction, however many there will be: it suits a single row, too. Nil for few columns.
    func fewSchedule(of root: GraphOp) -> ContractionSchedule? {
        guard let columns = type(root.results[0]).shape.last?.constant, columns >= 4 * target.lanes(byteCount: 4) else {
            return nil
        }
        let tile = TileShape.streaming(target, lanes: target.lanes(byteCount: 4), rows: nil, columns: columns)
        return ContractionSchedule(form: .direct, rows: tile.rows, vectors: tile.vectors)
    }

    /// The rows of a contraction that may be one, and the register tile for that one; nil where there are few weights, or where they do
    /// not lie row by row.
    mutating func singleRowSchedule(of root: GraphOp) -> (rows: Dim, schedule: ContractionSchedule)? {
        let (lanes, vectors) = (target.lanes(byteCount: 4), 8)
        guard root.name == "dot", (root.operands + root.results).allSatisfy({ type($0).dtype == .f32 }),
            schedule == nil, target.vectorRegisters > 2 * vectors,
            let form = MatrixForm(
                dotAxes(root), resultShape: type(root.results[0]).shape, precision: .float32, target: target),
            form.batch.isEmpty, !form.rightIsTransposed, form.rows.extent.constant == nil,
            form.rows.extent.bounds(ranges).lowerBound <= 1, let columns = form.columns.extent.constant,
            let depth = form.depth.extent.constant, columns >= vectors * lanes, columns * depth >= 1 << 17
        else { return nil }
        return (form.rows.extent, ContractionSchedule(form: .direct, rows: 1, vectors: vectors))
    }

    /// The buffer of one of the form's operands.
    private mutating func operand(
        _ side: TileSide, of root: GraphOp, _ form: PanelForm, through transpose: GraphOp?
    ) -> Int {
        let isFirst = (side == .left) != form.isExchanged
        let value = isFirst ? root.operands[0] : transpose?.operands[0] ?? root.operands[1]
        return buffer(.value(value), type(value), .read)
    }

    /// The contraction over fresh variables, and the loops of its form.
    private mutating func panelLoops(_ form: PanelForm, _ root: GraphOp, through transpose: GraphOp?) -> PanelLoops {
        var form = form
        let contraction = dotAxes(root, through: transpose)
        let shape = type(root.results[0]).shape
        let matrix = MatrixForm(contraction, resultShape: shape, precision: .float32, target: target)
        if let matrix {
            form.depth = matrix.depth
            (form.rows, form.columns) =
                form.isExchanged ? (matrix.columns, matrix.rows) : (matrix.rows, matrix.columns)
        }
        return PanelLoops(
            form: form, contraction: contraction, step: fresh("i"), panel: fresh("j"), row: fresh("r"),
            lane: fresh("v"), within: fresh("k"))
    }

    /// Copies all of the right operand into panels.
    mutating func lowerPanels(
        _ root: GraphOp, _ form: PanelForm, through transpose: GraphOp?, to goal: BufferSubject
    ) throws {
        hint = "panels"
        var whole = form
        whole.depthBlock = nil
        // Some panels at a time, so that what is read lies together.
        let columns = form.width * (form.rightIsTransposed ? 1 : 8)
        whole.columnBlock = columns
        let loops = panelLoops(whole, root, through: transpose)
        let panels = buffer(goal, TensorType(.f32, [form.preparedCount]), .write)
        let copy = rightCopy(loops, root, through: transpose, to: panels) {
            form.prepared($0, Dim(symbol: loops.form.columns.variable) + $1)
        }
        append(loops.overColumns(copy))
        parallelize(
            over: loops.form.columns, step: columns, workInside: loops.form.depth.extent, goal: 25_000)
    }

    /// The products of register tiles of rows with panels, and what is done with them.
    mutating func lowerPanelProduct(
        _ group: GroupView, root: GraphOp, _ form: PanelForm, through transpose: GraphOp?, panels: BufferSubject?
    ) throws {
        hint = "\(root.name)_" + (form.streams ? "strips" : "panels") + (form.isExchanged ? "_turned" : "")
        var loops = panelLoops(form, root, through: transpose)
        let form = loops.form
        loops.leftBuffer =
            form.left == .inPlace
            ? operand(.left, of: root, form, through: transpose)
            : local(TensorType(.f32, [Dim(form.ownLeftCount)]))
        switch (form.right, panels) {
        case (.prepared, let panels?):
            loops.rightBuffer = buffer(panels, TensorType(.f32, [form.preparedCount]), .read)
        case (.own, _), (.leftBehind, _):
            loops.rightBuffer = local(TensorType(.f32, [Dim(form.ownRightCount)]))
        default: loops.rightBuffer = operand(.right, of: root, form, through: transpose)
        }
        let register = accumulator("acc", .f32)
        let tiles = PanelTiles(
            loops: loops, register: register, panelCopy: panelCopy(loops, root, through: transpose),
            leftDepth: leftDepth(loops, root, through: transpose))
        let leftCopy = leftCopy(loops, root, through: transpose)
        let rightCopy =
            form.right == .own
            ? rightCopy(loops, root, through: transpose, to: loops.rightBuffer) { form.ownRight($0, $1) } : []
        let body: [KernelStatement]
        if !form.keepsSums {
            let clear = loops.overTile([.set(register, axes: [loops.row, loops.lane], .constant(0, .f32))])
            let finish = loops.overTile(
                try finishing(group, root, loops, .accumulator(register, [loops.row, loops.lane])))
            let tiles = tiles.statements(begin: clear, end: finish)
            body =
                form.rowsOuter
                ? leftCopy + [loops.overColumns(rightCopy + tiles)]
                : rightCopy + [loops.overRows(leftCopy + tiles)]
        } else {
            let inner = try summedInMemory(group, root, tiles, copies: rightCopy + leftCopy)
            body = [form.rowsOuter ? loops.overColumns(inner) : loops.overRows(inner)]
        }
        append(form.rowsOuter ? loops.overRows(body) : loops.overColumns(body))
        if form.rowsOuter {
            parallelize(over: form.rows, step: form.rowBlock, workInside: form.columns.extent * form.depth.extent)
        } else {
            parallelize(over: form.columns, step: form.columnBlock, workInside: form.rows.extent * form.depth.extent)
        }
    }

    /// A block of results in memory of the task's own, where they are summed while parts of the depth are multiplied one after another.
    private mutating func summedInMemory(
        _ group: GroupView, _ root: GraphOp, _ tiles: PanelTiles, copies: [KernelStatement]
    ) throws -> [KernelStatement] {
        let (loops, register) = (tiles.loops, tiles.register)
        let form = loops.form
        // Rows a little further apart than a power of two do not meet in a cache.
        let stride = form.columnBlock + 16
        let count = Dim((form.rowBlock + form.lanes - 1) / form.lanes * form.lanes * stride)
        let results = local(TensorType(.f32, [count]))
        let (row, lane) = (Dim(symbol: loops.row), Dim(symbol: loops.lane))
        let place = (Dim(symbol: loops.step) + row) * Dim(stride) + Dim(symbol: loops.panel) + lane
        let axes = [loops.row, loops.lane]
        let sum = KernelExpression.accumulator(register, axes)
        var start = KernelExpression.constant(0, .f32)
        if form.depthBlock != nil {
            let isLater = IndexCondition(Dim(1) - Dim(symbol: form.depth.variable), below: 1)
            start = .loadWhere(results, place, [isLater])
        }
        let begin = loops.overTile([.set(register, axes: axes, start)])
        let end = loops.overTile([.store(results, place, sum)])
        let finish =
            form.isExchanged
            ? try finishTurned(group, root, loops, results, stride)
            : try finishRows(group, root, loops, .load(results, place))
        return loops.overDepthBlocks(copies + tiles.statements(begin: begin, end: end)) + [finish]
    }

    /// Finishes a block of results row by row.
    private mutating func finishRows(
        _ group: GroupView, _ root: GraphOp, _ loops: PanelLoops, _ sum: KernelExpression
    ) throws -> KernelStatement {
        let finish = try finishing(group, root, loops, sum)
        let lanes = KernelLoop(loops.lane, .tile(loops.panel), .vector(unroll: loops.form.tile.vectors), finish)
        let rows = KernelLoop(loops.row, .tile(loops.step), .serial(unroll: 1), [.loop(lanes)])
        return loops.overSteps([loops.overPanels([.loop(rows)])])
    }

    /// Finishes a block of results of an exchanged form: squares of it are turned, so that vectors of the result's rows arise. Where nothing
    /// else is done with them, they are turned on their way to the result.
    private mutating func finishTurned(
        _ group: GroupView, _ root: GraphOp, _ loops: PanelLoops, _ results: Int, _ stride: Int
    ) throws -> KernelStatement {
        let (form, lanes) = (loops.form, loops.form.lanes)
        func overSquares(_ body: [KernelStatement]) -> KernelStatement {
            let rows = KernelLoop(loops.step, .tile(form.rows.variable), .tile(step: lanes), body)
            return .loop(KernelLoop(loops.panel, .tile(form.columns.variable), .tile(step: lanes), [.loop(rows)]))
        }
        let first = Dim(symbol: loops.step) * Dim(stride) + Dim(symbol: loops.panel)
        if group.outputs == root.results, form.hasWholeSquares(target) {
            let place = first + Dim(symbol: loops.row) * Dim(stride) + Dim(symbol: loops.lane)
            let finish = try finishing(group, root, loops, .load(results, place))
            let vectors = KernelLoop(loops.lane, .tile(loops.panel), .vector(unroll: 1), finish)
            return overSquares([.loop(KernelLoop(loops.row, .tile(loops.step), .unroll, [.loop(vectors)]))])
        }
        let (row, lane) = (fresh("r"), fresh("v"))
        let square = local(TensorType(.f32, [Dim(lanes * lanes)]))
        let place = first + Dim(symbol: row) * Dim(stride) + Dim(symbol: lane)
        let turn = squareBlock(
            row, lane, lanes, .store(square, Dim(symbol: lane) * Dim(lanes) + Dim(symbol: row), .load(results, place)))
        let sum = KernelExpression.load(square, Dim(symbol: loops.lane) * Dim(lanes) + Dim(symbol: loops.row))
        let finish = try finishing(group, root, loops, sum)
        let vectors = KernelLoop(loops.row, .tile(loops.step), .vector(unroll: 1), finish)
        let columns = KernelLoop(loops.lane, .tile(loops.panel), .serial(unroll: 1), [.loop(vectors)])
        return overSquares([turn, .loop(columns)])
    }

    /// What is done with an element of the result.
    private mutating func finishing(
        _ group: GroupView, _ root: GraphOp, _ loops: PanelLoops, _ sum: KernelExpression
    ) throws -> [KernelStatement] {
        let within = [loops.step, loops.panel, loops.row, loops.lane]
        scopes.append(BodyScope(variables: Set(loops.contraction.outputs.map(\.variable) + within)))
        let indices = loops.contraction.indices.map(loops.placed)
        bind(root.results[0], at: indices, to: sum)
        try storeOutputs(group, indices)
        return close()
    }

    /// Rows of an operand lie in pages of their own, so that no processor fetches the next ones by itself: as many rows ahead, their
    /// lines are asked for while an operand is copied.
    private static let rowsAhead = 8

    /// Copies the block at hand of a transposed left operand, where the task has its own.
    private mutating func leftCopy(
        _ loops: PanelLoops, _ root: GraphOp, through transpose: GraphOp?
    ) -> [KernelStatement] {
        let form = loops.form
        guard form.left == .own else { return [] }
        let source = operand(.left, of: root, form, through: transpose)
        let (step, lane) = (Dim(symbol: loops.step), Dim(symbol: loops.lane))
        let at = Dim(symbol: form.rows.variable) + step + lane
        let index = loops.left.substituting(form.rows.variable, by: at)
            .substituting(form.depth.variable, by: loops.wholeDepth)
        let place = form.ownLeft(loops.blockDepth, step: step, row: lane)
        let isInside = IndexCondition(at, below: form.rows.extent)
        let vectors = KernelLoop(
            loops.lane, .count(Dim(form.ownLeftWidth)), .vector(unroll: form.ownLeftWidth / form.lanes),
            [.store(loops.leftBuffer, place, .loadWhere(source, index, [isInside]))])
        let ahead = index.substituting(loops.lane, by: 0)
            .substituting(loops.depthVariable, by: loops.blockDepth + Dim(Self.rowsAhead))
        return [
            loops.overDepth(
                .serial(unroll: 1),
                [
                    loops.overSteps(
                        linesAhead(source, ahead, count: form.ownLeftWidth, to: .first) + [.loop(vectors)])
                ])
        ]
    }

    /// A square block, which machine code transposes in registers.
    private func squareBlock(_ row: String, _ lane: String, _ lanes: Int, _ body: KernelStatement) -> KernelStatement {
        let vectors = KernelStatement.loop(KernelLoop(lane, .count(Dim(lanes)), .vector(unroll: 1), [body]))
        return .loop(KernelLoop(row, .count(Dim(lanes)), .unroll, [vectors]))
    }

    /// What holds for indices of elements that are there, where blocks of so many may go beyond the end.
    private func conditions(_ indices: [(at: IndexExpression, extent: Dim, block: Int)]) -> [IndexCondition] {
        indices.filter { ($0.extent.constant ?? 1) % $0.block != 0 }.map { IndexCondition($0.at, below: $0.extent) }
    }

    /// Leaves the panel at hand behind while it is multiplied; nil where panels come from elsewhere.
    private mutating func panelCopy(
        _ loops: PanelLoops, _ root: GraphOp, through transpose: GraphOp?
    ) -> PanelCopy? {
        let form = loops.form
        guard form.right == .leftBehind else { return nil }
        let source = operand(.right, of: root, form, through: transpose)
        guard form.rightIsTransposed else {
            return .row(panelRow(loops, source, to: loops.rightBuffer, form.ownRight(loops.blockDepth, 0)))
        }
        let squares = panelSquares(loops, source, to: loops.rightBuffer) { depth, _ in form.ownRight(depth, 0) }
        return .squares([squares], depth: fresh("d"))
    }

    /// Copies the row at hand of the right operand to a place of a panel, and asks for one of the next.
    private func panelRow(
        _ loops: PanelLoops, _ source: Int, to goal: Int, _ place: IndexExpression
    ) -> [KernelStatement] {
        let element = KernelExpression.load(source, loops.placed(loops.right))
        let store = KernelStatement.store(goal, place + Dim(symbol: loops.lane), element)
        let ahead = loops.placed(loops.right).substituting(loops.lane, by: 0)
            .substituting(loops.depthVariable, by: loops.blockDepth + Dim(Self.rowsAhead))
        let lanes = KernelLoop(loops.lane, .tile(loops.panel), .vector(unroll: loops.form.tile.vectors), [store])
        return linesAhead(source, ahead, count: loops.form.width, to: .first) + [.loop(lanes)]
    }

    /// Leaves what register tiles read of a transposed left operand for the depth at hand behind; nil where it is not read so.
    private mutating func leftDepth(
        _ loops: PanelLoops, _ root: GraphOp, through transpose: GraphOp?
    ) -> LeftDepth? {
        let form = loops.form
        guard form.left == .leftBehind else { return nil }
        let source = operand(.left, of: root, form, through: transpose)
        let lane = fresh("v")
        let at = Dim(symbol: form.rows.variable) + Dim(symbol: loops.step) + Dim(symbol: lane)
        let index = loops.left.substituting(form.rows.variable, by: at)
            .substituting(form.depth.variable, by: loops.wholeDepth)
        let conditions = conditions([(at, form.rows.extent, form.tile.rows)])
        let place = form.ownLeft(loops.blockDepth, step: Dim(symbol: loops.step), row: Dim(symbol: lane))
        let element: KernelExpression =
            conditions.isEmpty ? .load(source, index) : .loadWhere(source, index, conditions)
        let ahead = index.substituting(lane, by: 0)
            .substituting(loops.depthVariable, by: loops.blockDepth + Dim(Self.rowsAhead))
        let vectors = (form.tile.rows + form.lanes - 1) / form.lanes
        let copy = KernelLoop(
            lane, .count(Dim(form.tile.rows)), .vector(unroll: vectors), [.store(loops.leftBuffer, place, element)])
        return LeftDepth(
            element: .load(source, loops.placed(loops.left)), copy: [.prefetch(source, ahead, to: .first), .loop(copy)])
    }

    /// Copies the columns at hand of the right operand into panels; `place` says where the row of one is, for a depth and a column
    /// within the block.
    private mutating func rightCopy(
        _ loops: PanelLoops, _ root: GraphOp, through transpose: GraphOp?, to goal: Int,
        _ place: (_ depth: IndexExpression, _ column: IndexExpression) -> IndexExpression
    ) -> [KernelStatement] {
        let form = loops.form
        let source = operand(.right, of: root, form, through: transpose)
        guard form.rightIsTransposed else {
            let row = panelRow(loops, source, to: goal, place(loops.blockDepth, Dim(symbol: loops.panel)))
            return [loops.overDepth(.serial(unroll: 1), [loops.overPanels(row)])]
        }
        let squares = panelSquares(loops, source, to: goal, place)
        return [loops.overPanels([loops.overDepth(.tile(step: form.lanes), [squares])])]
    }

    /// Transposes what is at hand of a right operand that is contiguous along the depth: as many depths as vectors are long, for all columns of a panel.
    private mutating func panelSquares(
        _ loops: PanelLoops, _ source: Int, to goal: Int,
        _ place: (_ depth: IndexExpression, _ column: IndexExpression) -> IndexExpression
    ) -> KernelStatement {
        let form = loops.form
        let panel = Dim(symbol: loops.panel)
        let (column, row, lane) = (fresh("c"), fresh("r"), fresh("v"))
        let inPanel = Dim(symbol: column) + Dim(symbol: row)
        let depth = loops.wholeDepth + Dim(symbol: lane)
        let at = Dim(symbol: form.columns.variable) + panel + inPanel
        let index = loops.right.substituting(form.depth.variable, by: depth)
            .substituting(form.columns.variable, by: at)
        let conditions = conditions([(depth, form.depth.extent, form.lanes), (at, form.columns.extent, form.width)])
        let element: KernelExpression =
            conditions.isEmpty ? .load(source, index) : .loadWhere(source, index, conditions)
        let store = KernelStatement.store(
            goal, place(loops.blockDepth + Dim(symbol: lane), panel) + inPanel, element)
        return .loop(
            KernelLoop(
                column, .count(Dim(form.width)), .tile(step: form.lanes),
                [squareBlock(row, lane, form.lanes, store)]))
    }
}
