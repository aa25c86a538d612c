import GraphIR

// before:
//   %0, %1 = scan %h, %x carries 1 sequences 1 length 2 body (%a: f32[3] "a", %b: f32[3] "b") {
//     %0 = mul %a, %b : f32[3]
//     output %0 : f32[3] "a"
//     output %0 : f32[3] "y"
//   } : f32[3], f32[2,3]
// after:
//   %0 = slice %x starts [0,0] sizes [1,3] strides [1,1] : f32[1,3]
//   %1 = reshape %0 shape [3] : f32[3]
//   %2 = mul %h, %1 : f32[3]
//   …
//   %5 = mul %2, %4 : f32[3]
//   %6 = concat …, … axis 0 : f32[2,3]

extension GraphPass {
    /// Writes the bodies of `scan` out, once for every step, and both bodies of `cond`, of which a `select` takes one. Gradients of custom
    /// operations, which nothing needs any more, are left out.
    ///
    /// Steps are then optimized together: what does not change is computed once, and the reverse of a scan shares the
    /// forward steps.
    public static let inlineBodies = GraphPass(
        name: "inlineBodies", summary: "Writes out the steps of scans and both sides of conditions."
    ) { function, context in
        guard function.ops.contains(where: { !$0.bodies.isEmpty }) else { return false }
        return try GraphRewriter.rebuild(&function, context) { op, rewriter in
            guard !op.bodies.isEmpty else { return nil }
            var inliner = BodyInliner(builder: rewriter.builder)
            let results = try inliner.results(of: op)
            rewriter.builder = inliner.builder
            return results
        }
    }
}

/// Writes operations with bodies out, innermost ones too.
private struct BodyInliner {
    var builder: FunctionBuilder
    /// The most operations that are written.
    private static let limit = 200_000

    mutating func results(of op: GraphOp) throws -> [ValueID] {
        switch op.name {
        case "scan": try scanned(op)
        case "cond": try chosen(op)
        case "custom":
            try builder.emit(op.name, op.operands, op.attributes.filter { $0.key != "gradient" })
        default: throw GraphError("\(op.name): its bodies cannot be written out", place: op.place?.description)
        }
    }

    /// The operations of a body, with these values as inputs; composites expanded.
    private mutating func written(_ body: GraphFunction, _ arguments: [ValueID]) throws -> [ValueID] {
        let body = try body.expandingComposites()
        guard builder.function.ops.count <= Self.limit else {
            throw GraphError(
                "the steps of scans take more than \(Self.limit) operations", place: builder.place?.description,
                remedy: "make scans shorter, or their bodies")
        }
        var values: [ValueID: ValueID] = [:]
        for (input, argument) in zip(body.inputs, arguments) { values[input.value] = argument }
        let outer = builder.place
        defer { builder.place = outer }
        for op in body.ops {
            builder.place = op.place ?? outer
            var copy = op
            copy.operands = op.operands.map { values[$0] ?? $0 }
            let results =
                op.bodies.isEmpty
                ? try builder.emit(op.name, copy.operands, op.attributes) : try results(of: copy)
            for (inner, result) in zip(op.results, results) { values[inner] = result }
        }
        return body.outputs.map { values[$0.value] ?? $0.value }
    }

    private mutating func scanned(_ op: GraphOp) throws -> [ValueID] {
        let attributes = op.attributes
        let (count, length) = (attributes.int("carries"), attributes.int("length"))
        let body = attributes.function("body")
        let rest = count + attributes.int("sequences")
        var carries = Array(op.operands[..<count])
        var stacked = [[ValueID]](repeating: [], count: body.outputs.count - count)
        for step in 0..<length {
            let at = attributes.bool("reverse") ? length - 1 - step : step
            let slices = try op.operands[count..<rest].map { try slice($0, at) }
            let results = try written(body, carries + slices + Array(op.operands[rest...]))
            carries = Array(results[..<count])
            for (number, result) in results[count...].enumerated() {
                let shape = builder.type(result).shape
                stacked[number].append(try builder.reshape(result, [1] + shape))
            }
        }
        let results = try stacked.map { parts in
            let ordered = attributes.bool("reverse") ? parts.reversed() : parts
            return ordered.count == 1 ? ordered[0] : try builder.concat(ordered, axis: 0)
        }
        return carries + results
    }

    /// Element `at` of the first axis.
    private mutating func slice(_ value: ValueID, _ at: Int) throws -> ValueID {
        let shape = builder.type(value).shape
        var starts = shape.map { _ in 0 }
        starts[0] = at
        let block = try builder.slice(
            value, starts: starts, sizes: [1] + shape.dropFirst(), strides: shape.map { _ in 1 })
        return try builder.reshape(block, Array(shape.dropFirst()))
    }

    private mutating func chosen(_ op: GraphOp) throws -> [ValueID] {
        let values = Array(op.operands.dropFirst())
        let one = try written(op.attributes.function("then"), values)
        let other = try written(op.attributes.function("else"), values)
        return try zip(one, other).map { x, y in
            let shape = builder.type(x).shape
            return try builder.select(builder.broadcast(op.operands[0], axes: [], shape: shape), x, y)
        }
    }
}
