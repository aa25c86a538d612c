import GraphIR
import HostTensors
import KernelIR

/// The split copies of a contraction's operands; without `right` each task splits the columns it works on.
struct SplitOperands {
    var left: BufferSubject
    var right: BufferSubject?
}

/// When a contraction is a product of tiles, and what its split operands are: equal copies are made once.
struct MatrixPlan {
    /// The size that decides, and the least for which tiles are used; 0 for always.
    var size: Dim
    var atLeast: Int
    /// The split copies; without `right` each task splits the columns it works on.
    var left: SplitCopy
    var right: SplitCopy?
}

/// What an operand's split copy is of.
struct SplitCopy: Hashable {
    var value: ValueID
    /// Where elements come from and go to.
    var layout: String
    /// When it is made.
    var condition: CallCondition?
}

extension KernelDraft {
    /// The contraction over fresh variables, and its form as a product of tiles, which must exist.
    private mutating func matrixForm(_ root: GraphOp, _ precision: Precision) throws -> (Contraction, MatrixForm) {
        let contraction = dotAxes(root)
        guard let form = MatrixForm(contraction, resultShape: type(root.results[0]).shape, precision: precision) else {
            throw GraphError("'\(root.name)' is no product of matrices", place: root.place?.description)
        }
        return (contraction, form)
    }

    /// How a contraction is a product of bf16 tiles on this target, if it can be one and it pays, or is `wanted`.
    mutating func matrixPlan(ifWorthwhile root: GraphOp, _ precision: Precision, wanted: Bool) -> MatrixPlan? {
        guard target.hasTileRegisters, root.name == "dot",
            (root.operands + root.results).allSatisfy({ type($0).dtype == .f32 })
        else { return nil }
        let contraction = dotAxes(root)
        guard let form = MatrixForm(contraction, resultShape: type(root.results[0]).shape, precision: precision),
            let (size, least) = wanted ? form.wanted : form.threshold(ranges: ranges)
        else { return nil }
        let condition = least > 0 ? CallCondition(size, in: least..<Int.max) : nil
        func copy(_ operand: Int, _ element: IndexExpression, _ free: LoopAxis) -> SplitCopy {
            let element = element.substituting(free.variable, by: Dim(symbol: "free"))
                .substituting(form.depth.variable, by: Dim(symbol: "depth"))
            let layout = "\(operand): \(element) of \(free.extent) by \(form.depth.extent) in \(precision.parts)"
            return SplitCopy(value: root.operands[operand], layout: layout, condition: condition)
        }
        return MatrixPlan(
            size: size, atLeast: least, left: copy(0, contraction.left, form.rows),
            right: form.panelCount == nil ? copy(1, contraction.right, form.columns) : nil)
    }

    /// Splits the left operand into bf16 parts, in the order in which tiles read it.
    mutating func lowerSplitLeft(_ root: GraphOp, _ precision: Precision, to goal: BufferSubject) throws {
        hint = "split"
        let (contraction, form) = try matrixForm(root, precision)
        let source = buffer(.value(root.operands[0]), type(root.operands[0]), .read)
        let (row, lane) = (fresh("r"), fresh("v"))
        let (i, k) = (Dim(symbol: form.rows.variable), Dim(symbol: form.depth.variable))
        let (r, v) = (Dim(symbol: row), Dim(symbol: lane))
        var statements: [KernelStatement]
        if form.leftIsTransposed {
            let split = buffer(goal, TensorType(.i32, [form.leftCount.dividedExactly(by: 2) ?? form.leftCount]), .write)
            func element(_ at: Int) -> KernelExpression {
                let (depth, place) = (k + r * 2 + Dim(at), i + v)
                return .loadWhere(
                    source, substituted(contraction.left, form, row: place, depth: depth),
                    [IndexCondition(depth, below: form.depth.extent), IndexCondition(place, below: form.rows.extent)])
            }
            let stores = splitPairs(element(0), element(1), form.precision) { part, word in
                let place = form.left(i, k, part: part)
                return .store(split, (place.dividedExactly(by: 2) ?? place) + v * 16 + r, word)
            }
            statements = [
                .loop(
                    KernelLoop(
                        row, .count(16), .unroll, [.loop(KernelLoop(lane, .count(16), .vector(unroll: 1), stores))]))
            ]
        } else {
            let split = buffer(goal, TensorType(.bf16, [form.leftCount]), .write)
            let depth = k + v
            let element = KernelExpression.loadWhere(
                source, substituted(contraction.left, form, row: i + r, depth: depth),
                [IndexCondition(depth, below: form.depth.extent)])
            let stores = splitParts(element, form.precision) { part, value in
                .store(split, form.left(i, k, part: part) + r * 32 + v, value)
            }
            statements = [
                .loop(
                    KernelLoop(
                        row, .tile(form.rows.variable), .serial(unroll: 1),
                        [.loop(KernelLoop(lane, .count(32), .vector(unroll: 2), stores))]))
            ]
        }
        statements = [.loop(KernelLoop(form.depth.variable, .count(form.depth.extent), .tile(step: 32), statements))]
        append(.loop(KernelLoop(form.rows.variable, .count(form.rows.extent), .tile(step: 16), statements)))
        parallelize(over: form.rows, step: 16, workInside: form.depth.extent, goal: 25_000)
    }

