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

/// An operand of a product of tiles.
enum TileSide { case left, right }

/// An operand that is to be split.
struct SplitOperand {
    var side: TileSide
    var buffer: Int
    /// The element at the variables of its axes.
    var index: IndexExpression
    var free: LoopAxis
    var depth: LoopAxis
    /// Whether neighbours along the depth are neighbours in memory, not those along the free axis.
    var isAlongDepth: Bool
    /// The free axis is covered in blocks of as many: past its end, elements are 0.
    var multiple: Int
}

extension KernelDraft {
    /// The contraction over fresh variables, and its form as a product of tiles, which must exist.
    private mutating func matrixForm(
        _ root: GraphOp, _ precision: Precision, _ transpose: GraphOp?
    ) throws -> (Contraction, MatrixForm) {
        let contraction = dotAxes(root, through: transpose)
        guard let form = MatrixForm(contraction, resultShape: type(root.results[0]).shape, precision: precision) else {
            throw GraphError("'\(root.name)' is no product of matrices", place: root.place?.description)
        }
        return (contraction, form)
    }

    /// How a contraction is a product of bf16 tiles on this target, if it can be one and it pays, or is `wanted`. The right operand
    /// may be read before a `transpose` that makes it.
    mutating func matrixPlan(
        ifWorthwhile root: GraphOp, _ precision: Precision, through transpose: GraphOp?, wanted: Bool
    ) -> MatrixPlan? {
        guard target.hasTileRegisters, root.name == "dot",
            (root.operands + root.results).allSatisfy({ type($0).dtype == .f32 })
        else { return nil }
        let contraction = dotAxes(root, through: transpose)
        guard let form = MatrixForm(contraction, resultShape: type(root.results[0]).shape, precision: precision),
            let (size, least) = wanted ? form.wanted : form.threshold(ranges: ranges)
        else { return nil }
        let condition = least > 0 ? CallCondition(size, in: least..<Int.max) : nil
        func copy(_ side: TileSide, _ value: ValueID, _ element: IndexExpression, _ free: LoopAxis) -> SplitCopy {
            let element = element.substituting(free.variable, by: Dim(symbol: "free"))
                .substituting(form.depth.variable, by: Dim(symbol: "depth"))
            let layout = "\(side): \(element) of \(free.extent) by \(form.depth.extent) in \(precision.parts)"
            return SplitCopy(value: value, layout: layout, condition: condition)
        }
        let right = transpose?.operands[0] ?? root.operands[1]
        return MatrixPlan(
            size: size, atLeast: least, left: copy(.left, root.operands[0], contraction.left, form.rows),
            right: form.panelDepth == nil ? copy(.right, right, contraction.right, form.columns) : nil)
    }

    /// Splits the left operand into bf16 parts, in the order in which tiles read it.
    mutating func lowerSplitLeft(
        _ root: GraphOp, _ precision: Precision, through transpose: GraphOp?, to goal: BufferSubject
    ) throws {
        hint = "split"
        let (contraction, form) = try matrixForm(root, precision, transpose)
        let source = buffer(.value(root.operands[0]), type(root.operands[0]), .read)
        let split = buffer(goal, TensorType(.i32, [form.leftCount]), .write)
        let (i, k) = (Dim(symbol: form.rows.variable), Dim(symbol: form.depth.variable))
        let operand = SplitOperand(
            side: .left, buffer: source, index: contraction.left, free: form.rows, depth: form.depth,
            isAlongDepth: !form.leftIsTransposed, multiple: 16)
        let block = splitBlock(operand, precision, free: i, depth: k, to: split) { form.left(i, k, part: $0) }
        let depths = KernelStatement.loop(
            KernelLoop(form.depth.variable, .count(form.depth.extent), .tile(step: 32), [block]))
        append(.loop(KernelLoop(form.rows.variable, .count(form.rows.extent), .tile(step: 16), [depths])))
        parallelize(over: form.rows, step: 16, workInside: form.depth.extent, goal: 25_000)
    }

    /// Splits the right operand into bf16 parts, in the order in which tiles read it.
    mutating func lowerSplitRight(
        _ root: GraphOp, _ precision: Precision, through transpose: GraphOp?, to goal: BufferSubject
    ) throws {
        hint = "split"
        let (contraction, form) = try matrixForm(root, precision, transpose)
        let operand = rightOperand(root, contraction, form, transpose)
        let split = buffer(goal, TensorType(.i32, [form.rightCount]), .write)
        let (j, k) = (Dim(symbol: form.columns.variable), Dim(symbol: form.depth.variable))
        let block = splitBlock(operand, precision, free: j, depth: k, to: split) { form.right(k, j, part: $0) }
        let columns = LoopAxis(variable: form.columns.variable, extent: paddedColumns(form))
        let inner = KernelStatement.loop(
            KernelLoop(form.depth.variable, .count(form.depth.extent), .tile(step: 32), [block]))
        append(.loop(KernelLoop(columns.variable, .count(columns.extent), .tile(step: 16), [inner])))
        parallelize(over: columns, step: 16, workInside: form.depth.extent, goal: 25_000)
    }

