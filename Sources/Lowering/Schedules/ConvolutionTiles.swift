import GraphIR
import HostTensors
import KernelIR

extension KernelDraft {
    /// The form of a convolution as products of tiles, if it has one on this target and it pays.
    mutating func convolutionForm(ifWorthwhile view: GroupView, _ root: GraphOp, _ precision: Precision) throws
        -> ConvolutionForm?
    {
        guard target.hasTileRegisters, root.name == "conv",
            (root.operands + root.results).allSatisfy({ type($0).dtype == .f32 }),
            let form = ConvolutionForm(
                try convAxes(root), resultShape: type(root.results[0]).shape, precision: precision),
            form.isWorthwhile, !form.isWeightGradient || view.outputs == root.results
        else { return nil }
        return form
    }

    private mutating func convolutionForm(_ root: GraphOp, _ precision: Precision) throws -> (
        Contraction, ConvolutionForm
    ) {
        let axes = try convAxes(root)
        guard
            let form = ConvolutionForm(axes, resultShape: type(root.results[0]).shape, precision: precision)
        else { throw GraphError("'\(root.name)' is no convolution of tiles", place: root.place?.description) }
        return (axes, form)
    }

    /// The type of words, or of sums.
    private func words(_ count: Int) -> TensorType { TensorType(.i32, [Dim(count)]) }

    // MARK: Forward

    /// Splits the weights into bf16 parts, in the order in which tiles read them.
    mutating func lowerSplitWeights(_ root: GraphOp, _ precision: Precision, to goal: BufferSubject) throws {
        hint = "split"
        let (axes, form) = try convolutionForm(root, precision)
        let source = buffer(.value(root.operands[1]), type(root.operands[1]), .read)
        let split = buffer(goal, words(form.weightWords), .write)
        let block = fresh("b")
        let (b, o) = (Dim(symbol: block), Dim(symbol: form.outputs.variable))
        let operand = SplitOperand(
            side: .right, buffer: source, index: axes.right, free: form.outputs, depth: form.inputs,
            isAlongDepth: false, multiple: 32)
        var body = splitBlock(operand, precision, free: o, depth: b * 32, to: split) { form.weight(b, o, part: $0) }
        body = .loop(KernelLoop(form.outputs.variable, .count(Dim(form.paddedOutputs)), .tile(step: 16), [body]))
        body = .loop(KernelLoop(block, .count(Dim(form.channels / 32)), .serial(unroll: 1), [body]))
        append(over(form.taps, [body]))
        let inside = Dim(form.weightWords / (form.taps[0].extent.constant ?? 1))
        parallelize(over: form.taps[0], step: 1, workInside: inside, goal: 25_000)
    }

