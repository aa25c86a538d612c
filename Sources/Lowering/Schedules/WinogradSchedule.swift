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
        let weights = buffer(goal, TensorType(form.factor, [Dim(form.weightCount)]), .write)
        let (output, lane) = (fresh("o"), fresh("v"))
        let (o, v) = (Dim(symbol: output), Dim(symbol: lane))
        let depth = WinogradDepth(form, block: fresh("k"), at: fresh("c"))
        open(lane)
        storeFactors(form, depth) { draft, channel in
            let taps = (0..<form.transform.taps).map { down in
                (0..<form.transform.taps).map { across in
                    let tap = Dim(form.transform.taps * down + across)
                    return KernelExpression.load(
                        source, (tap * Dim(form.channels) + channel) * Dim(form.outputs) + o + v)
                }
            }
            return draft.transformed(taps, by: form.transform.kernel)
        } store: {
            .store(weights, form.weight(o, Dim($0), depth.place) + v, $1)
        }
        let vectors = KernelStatement.loop(KernelLoop(lane, .tile(output), .vector(unroll: 1), close()))
        let places = depth.loop(.serial(unroll: 1), [vectors])
        append(.loop(KernelLoop(output, .count(Dim(form.outputs)), .tile(step: form.panelWidth), [places])))
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
        tileRows = form.tileRows
        let input = pad?.operands[0] ?? root.operands[0]
        let loops = WinogradLoops(
            form: form, input: buffer(.value(input), type(input), .read),
            weights: buffer(weights, TensorType(form.factor, [Dim(form.weightCount)]), .read),
            own: local(TensorType(form.factor, [Dim(form.ownCount)])),
            products: local(TensorType(.f32, [Dim(form.productCount)])),
            group: fresh("g"), block: fresh("q"), tile: fresh("s"), panel: fresh("o"), lane: fresh("v"))
        let panels = KernelStatement.loop(
            KernelLoop(
                loops.panel, .tile(loops.group), .tile(step: form.panelWidth),
                [
                    form.isInWords ? wordProducts(loops) : productPlanes(loops), try finishTiles(loops, finish),
                ]))
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
        let depth = WinogradDepth(form, block: fresh("k"), at: fresh("c"))
        open(depth.at)
        storeFactors(form, depth) { draft, channel in
            let elements = draft.tileElements(
                of: loops.input, form.height, form.width, size: form.transform.size, channels: form.channels, place,
                channel)
            return draft.transformed(elements, by: form.transform.input)
        } store: {
            .store(loops.own, form.own(Dim($0), Dim(symbol: loops.tile), depth.place), $1)
        }
        return loops.overTiles(place.statements + [depth.loop(.vector(unroll: 1), close())])
    }

    /// Computes the factors of all planes, n × n of a channel, and stores each, or the word that two make.
    private mutating func storeFactors(
        _ form: WinogradForm, _ depth: WinogradDepth,
        factors: (inout KernelDraft, _ channel: IndexExpression) -> [[KernelExpression]],
        store: (_ plane: Int, KernelExpression) -> KernelStatement
    ) {
        let first = Array(factors(&self, depth.channel).joined())
        guard form.isInWords else {
            for (plane, factor) in first.enumerated() { append(store(plane, factor)) }
            return
        }
        let second = Array(factors(&self, depth.channel + 16).joined())
        for plane in first.indices {
            let statements = splitPairs(first[plane], second[plane], .bfloat16) { store(plane, $1) }
            for statement in statements { append(statement) }
        }
    }

    /// The products of every plane with a panel of its weights, of words.
    private mutating func wordProducts(_ loops: WinogradLoops) -> KernelStatement {
        let form = loops.form
        let (plane, step, block) = (fresh("a"), fresh("i"), fresh("k"))
        let (a, i, k) = (Dim(symbol: plane), Dim(symbol: step), Dim(symbol: block))
        let products = tileProducts(.bfloat16, rowBlocks: form.rowBlocks) { side, _, half in
            side == .left
                ? (loops.own, form.own(a, i + Dim(form.tileRows * half), k * 16), form.factorStride)
                : (loops.weights, form.weight(loops.output, a, k * 16) + Dim(16 * half), form.panelWidth)
        }
        let next = ahead(
            loops.weights, from: form.weight(loops.output, a + 1, k * 16), words: 16 * form.panelWidth, row: i,
            rows: form.block, step: form.register.rows)
        let registers = 0..<2 * form.rowBlocks
        let sums =
            registers.map { KernelStatement.tile(.clear($0)) }
            + [
                .loop(
                    KernelLoop(
                        block, .count(Dim(form.depth / 16)), .serial(unroll: 1), spread(next, among: products)))
            ]
            + registers.map { register in
                let place = form.product(a, i + Dim(register / 2 * form.tileRows), Dim(register % 2 * 16))
                return .tile(.store(register, buffer: loops.products, place, stride: form.panelWidth))
            }
        let rows = KernelStatement.loop(
            KernelLoop(step, .tile(loops.block), .tile(step: form.register.rows), sums))
        return .loop(KernelLoop(plane, .count(Dim(form.transform.count)), .serial(unroll: 1), [rows]))
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

/// The loops over the input channels of a convolution by transformed tiles: over all of them or, where words of two are made, over the first ones of
/// words.
private struct WinogradDepth {
    private let form: WinogradForm
    private let block: String
    let at: String

    init(_ form: WinogradForm, block: String, at: String) {
        (self.form, self.block, self.at) = (form, block, at)
    }

    /// The channel, or the first of a word's, and where it goes in the depth.
    var channel: IndexExpression { form.isInWords ? Dim(symbol: block) * 32 + Dim(symbol: at) : Dim(symbol: at) }
    var place: IndexExpression { form.isInWords ? Dim(symbol: block) * 16 + Dim(symbol: at) : Dim(symbol: at) }

    func loop(_ kind: LoopKind, _ body: [KernelStatement]) -> KernelStatement {
        let inner = KernelStatement.loop(KernelLoop(at, .count(Dim(form.isInWords ? 16 : form.channels)), kind, body))
        guard form.isInWords else { return inner }
        return .loop(KernelLoop(block, .count(Dim(form.channels / 32)), .serial(unroll: 1), [inner]))
    }
}