    private mutating func rightOperand(
        _ root: GraphOp, _ contraction: Contraction, _ form: MatrixForm, _ transpose: GraphOp?
    ) -> SplitOperand {
        let value = transpose?.operands[0] ?? root.operands[1]
        return SplitOperand(
            side: .right, buffer: buffer(.value(value), type(value), .read), index: contraction.right,
            free: form.columns, depth: form.depth, isAlongDepth: form.rightIsTransposed, multiple: MatrixForm.block)
    }

    /// The products of split operands: 32 × 32 results in four tile registers, then the operations on them.
    mutating func lowerMatrix(
        _ group: GroupView, root: GraphOp, _ precision: Precision, through transpose: GraphOp?,
        operands: SplitOperands
    ) throws {
        hint = "\(root.name)_tiles"
        let (contraction, form) = try matrixForm(root, precision, transpose)
        let block = MatrixForm.block
        let columnGroup = form.columnGroup(ranges: ranges)
        let width = columnGroup * block
        let left = buffer(operands.left, TensorType(.i32, [form.leftCount]), .read)
        let right =
            if let subject = operands.right {
                buffer(subject, TensorType(.i32, [form.rightCount]), .read)
            } else {
                local(TensorType(.i32, [Dim(form.panelCount * columnGroup)]))
            }
        let resultRows = form.sumsInMemory ? form.rowBlock : block
        let results = local(TensorType(.f32, [Dim(resultRows * block)]))
        let (pair, panel, row, lane, step) = (fresh("i"), fresh("j"), fresh("r"), fresh("v"), fresh("k"))
        let (p, b, r, v) = (Dim(symbol: pair), Dim(symbol: panel), Dim(symbol: row), Dim(symbol: lane))
        let (i, k) = (Dim(symbol: form.rows.variable), Dim(symbol: form.depth.variable))
        let j = Dim(symbol: form.columns.variable) + b
        let within = form.sumsInMemory ? Dim(symbol: step) : k
        let products = tileProducts(form.precision) { side, part, half in
            let start = Dim(half * 16)
            if side == .left {
                return (left, form.left(i + p + start, form.sumsInMemory ? k + within : k, part: part), 16)
            }
            return (
                right,
                operands.right == nil ? form.panel(within, b, half, part: part) : form.right(k, j + start, part: part),
                16
            )
        }
        let place = form.sumsInMemory ? p * Dim(block) : Dim(0)
        func overRegisters(_ operation: (_ register: Int, _ at: IndexExpression) -> TileOperation) -> [KernelStatement]
        {
            (0..<4).map { .tile(operation($0, place + Dim($0 / 2 * 16 * block + $0 % 2 * 16))) }
        }
        let store = overRegisters { .store($0, buffer: results, $1, stride: block) }
        func placed(_ expression: IndexExpression) -> IndexExpression {
            expression.substituting(form.columns.variable, by: j + v)
                .substituting(form.rows.variable, by: i + p + r)
        }
        scopes.append(BodyScope(variables: [form.rows.variable, form.columns.variable, pair, panel, lane, row]))
        bind(
            root.results[0], at: contraction.indices.map(placed),
            to: .load(results, place + r * Dim(block) + v))
        try storeOutputs(group, contraction.indices.map(placed))
        let finish = KernelStatement.loop(
            KernelLoop(
                row, .tile(pair), .serial(unroll: 1),
                [.loop(KernelLoop(lane, .tile(panel), .vector(unroll: block / 16), close()))]))
        func overPanels(_ body: [KernelStatement]) -> KernelStatement {
            .loop(KernelLoop(panel, .tile(form.columns.variable), .tile(step: block), body))
        }
        func overPairs(_ body: [KernelStatement]) -> KernelStatement {
            .loop(KernelLoop(pair, .tile(form.rows.variable), .tile(step: block), [overPanels(body)]))
        }
        func overRows(_ body: [KernelStatement]) -> KernelStatement {
            .loop(KernelLoop(form.rows.variable, .count(form.rows.extent), .tile(step: form.rowBlock), body))
        }
        func overColumns(_ body: [KernelStatement]) -> KernelStatement {
            .loop(KernelLoop(form.columns.variable, .count(form.columns.extent), .tile(step: width), body))
        }
        let operand = operands.right == nil ? rightOperand(root, contraction, form, transpose) : nil
        /// The parts of a task's columns at depth `at`, for what `variable` runs through.
        func panels(at depth: IndexExpression, over variable: String, _ extent: LoopExtent) -> [KernelStatement] {
            guard let operand else { return [] }
            let halves = (0..<2).map { half in
                splitBlock(operand, precision, free: j + Dim(half * 16), depth: depth, to: right) {
                    form.panel(Dim(symbol: variable), b, half, part: $0)
                }
            }
            return [overPanels([.loop(KernelLoop(variable, extent, .tile(step: 32), halves))])]
        }
        if form.sumsInMemory {
            let zero = KernelStatement.loop(
                KernelLoop(
                    lane, .count(Dim(resultRows * block)), .vector(unroll: 4),
                    [.store(results, v, .constant(0, .f32))]))
            let load = overRegisters { .load($0, buffer: results, $1, stride: block) }
            let extent = LoopExtent.tile(form.depth.variable)
            let sums = load + [.loop(KernelLoop(step, extent, .tile(step: 32), products))] + store
            let depths = KernelStatement.loop(
                KernelLoop(
                    form.depth.variable, .count(form.depth.extent), .tile(step: form.panelDepth ?? 32),
                    panels(at: k + within, over: step, extent) + [overPairs(sums)]))
            append(overColumns([overRows([zero, depths, overPairs([finish])])]))
            parallelize(over: form.columns, step: width, workInside: form.rows.extent * form.depth.extent)
            return
        }
        let extent = LoopExtent.count(form.depth.extent)
        let sums =
            (0..<4).map { KernelStatement.tile(.clear($0)) }
            + [.loop(KernelLoop(form.depth.variable, extent, .tile(step: 32), products))] + store
        let pairs = overPairs(sums + [finish])
        if form.rowsOuter {
            append(overRows([overColumns([pairs])]))
            parallelize(over: form.rows, step: form.rowBlock, workInside: form.columns.extent * form.depth.extent)
        } else {
            append(overColumns(panels(at: k, over: form.depth.variable, extent) + [overRows([pairs])]))
            parallelize(over: form.columns, step: width, workInside: form.rows.extent * form.depth.extent)
        }
    }

