import GraphIR
import HostTensors
import KernelIR

/// The split copies of a contraction's operands; nil where tasks split what they work on.
struct SplitOperands {
    var left: BufferSubject?
    var right: BufferSubject?
}

/// When a contraction is a product of tiles.
struct MatrixPlan {
    /// The size that decides, and the least for which tiles are used; 0 for always.
    var size: Dim
    var atLeast: Int
    /// Whether tiles of the left operand are loaded from where it lies.
    var isInPlace: Bool
    /// The kernels, for one number of rows each.
    var variants: [MatrixVariant]
}

/// A product of tiles, and what its split operands are: equal copies are made once.
struct MatrixVariant {
    var blocks: MatrixBlocks
    /// When it is used.
    var condition: CallCondition?
    /// The split copies; nil where tasks split what they work on.
    var left: SplitCopy?
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
    private mutating func matrixForm(
        _ root: GraphOp, _ precision: Precision, _ transpose: GraphOp?, isInPlace: Bool = false
    ) throws -> (Contraction, MatrixForm) {
        let contraction = dotAxes(root, through: transpose)
        let shape = type(root.results[0]).shape
        guard
            let form = MatrixForm(
                contraction, resultShape: shape, precision: precision, isWhole: type(root.results[0]).dtype == .i32,
                target: target)
        else {
            throw GraphError("'\(root.name)' is no product of matrices", place: root.place?.description)
        }
        return (contraction, isInPlace ? form.withLeftInPlace(contraction.left) : form)
    }

    /// How a contraction is a product of bf16 tiles on this target, if it can be one and it pays, or is `wanted`. The right operand
    /// may be read before a `transpose` that makes it; `rightIsKept` says whether it stays the same from call to call, `isAlone` that nothing
    /// but the product is written. Operands of i32 are numbers of 8 bits.
    mutating func matrixPlan(
        ifWorthwhile root: GraphOp, _ precision: Precision, through transpose: GraphOp?, rightIsKept: Bool,
        wanted: Bool, isAlone: Bool
    ) -> MatrixPlan? {
        let isWhole = type(root.results[0]).dtype == .i32
        guard target.multipliesTiles(precision), root.name == "dot", isWhole || type(root.results[0]).dtype == .f32
        else { return nil }
        let contraction = dotAxes(root, through: transpose)
        let shape = type(root.results[0]).shape
        guard
            var form = MatrixForm(
                contraction, resultShape: shape, precision: precision, isWhole: isWhole, target: target)
        else { return nil }
        // Beside a kept right operand, what is made of the left one is little, and comes better in the order in which it is read.
        if isNarrowed(root.operands[0]), !rightIsKept { form = form.withLeftInPlace(contraction.left) }
        form.rightIsKept = rightIsKept
        form.division = isWhole ? nil : form.division(isAlone: isAlone)
        if form.hasScales, !rightIsKept, !wanted, !form.isFaster(than: .bfloat16, ranges: ranges) { return nil }
        guard let (size, least) = wanted ? form.wanted : form.threshold(ranges: ranges) else { return nil }
        func copy(
            _ side: TileSide, _ value: ValueID, _ element: IndexExpression, _ free: LoopAxis,
            _ condition: CallCondition?
        ) -> SplitCopy {
            let batch = side == .right ? form.rightBatch : []
            var element = element.substituting(free.variable, by: Dim(symbol: "free"))
                .substituting(form.depth.variable, by: Dim(symbol: "depth"))
            for (at, axis) in batch.enumerated() {
                element = element.substituting(axis.variable, by: Dim(symbol: "batch\(at)"))
            }
            let extents = ([free, form.depth] + batch).map(\.extent.description).joined(separator: " by ")
            let pairs = form.leftStride == nil ? "" : ", pairs of neighbours"
            let layout = "\(side): \(element) of \(extents) in \(precision)\(pairs)"
            return SplitCopy(value: value, layout: layout, condition: condition)
        }
        let right = transpose?.operands[0] ?? root.operands[1]
        let always = least > 0 ? CallCondition(size, in: least..<Int.max) : nil
        let choices = form.choices(ranges: ranges)
        let variants = choices.map { choice in
            let blocks = choice.blocks
            var condition = always
            if choices.count > 1 {
                // The number of rows is the only size that is open.
                let rows = max(least, choice.rows.lowerBound)..<max(least, choice.rows.upperBound)
                condition = CallCondition(form.rows.extent, in: rows)
            }
            return MatrixVariant(
                blocks: blocks, condition: condition,
                left: blocks.ownLeft || form.leftStride != nil
                    ? nil : copy(.left, root.operands[0], contraction.left, form.rows, condition),
                right: blocks.ownRight
                    ? nil : copy(.right, right, contraction.right, form.columns, blocks.rightIsKept ? nil : condition))
        }
        return MatrixPlan(size: size, atLeast: least, isInPlace: form.leftStride != nil, variants: variants)
    }