    /// Splits the right operand into bf16 parts, in the order in which tiles read it.
    mutating func lowerSplitRight(_ root: GraphOp, _ precision: Precision, to goal: BufferSubject) throws {
        hint = "split"
        let (contraction, form) = try matrixForm(root, precision)
        let split = buffer(goal, TensorType(.i32, [form.rightCount.dividedExactly(by: 2) ?? form.rightCount]), .write)
        let (j, k) = (Dim(symbol: form.columns.variable), Dim(symbol: form.depth.variable))
        let block = splitRightBlock(root, contraction, form, column: j, to: split) { form.right(k, j, part: $0) }
        let columns = LoopAxis(variable: form.columns.variable, extent: paddedColumns(form))
        let inner = KernelStatement.loop(
            KernelLoop(columns.variable, .count(columns.extent), .tile(step: 16), [block]))
        append(.loop(KernelLoop(form.depth.variable, .count(form.depth.extent), .tile(step: 32), [inner])))
        parallelize(over: form.depth, step: 32, workInside: columns.extent, goal: 25_000)
    }

    /// Splits 32 of the depth × 16 columns, from the depth's variable and `column` on, to where `place` says for each part.
    private mutating func splitRightBlock(
        _ root: GraphOp, _ contraction: Contraction, _ form: MatrixForm, column: IndexExpression, to goal: Int,
        place: (_ part: Int) -> IndexExpression
    ) -> KernelStatement {
        let source = buffer(.value(root.operands[1]), type(root.operands[1]), .read)
        let (row, lane) = (fresh("r"), fresh("v"))
        let (r, v) = (Dim(symbol: row), Dim(symbol: lane))
        func element(_ at: Int) -> KernelExpression {
            let depth = Dim(symbol: form.depth.variable) + r * 2 + Dim(at)
            return .loadWhere(
                source, substituted(contraction.right, form, column: column + v, depth: depth),
                [
                    IndexCondition(depth, below: form.depth.extent),
                    IndexCondition(column + v, below: form.columns.extent),
                ])
        }
        let stores = splitPairs(element(0), element(1), form.precision) { part, word in
            .store(goal, place(part) + r * 16 + v, word)
        }
        return .loop(
            KernelLoop(row, .count(16), .unroll, [.loop(KernelLoop(lane, .count(16), .vector(unroll: 1), stores))]))
    }

