import HostTensors

private let gatherAttributes = [
    AttributeSchema("axis", .int), AttributeSchema("batch", .int, default: .int(0)),
]

/// Operations that read or write where data says.
let indexingOps: [OpDefinition] = [
    OpDefinition(
        name: "gather",
        summary:
            "Elements of `x` at positions along an axis; an index outside chooses none and gives 0. The first `batch` "
            + "axes of `x` and `indices` go together, the others of `indices` take the place of the axis.",
        formula: "r[b, p, j, q] = x[b, p, indices[b, j], q]", operands: .fixed(["x", "indices"]), elements: .any,
        attributes: gatherAttributes,
        infer: { [TensorType($0.type(0).dtype, try GatherAxes(checking: $0).resultShape)] },
        meaning: .primitive { [try evaluateGather($0)] }, scalar: .none,
        gradient: .rule { builder, input in
            let attributes = input.op.attributes
            let zeros = try builder.splat(0, like: input.operand(0))
            let spread = try builder.scatter(
                zeros, input.operand(1), input.cotangent, axis: attributes.int("axis"), batch: attributes.int("batch"))
            return [spread, nil]
        },
        fusion: .movement, inPlace: [], flops: { _, _, _ in 0 }),
    OpDefinition(
        name: "scatter",
        summary:
            "`x` with `updates` added at positions along an axis, in the order of `updates`; an index outside adds "
            + "nothing. `updates` has the shape that `gather` gives for these operands.",
        formula: "r = x; r[b, p, indices[b, j], q] += updates[b, p, j, q]",
        operands: .fixed(["x", "indices", "updates"]), elements: .numbers, attributes: gatherAttributes,
        infer: { input in
            try input.require(.numbers, of: 0, named: "x")
            let expected = TensorType(input.type(0).dtype, try GatherAxes(checking: input).resultShape)
            try input.require(expected, of: 2, named: "updates")
            return [input.type(0)]
        },
        meaning: .primitive { [try evaluateScatter($0)] }, scalar: .none,
        gradient: .rule { builder, input in
            let attributes = input.op.attributes
            let taken = try builder.gather(
                input.cotangent, input.operand(1), axis: attributes.int("axis"), batch: attributes.int("batch"))
            return [input.cotangent, nil, taken]
        },
        fusion: .opaque, inPlace: [], flops: { operands, _, _ in operands[2].count }),
    OpDefinition(
        name: "dynamicSlice",
        summary:
            "The block of `sizes` that begins where `starts` says, an element an axis, moved so that the block lies "
            + "inside.",
        formula: "r[j] = x[min(max(starts, 0), shape - sizes) + j]", operands: .fixed(["x", "starts"]), elements: .any,
        attributes: [AttributeSchema("sizes", .dims)],
        infer: { input in
            let sizes = input.dims("sizes")
            try requireBlock(sizes, in: input.type(0), startsOperand: 1, input)
            return [TensorType(input.type(0).dtype, sizes)]
        },
        meaning: .primitive { [try evaluateDynamicSlice($0)] }, scalar: .none,
        gradient: .rule { builder, input in
            let zeros = try builder.splat(0, like: input.operand(0))
            return [try builder.dynamicUpdateSlice(zeros, input.cotangent, starts: input.operand(1)), nil]
        },
        fusion: .movement, inPlace: [], flops: { _, _, _ in 0 }),
    OpDefinition(
        name: "dynamicUpdateSlice",
        summary:
            "`x` with `update` in place of the block that begins where `starts` says, an element an axis, moved so that "
            + "the block lies inside.",
        formula: "r = x; r[min(max(starts, 0), shape - update shape) + j] = update[j]",
        operands: .fixed(["x", "update", "starts"]), elements: .any, attributes: [],
        infer: { input in
            try input.requireSameDType((0, "x"), (1, "update"))
            try requireBlock(input.type(1).shape, in: input.type(0), startsOperand: 2, input)
            return [input.type(0)]
        },
        meaning: .primitive { [try evaluateDynamicUpdateSlice($0)] }, scalar: .none,
        gradient: .rule { builder, input in
            let (update, starts) = (input.operand(1), input.operand(2))
            let zeros = try builder.splat(0, like: update)
            return [
                try builder.dynamicUpdateSlice(input.cotangent, zeros, starts: starts),
                try builder.dynamicSlice(input.cotangent, starts: starts, sizes: builder.type(update).shape), nil,
            ]
        },
        fusion: .opaque, inPlace: [], flops: { _, _, _ in 0 }),
]

/// The axes of a `gather` or `scatter` by role.
public struct GatherAxes: Sendable {
    /// The axes of `x` before the axis that is indexed, the batch axes first.
    public let before: [Dim]
    /// The size of the axis that is indexed.
    public let size: Dim
    /// The axes of `x` behind it.
    public let behind: [Dim]
    /// The axes of `indices` behind the batch axes.
    public let places: [Dim]
    /// The number of axes that `x` and `indices` share.
    public let batch: Int

    /// The shape of what is read.
    public var resultShape: [Dim] { before + places + behind }

    /// Reads checked attributes.
    public init(_ x: TensorType, _ indices: TensorType, _ attributes: Attributes) {
        let axis = attributes.int("axis")
        batch = attributes.int("batch")
        before = Array(x.shape[..<axis])
        size = x.shape[axis]
        behind = Array(x.shape[(axis + 1)...])
        places = Array(indices.shape[batch...])
    }

    /// Checks attributes against the operands.
    init(checking input: InferenceInput) throws {
        let (x, indices) = (input.type(0), input.type(1))
        let (axis, batch) = (input.int("axis"), input.int("batch"))
        try input.require(.integers, of: 1, named: "indices")
        try input.requireAxes([axis], rank: x.rank, attribute: "axis")
        guard (0...min(axis, indices.rank)).contains(batch) else {
            throw input.failure(
                "'batch' is \(batch), expected 0 to \(min(axis, indices.rank))",
                remedy: "batch axes come before axis \(axis) of x \(x) and are axes of indices \(indices) too")
        }
        guard x.shape[..<batch] == indices.shape[..<batch] else {
            throw input.failure("x \(x) and indices \(indices) must agree in their first \(batch) axes")
        }
        guard x.shape[axis].constant != 0 else {
            throw input.failure("axis \(axis) of x \(x) has no elements to choose from")
        }
        self.init(x, indices, input.attributes)
    }
}

/// Throws unless a block of `sizes` fits into `x` and the operand `startsOperand` holds a whole number for each axis.
private func requireBlock(_ sizes: [Dim], in x: TensorType, startsOperand: Int, _ input: InferenceInput) throws {
    try input.requireCount(x.rank, of: "sizes", got: sizes.count, per: "axis of \(x)")
    try input.require(.integers, of: startsOperand, named: "starts")
    guard input.type(startsOperand).shape == [Dim(x.rank)] else {
        throw input.failure("starts must have \(x.rank) elements, one for each axis, got \(input.type(startsOperand))")
    }
    for axis in x.shape.indices {
        guard (x.shape[axis] - sizes[axis]).isProvablyNonNegative, sizes[axis].isProvablyNonNegative else {
            throw input.failure("a block of \(sizes[axis]) does not fit into axis \(axis) of \(x)")
        }
    }
}