    /// Splits the left operand into bf16 parts, in the order in which tiles read it.
    mutating func lowerSplitLeft(
        _ root: GraphOp, _ precision: Precision, through transpose: GraphOp?, to goal: BufferSubject
    ) throws {
        let (contraction, form) = try matrixForm(root, precision, transpose)
        hint = form.hasScales ? "quantize" : "split"
        let operand = leftOperand(root, contraction, form, multiple: 16)
        let split = buffer(goal, TensorType(.i32, [form.leftCount]), .write)
        let (i, k) = (Dim(symbol: form.rows.variable), Dim(symbol: form.depth.variable))
        let scales = scales(form, in: split, at: form.leftScales + i)
        let block = splitBlock(operand, precision, free: i, depth: k, to: split, scales: scales) {
            form.left(i, k, part: $0)
        }
        let body = splitting(
            operand, [(i, scales)], precision, over: form.depth.variable, .count(form.depth.extent), [block])
        append(.loop(KernelLoop(form.rows.variable, .count(form.rows.extent), .tile(step: 16), body)))
        parallelize(over: form.rows, step: 16, workInside: form.depth.extent, goal: 25_000)
    }

    /// Splits the right operand into bf16 parts, in the order in which tiles read it.
    mutating func lowerSplitRight(
        _ root: GraphOp, _ precision: Precision, through transpose: GraphOp?, isInPlace: Bool, to goal: BufferSubject
    ) throws {
        let (contraction, form) = try matrixForm(root, precision, transpose, isInPlace: isInPlace)
        hint = form.hasScales ? "quantize" : "split"
        let operand = rightOperand(root, contraction, form, transpose)
        let split = buffer(goal, TensorType(.i32, [form.rightCount]), .write)
        let (j, k) = (Dim(symbol: form.columns.variable), Dim(symbol: form.depth.variable))
        let scales = scales(form, in: split, at: form.rightScales + j)
        let block = splitBlock(operand, precision, free: j, depth: k, to: split, scales: scales) {
            form.right(k, j, part: $0)
        }
        let columns = LoopAxis(variable: form.columns.variable, extent: paddedColumns(form))
        let body = splitting(
            operand, [(j, scales)], precision, over: form.depth.variable, .count(form.depth.extent), [block])
        let all = KernelStatement.loop(KernelLoop(columns.variable, .count(columns.extent), .tile(step: 16), body))
        guard form.rightBatch.isEmpty else {
            let work = columns.extent * form.depth.extent
            for statement in overJoined(form.rightBatch, [all], workInside: work, goal: 25_000) { append(statement) }
            return
        }
        append(all)
        parallelize(over: columns, step: 16, workInside: form.depth.extent, goal: 25_000)
    }

    /// Where the scales of 16 rows or columns go; nil where there are none.
    private mutating func scales(
        _ form: MatrixForm, in buffer: Int, at place: IndexExpression
    ) -> OperandScales? {
        guard form.hasScales else { return nil }
        return OperandScales(
            buffer: buffer, at: place, inverses: local(TensorType(.f32, [16])), inverse: 0)
    }