    /// The convolution by tiles: for each image, its words, then 2 lines × 16 pixels × 32 channels of results at a time.
    mutating func lowerConvolutionTiles(
        _ group: GroupView, root: GraphOp, _ precision: Precision, weights: BufferSubject
    ) throws {
        hint = "conv_tiles"
        let (axes, form) = try convolutionForm(root, precision)
        let source = buffer(.value(root.operands[0]), type(root.operands[0]), .read)
        let right = buffer(weights, words(form.weightWords), .read)
        let image = local(words(form.imageWords))
        let results = local(TensorType(.f32, [1024]))
        let (block, line, row, lane) = (fresh("b"), fresh("h"), fresh("r"), fresh("v"))
        let (b, h, r, v) = (Dim(symbol: block), Dim(symbol: line), Dim(symbol: row), Dim(symbol: lane))
        let (n, o) = (Dim(symbol: form.images.variable), Dim(symbol: form.outputs.variable))
        let place = fresh("p")
        let start = (n * Dim(form.imagePixels) + Dim(symbol: place)) * Dim(form.channels)
        func element(_ at: Int) -> KernelExpression { .load(source, start + b * 32 + v + Dim(16 * at)) }
        let pairs = splitPairs(element(0), element(1), precision) { part, word in
            .store(image, form.word(Dim(symbol: place), b, part: part) + v, word)
        }
        let split = KernelStatement.loop(
            KernelLoop(
                place, .count(Dim(form.imagePixels)), .serial(unroll: 1),
                [
                    .loop(
                        KernelLoop(
                            block, .count(Dim(form.channels / 32)), .serial(unroll: 1),
                            [.loop(KernelLoop(lane, .count(16), .vector(unroll: 1), pairs))]))
                ]))

        let products = tileProducts(precision) { side, part, half in
            if side == .right { return (right, form.weight(b, o + Dim(half * 16), part: part), 16) }
            let stride = form.pixelStep * form.channels / 2 * form.parts
            return (image, form.word(form.pixel + Dim(half * form.lineStep), b, part: part), stride)
        }
        let sums = over(
            form.taps, [.loop(KernelLoop(block, .count(Dim(form.channels / 32)), .serial(unroll: 1), products))])
        func placed(_ expression: IndexExpression) -> IndexExpression {
            [(form.lines, h), (form.pixels, r), (form.outputs, v)].reduce(expression) {
                $0.substituting($1.0.variable, by: Dim(symbol: $1.0.variable) + $1.1)
            }
        }
        scopes.append(BodyScope(variables: Set(axes.outputs.map(\.variable) + [line, row, lane])))
        bind(root.results[0], at: axes.indices.map(placed), to: .load(results, (h * 16 + r) * 32 + v))
        try storeOutputs(group, axes.indices.map(placed))
        var finish = KernelStatement.loop(
            KernelLoop(lane, .tile(form.outputs.variable), .vector(unroll: 2), close()))
        finish = .loop(KernelLoop(row, .tile(form.pixels.variable), .serial(unroll: 1), [finish]))
        finish = .loop(KernelLoop(line, .tile(form.lines.variable), .serial(unroll: 1), [finish]))
        var body =
            (0..<4).map { KernelStatement.tile(.clear($0)) } + [sums]
            + (0..<4).map {
                .tile(.store($0, buffer: results, Dim($0 / 2 * 512 + $0 % 2 * 16), stride: 32))
            } + [finish]
        for (axis, step) in [(form.outputs, 32), (form.pixels, 16), (form.lines, 2)] {
            body = [.loop(KernelLoop(axis.variable, .count(axis.extent), .tile(step: step), body))]
        }
        append(
            .loop(KernelLoop(form.images.variable, .count(form.images.extent), .serial(unroll: 1), [split] + body)))
        let inside = Dim.product(
            (axes.outputs + axes.reduced).filter { $0.variable != form.images.variable }.map(\.extent))
        parallelize(over: form.images, step: 1, workInside: inside)
    }

    // MARK: Weight gradient

