import GraphIR
import HostTensors
import KernelIR

extension KernelDraft {
    /// The form of a weight gradient as products of tiles, if a convolution is one, has it on this target and it pays.
    mutating func gradientForm(ifWorthwhile view: GroupView, _ root: GraphOp, _ precision: Precision) throws
        -> ConvolutionGradientForm?
    {
        guard target.multipliesTiles(precision), root.name == "conv",
            (root.operands + root.results).allSatisfy({ type($0).dtype == .f32 }),
            let form = ConvolutionGradientForm(
                try convAxes(root), resultShape: type(root.results[0]).shape, precision: precision),
            form.isWorthwhile(on: target), view.outputs == root.results
        else { return nil }
        return form
    }

    private mutating func gradientForm(_ root: GraphOp, _ precision: Precision) throws -> (
        Contraction, ConvolutionGradientForm
    ) {
        let axes = try convAxes(root)
        guard
            let form = ConvolutionGradientForm(axes, resultShape: type(root.results[0]).shape, precision: precision)
        else { throw GraphError("'\(root.name)' is no weight gradient of tiles", place: root.place?.description) }
        return (axes, form)
    }

    /// The type of words, or of sums.
    private func words(_ count: Int) -> TensorType { TensorType(.i32, [Dim(count)]) }

    /// Sums of the weight gradient over a few images at a time, by tiles.
    mutating func lowerGradientTiles(_ root: GraphOp, _ precision: Precision, to goal: BufferSubject) throws {
        hint = "conv_tiles"
        let (axes, form) = try gradientForm(root, precision)
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
                [.store(sums, first * Dim(form.sumCount / ConvolutionGradientForm.imagesInSum) + v, .constant(0, .f32))]
            ))
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
                    form.images.variable, .count(form.images.extent), .tile(step: ConvolutionGradientForm.imagesInSum),
                    [
                        zero,
                        .loop(
                            KernelLoop(
                                image, .tile(form.images.variable), .tile(step: 1), [split, panels])),
                    ])))
        parallel = ParallelLoop(
            variable: form.images.variable, extent: form.images.extent, chunk: ConvolutionGradientForm.imagesInSum)
    }

    /// The gradient from its sums.
    mutating func lowerGradientSum(
        _ group: GroupView, root: GraphOp, _ precision: Precision, from subject: BufferSubject
    ) throws {
        hint = "conv_sum"
        let (axes, form) = try gradientForm(root, precision)
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
                    image, .count(form.images.extent), .tile(step: ConvolutionGradientForm.imagesInSum),
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

    private func sumsType(_ form: ConvolutionGradientForm) -> TensorType {
        let images = ConvolutionGradientForm.imagesInSum
        return TensorType(.f32, [(form.images.extent + Dim(images - 1)) * Dim(form.sumCount / images)])
    }

    /// Words of 32 channels of an image: each pixel's element beside that of the line below, 0 where there is none.
    private mutating func splitInput(
        _ form: ConvolutionGradientForm, from source: Int, image: IndexExpression, to goal: Int
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
        _ form: ConvolutionGradientForm, from source: Int, _ index: IndexExpression, image: IndexExpression,
        to goal: Int
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
