import GraphIR
import HostTensors
import KernelIR

extension KernelDraft {
    /// The form of a convolution as products of tiles, if it has one on this target and it pays. The input may be read before a
    /// `pad` that makes it.
    func convolutionForm(ifWorthwhile root: GraphOp, through pad: GraphOp?, _ precision: Precision) -> ConvolutionForm?
    {
        guard target.multipliesTiles(precision), root.name == "conv",
            (root.operands + root.results).allSatisfy({ type($0).dtype == .f32 })
        else { return nil }
        return ConvolutionForm(
            root, input: type(pad?.operands[0] ?? root.operands[0]).shape, kernel: type(root.operands[1]).shape,
            result: type(root.results[0]).shape, padding: pad?.attributes.ints("low") ?? [0, 0, 0, 0],
            precision: precision, isNarrowed: isNarrowed(pad?.operands[0] ?? root.operands[0]), target: target)
    }

    /// Splits the weights into bf16 parts, in the order in which tiles read them.
    mutating func lowerSplitWeights(_ root: GraphOp, _ form: ConvolutionForm, to goal: BufferSubject) {
        hint = "split"
        let source = buffer(.value(root.operands[1]), type(root.operands[1]), .read)
        let split = buffer(goal, TensorType(.i32, [Dim(form.weightWords)]), .write)
        let outputs = LoopAxis(variable: fresh("o"), extent: Dim(form.outputs))
        let depth = LoopAxis(variable: fresh("c"), extent: Dim(form.depth))
        let (tap, block) = (fresh("k"), fresh("b"))
        let (t, b, o) = (Dim(symbol: tap), Dim(symbol: block), Dim(symbol: outputs.variable))
        let index = (t * depth.extent + Dim(symbol: depth.variable)) * outputs.extent + o
        let operand = SplitOperand(
            side: .right, buffer: source, index: index, free: outputs, depth: depth, isAlongDepth: false,
            multiple: ConvolutionForm.block, pairsNeighbours: form.isNarrowed)
        let halves = (0..<2).map { half in
            splitBlock(operand, form.precision, free: o + Dim(16 * half), depth: b * 32, to: split) {
                form.weight(t, b, o, half: half, part: $0)
            }
        }
        let blocks = KernelStatement.loop(KernelLoop(block, .count(Dim(form.depthBlocks)), .serial(unroll: 1), halves))
        let taps = KernelStatement.loop(KernelLoop(tap, .count(Dim(form.tapCount)), .serial(unroll: 1), [blocks]))
        let all = LoopAxis(variable: outputs.variable, extent: Dim(form.paddedOutputs))
        append(.loop(KernelLoop(all.variable, .count(all.extent), .tile(step: ConvolutionForm.block), [taps])))
        parallelize(
            over: all, step: ConvolutionForm.block, workInside: Dim(form.tapCount * form.channels), goal: 25_000)
    }

    /// Splits the input before its products: each task some blocks of channels of all images.
    mutating func lowerSplitInput(
        _ root: GraphOp, through pad: GraphOp?, _ form: ConvolutionForm, to goal: BufferSubject
    ) {
        hint = "split"
        let source = convolutionInput(root, pad)
        let words = buffer(goal, form.words, .write)
        let (block, image) = (fresh("b"), fresh("n"))
        let n = Dim(symbol: image)
        let split = splitLines(
            form, from: source, image: n, line: 0, block: Dim(symbol: block), to: words, from: n * Dim(form.blockPixels)
        )
        append(
            .loop(
                KernelLoop(
                    block, .count(Dim(form.depthBlocks)), .serial(unroll: 1),
                    [.loop(KernelLoop(image, .count(form.images), .serial(unroll: 1), split))])))
        parallelize(
            over: LoopAxis(variable: block, extent: Dim(form.depthBlocks)), step: 1,
            workInside: form.images * Dim(form.blockPixels * 32), goal: 25_000)
    }