    /// Blocks of an operand split from each place of the depth that `variable` runs through, once their scales are found.
    private mutating func splitting(
        _ operand: SplitOperand, _ scales: [(free: IndexExpression, scales: OperandScales?)], _ precision: Precision,
        over variable: String, _ extent: LoopExtent, window: LoopWindow? = nil, _ blocks: [KernelStatement]
    ) -> [KernelStatement] {
        let found = scales.flatMap { free, scales in scales.map { findScales(operand, free: free, to: $0) } ?? [] }
        return found + [.loop(KernelLoop(variable, extent, window: window, .tile(step: precision.tileDepth), blocks))]
    }

    private mutating func leftOperand(
        _ root: GraphOp, _ contraction: Contraction, _ form: MatrixForm, multiple: Int
    ) -> SplitOperand {
        SplitOperand(
            side: .left, buffer: buffer(.value(root.operands[0]), type(root.operands[0]), .read),
            index: contraction.left, free: form.rows, depth: form.depth, isAlongDepth: !form.leftIsTransposed,
            multiple: multiple)
    }

    private mutating func rightOperand(
        _ root: GraphOp, _ contraction: Contraction, _ form: MatrixForm, _ transpose: GraphOp?
    ) -> SplitOperand {
        let value = transpose?.operands[0] ?? root.operands[1]
        return SplitOperand(
            side: .right, buffer: buffer(.value(value), type(value), .read), index: contraction.right,
            free: form.columns, depth: form.depth, isAlongDepth: form.rightIsTransposed, multiple: MatrixForm.block,
            pairsNeighbours: form.leftStride != nil)
    }

    // MARK: Products

    /// The products of tiles: 32 × 32 results in four tile registers, then the operations on them.
    mutating func lowerMatrix(
        _ group: GroupView, root: GraphOp, _ precision: Precision, through transpose: GraphOp?, in blocks: MatrixBlocks,
        isInPlace: Bool, operands: SplitOperands
    ) throws {
        hint = "\(root.name)_tiles" + (precision == .int8 ? "_int8" : "")
        var (contraction, form) = try matrixForm(root, precision, transpose, isInPlace: isInPlace)
        form.division = form.isWhole ? nil : form.division(isAlone: group.outputs == root.results)
        let tasks = form.divide(&contraction) { fresh($0) }
        var loops = MatrixLoops(
            form: form, blocks: blocks, pair: fresh("i"), panel: fresh("j"), row: fresh("r"), lane: fresh("v"))
        if case .depth = form.division { loops.sums = tasks }
        if form.leftStride != nil {
            loops.leftBuffer = buffer(.value(root.operands[0]), type(root.operands[0]), .read)
            loops.leftInPlace = contraction.left
        } else if let subject = operands.left {
            loops.leftBuffer = buffer(subject, TensorType(.i32, [form.leftCount]), .read)
        } else {
            loops.leftBuffer = local(
                TensorType(.i32, [Dim(loops.ownCount(loops.ownRows) + loops.ownScales(loops.ownRows))]))
            loops.left = leftOperand(root, contraction, form, multiple: MatrixForm.block)
        }
        if let subject = operands.right {
            loops.rightBuffer = buffer(subject, TensorType(.i32, [form.rightCount]), .read)
        } else {
            loops.rightBuffer = local(
                TensorType(.i32, [Dim(loops.ownCount(blocks.columns) + loops.ownScales(blocks.columns))]))
            loops.right = rightOperand(root, contraction, form, transpose)
        }
        let body =
            blocks.depth == nil
            ? try multiplyWhole(loops, contraction, group, root) : try multiplyInBlocks(loops, contraction, group, root)
        guard form.batch.isEmpty else {
            // A product for each place of the other axes, which threads share.
            let work = form.rows.extent * form.columns.extent * form.depth.extent
            for statement in overJoined(form.batch, [body], workInside: work) { append(statement) }
            if let sums = loops.sums { keepInOrder(sums) }
            return
        }
        append(body)
        let inner = blocks.rowsOuter ? form.columns : form.rows
        parallelize(
            over: blocks.rowsOuter ? form.rows : form.columns, step: blocks.rowsOuter ? blocks.rows : blocks.columns,
            workInside: inner.extent * form.depth.extent)
    }

