import GraphIR
import HostTensors
import KernelIR

extension KernelDraft {
    /// The form of a convolution as products of transformed tiles, if it has one and it pays. The input may be read before a `pad` that
    /// makes it.
    func winogradForm(
        _ group: GroupView, _ root: GraphOp, through pad: GraphOp?, _ precision: Precision, weightsAreKept: Bool
    ) -> WinogradForm? {
        guard root.name == "conv", (root.operands + root.results).allSatisfy({ type($0).dtype == .f32 })
        else { return nil }
        return WinogradForm(
            root, input: type(pad?.operands[0] ?? root.operands[0]).shape, kernel: type(root.operands[1]).shape,
            result: type(root.results[0]).shape, padding: pad?.attributes.ints("low") ?? [0, 0, 0, 0],
            precision: precision, weightsAreKept: weightsAreKept, target: target,
            lanes: target.lanes(storing: group.outputs.map { type($0).dtype }))
    }

    /// Transforms the weights, and puts them in the order in which they are multiplied.
    mutating func lowerWinogradWeights(_ root: GraphOp, _ form: WinogradForm, to goal: BufferSubject) {
        hint = "winograd_weights"
        let source = buffer(.value(root.operands[1]), type(root.operands[1]), .read)
        let weights = buffer(goal, TensorType(.f32, [Dim(form.weightCount)]), .write)
        let (output, channel, lane) = (fresh("o"), fresh("c"), fresh("v"))
        let (o, c, v) = (Dim(symbol: output), Dim(symbol: channel), Dim(symbol: lane))
        open(lane)
        let taps = (0..<form.transform.taps).map { down in
            (0..<form.transform.taps).map { across in
                KernelExpression.load(
                    source,
                    (Dim(form.transform.taps * down + across) * Dim(form.channels) + c) * Dim(form.outputs) + o + v)
            }
        }
        for (plane, weight) in transformed(taps, by: form.transform.kernel).joined().enumerated() {
            append(.store(weights, form.weight(o, Dim(plane), c) + v, weight))
        }
        let vectors = KernelStatement.loop(KernelLoop(lane, .tile(output), .vector(unroll: 1), close()))
        append(
            .loop(
                KernelLoop(
                    output, .count(Dim(form.outputs)), .tile(step: form.panelWidth),
                    [.loop(KernelLoop(channel, .count(Dim(form.channels)), .serial(unroll: 1), [vectors]))])))
        parallelize(
            over: LoopAxis(variable: output, extent: Dim(form.outputs)), step: form.panelWidth,
            workInside: Dim(form.channels * form.transform.count), goal: 25_000)
    }

    /// A convolution whose result is whole tiles, and the operations on it.
    mutating func lowerWinograd(
        _ group: GroupView, root: GraphOp, through pad: GraphOp?, _ form: WinogradForm, weights: BufferSubject
    ) throws {
        try lowerWinograd(root, through: pad, form, weights: weights) { draft, indices, result in
            draft.bind(root.results[0], at: indices, to: result)
            try draft.storeOutputs(group, indices)
        }
    }

    /// A convolution whose result is less than whole tiles: all of these.
    mutating func lowerWinogradTiles(
        _ root: GraphOp, through pad: GraphOp?, _ form: WinogradForm, weights: BufferSubject, to goal: BufferSubject
    ) throws {
        let results = buffer(goal, form.wholeResults, .write)
        try lowerWinograd(root, through: pad, form, weights: weights) { draft, indices, result in
            draft.append(.store(results, flatten(indices, form.wholeResults.shape), result))
        }
    }

    /// The operations on a convolution's results, which lie among those of whole tiles.
    mutating func lowerWinogradResults(
        _ group: GroupView, root: GraphOp, _ form: WinogradForm, from subject: BufferSubject
    ) throws {
        hint = "conv_finish"
        let results = buffer(subject, form.wholeResults, .read)
        let (axes, indices) = axes(type(root.results[0]).shape, "i")
        open(axes)
        bind(root.results[0], at: indices, to: .load(results, flatten(indices, form.wholeResults.shape)))
        try storeOutputs(group, indices)
        for statement in nest(axes, close(), parallel: true) { append(statement) }
    }