    /// Sums of the weight gradient over a few images at a time, by tiles.
    mutating func lowerGradientTiles(_ root: GraphOp, _ precision: Precision, to goal: BufferSubject) throws {
        hint = "conv_tiles"
        let (axes, form) = try convolutionForm(root, precision)
        let source = buffer(.value(root.operands[0]), type(root.operands[0]), .read)
        let cotangent = buffer(.value(root.operands[1]), type(root.operands[1]), .read)
        let sums = buffer(goal, sumsType(form), .readWrite)
        let (left, right) = (local(words(form.cotangentWords)), local(words(form.pairWords)))
        let image = fresh("n")
        let (first, lane) = (Dim(symbol: form.images.variable), fresh("v"))
        let (n, v) = (first + Dim(symbol: image), Dim(symbol: lane))
        let (i, o) = (Dim(symbol: form.inputs.variable), Dim(symbol: form.outputs.variable))

        let zero = KernelStatement.loop(
            KernelLoop(
                lane, .count(Dim(form.sumCount)), .vector(unroll: 4),
                [.store(sums, first * Dim(form.sumCount / ConvolutionForm.imagesInSum) + v, .constant(0, .f32))]))
        let products = tileProducts(precision) { side, part, half in
            if side == .left { return (left, form.cotangent(o + Dim(half * 16), part: part), 16) }
            return (right, form.pair(form.pixel, part: part) + Dim(half * 16), form.pixelStep * 32 * form.parts)
        }
        func overRegisters(_ operation: (_ register: Int, _ at: IndexExpression) -> TileOperation) -> [KernelStatement]
        {
            (0..<4).map {
                .tile(operation($0, form.sum(first, i + Dim($0 % 2 * 16), o + Dim($0 / 2 * 16))))
            }
        }
        let depth = KernelStatement.loop(
            KernelLoop(
                form.lines.variable, .count(form.lines.extent), .tile(step: 2),
                [.loop(KernelLoop(form.pixels.variable, .count(form.pixels.extent), .tile(step: 16), products))]))
        let block =
            overRegisters { .load($0, buffer: sums, $1, stride: 16) } + [depth]
            + overRegisters { .store($0, buffer: sums, $1, stride: 16) }
        let blocks = over(
            form.taps,
            [.loop(KernelLoop(form.outputs.variable, .count(form.outputs.extent), .tile(step: 32), block))])
        let panels = KernelStatement.loop(
            KernelLoop(
                form.inputs.variable, .count(form.inputs.extent), .tile(step: 32),
                splitInput(form, from: source, image: n, to: right) + [blocks]))
        let split = splitCotangent(form, from: cotangent, axes.right, image: n, to: left)
        append(
            .loop(
                KernelLoop(
                    form.images.variable, .count(form.images.extent), .tile(step: ConvolutionForm.imagesInSum),
                    [
                        zero,
                        .loop(
                            KernelLoop(
                                image, .tile(form.images.variable), .tile(step: 1), [split, panels])),
                    ])))
        parallel = ParallelLoop(
            variable: form.images.variable, extent: form.images.extent, chunk: ConvolutionForm.imagesInSum)
    }

    /// The gradient from its sums.
    mutating func lowerGradientSum(
        _ group: GroupView, root: GraphOp, _ precision: Precision, from subject: BufferSubject
    ) throws {
        hint = "conv_sum"
        let (axes, form) = try convolutionForm(root, precision)
        let sums = buffer(subject, sumsType(form), .read)
        let (row, lane, image) = (fresh("r"), fresh("v"), form.images.variable)
        let (i, o) = (Dim(symbol: form.inputs.variable), Dim(symbol: form.outputs.variable))
        let register = accumulator("acc", .f32)
        func overTile(_ body: [KernelStatement]) -> KernelStatement {
            .loop(
                KernelLoop(
                    row, .tile(form.outputs.variable), .unroll,
                    [.loop(KernelLoop(lane, .tile(form.inputs.variable), .vector(unroll: 1), body))]))
        }
        let element = form.sum(Dim(symbol: image), i, o) + Dim(symbol: row) * 16 + Dim(symbol: lane)
        let add = KernelExpression.apply(
            .add, [.accumulator(register, [row, lane]), .load(sums, element)], .f32)
        func placed(_ expression: IndexExpression) -> IndexExpression {
            expression.substituting(form.inputs.variable, by: i + Dim(symbol: lane))
                .substituting(form.outputs.variable, by: o + Dim(symbol: row))
        }
        scopes.append(BodyScope(variables: Set(axes.outputs.map(\.variable) + [row, lane])))
        bind(root.results[0], at: axes.indices.map(placed), to: .accumulator(register, [row, lane]))
        try storeOutputs(group, axes.indices.map(placed))
        var body = [
            overTile([.set(register, axes: [row, lane], .constant(0, .f32))]),
            .loop(
                KernelLoop(
                    image, .count(form.images.extent), .tile(step: ConvolutionForm.imagesInSum),
                    [overTile([.set(register, axes: [row, lane], add)])])),
        ]
        body.append(overTile(close()))
        for axis in [form.outputs, form.inputs] {
            body = [.loop(KernelLoop(axis.variable, .count(axis.extent), .tile(step: 16), body))]
        }
        append(over(form.taps, body))
        parallelize(
            over: form.taps[0], step: 1, workInside: Dim(form.sumCount / (form.taps[0].extent.constant ?? 1)),
            goal: 10_000)
    }

