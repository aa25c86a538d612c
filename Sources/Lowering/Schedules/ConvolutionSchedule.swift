import GraphIR
import HostTensors
import KernelIR

extension KernelDraft {
    /// `conv` whose result's channels are innermost: tiles of pixels × channels in registers through all sums.
    ///
    /// A weight gradient is such a convolution too: its tile's rows are input channels and taps, and it sums over pixels. The
    /// weights may lie in panels. Says whether the convolution has this form.
    mutating func lowerConvolution(_ group: GroupView, root: GraphOp, panels: BufferSubject?) throws -> Bool {
        guard let (axes, tile, lanes) = try convolutionTile(group, root: root) else { return false }
        hint = root.name
        let weights = type(root.operands[1])
        var job = ContractionJob(
            group: group, root: root, contraction: axes,
            left: buffer(.value(root.operands[0]), type(root.operands[0]), .read), right: 0,
            dtype: type(root.results[0]).dtype, lanes: lanes)
        if let panels, let form = ConvolutionPanels(axes, tile, weights: weights, lanes: lanes) {
            job.right = buffer(panels, TensorType(weights.dtype, [form.count]), .read)
            try lowerConvolutionTile(job, tile, panels: form)
        } else {
            job.right = buffer(.value(root.operands[1]), weights, .read)
            try lowerConvolutionTile(job, tile, panels: nil)
        }
        return true
    }

    /// The loops of a convolution and its register tile, with the lanes of a vector; nil where it has none.
    mutating func convolutionTile(
        _ group: GroupView, root: GraphOp
    ) throws -> (axes: Contraction, tile: ConvolutionTile, lanes: Int)? {
        let axes = try convAxes(root)
        let lanes = target.lanes(storing: group.outputs.map { type($0).dtype })
        let layout = try ConvLayout(root.attributes.keyword("layout"))
        let tile = ConvolutionTile(
            axes, shape: type(root.results[0]).shape, lanes: lanes, target: target,
            isWeightGradient: layout.inputAxis("C") < layout.inputAxis("N")
                && type(root.operands[0]).shape[layout.inputAxis("C")] != 1)
        return tile.map { (axes, $0, lanes) }
    }

    private mutating func lowerConvolutionTile(
        _ job: ContractionJob, _ tile: ConvolutionTile, panels: ConvolutionPanels?
    ) throws {
        let axes = job.contraction
        let lane = fresh("v")
        let rows = tile.rows.map { (axis: $0.axis, step: $0.step, variable: fresh("r")) }
        let register = accumulator("acc", job.dtype)
        let registerAxes = rows.map(\.variable) + [lane]

        /// The expression with each tile's start replaced by start plus position in the tile.
        func placed(_ expression: IndexExpression) -> IndexExpression {
            let start = expression.substituting(
                tile.channels.variable, by: Dim(symbol: tile.channels.variable) + Dim(symbol: lane))
            return rows.reduce(start) {
                $0.substituting($1.axis.variable, by: Dim(symbol: $1.axis.variable) + Dim(symbol: $1.variable))
            }
        }
        func overTile(_ body: [KernelStatement]) -> KernelStatement {
            let vectors = KernelStatement.loop(
                KernelLoop(lane, .tile(tile.channels.variable), .vector(unroll: tile.vectors), body))
            return rows.reversed().reduce(vectors) {
                .loop(KernelLoop($1.variable, .tile($1.axis.variable), .unroll, [$0]))
            }
        }

        let product = KernelExpression.apply(
            .multiplyAdd,
            [
                .load(job.left, placed(axes.left)),
                .load(job.right, panels.map { $0.place + Dim(symbol: lane) } ?? placed(axes.right)),
                .accumulator(register, registerAxes),
            ], job.dtype)
        let partial = job.group.outputs == job.root.results ? tile.summedInMemory(axes, ranges) : nil
        let sums = axes.orderedReduction(by: axes.right).filter { $0.variable != partial?.variable }
        var statements = [overTile([.set(register, axes: registerAxes, product)])]
        if let panels {
            // The next panel comes from beyond a second cache.
            statements += linesAhead(job.right, panels.nextPlace, count: panels.width)
        }
        for (at, axis) in sums.reversed().enumerated() {
            let unroll = at == 0 ? tile.unrolling(axis, axes.left, target) : 1
            statements = [
                .loop(KernelLoop(axis.variable, .count(axis.extent), .serial(unroll: unroll), statements))
            ]
        }
        let start: KernelExpression
        let indices = axes.indices.map(placed)
        if let partial {
            let result = job.root.results[0]
            let number = buffer(.value(result), type(result), .readWrite)
            let isFirst = KernelExpression.apply(
                .equal, [.index(Dim(symbol: partial.variable), .i64), .constant(0, .i64)], .bool)
            let sum = KernelExpression.load(number, flatten(indices, type(result).shape))
            start = .apply(.select, [isFirst, .constant(0, job.dtype), sum], job.dtype)
        } else {
            start = .constant(0, job.dtype)
        }
        scopes.append(BodyScope(variables: Set(axes.outputs.map(\.variable) + registerAxes)))
        bind(job.root.results[0], at: indices, to: .accumulator(register, registerAxes))
        try storeOutputs(job.group, indices)
        let finish = overTile(close())
        statements = [overTile([.set(register, axes: registerAxes, start)])] + statements + [finish]

        let loops = tile.loops(
            axes, weights: type(job.root.operands[1]), lanes: job.lanes, partial: partial, inPanels: panels != nil)
        appendInTasks(loops, statements, sums: sums, panels: panels, partial: partial)
    }

