import GraphIR
import HostTensors
import KernelIR

extension KernelDraft {
    /// The form of a weight gradient as products of transformed tiles, if a convolution is one, has it and it pays.
    func winogradGradientForm(_ group: GroupView, _ root: GraphOp, _ precision: Precision) -> WinogradGradientForm? {
        guard root.name == "conv", (root.operands + root.results).allSatisfy({ type($0).dtype == .f32 }),
            group.outputs == root.results
        else { return nil }
        return WinogradGradientForm(
            root, input: type(root.operands[0]).shape, cotangent: type(root.operands[1]).shape,
            result: type(root.results[0]).shape, precision: precision, target: target,
            lanes: target.lanes(storing: [.f32]))
    }

    /// The sums of products of transformed tiles, of a group of blocks after the other.
    mutating func lowerWinogradSums(_ root: GraphOp, _ form: WinogradGradientForm, to goal: BufferSubject) {
        hint = "conv_winograd_sums"
        let sums = buffer(goal, form.sums, .readWrite)
        let (group, block, tile, lane) = (fresh("g"), fresh("q"), fresh("s"), fresh("v"))
        let (input, cotangent) = (
            local(TensorType(.f32, [Dim(form.ownCount(form.channels))])),
            local(TensorType(.f32, [Dim(form.ownCount(form.outputs))]))
        )
        let first = Dim(symbol: group)
        let clear = KernelStatement.loop(
            KernelLoop(
                lane, .count(Dim(form.sumCount)), .vector(unroll: 4),
                [.store(sums, form.sum(first, 0, 0, 0) + Dim(symbol: lane), .constant(0, .f32))]))
        let place = tilePlace(
            of: first + Dim(symbol: block) + Dim(symbol: tile), images: form.images, form.input.height, form.input.width
        )
        func transform(
            _ operand: Int, _ axes: (height: WinogradAxis, width: WinogradAxis), size: Int, channels: Int,
            by matrix: [[Double]], to goal: Int
        ) -> KernelStatement {
            let (value, channel) = (root.operands[operand], fresh("c"))
            open(channel)
            let elements = tileElements(
                of: buffer(.value(value), type(value), .read), axes.height, axes.width, size: size, channels: channels,
                place, Dim(symbol: channel))
            for (plane, value) in transformed(elements, by: matrix).joined().enumerated() {
                append(
                    .store(goal, form.own(channels, Dim(plane), Dim(symbol: tile), Dim(symbol: channel)), value))
            }
            return .loop(KernelLoop(channel, .count(Dim(channels)), .vector(unroll: 1), close()))
        }
        let transforms = [
            transform(
                0, form.input, size: form.transform.size, channels: form.channels, by: form.transform.input, to: input),
            transform(
                1, form.cotangent, size: form.transform.results, channels: form.outputs,
                by: transposed(form.transform.output), to: cotangent),
        ]
        let inBlock = KernelStatement.loop(
            KernelLoop(tile, .tile(block), .serial(unroll: 1), place.statements + transforms))
        let products = planeSums(form, first: first, block: block, sums: sums, input: input, cotangent: cotangent)
        let blocks = KernelStatement.loop(
            KernelLoop(block, .tile(group), .tile(step: form.block), [inBlock, products]))
        let tiles = LoopAxis(variable: group, extent: form.images * Dim(form.imageTiles))
        append(.loop(KernelLoop(group, .count(tiles.extent), .tile(step: form.group), [clear, blocks])))
        parallelize(
            over: tiles, step: form.group, workInside: Dim(form.transform.count * form.channels * form.outputs))
    }

