import HostTensors

/// Operations that put elements in order.
let sortingOps: [OpDefinition] = [
    OpDefinition(
        name: "argsort",
        summary:
            "The positions (i32) that put an axis in ascending order, or descending; equal elements keep their order, "
            + "NaN counts as larger than any number.",
        formula: "x[r₀] ≤ x[r₁] ≤ …", operands: .fixed(["x"]), elements: .numbers, attributes: sortAttributes,
        infer: { input in
            try input.require(.numbers, of: 0, named: "x")
            try input.requireAxes([input.int("axis")], rank: input.type(0).rank, attribute: "axis")
            return [TensorType(.i32, input.type(0).shape)]
        },
        meaning: .primitive { [try evaluateArgsort($0)] }, scalar: .none,
        gradient: .nonDifferentiable("positions are whole numbers"), fusion: .opaque, inPlace: [],
        flops: { operands, _, attributes in operands[0].count * operands[0].shape[attributes.int("axis")] }),
    .composite(
        "sort", "An axis in ascending order, or descending; NaN counts as larger than any number.",
        "x[r], r = argsort x", operands: ["x"], elements: .numbers, attributes: sortAttributes,
        infer: { input in
            try input.require(.numbers, of: 0, named: "x")
            try input.requireAxes([input.int("axis")], rank: input.type(0).rank, attribute: "axis")
            return [input.type(0)]
        },
        flops: { operands, _, attributes in operands[0].count * operands[0].shape[attributes.int("axis")] }
    ) { builder, op in
        let order = try builder.emit1("argsort", op.operands[0], attributes: op.attributes)
        return [try builder.takeAlong(op.operands[0], order, axis: op.attributes.int("axis"))]
    },
    .composite(
        "topk",
        "The `k` largest (or smallest) elements along an axis in descending (ascending) order, and their positions (i32); "
            + "of equal elements the first come first, NaN counts as larger than any number.",
        "x[r₀] ≥ x[r₁] ≥ … ≥ x[rₖ₋₁]; r", operands: ["x"], elements: .numbers,
        attributes: [
            AttributeSchema("k", .int), AttributeSchema("axis", .int),
            AttributeSchema("largest", .bool, default: .bool(true)),
        ],
        infer: { input in
            let (x, axis, k) = (input.type(0), input.int("axis"), input.int("k"))
            try input.require(.numbers, of: 0, named: "x")
            try input.requireAxes([axis], rank: x.rank, attribute: "axis")
            guard k >= 1, (x.shape[axis] - Dim(k)).isProvablyNonNegative else {
                throw input.failure("'k' is \(k), expected 1 to \(x.shape[axis]), the size of axis \(axis) of \(x)")
            }
            var shape = x.shape
            shape[axis] = Dim(k)
            return [TensorType(x.dtype, shape), TensorType(.i32, shape)]
        },
        flops: { operands, _, attributes in operands[0].count * operands[0].shape[attributes.int("axis")] }
    ) { builder, op in
        let (x, axis) = (op.operands[0], op.attributes.int("axis"))
        let order = try builder.emit1(
            "argsort", x, attributes: ["axis": .int(axis), "descending": .bool(op.attributes.bool("largest"))])
        var sizes = builder.type(x).shape
        sizes[axis] = Dim(op.attributes.int("k"))
        let first = try builder.slice(
            order, starts: sizes.map { _ in 0 }, sizes: sizes, strides: sizes.map { _ in 1 })
        return [try builder.takeAlong(x, first, axis: axis), first]
    },
]

private let sortAttributes = [
    AttributeSchema("axis", .int), AttributeSchema("descending", .bool, default: .bool(false)),
]

extension FunctionBuilder {
    /// The elements of `x` along an axis that `indices`, which agrees in all other axes, says for each place.
    mutating func takeAlong(_ x: ValueID, _ indices: ValueID, axis: Int) throws -> ValueID {
        let rank = type(x).rank
        return try along(axis, rank: rank) { builder, moved in
            try builder.gather(moved(&builder, x), moved(&builder, indices), axis: rank - 1, batch: rank - 1)
        }
    }

    /// What `body` gives when every operand it calls `moved` on has the axis last; the axis goes back to its place.
    mutating func along(
        _ axis: Int, rank: Int,
        _ body: (inout FunctionBuilder, (inout FunctionBuilder, ValueID) throws -> ValueID) throws -> ValueID
    ) throws -> ValueID {
        if axis == rank - 1 { return try body(&self) { $1 } }
        let order = (0..<rank).filter { $0 != axis } + [axis]
        let result = try body(&self) { try $0.transpose($1, order) }
        return try transpose(result, order.indices.map { order.firstIndex(of: $0) ?? $0 })
    }
}