    /// Puts the loops over the result around the statements of a tile; threads share the outermost.
    private mutating func appendInTasks(
        _ loops: [(axis: LoopAxis, kind: LoopKind)], _ body: [KernelStatement], sums: [LoopAxis],
        panels: ConvolutionPanels?, partial: LoopAxis?
    ) {
        func inside(_ loops: some Sequence<(axis: LoopAxis, kind: LoopKind)>) -> Dim {
            Dim.product(loops.map(\.axis.extent) + sums.map(\.extent))
        }
        func nested(_ loops: some Collection<(axis: LoopAxis, kind: LoopKind)>) -> [KernelStatement] {
            loops.reversed().reduce(body) { [.loop(KernelLoop($1.axis.variable, .count($1.axis.extent), $1.kind, $0))] }
        }
        let images = partial == nil ? loops.prefix { $0.kind == .serial(unroll: 1) }.map(\.axis) : []
        if let panels, images.count == 1, let count = panels.wholePanels {
            // A task is a panel of an image, so that threads share one image too.
            let number = LoopAxis(variable: fresh("p"), extent: Dim(count))
            let (channels, width) = (panels.channels.variable, Dim(panels.width))
            let placed = nested(loops.dropFirst(2)).map {
                $0.substituting(channels, by: Dim(symbol: number.variable) * width + Dim(symbol: channels))
            }
            let panel = KernelStatement.loop(
                KernelLoop(channels, .count(width), .tile(step: panels.width), placed))
            let work = inside(loops.dropFirst(2)) * width
            for statement in inTasks(images + [number], [panel], workInside: work) { append(statement) }
        } else if !images.isEmpty {
            let tiles = loops.dropFirst(images.count)
            for statement in inTasks(images, nested(tiles), workInside: inside(tiles)) { append(statement) }
        } else {
            for statement in nested(loops) { append(statement) }
            guard let (first, kind) = loops.first, first.variable != partial?.variable else { return }
            var step = 1
            if case .tile(let size) = kind { step = size }
            let chunk = chunk(workPerIteration: inside(loops.dropFirst()), step: step)
            if first.extent.bounds(ranges).upperBound > chunk {
                parallel = ParallelLoop(variable: first.variable, extent: first.extent, chunk: chunk)
            }
        }
    }
}

