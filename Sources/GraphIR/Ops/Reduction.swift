import HostTensors

/// Operations that combine the elements along axes, which disappear.
let reductionOps: [OpDefinition] = [
    OpDefinition(
        name: "reduce",
        summary: "All elements along `axes` combined; no element gives the neutral one (0, 1, ∓∞, true, false).",
        formula: "r = Σ x, Π x, max x, min x, ∧ x, ∨ x", operands: .fixed(["x"]), elements: .any,
        attributes: [
            AttributeSchema("kind", .keyword(["sum", "prod", "max", "min", "and", "or"])),
            AttributeSchema("axes", .ints),
        ],
        infer: { input in
            let (x, axes) = (input.type(0), input.ints("axes"))
            try input.requireAxes(axes, rank: x.rank, attribute: "axes")
            let isLogical = ["and", "or"].contains(input.keyword("kind"))
            try input.require(isLogical ? .bools : .numbers, of: 0, named: "x of kind \(input.keyword("kind"))")
            return [TensorType(x.dtype, x.shape.indices.filter { !axes.contains($0) }.map { x.shape[$0] })]
        },
        meaning: .primitive { [try evaluateReduce($0)] }, scalar: .none,
        gradient: .rule { [try reduceGradient(&$0, $1)] }, fusion: .reduce, inPlace: [],
        flops: { operands, _, _ in operands[0].count }),
    OpDefinition(
        name: "argreduce",
        summary: "The position (i32) of the first largest or smallest element along an axis; NaN counts as both.",
        formula: "r = argmax x, argmin x", operands: .fixed(["x"]), elements: .numbers,
        attributes: [AttributeSchema("kind", .keyword(["max", "min"])), AttributeSchema("axis", .int)],
        infer: { input in
            let (x, axis) = (input.type(0), input.int("axis"))
            try input.require(.numbers, of: 0, named: "x")
            try input.requireAxes([axis], rank: x.rank, attribute: "axis")
            guard x.shape[axis] != Dim(0) else {
                throw input.failure("axis \(axis) of \(x) has no elements to choose from")
            }
            var shape = x.shape
            shape.remove(at: axis)
            return [TensorType(.i32, shape)]
        },
        meaning: .primitive { [try evaluateArgreduce($0)] }, scalar: .none,
        gradient: .nonDifferentiable("positions are whole numbers"), fusion: .reduce, inPlace: [],
        flops: { operands, _, _ in operands[0].count }),
]

/// Sum: every element gets the cotangent. Max and min: the tied elements share it. Product: the product of the others.
private func reduceGradient(_ builder: inout FunctionBuilder, _ input: GradientInput) throws -> ValueID? {
    let x = input.operand(0)
    let (shape, axes) = (builder.type(x).shape, input.op.attributes.ints("axes"))
    let kept = shape.indices.filter { !axes.contains($0) }
    let cotangent = try builder.broadcast(input.cotangent, axes: kept, shape: shape)
    switch input.op.attributes.keyword("kind") {
    case "sum": return cotangent
    case "prod": return try builder.mul(cotangent, productOfOthers(&builder, x, axes: axes, kept: kept))
    default:
        let one = try builder.splat(1, like: x)
        let zero = try builder.splat(0, like: x)
        let chosen = try builder.compare("equal", x, builder.broadcast(input.result, axes: kept, shape: shape))
        let ties = try builder.reduce("sum", builder.select(chosen, one, zero), axes: axes)
        let share = try builder.div(cotangent, builder.broadcast(ties, axes: kept, shape: shape))
        return try builder.select(chosen, share, zero)
    }
}

/// For each element the product of all others along `axes`: of those before it and those behind it, so that it, and what is
/// differentiated of it, is right where some are 0.
private func productOfOthers(
    _ builder: inout FunctionBuilder, _ x: ValueID, axes: [Int], kept: [Int]
) throws -> ValueID {
    let order = kept + axes
    let moved = try builder.transpose(x, order)
    let shape = builder.type(moved).shape
    let line = try builder.reshape(moved, Array(shape.prefix(kept.count)) + [Dim.product(shape.dropFirst(kept.count))])
    let before = try builder.cumulative("prod", line, axis: kept.count, exclusive: true)
    let behind = try builder.cumulative("prod", line, axis: kept.count, exclusive: true, reverse: true)
    let product = try builder.reshape(builder.mul(before, behind), shape)
    return try builder.transpose(product, order.indices.map { order.firstIndex(of: $0) ?? $0 })
}