    private func sumsType(_ form: ConvolutionForm) -> TensorType {
        let images = ConvolutionForm.imagesInSum
        return TensorType(.f32, [(form.images.extent + Dim(images - 1)) * Dim(form.sumCount / images)])
    }

    /// Words of 32 channels of an image: each pixel's element beside that of the line below, 0 where there is none.
    private mutating func splitInput(
        _ form: ConvolutionForm, from source: Int, image: IndexExpression, to goal: Int
    ) -> [KernelStatement] {
        let (place, lane) = (fresh("p"), fresh("v"))
        let i = Dim(symbol: form.inputs.variable) + Dim(symbol: lane)
        func loop(from first: Int, to last: Int, isInside: Bool) -> KernelStatement {
            let pixel = Dim(symbol: place) + Dim(first)
            func element(_ pixel: IndexExpression) -> KernelExpression {
                let index = (image * Dim(form.imagePixels) + pixel) * Dim(form.channels) + i
                return isInside
                    ? .load(source, index)
                    : .loadWhere(source, index, [IndexCondition(pixel, below: Dim(form.imagePixels))])
            }
            let pairs = splitPairs(element(pixel), element(pixel + Dim(form.lineStep)), form.precision) { part, word in
                .store(goal, form.pair(pixel, part: part) + Dim(symbol: lane), word)
            }
            return .loop(
                KernelLoop(
                    place, .count(Dim(last - first)), .serial(unroll: 1),
                    [.loop(KernelLoop(lane, .count(32), .vector(unroll: 2), pairs))]))
        }
        let inside = form.imagePixels - form.lineStep
        return [
            loop(from: 0, to: inside, isInside: true),
            loop(from: inside, to: form.pairedPixels, isInside: false),
        ]
    }

    /// Words of an image of the cotangent: 16 outputs by 16 pixels of two lines, 0 past their ends.
    private mutating func splitCotangent(
        _ form: ConvolutionForm, from source: Int, _ index: IndexExpression, image: IndexExpression, to goal: Int
    ) -> KernelStatement {
        let (row, lane) = (fresh("r"), fresh("v"))
        let (r, v) = (Dim(symbol: row), Dim(symbol: lane))
        let (y, x) = (Dim(symbol: form.lines.variable), Dim(symbol: form.pixels.variable))
        let o = Dim(symbol: form.outputs.variable)
        func element(_ line: IndexExpression) -> KernelExpression {
            let place = index.substituting(form.images.variable, by: image).substituting(form.lines.variable, by: line)
                .substituting(form.pixels.variable, by: x + r).substituting(form.outputs.variable, by: o + v)
            let conditions = [(line, form.lines, 2), (x + r, form.pixels, 16), (o + v, form.outputs, 32)]
                .filter { ($1.extent.constant ?? 1) % $2 != 0 }.map { IndexCondition($0.0, below: $0.1.extent) }
            return conditions.isEmpty ? .load(source, place) : .loadWhere(source, place, conditions)
        }
        let pairs = splitPairs(element(y), element(y + 1), form.precision) { part, word in
            .store(goal, form.cotangent(o, part: part) + v * 16 + r, word)
        }
        var body = KernelStatement.loop(
            KernelLoop(row, .count(16), .unroll, [.loop(KernelLoop(lane, .count(16), .vector(unroll: 1), pairs))]))
        body = .loop(KernelLoop(form.outputs.variable, .count(Dim(form.paddedOutputs)), .tile(step: 16), [body]))
        body = .loop(KernelLoop(form.pixels.variable, .count(form.pixels.extent), .tile(step: 16), [body]))
        return .loop(KernelLoop(form.lines.variable, .count(form.lines.extent), .tile(step: 2), [body]))
    }

    /// Statements for every position of some axes.
    private func over(_ axes: [LoopAxis], _ body: [KernelStatement]) -> KernelStatement {
        let statements = axes.reversed().reduce(body) { inner, axis in
            [.loop(KernelLoop(axis.variable, .count(axis.extent), .serial(unroll: 1), inner))]
        }
        return statements[0]
    }
}
