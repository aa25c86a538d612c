import GraphIR
import HostTensors
import KernelIR

extension KernelDraft {
    /// The form of a convolution as a product of matrices whose left one is read where it lies, if it has one on this target. What is
    /// computed on its results must not depend on the place of a pixel.
    func pointwiseForm(_ view: GroupView, _ root: GraphOp) -> PointwiseForm? {
        guard target.multipliesTiles(.bfloat16), root.name == "conv", isNarrowed(root.operands[0]),
            (root.operands + root.results).allSatisfy({ type($0).dtype == .f32 }),
            view.ops.allSatisfy({ op in
                op.name != "iota"
                    && (op.name != "broadcast" || op.attributes.ints("axes").allSatisfy { $0 == 3 })
            })
        else { return nil }
        return PointwiseForm(
            root, input: type(root.operands[0]).shape, kernel: type(root.operands[1]).shape, target: target,
            ranges: ranges)
    }

    /// Rounds the weights and puts them in the order in which tiles read them.
    mutating func lowerPointwiseWeights(_ root: GraphOp, _ form: PointwiseForm, to goal: BufferSubject) {
        hint = "split"
        let source = buffer(.value(root.operands[1]), type(root.operands[1]), .read)
        let split = buffer(goal, TensorType(.i32, [Dim(form.weightWords)]), .write)
        let outputs = LoopAxis(variable: fresh("o"), extent: Dim(form.outputs))
        let depth = LoopAxis(variable: fresh("c"), extent: Dim(form.depth))
        let (c, o) = (Dim(symbol: depth.variable), Dim(symbol: outputs.variable))
        let operand = SplitOperand(
            side: .right, buffer: source, index: c * outputs.extent + o, free: outputs, depth: depth,
            isAlongDepth: false, multiple: PointwiseForm.block, pairsNeighbours: true)
        let halves = (0..<2).map { half in
            splitBlock(operand, .bfloat16, free: o + Dim(16 * half), depth: c, to: split) { _ in
                form.weight(c, o, half: half)
            }
        }
        let channels = KernelStatement.loop(KernelLoop(depth.variable, .count(depth.extent), .tile(step: 32), halves))
        let all = LoopAxis(variable: outputs.variable, extent: Dim(form.paddedOutputs))
        append(.loop(KernelLoop(all.variable, .count(all.extent), .tile(step: PointwiseForm.block), [channels])))
        parallelize(over: all, step: PointwiseForm.block, workInside: depth.extent, goal: 25_000)
    }