    /// The products, and the operations on their results. Without `words`, a task makes those of its lines, and has all output channels;
    /// with them, it has all images, and some output channels.
    mutating func lowerConvolutionTiles(
        _ group: GroupView, root: GraphOp, through pad: GraphOp?, _ form: ConvolutionForm, weights: BufferSubject,
        words subject: BufferSubject?
    ) throws {
        hint = "conv_tiles"
        tileRows = form.tileRows
        let source = subject == nil ? convolutionInput(root, pad) : nil
        let right = buffer(weights, TensorType(.i32, [Dim(form.weightWords)]), .read)
        let words = subject.map { buffer($0, form.words, .read) } ?? local(form.words)
        let results = local(TensorType(.f32, [Dim(form.rows * form.outputGroup)]))
        let (task, image, lines) = (fresh("t"), fresh("n"), fresh("l"))
        let (output, panel) = (fresh("o"), fresh("p"))
        let n = subject == nil && form.lineBlocks == 1 ? Dim(symbol: task) : Dim(symbol: image)
        let l = form.lineBlocks == 1 ? Dim(0) : Dim(symbol: lines)
        let operands = ConvolutionOperands(
            words: words, weights: right, results: results, output: output, panel: panel,
            first: subject == nil ? 0 : n * Dim(form.blockPixels))
        let finish = try finishLines(group, root, form, operands, image: n, line: l * Dim(form.lines), outer: [task])
        let products = KernelStatement.loop(
            KernelLoop(panel, .tile(output), .tile(step: ConvolutionForm.block), productRows(form, operands)))
        let block = [products] + finish
        let blocks = KernelStatement.loop(
            KernelLoop(
                output, .count(Dim(form.outputs)), .tile(step: form.outputGroup),
                subject == nil ? block : [.loop(KernelLoop(image, .count(form.images), .serial(unroll: 1), block))]))
        let perOutput = Dim(form.rows * form.channels * form.tapCount)
        guard let source else {
            append(blocks)
            parallelize(
                over: LoopAxis(variable: output, extent: Dim(form.outputs)), step: form.outputGroup,
                workInside: form.images * perOutput)
            return
        }
        var body: [KernelStatement] = []
        if form.lineBlocks > 1 {
            let number = KernelExpression.index(Dim(symbol: task), .i64)
            let blocks = KernelExpression.constant(Double(form.lineBlocks), .i64)
            body = [
                .position(image, extent: form.images, .apply(.div, [number, blocks], .i64)),
                .position(lines, extent: Dim(form.lineBlocks), .apply(.rem, [number, blocks], .i64)),
            ]
        }
        body += splitLines(form, from: source, image: n, line: l * Dim(form.lines), block: nil, to: words, from: 0)
        let tasks = LoopAxis(variable: task, extent: form.images * Dim(form.lineBlocks))
        append(.loop(KernelLoop(task, .count(tasks.extent), .serial(unroll: 1), body + [blocks])))
        parallelize(over: tasks, step: 1, workInside: perOutput * Dim(form.outputs))
    }

    private mutating func convolutionInput(_ root: GraphOp, _ pad: GraphOp?) -> Int {
        let value = pad?.operands[0] ?? root.operands[0]
        return buffer(.value(value), type(value), .read)
    }

    /// Statements that make the words of a block of lines of an image; of one block of channels, or of all.
    private mutating func splitLines(
        _ form: ConvolutionForm, from source: Int, image: IndexExpression, line: IndexExpression,
        block: IndexExpression?, to words: Int, from first: IndexExpression
    ) -> [KernelStatement] {
        let (row, column, channels, lane) = (fresh("y"), fresh("x"), fresh("b"), fresh("v"))
        let (y, x, v) = (Dim(symbol: row), Dim(symbol: column), Dim(symbol: lane))
        let b = block ?? Dim(symbol: channels)
        return form.planes.map { plane in
            let count = form.width.result + plane.horizontal.reach
            let at = form.height.position(line + y, in: plane.vertical)
            let across = form.width.position(x, in: plane.horizontal)
            let pixel = (image * Dim(form.height.input) + at) * Dim(form.lineStep) + across * Dim(form.pixelStep)
            let conditions =
                form.height.conditions(
                    line + y, in: plane.vertical, most: form.height.result - form.lines + plane.lines - 1)
                + form.width.conditions(x, in: plane.horizontal, most: count - 1)
            func element(_ at: Int) -> KernelExpression {
                let element = b * 32 + Dim(16 * at) + v
                let isPartial = form.depth % 32 != 0
                let all = conditions + (isPartial ? [IndexCondition(element, below: Dim(form.depth))] : [])
                return all.isEmpty ? .load(source, pixel + element) : .loadWhere(source, pixel + element, all)
            }
            let place = first + Dim(plane.start) + y * Dim(form.linePixels) + x
            var body: KernelStatement
            if form.isNarrowed {
                let copy = KernelStatement.store(
                    words, form.word(place, b, part: 0) + v, .apply(.cast, [element(0)], .bf16))
                body = .loop(KernelLoop(lane, .count(32), .vector(unroll: 2), [copy]))
            } else {
                let pairs = splitPairs(element(0), element(1), form.precision) { part, word in
                    .store(words, form.word(place, b, part: part) + v, word)
                }
                body = .loop(KernelLoop(lane, .count(16), .vector(unroll: 1), pairs))
            }
            if block == nil {
                body = .loop(KernelLoop(channels, .count(Dim(form.depthBlocks)), .serial(unroll: 1), [body]))
            }
            body = .loop(KernelLoop(column, .count(Dim(count)), .serial(unroll: 1), [body]))
            return .loop(KernelLoop(row, .count(Dim(plane.lines)), .serial(unroll: 1), [body]))
        }
    }