    /// Products whose sums over the depth stay in tile registers.
    private mutating func multiplyWhole(
        _ loops: MatrixLoops, _ contraction: Contraction, _ group: GroupView, _ root: GraphOp
    ) throws -> KernelStatement {
        let (ready, finish) = try finishingBlock(loops, contraction, group, root)
        let depth = loops.form.depth
        let extent = LoopExtent.count(depth.extent)
        let k = Dim(symbol: depth.variable)
        let shared = buffers.indices.filter { buffers[$0].access != .local }
            .map { (number: $0, line: 64 / max(2, buffers[$0].stored.byteCount)) }
        let ahead =
            loops.nextRows(depth: k) + nextColumns(loops, depth: k)
            + loops.finished(by: finish.first, in: shared)
        let step = spread(ahead, among: products(loops, depth: k, within: k))
        let sums =
            (0..<4).map { KernelStatement.tile(.clear($0)) }
            + [
                .loop(
                    KernelLoop(
                        depth.variable, extent, window: loops.window(of: contraction),
                        .tile(step: loops.form.precision.tileDepth), step))
            ]
            + ready + finish
        let left = splitLeft(loops, depth: k, over: depth.variable, extent, loops.leftWindow(of: contraction))
        if loops.blocks.holdsRows {
            let panels = loops.overPanels([loops.overPairs(sums)])
            return loops.overRows([loops.overPairs(left), loops.overColumns([panels])])
        }
        let pairs = loops.overPairs(left + [loops.overPanels(sums)])
        let right = splitRight(loops, depth: k, over: depth.variable, extent)
        return loops.blocks.rowsOuter
            ? loops.overRows([loops.overColumns(right + [pairs])])
            : loops.overColumns(right + [loops.overRows([pairs])])
    }

    /// The statements that bring a block of results out of registers, and those that finish it in memory: none where it is complete
    /// and written as it is, after too few products to ask for its lines meanwhile.
    private mutating func finishingBlock(
        _ loops: MatrixLoops, _ contraction: Contraction, _ group: GroupView, _ root: GraphOp
    ) throws -> (ready: [KernelStatement], finish: [KernelStatement]) {
        let (form, result) = (loops.form, root.results[0])
        let place = flatten(contraction.indices, type(result).shape)
        if group.outputs == [result], loops.sums == nil, !isNarrowed(result), form.precision != .int8,
            form.depth.extent.constant ?? .max < 4 * MatrixForm.block,
            let stride = place.step(form.rows.variable).constant,
            form.rows.extent.isMultiple(of: MatrixForm.block), form.columns.extent.isMultiple(of: MatrixForm.block)
        {
            let goal = buffer(.value(result), type(result), .write)
            let first = place.substituting(form.columns.variable, by: loops.column)
                .substituting(form.rows.variable, by: loops.firstRow)
            return (loops.overRegisters(stride) { .store($0, buffer: goal, first + $1, stride: stride) }, [])
        }
        let results = local(TensorType(form.precision.sums, [Dim(MatrixForm.block * MatrixForm.block)]))
        let finish = try finishing(loops, contraction, group, root, from: results, at: 0, stride: MatrixForm.block)
        return (loops.overRegisters { .store($0, buffer: results, $1, stride: MatrixForm.block) }, [finish])
    }