    /// A block of tiles after the other: transforms of the input, the products, and what is made of them.
    private mutating func lowerWinograd(
        _ root: GraphOp, through pad: GraphOp?, _ form: WinogradForm, weights: BufferSubject,
        finish: (inout KernelDraft, [IndexExpression], KernelExpression) throws -> Void
    ) throws {
        hint = "conv_winograd"
        let input = pad?.operands[0] ?? root.operands[0]
        let loops = WinogradLoops(
            form: form, input: buffer(.value(input), type(input), .read),
            weights: buffer(weights, TensorType(.f32, [Dim(form.weightCount)]), .read),
            own: local(TensorType(.f32, [Dim(form.ownCount)])),
            products: local(TensorType(.f32, [Dim(form.productCount)])),
            group: fresh("g"), block: fresh("q"), tile: fresh("s"), panel: fresh("o"), lane: fresh("v"))
        let panels = KernelStatement.loop(
            KernelLoop(
                loops.panel, .tile(loops.group), .tile(step: form.panelWidth),
                [productPlanes(loops), try finishTiles(loops, finish)]))
        let tiles = LoopAxis(variable: loops.block, extent: form.images * Dim(form.imageTiles))
        let outputs = LoopAxis(variable: loops.group, extent: Dim(form.outputs))
        func over(_ axis: LoopAxis, step: Int, _ body: [KernelStatement]) -> KernelStatement {
            .loop(KernelLoop(axis.variable, .count(axis.extent), .tile(step: step), body))
        }
        let products = Dim(form.transform.count * form.channels)
        if form.outputGroup < form.outputs {
            append(
                over(
                    outputs, step: form.outputGroup, [over(tiles, step: form.block, [transformInput(loops), panels])]))
            parallelize(over: outputs, step: form.outputGroup, workInside: tiles.extent * products)
        } else {
            append(
                over(
                    tiles, step: form.block, [transformInput(loops), over(outputs, step: form.outputGroup, [panels])]))
            parallelize(over: tiles, step: form.block, workInside: outputs.extent * products)
        }
    }

    /// The input of a block's tiles, transformed.
    private mutating func transformInput(_ loops: WinogradLoops) -> KernelStatement {
        let form = loops.form
        let place = tilePlace(
            of: Dim(symbol: loops.block) + Dim(symbol: loops.tile), images: form.images, form.height, form.width)
        let channel = fresh("c")
        let c = Dim(symbol: channel)
        open(channel)
        let elements = tileElements(
            of: loops.input, form.height, form.width, size: form.transform.size, channels: form.channels, place, c)
        for (plane, value) in transformed(elements, by: form.transform.input).joined().enumerated() {
            append(.store(loops.own, form.own(Dim(plane), Dim(symbol: loops.tile), c), value))
        }
        let vectors = KernelStatement.loop(
            KernelLoop(channel, .count(Dim(form.channels)), .vector(unroll: 1), close()))
        return loops.overTiles(place.statements + [vectors])
    }