    /// The products of split operands: 32 × 32 results in four tile registers, then the operations on them.
    mutating func lowerMatrix(
        _ group: GroupView, root: GraphOp, _ precision: Precision, operands: SplitOperands
    ) throws {
        hint = "\(root.name)_tiles"
        let (contraction, form) = try matrixForm(root, precision)
        let block = MatrixForm.block
        let columnGroup = form.columnGroup(ranges: ranges)
        let width = columnGroup * block
        let left = buffer(
            operands.left,
            form.leftIsTransposed
                ? TensorType(.i32, [form.leftCount.dividedExactly(by: 2) ?? form.leftCount])
                : TensorType(.bf16, [form.leftCount]), .read)
        let right =
            if let subject = operands.right {
                buffer(
                    subject, TensorType(.i32, [form.rightCount.dividedExactly(by: 2) ?? form.rightCount]), .read)
            } else {
                local(TensorType(.i32, [Dim((form.panelCount ?? 0) * columnGroup)]))
            }
        let results = local(TensorType(.f32, [Dim(block * block)]))
        let (pair, panel, row, lane) = (fresh("i"), fresh("j"), fresh("r"), fresh("v"))
        let (p, b, r, v) = (Dim(symbol: pair), Dim(symbol: panel), Dim(symbol: row), Dim(symbol: lane))
        let (i, k) = (Dim(symbol: form.rows.variable), Dim(symbol: form.depth.variable))
        let j = Dim(symbol: form.columns.variable) + b
        let products = tileProducts(form.precision) { side, part, half in
            let start = Dim(half * 16)
            if side == .left {
                let place = form.left(i + p + start, k, part: part)
                return form.leftIsTransposed
                    ? (left, place.dividedExactly(by: 2) ?? place, 16) : (left, place, 32)
            }
            let place =
                operands.right == nil
                ? form.panel(k, b, half, part: part) : form.right(k, j + start, part: part)
            return (right, place, 16)
        }
        let sums =
            (0..<4).map { KernelStatement.tile(.clear($0)) }
            + [.loop(KernelLoop(form.depth.variable, .count(form.depth.extent), .tile(step: 32), products))]
            + (0..<4).map { register in
                let start = Dim(register / 2 * 16 * block + register % 2 * 16)
                return .tile(.store(register, buffer: results, start, stride: block))
            }
        func placed(_ expression: IndexExpression) -> IndexExpression {
            expression.substituting(form.columns.variable, by: j + v)
                .substituting(form.rows.variable, by: i + p + r)
        }
        scopes.append(BodyScope(variables: [form.rows.variable, form.columns.variable, pair, panel, lane, row]))
        bind(
            root.results[0], at: contraction.indices.map(placed), to: .load(results, r * Dim(block) + v))
        try storeOutputs(group, contraction.indices.map(placed))
        let finish = KernelStatement.loop(
            KernelLoop(lane, .tile(panel), .vector(unroll: block / 16), close()))
        func overPanels(_ body: [KernelStatement]) -> KernelStatement {
            .loop(KernelLoop(panel, .tile(form.columns.variable), .tile(step: block), body))
        }
        let pairs = KernelStatement.loop(
            KernelLoop(
                pair, .tile(form.rows.variable), .tile(step: block),
                [overPanels(sums + [.loop(KernelLoop(row, .tile(pair), .serial(unroll: 1), [finish]))])]))
        var panels: [KernelStatement] = []
        if operands.right == nil {
            let halves = (0..<2).map { half in
                splitRightBlock(root, contraction, form, column: j + Dim(half * 16), to: right) {
                    form.panel(k, b, half, part: $0)
                }
            }
            panels = [
                overPanels([.loop(KernelLoop(form.depth.variable, .count(form.depth.extent), .tile(step: 32), halves))])
            ]
        }
        func overRows(_ body: [KernelStatement]) -> KernelStatement {
            .loop(KernelLoop(form.rows.variable, .count(form.rows.extent), .tile(step: form.rowBlock), body))
        }
        func overColumns(_ body: [KernelStatement]) -> KernelStatement {
            .loop(KernelLoop(form.columns.variable, .count(form.columns.extent), .tile(step: width), body))
        }
        if form.rowsOuter {
            append(overRows([overColumns([pairs])]))
            parallelize(over: form.rows, step: form.rowBlock, workInside: form.columns.extent * form.depth.extent)
        } else {
            append(overColumns(panels + [overRows([pairs])]))
            parallelize(over: form.columns, step: width, workInside: form.rows.extent * form.depth.extent)
        }
    }