    /// Products whose sums are kept in memory of the task's own, while parts of the depth are multiplied one after another.
    private mutating func multiplyInBlocks(
        _ loops: MatrixLoops, _ contraction: Contraction, _ group: GroupView, _ root: GraphOp
    ) throws -> KernelStatement {
        let (form, blocks) = (loops.form, loops.blocks)
        // Rows a little further apart than a power of two do not meet in a cache.
        let stride = blocks.columns + 16
        let count = Dim(blocks.rows * stride)
        let results = local(TensorType(.f32, [count]))
        let place = Dim(symbol: loops.pair) * Dim(stride) + Dim(symbol: loops.panel)
        let finish = try finishing(loops, contraction, group, root, from: results, at: place, stride: stride)
        let (step, extent) = (fresh("k"), LoopExtent.tile(form.depth.variable))
        let within = Dim(symbol: step)
        let k = Dim(symbol: form.depth.variable) + within
        let zero = KernelStatement.loop(
            KernelLoop(
                loops.lane, .count(count), .vector(unroll: 4),
                [.store(results, Dim(symbol: loops.lane), .constant(0, .f32))]))
        let ahead = loops.nextRows(depth: k) + loops.nextDepth(depth: k)
        let steps = spread(ahead, among: products(loops, depth: k, within: within))
        let window = loops.window(of: contraction, within: step)
        let sums =
            loops.overRegisters(stride) { .load($0, buffer: results, place + $1, stride: stride) }
            + [.loop(KernelLoop(step, extent, window: window, .tile(step: 32), steps))]
            + loops.overRegisters(stride) { .store($0, buffer: results, place + $1, stride: stride) }
        let left = splitLeft(loops, depth: k, over: step, extent, loops.leftWindow(of: contraction, within: step))
        let pairs = loops.overPairs(left + [loops.overPanels(sums)])
        let depths = KernelStatement.loop(
            KernelLoop(
                form.depth.variable, .count(form.depth.extent), .tile(step: blocks.depth ?? MatrixForm.block),
                splitRight(loops, depth: k, over: step, extent) + [pairs]))
        let body = [zero, depths, loops.overPairs([loops.overPanels([finish])])]
        return blocks.rowsOuter
            ? loops.overRows([loops.overColumns(body)]) : loops.overColumns([loops.overRows(body)])
    }

    /// What is done with a block of results that lies in memory from `place` on, row by row.
    private mutating func finishing(
        _ loops: MatrixLoops, _ contraction: Contraction, _ group: GroupView, _ root: GraphOp, from results: Int,
        at place: IndexExpression, stride: Int
    ) throws -> KernelStatement {
        let form = loops.form
        let (r, v) = (Dim(symbol: loops.row), Dim(symbol: loops.lane))
        func placed(_ expression: IndexExpression) -> IndexExpression {
            expression.substituting(form.columns.variable, by: loops.column + v)
                .substituting(form.rows.variable, by: loops.firstRow + r)
        }
        let within = [loops.pair, loops.panel, loops.lane, loops.row]
        scopes.append(BodyScope(variables: Set(contraction.outputs.map(\.variable) + within)))
        var sum = KernelExpression.load(results, place + r * Dim(stride) + v)
        if form.hasScales {
            let (row, column) = (loops.leftScales + r, loops.rightScales + v)
            sum = .apply(.cast, [sum], .f32)
            for (buffer, index) in [(loops.rightBuffer, column), (loops.leftBuffer, row)] {
                sum = .apply(.mul, [sum, .bits(.load(buffer, index), .f32)], .f32)
            }
            sum = named(sum, level: scopes.count - 1)
        }
        if let blocks = loops.sums {
            let result = buffer(.value(root.results[0]), type(root.results[0]), .write)
            readAgain(result)
            let at = flatten(contraction.indices.map(placed), type(root.results[0]).shape)
            sum = .apply(.add, [sumBefore(blocks, in: result, at), sum], .f32)
        }
        bind(root.results[0], at: contraction.indices.map(placed), to: sum)
        try storeOutputs(group, contraction.indices.map(placed))
        let lanes = KernelLoop(loops.lane, .tile(loops.panel), .vector(unroll: MatrixForm.block / 16), close())
        return .loop(KernelLoop(loops.row, .tile(loops.pair), .serial(unroll: 1), [.loop(lanes)]))
    }