    /// The products of every plane with a panel of its weights.
    private mutating func productPlanes(_ loops: WinogradLoops) -> KernelStatement {
        let form = loops.form
        let (plane, step, row, channel) = (fresh("a"), fresh("i"), fresh("r"), fresh("c"))
        let (a, c, v) = (Dim(symbol: plane), Dim(symbol: channel), Dim(symbol: loops.lane))
        let tile = Dim(symbol: step) + Dim(symbol: row)
        let (axes, register) = ([row, loops.lane], accumulator("acc", .f32))
        func overTile(_ body: KernelStatement) -> KernelStatement {
            let vectors = KernelLoop(loops.lane, .tile(loops.panel), .vector(unroll: form.register.vectors), [body])
            return .loop(KernelLoop(row, .count(Dim(form.register.rows)), .unroll, [.loop(vectors)]))
        }
        let sum = KernelExpression.accumulator(register, axes)
        let part = fresh("c")
        let inBlock = form.transform.sumBlock == nil ? c : c + Dim(symbol: part)
        let weight = form.weight(loops.output, a, inBlock)
        let product = KernelExpression.apply(
            .multiplyAdd, [.load(loops.own, form.own(a, tile, inBlock)), .load(loops.weights, weight + v), sum], .f32)
        let terms =
            [overTile(.set(register, axes: axes, product))]
            + linesAhead(loops.weights, weight + Dim(form.planeWeights), count: form.panelWidth)
        let clear = overTile(.set(register, axes: axes, .constant(0, .f32)))
        let place = form.product(a, tile, v)
        let sums: [KernelStatement]
        if let block = form.transform.sumBlock {
            // Short sums are added up in memory.
            let isFirst = KernelExpression.apply(.equal, [.index(c, .i64), .constant(0, .i64)], .bool)
            let before = KernelExpression.apply(
                .select, [isFirst, .constant(0, .f32), .load(loops.products, place)], .f32)
            let inside = KernelStatement.loop(
                KernelLoop(part, .tile(channel), .serial(unroll: 1), terms))
            let add = overTile(.store(loops.products, place, .apply(.add, [before, sum], .f32)))
            sums = [
                .loop(
                    KernelLoop(channel, .count(Dim(form.channels)), .tile(step: block), [clear, inside, add]))
            ]
        } else {
            sums = [
                clear, .loop(KernelLoop(channel, .count(Dim(form.channels)), .serial(unroll: 1), terms)),
                overTile(.store(loops.products, place, sum)),
            ]
        }
        let rows = KernelStatement.loop(
            KernelLoop(step, .tile(loops.block), .tile(step: form.register.rows), sums))
        return .loop(KernelLoop(plane, .count(Dim(form.transform.count)), .serial(unroll: 1), [rows]))
    }

    /// Transforms a panel's products back, and takes the results, one at a time, to where they belong.
    private mutating func finishTiles(
        _ loops: WinogradLoops, _ finish: (inout KernelDraft, [IndexExpression], KernelExpression) throws -> Void
    ) throws -> KernelStatement {
        let form = loops.form
        let place = tilePlace(
            of: Dim(symbol: loops.block) + Dim(symbol: loops.tile), images: form.images, form.height, form.width)
        let names = [place.image, place.line, place.column].flatMap(\.symbols)
        scopes.append(
            BodyScope(variables: Set(names + [loops.group, loops.block, loops.tile, loops.panel, loops.lane])))
        let size = form.transform.size
        let products = (0..<size).map { down in
            (0..<size).map { across in
                KernelExpression.load(
                    loops.products,
                    form.product(Dim(down * size + across), Dim(symbol: loops.tile), Dim(symbol: loops.lane)))
            }
        }
        for (down, line) in transformed(products, by: form.transform.output).enumerated() {
            for (across, result) in line.enumerated() {
                let indices = [
                    place.image, place.line * Dim(form.transform.results) + Dim(down),
                    place.column * Dim(form.transform.results) + Dim(across),
                    loops.output + Dim(symbol: loops.lane),
                ]
                try finish(&self, indices, result)
            }
        }
        let vectors = KernelStatement.loop(KernelLoop(loops.lane, .tile(loops.panel), .vector(unroll: 1), close()))
        return loops.overTiles(place.statements + [vectors])
    }
}

/// The loops of a convolution by transformed tiles, and its buffers by their numbers.
private struct WinogradLoops {
    let form: WinogradForm
    let input: Int
    let weights: Int
    /// The task's transformed input, and its products with a panel.
    let own: Int
    let products: Int
    /// The variables of a task's output channels, of blocks of tiles, of a tile in one, of panels, and of an output channel in one.
    let group: String
    let block: String
    let tile: String
    let panel: String
    let lane: String

    /// The first output channel of the panel at hand.
    var output: IndexExpression { Dim(symbol: group) + Dim(symbol: panel) }

    func overTiles(_ body: [KernelStatement]) -> KernelStatement {
        .loop(KernelLoop(tile, .tile(block), .serial(unroll: 1), body))
    }
}