/// The register tile of a convolution with channels innermost, and the loops around it.
struct ConvolutionTile {
    /// The axis that vectors run along: contiguous in the result and in the kernel, and not seen by the input, or (depthwise)
    /// contiguous there too.
    let channels: LoopAxis
    /// One or two axes that only the input has, outermost first, each with how many of its positions are in a tile.
    let rows: [(axis: LoopAxis, step: Int)]
    /// Vectors of channels in a tile.
    let vectors: Int
    /// Whether the sum runs over a batch: then the outermost summed axis.
    let isWeightGradient: Bool

    init?(_ axes: Contraction, shape: [Dim], lanes: Int, target: Target, isWeightGradient: Bool) {
        self.isWeightGradient = isWeightGradient
        let position = flatten(axes.indices, shape)
        let fitting = axes.outputs.filter {
            position.step($0.variable) == 1 && axes.right.step($0.variable) == 1
                && (axes.left.step($0.variable) == 0 || axes.left.step($0.variable) == 1)
        }
        guard let channels = fitting.last else { return nil }
        self.channels = channels
        // Neighbours in the input first: a tile then reads few lines.
        var candidates = axes.outputs.filter {
            $0.variable != channels.variable && axes.right.step($0.variable) == 0
                && axes.left.step($0.variable) != 0
        }
        candidates.sort {
            (axes.left.step($0.variable).constant ?? Int.max) < (axes.left.step($1.variable).constant ?? Int.max)
        }
        guard let first = candidates.first else {
            rows = []
            vectors = TileShape.fitting(target, lanes: lanes, rows: nil, columns: channels.extent).vectors
            return
        }
        if isWeightGradient, let taps = Self.allTaps(candidates, target) {
            (rows, vectors) = (taps, 1)
            return
        }
        var inner = TileShape.fitting(target, lanes: lanes, rows: first.extent, columns: channels.extent)
        vectors = inner.vectors
        if isWeightGradient { inner.rows = Self.evenRows(first, inner) }
        // As many rows as fit, were there no end of them: what is left of it can go to a second axis.
        let most = TileShape.fitting(
            target, lanes: lanes, rows: Dim(1 << 20), columns: channels.extent
        ).rows
        let room = most / max(1, inner.rows)
        if candidates.count > 1, inner.rows == first.extent.constant, room > 1,
            let count = candidates[1].extent.constant
        {
            let blocks = (count + room - 1) / room
            rows = [(candidates[1], (count + blocks - 1) / blocks), (first, inner.rows)]
        } else {
            rows = [(first, inner.rows)]
        }
    }

    /// Rows of a tile such that there are four, eight … tiles, which few threads share evenly; as given where tiles would get
    /// too small for it.
    private static func evenRows(_ axis: LoopAxis, _ tile: TileShape) -> Int {
        guard let count = axis.extent.constant, count > tile.rows else { return tile.rows }
        let blocks = ((count + tile.rows - 1) / tile.rows + 3) / 4 * 4
        let rows = (count + blocks - 1) / blocks
        return 3 * rows >= 2 * tile.rows && rows * tile.vectors >= 8 ? rows : tile.rows
    }

    /// All taps of a weight gradient with one input channel, if registers for one vector each are there but not for more: the
    /// cotangent is then read once, not once for each part of the taps.
    private static func allTaps(_ candidates: [LoopAxis], _ target: Target) -> [(axis: LoopAxis, step: Int)]? {
        let room = target.vectorRegisters - (target.architecture == .aarch64 ? 8 : 4)
        guard candidates.count == 2, let inner = candidates[0].extent.constant,
            let outer = candidates[1].extent.constant,
            inner * outer <= room, 2 * inner * outer > room
        else { return nil }
        return [(candidates[1], outer), (candidates[0], inner)]
    }