    /// Statements that multiply 32 output channels by all rows of a block of lines.
    private mutating func productRows(_ form: ConvolutionForm, _ operands: ConvolutionOperands) -> [KernelStatement] {
        let (row, column, block) = (fresh("q"), fresh("x"), fresh("b"))
        let (q, x, tileRows) = (Dim(symbol: row), Dim(symbol: column), Dim(form.tileRows))
        // From a tile to the other one: a line, or as many pixels.
        let (pixel, place, pixelHalf, rowHalf) =
            form.isInLines
            ? (
                q * Dim(2 * form.linePixels) + x * tileRows, q * Dim(2 * form.lineRows) + x * tileRows,
                form.linePixels, form.lineRows
            )
            : (q * Dim(form.pairRows), q * Dim(form.pairRows), form.tileRows, form.tileRows)
        let sums = form.planes.map { plane in
            let (down, across) = (fresh("k"), fresh("k"))
            func tap(_ phase: ConvolutionWindow.Phase, _ variable: String) -> (at: Dim, number: Dim) {
                let k = phase.count == 1 ? Dim(0) : Dim(symbol: variable)
                return (k * Dim(phase.step), k * Dim(phase.every) + Dim(phase.first))
            }
            let (vertical, horizontal) = (tap(plane.vertical, down), tap(plane.horizontal, across))
            let start =
                operands.first + Dim(plane.start) + pixel + vertical.at * Dim(form.linePixels) + horizontal.at
            let number = vertical.number * Dim(form.width.kernel) + horizontal.number
            let b = Dim(symbol: block)
            let products = tileProducts(form.precision) { side, part, half in
                side == .left
                    ? (operands.words, form.word(start + Dim(half * pixelHalf), b, part: part), form.pixelWords)
                    : (
                        operands.weights, form.weight(number, b, operands.channel, half: half, part: part),
                        16
                    )
            }
            // Products of several parts take longer than their words do to come.
            let next =
                form.parts > 1
                ? []
                : ahead(
                    operands.weights, from: form.weight(number, b, operands.channel + 32, half: 0, part: 0), words: 512,
                    row: form.isInLines
                        ? q * Dim(2 * form.lineRows) + x * Dim(form.pairRows) : q * Dim(form.pairRows),
                    rows: form.rows, step: form.pairRows)
            var body = KernelStatement.loop(
                KernelLoop(
                    block, .count(Dim(form.depthBlocks)), .serial(unroll: 1), spread(next, among: products)))
            for (phase, variable) in [(plane.horizontal, across), (plane.vertical, down)] where phase.count > 1 {
                body = .loop(KernelLoop(variable, .count(Dim(phase.count)), .serial(unroll: 1), [body]))
            }
            return body
        }
        var body =
            (0..<4).map { KernelStatement.tile(.clear($0)) } + sums
            + (0..<4).map { register in
                let at = place + Dim(register / 2 * rowHalf)
                return .tile(
                    .store(
                        register, buffer: operands.results,
                        at * Dim(form.outputGroup) + Dim(symbol: operands.panel) + Dim(register % 2 * 16),
                        stride: form.outputGroup))
            }
        guard form.isInLines else {
            return [.loop(KernelLoop(row, .count(Dim(form.rows / form.pairRows)), .serial(unroll: 1), body))]
        }
        body = [.loop(KernelLoop(column, .count(Dim(form.lineRows / form.tileRows)), .serial(unroll: 1), body))]
        return [.loop(KernelLoop(row, .count(Dim((form.lines + 1) / 2)), .serial(unroll: 1), body))]
    }

    /// Statements that compute and store what is made of the results of 32 output channels of a block of lines.
    private mutating func finishLines(
        _ group: GroupView, _ root: GraphOp, _ form: ConvolutionForm, _ operands: ConvolutionOperands,
        image: IndexExpression, line: IndexExpression, outer: [String]
    ) throws -> [KernelStatement] {
        let (row, column, lane) = (fresh("y"), fresh("x"), fresh("v"))
        let (y, x, v) = (Dim(symbol: row), Dim(symbol: column), Dim(symbol: lane))
        let indices = [image, line + y, x, operands.channel + v]
        scopes.append(BodyScope(variables: Set(outer + [row, column, lane] + indices.flatMap(\.symbols))))
        let result = (y * Dim(form.lineRows) + x) * Dim(form.outputGroup) + Dim(symbol: operands.panel) + v
        bind(root.results[0], at: indices, to: .load(operands.results, result))
        try storeOutputs(group, indices)
        var body = KernelStatement.loop(KernelLoop(lane, .tile(operands.panel), .vector(unroll: 2), close()))
        body = .loop(
            KernelLoop(operands.panel, .tile(operands.output), .tile(step: ConvolutionForm.block), [body]))
        body = .loop(KernelLoop(column, .count(Dim(form.width.result)), .serial(unroll: 1), [body]))
        return [.loop(KernelLoop(row, .count(Dim(form.lines)), .serial(unroll: 1), [body]))]
    }
}

/// What the products of a convolution work on.
private struct ConvolutionOperands {
    /// Buffers, by their numbers.
    var words: Int
    var weights: Int
    var results: Int
    /// The loop over output channels that are finished together, and that over 32 of them.
    var output: String
    var panel: String
    /// The first pixel of the image among those that have words.
    var first: IndexExpression

    /// The first of 32 output channels.
    var channel: IndexExpression { Dim(symbol: output) + Dim(symbol: panel) }
}