    // MARK: Parts

    /// Statements that split the 16 × 32 elements of an operand from (free, depth) on into words of parts.
    mutating func splitBlock(
        _ operand: SplitOperand, _ precision: Precision, free: IndexExpression, depth: IndexExpression, to goal: Int,
        place: (_ part: Int) -> IndexExpression
    ) -> KernelStatement {
        let (row, lane) = (fresh("r"), fresh("v"))
        let (r, v) = (Dim(symbol: row), Dim(symbol: lane))
        let (freeOffset, depthOffset) = operand.isAlongDepth ? (r, v) : (v, r)
        func element(_ at: Int) -> KernelExpression {
            let (free, depth) = (free + freeOffset, depth + depthOffset + Dim(16 * at))
            let index = operand.index.substituting(operand.depth.variable, by: depth)
                .substituting(operand.free.variable, by: free)
            let conditions = [(depth, operand.depth.extent, 32), (free, operand.free.extent, operand.multiple)]
                .filter { ($1.constant ?? 1) % $2 != 0 }.map { IndexCondition($0.0, below: $0.1) }
            return conditions.isEmpty
                ? .load(operand.buffer, index) : .loadWhere(operand.buffer, index, conditions)
        }
        let offset = operand.side == .left ? freeOffset * 16 + depthOffset : depthOffset * 16 + freeOffset
        let stores = splitPairs(element(0), element(1), precision) { .store(goal, place($0) + offset, $1) }
        let vectors = KernelStatement.loop(KernelLoop(lane, .count(16), .vector(unroll: 1), stores))
        // Words that lie in columns are stored by the block; others row by row.
        let isInRows = (operand.side == .left) == operand.isAlongDepth
        return .loop(KernelLoop(row, .count(16), isInRows ? .serial(unroll: 4) : .unroll, [vectors]))
    }

    /// Statements that split two elements into parts, each the rounding of what the ones before leave, stored as words.
    mutating func splitPairs(
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

    /// One step along the depth: results in registers 0 to 3 (two by two), left blocks in 4 and 5, right ones in 6 and 7. A block
    /// is loaded just before it is first used, so that products go on meanwhile.
    func tileProducts(
        _ precision: Precision,
        place: (_ side: TileSide, _ part: Int, _ half: Int) -> (buffer: Int, index: IndexExpression, stride: Int)
    ) -> [KernelStatement] {
        var statements: [KernelStatement] = []
        var held: (left: Int, right: Int) = (-1, -1)
        for (left, right) in precision.products {
            var missing: Set<Int> = []
            if held.left != left { missing.formUnion([4, 5]) }
            if held.right != right { missing.formUnion([6, 7]) }
            held = (left, right)
            // Both products of a block that is loaded follow each other.
            for register in missing.contains(4) ? [0, 1, 2, 3] : [0, 2, 1, 3] {
                let factors = [4 + register / 2, 6 + register % 2]
                for factor in factors where missing.remove(factor) != nil {
                    let side = factor < 6 ? TileSide.left : .right
                    let (buffer, index, stride) = place(side, side == .left ? left : right, factor % 2)
                    statements.append(.tile(.load(factor, buffer: buffer, index, stride: stride)))
                }
                statements.append(.tile(.multiply(into: register, left: factors[0], right: factors[1])))
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