    /// How often the body of the innermost sum is repeated: all of a short sum, else four times.
    ///
    /// Not at all where the registers for the next term's vectors are missing, since LLVM begins a term before it ends
    /// the one before; nor where rows of different terms read the same elements, which would be kept in registers.
    func unrolling(_ axis: LoopAxis, _ input: IndexExpression, _ target: Target) -> Int {
        let temporaries = target.hasFusedMultiplyAdd ? 2 : 3
        let accumulators = rows.reduce(vectors) { $0 * $1.step }
        guard accumulators + 2 * vectors + temporaries <= target.vectorRegisters else { return 1 }
        let unroll = (axis.extent.constant ?? Int.max) <= 8 ? axis.extent.constant ?? 4 : 4
        guard let step = input.step(axis.variable).constant else { return 1 }
        for (row, count) in rows {
            guard let rowStep = input.step(row.variable).constant else { continue }
            for term in 1..<max(2, unroll) {
                for distance in 1..<max(2, count) where term * step == distance * rowStep { return 1 }
            }
        }
        return unroll
    }

    /// The outermost sum, if the operands of all its terms together are too large to be read again for each tile of a small result: a
    /// weight gradient's batch. The tiles are then summed image by image, in the result's memory.
    func summedInMemory(_ axes: Contraction, _ ranges: [String: ClosedRange<Int>]) -> LoopAxis? {
        guard isWeightGradient, axes.reduced.count > 1, let outermost = axes.orderedReduction(by: axes.right).first
        else { return nil }
        let perTerm =
            Self.extent(axes.left, in: axes, without: outermost) + Self.extent(axes.right, in: axes, without: outermost)
        let terms = outermost.extent.bounds(ranges).upperBound
        let cacheElements = 1 << 16
        let isLarge = perTerm.multipliedReportingOverflow(by: terms)
        guard isLarge.overflow || isLarge.partialValue > cacheElements else { return nil }
        // Each tile is loaded and stored once a term: that has to be little beside what is summed in it.
        let inside = Dim.product(axes.reduced.filter { $0.variable != outermost.variable }.map(\.extent))
        return (inside.constant ?? Int.max) >= 32 ? outermost : nil
    }

    /// How far apart the first and the last element are that an operand is read at for one term of a sum.
    private static func extent(_ index: IndexExpression, in axes: Contraction, without outermost: LoopAxis) -> Int {
        (axes.outputs + axes.reduced).reduce(1) { reach, axis in
            guard axis.variable != outermost.variable, let step = index.step(axis.variable).constant,
                let count = axis.extent.constant
            else { return reach }
            return reach + step * (count - 1)
        }
    }

    /// The loops over the result, outermost first; with a sum in memory, that is the second loop.
    func loops(
        _ axes: Contraction, weights: TensorType, lanes: Int, partial: LoopAxis?, inPanels: Bool
    ) -> [(axis: LoopAxis, kind: LoopKind)] {
        let inTile = [channels.variable] + rows.map(\.axis.variable)
        let others = axes.outputs.filter { !inTile.contains($0.variable) }.map { ($0, LoopKind.serial(unroll: 1)) }
        let panel = (channels, LoopKind.tile(step: vectors * lanes))
        let rowTiles = rows.map { ($0.axis, LoopKind.tile(step: $0.step)) }
        if let partial {
            // Outermost what threads share; the panels of the operand read as vectors stay in cache while the rest passes by.
            func tiles(_ at: Int) -> Int {
                let (axis, step) = rows[at]
                return axis.extent.constant.map { ($0 + step - 1) / step } ?? Int.max
            }
            var shared = others.first
            if !rows.isEmpty, others.isEmpty ? rows.count > 1 && tiles(0) > 1 : tiles(0) >= 4 { shared = rowTiles[0] }
            var loops = ([panel] + others + rowTiles).filter { $0.0.variable != shared?.0.variable }
            if let shared { loops.insert(shared, at: 0) }
            loops.insert((partial, .serial(unroll: 1)), at: 1)
            return loops
        }
        // Weights that stay in cache: a row of the image passes all of them. Else all rows pass a panel of them; those of all
        // images, where panels come from afar.
        let count = weights.count.constant ?? Int.max
        if inPanels, count > 1 << 18 { return [panel] + others + rowTiles }
        let staysInCache = !inPanels && count <= 1 << 17
        if staysInCache { return others + [panel] + rowTiles }
        return Array(others.prefix(1)) + [panel] + others.dropFirst() + rowTiles
    }
}
