import HostTensors

/// Running combinations along an axis.
let cumulativeOp = OpDefinition(
    name: "cumulative",
    summary: "The combination of all elements up to each place of an axis; `exclusive` leaves the place itself out, "
        + "`reverse` begins at the end.",
    formula: "r[i] = Σ, Π, max or min of x[j] over j ≤ i (j < i, j ≥ i, j > i)", operands: .fixed(["x"]),
    elements: .numbers,
    attributes: [
        AttributeSchema("kind", .keyword(["sum", "prod", "max", "min"])), AttributeSchema("axis", .int),
        AttributeSchema("exclusive", .bool, default: .bool(false)),
        AttributeSchema("reverse", .bool, default: .bool(false)),
    ],
    infer: { input in
        try input.require(.numbers, of: 0, named: "x")
        try input.requireAxes([input.int("axis")], rank: input.type(0).rank, attribute: "axis")
        return [input.type(0)]
    },
    meaning: .primitive { [try evaluateCumulative($0)] }, scalar: .none, gradient: .rule(cumulativeGradient),
    fusion: .opaque, inPlace: [], flops: { operands, _, _ in operands[0].count })

@Sendable
private func cumulativeGradient(_ builder: inout FunctionBuilder, _ input: GradientInput) throws -> [ValueID?] {
    let attributes = input.op.attributes
    let (kind, axis) = (attributes.keyword("kind"), attributes.int("axis"))
    let (exclusive, reverse) = (attributes.bool("exclusive"), attributes.bool("reverse"))
    switch kind {
    case "sum":
        // The transpose of a triangular matrix of ones.
        return [
            try builder.cumulative(
                "sum", input.cotangent, axis: axis, exclusive: exclusive, reverse: !reverse)
        ]
    case "prod": return [try cumulativeProductGradient(&builder, input, axis, exclusive, reverse)]
    default:
        let (x, cotangent) = (input.operand(0), input.cotangent)
        guard reverse else {
            return [try runningExtremumGradient(&builder, kind, x, cotangent, axis, exclusive: exclusive)]
        }
        let turned = try runningExtremumGradient(
            &builder, kind, builder.reverse(x, axes: [axis]), builder.reverse(cotangent, axes: [axis]), axis,
            exclusive: exclusive)
        return [try builder.reverse(turned, axes: [axis])]
    }
}

/// `Σᵢ cᵢ ∂rᵢ/∂xₖ`, where ∂rᵢ/∂xₖ is the running product with 1 in place of xₖ, as far as rᵢ holds xₖ.
///
/// It takes n² elements for an axis of n, and is right where elements are 0.
private func cumulativeProductGradient(
    _ builder: inout FunctionBuilder, _ input: GradientInput, _ axis: Int, _ exclusive: Bool, _ reverse: Bool
) throws -> ValueID {
    let x = input.operand(0)
    let type = builder.type(x)
    // Axis `axis` is k, the next one i.
    var square = type.shape
    square.insert(type.shape[axis], at: axis)
    let rest = square.indices.filter { $0 != axis }
    let spread = try builder.broadcast(x, axes: rest, shape: square)
    let k = try builder.iota(axis: axis, shape: square, dtype: .i32)
    let i = try builder.iota(axis: axis + 1, shape: square, dtype: .i32)
    let without = try builder.select(builder.compare("equal", k, i), builder.splat(1, like: spread), spread)
    let slopes = try builder.cumulative(
        "prod", without, axis: axis + 1, exclusive: exclusive, reverse: reverse)
    let direction = reverse ? (exclusive ? "less" : "lessEqual") : (exclusive ? "greater" : "greaterEqual")
    let cotangents = try builder.broadcast(input.cotangent, axes: rest, shape: square)
    let parts = try builder.select(
        builder.compare(direction, i, k), builder.mul(cotangents, slopes), builder.splat(0, like: slopes))
    return try builder.reduce("sum", parts, axes: [axis + 1])
}

/// Each cotangent goes to the first place that held the running extremum.
private func runningExtremumGradient(
    _ builder: inout FunctionBuilder, _ kind: String, _ x: ValueID, _ cotangent: ValueID, _ axis: Int, exclusive: Bool
) throws -> ValueID {
    let shape = builder.type(x).shape
    let best = try builder.cumulative(kind, x, axis: axis)
    let before = try builder.cumulative(kind, x, axis: axis, exclusive: true)
    let places = try builder.iota(axis: axis, shape: shape, dtype: .i32)
    let first = try builder.splat(0, like: places)
    // A new extremum: not equal to the one before (NaN is equal to nothing, and stays where it first was).
    let isNew = try builder.unary("not", builder.compare("equal", best, before))
    let wasNumber = try builder.compare("equal", before, before)
    let changes = try builder.binary("and", isNew, wasNumber)
    let chosen = try builder.cumulative("max", builder.select(changes, places, first), axis: axis)
    let zeros = try builder.splat(0, like: x)
    let taken = exclusive ? try shiftedBack(&builder, cotangent, axis) : cotangent
    return try builder.along(axis, rank: shape.count) { builder, moved in
        try builder.scatter(
            moved(&builder, zeros), moved(&builder, chosen), moved(&builder, taken), axis: shape.count - 1,
            batch: shape.count - 1)
    }
}

/// Element i is element i + 1 along an axis, the last one 0.
private func shiftedBack(_ builder: inout FunctionBuilder, _ x: ValueID, _ axis: Int) throws -> ValueID {
    let type = builder.type(x)
    var (starts, sizes, high) = (type.shape.map { _ in 0 }, type.shape, type.shape.map { _ in 0 })
    let none = starts
    guard let size = sizes[axis].constant else {
        throw GraphError(
            "cumulative: no gradient of an exclusive extremum along the symbolic axis \(axis) of \(type)",
            remedy: "use an axis of constant size")
    }
    if size == 0 { return x }
    starts[axis] = 1
    sizes[axis] = Dim(size - 1)
    high[axis] = 1
    let rest = try builder.slice(x, starts: starts, sizes: sizes, strides: none.map { _ in 1 })
    return try builder.pad(rest, value: builder.scalar(0, type.dtype), low: none, high: high, interior: none)
}