    /// The products, two tiles of pixels by 32 output channels at a time, and the operations on their results.
    ///
    /// The last two tiles begin earlier where they would end past the input's end; of their results, those are finished that no
    /// tile before had.
    mutating func lowerPointwise(
        _ group: GroupView, root: GraphOp, _ form: PointwiseForm, weights: BufferSubject
    ) throws {
        hint = "conv_tiles"
        tileRows = form.tileRows
        let (block, step) = (PointwiseForm.block, form.pairRows)
        let source = buffer(.value(root.operands[0]), type(root.operands[0]), .read)
        passes[source] = form.passes
        let right = buffer(weights, TensorType(.i32, [Dim(form.weightWords)]), .read)
        let results = local(TensorType(.f32, [Dim(2 * block * block)]))
        let (row, pair, output) = (fresh("i"), fresh("q"), fresh("o"))
        let (start, shift, depth) = (fresh("p"), fresh("p"), fresh("c"))
        let wanted = form.rowBlock == nil ? Dim(symbol: pair) : Dim(symbol: row) + Dim(symbol: pair)
        let (first, o, c) = (Dim(symbol: start), Dim(symbol: output), Dim(symbol: depth))

        let products = tileProducts(.bfloat16) { side, _, half in
            side == .left
                ? (source, (first + Dim(form.tileRows * half)) * Dim(form.depth) + c, form.depth)
                : (right, form.weight(c, o, half: half), 16)
        }
        let places: [KernelStatement] = [
            .position(start, extent: form.rows - Dim(step - 1), .index(wanted, .i64)),
            .position(shift, extent: Dim(step), .index(wanted - first, .i64)),
        ]
        let finish = try finishPixels(
            group, root, from: results, at: wanted, shift: Dim(symbol: shift), over: pair, output: output,
            outer: [row, pair, output, start, shift])
        let next =
            form.finishesRows
            ? nextPixels(finish, form, after: wanted, output: output, depth: depth)
            : ahead(
                right, from: form.weight(c, o + Dim(block), half: 0), words: 512, row: Dim(symbol: pair),
                rows: form.rowBlock ?? form.rows.bounds(ranges).lowerBound, step: step)
        let sums =
            (0..<4).map { KernelStatement.tile(.clear($0)) }
            + [.loop(KernelLoop(depth, .count(Dim(form.depth)), .tile(step: 32), spread(next, among: products)))]
            + (0..<4).map { register in
                .tile(
                    .store(
                        register, buffer: results, Dim(register / 2 * form.tileRows * block + register % 2 * 16),
                        stride: block))
            }
        let outputs = LoopAxis(variable: output, extent: Dim(form.outputs))
        let pixels = LoopAxis(variable: form.rowBlock == nil ? pair : row, extent: form.rows)
        func overOutputs(_ body: [KernelStatement]) -> KernelStatement {
            .loop(KernelLoop(output, .count(outputs.extent), .tile(step: block), body))
        }
        guard let rowBlock = form.rowBlock else {
            append(
                overOutputs([
                    .loop(KernelLoop(pair, .count(form.rows), .tile(step: step), places + sums + [finish]))
                ]))
            parallelize(over: outputs, step: block, workInside: form.rows * Dim(form.depth))
            return
        }
        func overPairs(_ body: [KernelStatement]) -> KernelStatement {
            .loop(KernelLoop(pair, .tile(row), .tile(step: step), body))
        }
        let tiles =
            form.finishesRows
            ? overPairs(places + [overOutputs(sums + [finish])]) : overOutputs([overPairs(places + sums + [finish])])
        append(.loop(KernelLoop(row, .count(form.rows), .tile(step: rowBlock), [tiles])))
        parallelize(over: pixels, step: rowBlock, workInside: Dim(form.depth * form.outputs))
    }

    /// Statements that ask for what the next 32 pixels' results are combined with and where they go: in each step of the products of
    /// these, a share of the lines.
    private func nextPixels(
        _ finish: KernelStatement, _ form: PointwiseForm, after pixel: IndexExpression, output: String, depth: String
    ) -> [KernelStatement] {
        let share = max(1, 1024 / form.depth)
        let place = (Dim(symbol: output) * Dim(form.depth / 32) + Dim(symbol: depth)) * Dim(share)
        let start = (pixel + Dim(form.pairRows)) * Dim(form.outputs) + place
        let whole = buffers.indices.filter { number in
            buffers[number].access != .local && buffers[number].count == form.rows * Dim(form.outputs)
                && !finish.offsets(of: [number]).isEmpty
        }
        return whole.flatMap { number -> [KernelStatement] in
            let line = 64 / buffers[number].stored.byteCount
            return (0..<share * 32 / line).map { .prefetch(number, start + Dim(line * $0)) }
        }
    }

    /// Computes and stores what is made of 32 pixels' results, of 32 output channels.
    private mutating func finishPixels(
        _ group: GroupView, _ root: GraphOp, from results: Int, at pixel: IndexExpression, shift: IndexExpression,
        over pair: String, output: String, outer: [String]
    ) throws -> KernelStatement {
        let (row, lane) = (fresh("r"), fresh("v"))
        let (r, v) = (Dim(symbol: row), Dim(symbol: lane))
        let indices = [Dim(0), Dim(0), pixel + r, Dim(symbol: output) + v]
        scopes.append(BodyScope(variables: Set(outer + [row, lane])))
        bind(root.results[0], at: indices, to: .load(results, (shift + r) * Dim(PointwiseForm.block) + v))
        try storeOutputs(group, indices)
        let lanes = KernelLoop(lane, .tile(output), .vector(unroll: 2), close())
        return .loop(KernelLoop(row, .tile(pair), .serial(unroll: 1), [.loop(lanes)]))
    }
}