    // MARK: Parts

    /// An expression of the contraction at other rows, columns or depths.
    private func substituted(
        _ expression: IndexExpression, _ form: MatrixForm, row: IndexExpression? = nil,
        column: IndexExpression? = nil, depth: IndexExpression
    ) -> IndexExpression {
        var result = expression.substituting(form.depth.variable, by: depth)
        if let row { result = result.substituting(form.rows.variable, by: row) }
        if let column { result = result.substituting(form.columns.variable, by: column) }
        return result
    }

    /// Statements that split one element into parts, each the rounding of what the ones before leave.
    private mutating func splitParts(
        _ element: KernelExpression, _ precision: Precision,
        store: (_ part: Int, _ value: KernelExpression) -> KernelStatement
    ) -> [KernelStatement] {
        let (names, statements) = parts(of: element, precision)
        return statements + names.enumerated().map { store($0.offset, .local($0.element)) }
    }

    /// The same for two neighbours along the depth, stored as words.
    private mutating func splitPairs(
        _ first: KernelExpression, _ second: KernelExpression, _ precision: Precision,
        store: (_ part: Int, _ word: KernelExpression) -> KernelStatement
    ) -> [KernelStatement] {
        let (low, lowStatements) = parts(of: first, precision)
        let (high, highStatements) = parts(of: second, precision)
        return lowStatements + highStatements
            + low.indices.map { store($0, .pair(.local(low[$0]), .local(high[$0]))) }
    }

    private mutating func parts(
        of element: KernelExpression, _ precision: Precision
    ) -> (names: [String], statements: [KernelStatement]) {
        var rest = fresh("x")
        var names: [String] = []
        var statements: [KernelStatement] = [.define(rest, element)]
        for part in 0..<precision.parts {
            let name = fresh("p")
            names.append(name)
            statements.append(.define(name, .apply(.cast, [.local(rest)], .bf16)))
            guard part + 1 < precision.parts else { break }
            let next = fresh("x")
            let taken = KernelExpression.apply(.cast, [.local(name)], .f32)
            statements.append(.define(next, .apply(.sub, [.local(rest), taken], .f32)))
            rest = next
        }
        return (names, statements)
    }

    private enum TileSide { case left, right }

    /// One step along the depth: results in registers 0 to 3 (two by two), left blocks in 4 and 5, right ones in 6 and 7.
    private func tileProducts(
        _ precision: Precision,
        place: (_ side: TileSide, _ part: Int, _ half: Int) -> (buffer: Int, index: IndexExpression, stride: Int)
    ) -> [KernelStatement] {
        var statements: [KernelStatement] = []
        var held: (left: Int, right: Int) = (-1, -1)
        func load(_ side: TileSide, _ part: Int, from register: Int) {
            for half in 0..<2 {
                let (buffer, index, stride) = place(side, part, half)
                statements.append(.tile(.load(register + half, buffer: buffer, index, stride: stride)))
            }
        }
        for (left, right) in precision.products {
            if held.left != left { load(.left, left, from: 4) }
            if held.right != right { load(.right, right, from: 6) }
            held = (left, right)
            for register in 0..<4 {
                statements.append(
                    .tile(.multiply(into: register, left: 4 + register / 2, right: 6 + register % 2)))
            }
        }
        return statements
    }

    private func paddedColumns(_ form: MatrixForm) -> Dim {
        let count = form.columns.extent.constant ?? 0
        return Dim((count + MatrixForm.block - 1) / MatrixForm.block * MatrixForm.block)
    }

    mutating func parallelize(over axis: LoopAxis, step: Int, workInside: Dim, goal: Int = 400_000) {
        let chunk = chunk(workPerIteration: workInside, step: step, goal: goal)
        let extent = axis.extent
        if extent.bounds(ranges).upperBound > chunk {
            parallel = ParallelLoop(variable: axis.variable, extent: extent, chunk: chunk)
        }
    }
}