    /// One step at a depth: `within` counts from where the parts begin that tasks split for themselves.
    private func products(
        _ loops: MatrixLoops, depth k: IndexExpression, within: IndexExpression
    ) -> [KernelStatement] {
        let form = loops.form
        return tileProducts(form.precision) { side, part, half in
            let start = Dim(half * 16)
            if side == .left, let stride = form.leftStride, let index = loops.leftPlace(loops.firstRow + start, k) {
                return (loops.leftBuffer, index, stride)
            }
            let index =
                switch side {
                case .left:
                    loops.left == nil
                        ? form.left(loops.firstRow + start, k, part: part)
                        : loops.own(within, loops.ownRow, half, part)
                case .right:
                    loops.right == nil
                        ? form.right(k, loops.column + start, part: part)
                        : loops.own(within, Dim(symbol: loops.panel), half, part)
                }
            return (side == .left ? loops.leftBuffer : loops.rightBuffer, index, 16)
        }
    }

    /// The kept parts of the columns that come after the task's present ones, a share for each block of rows: of few rows, they would
    /// be asked for faster than they come.
    private func nextColumns(_ loops: MatrixLoops, depth k: IndexExpression) -> [KernelStatement] {
        let (form, blocks) = (loops.form, loops.blocks)
        let rows = form.rows.extent.bounds(ranges).lowerBound
        guard blocks.rightIsKept, !blocks.rowsOuter, form.precision != .int8, rows > 2 * MatrixForm.block else {
            return []
        }
        return [0, 16].flatMap { half in
            ahead(
                loops.rightBuffer, from: form.right(k, loops.column + Dim(blocks.columns + half), part: 0),
                words: 256 * form.precision.parts, row: loops.firstRow, rows: rows)
        }
    }

    /// Splits 32 rows of the left operand from a depth on, for what `variable` runs through; nothing where there is a copy.
    private mutating func splitLeft(
        _ loops: MatrixLoops, depth: IndexExpression, over variable: String, _ extent: LoopExtent, _ window: LoopWindow?
    ) -> [KernelStatement] {
        guard let operand = loops.left else { return [] }
        let precision = loops.form.precision
        var scales: [(IndexExpression, OperandScales?)] = []
        let halves = (0..<2).map { half in
            let row = loops.firstRow + Dim(half * 16)
            scales.append(
                (row, self.scales(loops.form, in: loops.leftBuffer, at: loops.leftScales + Dim(half * 16))))
            return splitBlock(
                operand, precision, free: row, depth: depth, to: loops.leftBuffer, scales: scales[half].1
            ) { loops.own(Dim(symbol: variable), loops.ownRow, half, $0) }
        }
        return splitting(operand, scales, precision, over: variable, extent, window: window, halves)
    }

    /// Splits a task's columns of the right operand from a depth on; nothing where there is a copy.
    private mutating func splitRight(
        _ loops: MatrixLoops, depth: IndexExpression, over variable: String, _ extent: LoopExtent
    ) -> [KernelStatement] {
        guard let operand = loops.right else { return [] }
        let precision = loops.form.precision
        var scales: [(IndexExpression, OperandScales?)] = []
        let halves = (0..<2).map { half in
            let column = loops.column + Dim(half * 16)
            scales.append(
                (column, self.scales(loops.form, in: loops.rightBuffer, at: loops.rightScales + Dim(half * 16))))
            return splitBlock(
                operand, precision, free: column, depth: depth, to: loops.rightBuffer, scales: scales[half].1
            ) { loops.own(Dim(symbol: variable), Dim(symbol: loops.panel), half, $0) }
        }
        return [loops.overPanels(splitting(operand, scales, precision, over: variable, extent, halves))]
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
