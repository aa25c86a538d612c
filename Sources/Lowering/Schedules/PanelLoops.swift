import GraphIR
import KernelIR

/// The loops of a product in panels, and where its operands are.
struct PanelLoops {
    let form: PanelForm
    let contraction: Contraction
    /// The elements of the form's operands.
    var left: IndexExpression { form.isExchanged ? contraction.right : contraction.left }
    var right: IndexExpression { form.isExchanged ? contraction.left : contraction.right }
    /// The variables within a block: of a register tile's rows, of a panel, of a row and a column in those, and of the depth.
    let step: String
    let panel: String
    let row: String
    let lane: String
    let within: String
    /// The variable of a depth within a square of a right operand that is transposed while it is multiplied; nil elsewhere.
    var inSquare: String?
    var leftBuffer = 0
    var rightBuffer = 0

    /// A depth, counted from the beginning of the block, and from that of the operand.
    var blockDepth: IndexExpression { Dim(symbol: depthVariable) + (inSquare.map { Dim(symbol: $0) } ?? 0) }
    var depthVariable: String { form.depthBlock == nil ? form.depth.variable : within }
    var wholeDepth: IndexExpression {
        (form.depthBlock == nil ? 0 : Dim(symbol: form.depth.variable)) + blockDepth
    }

    /// An element of an operand or the result for the tile at hand.
    func placed(_ expression: IndexExpression) -> IndexExpression {
        expression
            .substituting(
                form.columns.variable,
                by: Dim(symbol: form.columns.variable) + Dim(symbol: panel) + Dim(symbol: lane)
            )
            .substituting(
                form.rows.variable, by: Dim(symbol: form.rows.variable) + Dim(symbol: step) + Dim(symbol: row)
            )
            .substituting(form.depth.variable, by: wholeDepth)
    }

    var leftElement: KernelExpression {
        form.left == .inPlace
            ? .load(leftBuffer, placed(left))
            : .load(leftBuffer, form.ownLeft(blockDepth, step: Dim(symbol: step), row: Dim(symbol: row)))
    }

    var rightElement: KernelExpression {
        let lane = Dim(symbol: lane)
        return switch form.right {
        case .inPlace: .load(rightBuffer, placed(right))
        case .own: .load(rightBuffer, form.ownRight(blockDepth, Dim(symbol: panel)) + lane)
        case .leftBehind: .load(rightBuffer, form.ownRight(blockDepth, 0) + lane)
        case .prepared:
            .load(
                rightBuffer,
                form.prepared(wholeDepth, Dim(symbol: form.columns.variable) + Dim(symbol: panel)) + lane)
        }
    }

    /// Asks for a part of the register tile's next rows, of all that are read where they are while one tile is multiplied: rows are too short
    /// for a processor to fetch them ahead by itself, and there are others between two that it uses.
    var nextRows: [KernelStatement] {
        guard form.left == .inPlace, !form.leftIsTransposed, !form.streams, form.depthBlock == nil,
            left.step(form.rows.variable) == form.depth.extent
        else { return [] }
        let rows = Dim(form.tile.rows)
        let next = left.substituting(
            form.rows.variable, by: Dim(symbol: form.rows.variable) + Dim(symbol: step) + rows
        ).substituting(form.depth.variable, by: rows * wholeDepth)
        return [.prefetch(leftBuffer, next)]
    }

    /// Asks for the row of the next panel that follows this one, where panels come from beyond a second cache; of the panel after
    /// it where rows are read where they are.
    var nextPanel: [KernelStatement] {
        if form.streams {
            // Rows that are whole pages apart meet in the same lines.
            guard right.step(form.depth.variable).constant.map({ $0 % 1024 != 0 }) ?? false else { return [] }
            let first = placed(right).substituting(lane, by: 0)
            let next = first.substituting(panel, by: Dim(symbol: panel) + Dim(2 * form.width))
            return linesAhead(rightBuffer, next, count: form.width, to: .first)
        }
        guard form.right == .prepared else { return [] }
        let column = Dim(symbol: form.columns.variable) + Dim(symbol: panel) + Dim(form.width)
        return linesAhead(rightBuffer, form.prepared(wholeDepth, column), count: form.width)
    }

    // MARK: Loops

    func overDepth(_ kind: LoopKind, _ body: [KernelStatement]) -> KernelStatement {
        form.depthBlock == nil
            ? .loop(KernelLoop(form.depth.variable, .count(form.depth.extent), kind, body))
            : .loop(KernelLoop(within, .tile(form.depth.variable), kind, body))
    }