    /// Adds the products of a block's transformed operands to the sums, plane by plane.
    private mutating func planeSums(
        _ form: WinogradGradientForm, first: IndexExpression, block: String, sums: Int, input: Int, cotangent: Int
    ) -> KernelStatement {
        let (plane, channel, row, output, lane, tile) = (
            fresh("a"), fresh("c"), fresh("r"), fresh("o"), fresh("v"), fresh("s")
        )
        let (a, s) = (Dim(symbol: plane), Dim(symbol: tile))
        let (c, o) = (Dim(symbol: channel) + Dim(symbol: row), Dim(symbol: output) + Dim(symbol: lane))
        let (axes, register) = ([row, lane], accumulator("acc", .f32))
        func overTile(_ body: KernelStatement) -> KernelStatement {
            let vectors = KernelLoop(lane, .tile(output), .vector(unroll: form.register.vectors), [body])
            return .loop(KernelLoop(row, .tile(channel), .unroll, [.loop(vectors)]))
        }
        let sum = KernelExpression.accumulator(register, axes)
        let product = KernelExpression.apply(
            .multiplyAdd,
            [
                .load(input, form.own(form.channels, a, s, c)), .load(cotangent, form.own(form.outputs, a, s, o)), sum,
            ], .f32)
        let place = form.sum(first, a, c, o)
        var body = [
            overTile(.set(register, axes: axes, .constant(0, .f32))),
            .loop(
                KernelLoop(
                    tile, .tile(block), .serial(unroll: 1), [overTile(.set(register, axes: axes, product))])),
            overTile(.store(sums, place, .apply(.add, [.load(sums, place), sum], .f32))),
        ]
        body = [
            .loop(
                KernelLoop(
                    channel, .count(Dim(form.channels)), .tile(step: form.register.rows), body))
        ]
        body = [
            .loop(
                KernelLoop(
                    output, .count(Dim(form.outputs)), .tile(step: form.register.vectors * form.lanes), body))
        ]
        return .loop(KernelLoop(plane, .count(Dim(form.transform.count)), .serial(unroll: 1), body))
    }

    /// Adds the sums of all groups, and transforms them to the gradient.
    mutating func lowerWinogradGradient(
        _ group: GroupView, root: GraphOp, _ form: WinogradGradientForm, from subject: BufferSubject
    ) throws {
        hint = "conv_winograd_gradient"
        let sums = buffer(subject, form.sums, .read)
        let width = form.register.vectors * form.lanes
        let own = local(TensorType(.f32, [Dim(form.transform.count * width)]))
        let (channel, output, lane, first, plane) = (fresh("c"), fresh("o"), fresh("v"), fresh("g"), fresh("a"))
        let (c, o, v) = (Dim(symbol: channel), Dim(symbol: output), Dim(symbol: lane))
        let place = Dim(symbol: plane) * Dim(width) + v
        func overLanes(_ body: [KernelStatement], unroll: Int) -> KernelStatement {
            .loop(KernelLoop(lane, .tile(output), .vector(unroll: unroll), body))
        }
        func overPlanes(_ value: KernelExpression) -> KernelStatement {
            .loop(
                KernelLoop(
                    plane, .count(Dim(form.transform.count)), .serial(unroll: 1),
                    [overLanes([.store(own, place, value)], unroll: form.register.vectors)]))
        }
        let term = KernelExpression.load(sums, form.sum(Dim(symbol: first), Dim(symbol: plane), c, o + v))
        let groups = KernelStatement.loop(
            KernelLoop(
                first, .count(form.images * Dim(form.imageTiles)), .tile(step: form.group),
                [overPlanes(.apply(.add, [.load(own, place), term], .f32))]))
        scopes.append(BodyScope(variables: [channel, output, lane]))
        let size = form.transform.size
        let planes = (0..<size).map { down in
            (0..<size).map { KernelExpression.load(own, Dim((down * size + $0) * width) + v) }
        }
        for (down, line) in transformed(planes, by: transposed(form.transform.kernel)).enumerated() {
            for (across, value) in line.enumerated() {
                let indices = [Dim(down), Dim(across), c, o + v]
                bind(root.results[0], at: indices, to: value)
                try storeOutputs(group, indices)
            }
        }
        let finish = overLanes(close(), unroll: 1)
        append(
            .loop(
                KernelLoop(
                    channel, .count(Dim(form.channels)), .serial(unroll: 1),
                    [
                        .loop(
                            KernelLoop(
                                output, .count(Dim(form.outputs)), .tile(step: width),
                                [overPlanes(.constant(0, .f32)), groups, finish]))
                    ])))
        parallelize(
            over: LoopAxis(variable: channel, extent: Dim(form.channels)), step: 1,
            workInside: Dim(form.transform.count * form.outputs * 8), goal: 25_000)
    }

    private func transposed(_ matrix: [[Double]]) -> [[Double]] {
        matrix[0].indices.map { column in matrix.map { $0[column] } }
    }
}