    func overDepthBlocks(_ body: [KernelStatement]) -> [KernelStatement] {
        guard let block = form.depthBlock else { return body }
        return [.loop(KernelLoop(form.depth.variable, .count(form.depth.extent), .tile(step: block), body))]
    }

    func overSteps(_ body: [KernelStatement], _ window: LoopWindow? = nil) -> KernelStatement {
        .loop(KernelLoop(step, .tile(form.rows.variable), window: window, .tile(step: form.tile.rows), body))
    }

    func overPanels(_ body: [KernelStatement], _ window: LoopWindow? = nil) -> KernelStatement {
        .loop(KernelLoop(panel, .tile(form.columns.variable), window: window, .tile(step: form.width), body))
    }

    func overTile(_ body: [KernelStatement]) -> KernelStatement {
        let vectors = KernelStatement.loop(
            KernelLoop(lane, .tile(panel), .vector(unroll: form.tile.vectors), body))
        return .loop(KernelLoop(row, .tile(step), .unroll, [vectors]))
    }

    func overRows(_ body: [KernelStatement]) -> KernelStatement {
        .loop(KernelLoop(form.rows.variable, .count(form.rows.extent), .tile(step: form.rowBlock), body))
    }

    func overColumns(_ body: [KernelStatement]) -> KernelStatement {
        .loop(KernelLoop(form.columns.variable, .count(form.columns.extent), .tile(step: form.columnBlock), body))
    }
}

/// What leaves a panel of the right operand behind while it is multiplied.
enum PanelCopy {
    /// Copies the row at hand.
    case row([KernelStatement])
    /// Transposes what is as deep as vectors are long, to be multiplied depth by depth of this name.
    case squares([KernelStatement], depth: String)
}

/// What register tiles read of a transposed left operand while they leave it behind.
struct LeftDepth {
    /// An element where it is.
    let element: KernelExpression
    /// Copies those of a depth.
    let copy: [KernelStatement]
}

/// The products of a block's rows with its panels.
struct PanelTiles {
    let loops: PanelLoops
    let register: String
    /// What leaves a panel behind, and a depth of rows, where that is how they are copied.
    let panelCopy: PanelCopy?
    let leftDepth: LeftDepth?

    /// The loops over panels and rows, with what is done before and after the sum over a register tile's depth.
    func statements(begin: KernelStatement, end: KernelStatement) -> [KernelStatement] {
        func rows(ofFirstPanel: Bool) -> [KernelStatement] {
            func steps(areFirst: Bool, _ window: LoopWindow?) -> KernelStatement {
                loops.overSteps([begin, sums(copyPanel: areFirst, copyRows: ofFirstPanel), end], window)
            }
            guard panelCopy != nil else { return [steps(areFirst: false, nil)] }
            return [
                steps(areFirst: true, LoopWindow(below: 1)),
                steps(areFirst: false, LoopWindow(from: Dim(loops.form.tile.rows))),
            ]
        }
        guard leftDepth != nil else { return [loops.overPanels(rows(ofFirstPanel: false))] }
        return [
            loops.overPanels(rows(ofFirstPanel: true), LoopWindow(below: 1)),
            loops.overPanels(rows(ofFirstPanel: false), LoopWindow(from: Dim(loops.form.width))),
        ]
    }

    /// The sum over the depth of a register tile, which may leave a panel and its rows behind.
    private func sums(copyPanel: Bool, copyRows: Bool) -> KernelStatement {
        switch copyPanel ? panelCopy : nil {
        case nil: return loops.overDepth(.serial(unroll: 1), products(loops, copyRows: copyRows))
        case .row(let copy):
            return loops.overDepth(.serial(unroll: 1), copy + products(loops, copyRows: copyRows))
        case .squares(let copy, let depth):
            var inSquares = loops
            inSquares.inSquare = depth
            let square = KernelLoop(
                depth, .tile(loops.depthVariable), .serial(unroll: 1), products(inSquares, copyRows: copyRows))
            return loops.overDepth(.tile(step: loops.form.lanes), copy + [.loop(square)])
        }
    }

    /// What is done for one depth.
    private func products(_ loops: PanelLoops, copyRows: Bool) -> [KernelStatement] {
        let copied = copyRows ? leftDepth : nil
        let axes = [loops.row, loops.lane]
        let product = KernelExpression.apply(
            .multiplyAdd,
            [copied?.element ?? loops.leftElement, loops.rightElement, .accumulator(register, axes)], .f32)
        return (copied?.copy ?? []) + [loops.overTile([.set(register, axes: axes, product)])] + loops.nextPanel
            + loops.nextRows
    }
}
