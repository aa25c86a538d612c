import HostTensors

/// Operations that place elements elsewhere without computing on them.
let movementOps: [OpDefinition] = [
    movement(
        "broadcast", "Repetition: axis i of `x` becomes axis `axes[i]` of the result, the other axes are new.",
        "r[j] = x[j[axes]]", [AttributeSchema("axes", .ints), AttributeSchema("shape", .dims)], fusion: .broadcast,
        infer: inferBroadcast, evaluate: evaluateBroadcast
    ) { builder, input in
        let kept = input.op.attributes.ints("axes")
        let new = builder.type(input.result).shape.indices.filter { !kept.contains($0) }
        return try builder.reduce("sum", input.cotangent, axes: new)
    },
    movement(
        "reshape", "The same elements in row-major order under another shape.", "r = x",
        [AttributeSchema("shape", .dims)], infer: inferReshape, evaluate: evaluateReshape
    ) { builder, input in
        try builder.reshape(input.cotangent, builder.type(input.operand(0)).shape)
    },
    movement(
        "transpose", "Axes in another order: axis i of the result is axis `permutation[i]` of `x`.",
        "r[j] = x[j[permutation⁻¹]]", [AttributeSchema("permutation", .ints)], infer: inferTranspose,
        evaluate: evaluateTranspose
    ) { builder, input in
        let permutation = input.op.attributes.ints("permutation")
        let inverse = permutation.indices.map { permutation.firstIndex(of: $0) ?? $0 }
        return try builder.transpose(input.cotangent, inverse)
    },
    movement(
        "slice", "The block of `sizes` that begins at `starts`, taking every `strides`-th element.",
        "r[j] = x[starts + j · strides]",
        [AttributeSchema("starts", .ints), AttributeSchema("sizes", .dims), AttributeSchema("strides", .ints)],
        infer: inferSlice, evaluate: evaluateSlice, gradient: sliceGradient),
    padOp,
    concatOp,
    movement(
        "reverse", "The opposite order along some axes.", "r[…, i, …] = x[…, n-1-i, …]",
        [AttributeSchema("axes", .ints)],
        infer: { input in
            try input.requireAxes(input.ints("axes"), rank: input.type(0).rank, attribute: "axes")
            return [input.type(0)]
        }, evaluate: evaluateReverse
    ) { builder, input in
        try builder.reverse(input.cotangent, axes: input.op.attributes.ints("axes"))
    },
]

private func movement(
    _ name: String, _ summary: String, _ formula: String, _ attributes: [AttributeSchema],
    fusion: FusionClass = .movement, infer: @escaping @Sendable (InferenceInput) throws -> [TensorType],
    evaluate: @escaping @Sendable (EvaluationInput) throws -> HostTensor,
    gradient: @escaping OpDefinition.UnaryRule
) -> OpDefinition {
    OpDefinition(
        name: name, summary: summary, formula: formula, operands: .fixed(["x"]), elements: .any, attributes: attributes,
        infer: infer, meaning: .primitive { [try evaluate($0)] }, scalar: .none,
        gradient: .rule { [try gradient(&$0, $1)] }, fusion: fusion, inPlace: [], flops: { _, _, _ in 0 })
}

private let padOp = OpDefinition(
    name: "pad",
    summary: "`x` with `low` and `high` elements of `value` around and `interior` of them between its elements.",
    formula: "r[low + j · (1 + interior)] = x[j], elsewhere value", operands: .fixed(["x", "value"]), elements: .any,
    attributes: [
        AttributeSchema("low", .ints), AttributeSchema("high", .ints), AttributeSchema("interior", .ints),
    ],
    infer: inferPad, meaning: .primitive { [try evaluatePad($0)] }, scalar: .none,
    gradient: .rule { builder, input in
        let (type, attributes) = (builder.type(input.operand(0)), input.op.attributes)
        let kept = try builder.slice(
            input.cotangent, starts: attributes.ints("low"), sizes: type.shape,
            strides: attributes.ints("interior").map { $0 + 1 })
        let axes = Array(type.shape.indices)
        let around = try builder.sub(
            builder.reduce("sum", input.cotangent, axes: axes), builder.reduce("sum", kept, axes: axes))
        return [kept, around]
    },
    fusion: .movement, inPlace: [], flops: { _, _, _ in 0 })

private let concatOp = OpDefinition(
    name: "concat", summary: "Operands one after another along an axis; the other axes agree.",
    formula: "r[…, n₀ + i, …] = y[…, i, …]", operands: .variadic("parts"), elements: .any,
    attributes: [AttributeSchema("axis", .int)],
    infer: inferConcat, meaning: .primitive { [try evaluateConcat($0)] }, scalar: .none,
    gradient: .rule { builder, input in
        let axis = input.op.attributes.int("axis")
        var start = Dim(0)
        var parts: [ValueID?] = []
        for operand in input.op.operands {
            let shape = builder.type(operand).shape
            guard let begin = start.constant else {
                throw GraphError(
                    "concat: no gradient along axis \(axis), where an operand begins at the symbolic position \(start)",
                    remedy: "put operands of constant size first")
            }
            var starts = shape.map { _ in 0 }
            starts[axis] = begin
            parts.append(
                try builder.slice(input.cotangent, starts: starts, sizes: shape, strides: shape.map { _ in 1 }))
            start = start + shape[axis]
        }
        return parts
    },
    fusion: .movement, inPlace: [], flops: { _, _, _ in 0 })

@Sendable
private func sliceGradient(_ builder: inout FunctionBuilder, _ input: GradientInput) throws -> ValueID? {
    let (type, attributes) = (builder.type(input.operand(0)), input.op.attributes)
    let (starts, strides) = (attributes.ints("starts"), attributes.ints("strides"))
    let high = try type.shape.indices.map { axis -> Int in
        let end = sliceEnd(start: starts[axis], size: attributes.dims("sizes")[axis], stride: strides[axis])
        guard let rest = (type.shape[axis] - end).constant else {
            throw GraphError(
                "slice: no gradient along axis \(axis) of \(type), where a symbolic number of elements is left out",
                remedy: "slice axes of constant size")
        }
        return rest
    }
    let zero = try builder.scalar(0, type.dtype)
    return try builder.pad(
        input.cotangent, value: zero, low: starts, high: high, interior: strides.map { $0 - 1 })
}

/// One past the last position that a slice reads.
private func sliceEnd(start: Int, size: Dim, stride: Int) -> Dim {
    size == Dim(0) ? Dim(start) : (size - Dim(1)) * Dim(stride) + Dim(start + 1)
}

@Sendable
private func inferBroadcast(_ input: InferenceInput) throws -> [TensorType] {
    let (x, axes, shape) = (input.type(0), input.ints("axes"), input.dims("shape"))
    let result = TensorType(x.dtype, shape)
    try input.requireCount(x.rank, of: "axes", got: axes.count, per: "axis of \(x)")
    guard axes.allSatisfy(shape.indices.contains), axes == Array(Set(axes)).sorted() else {
        throw input.failure("'axes' \(axes) must be ascending axes of the result \(result)")
    }
    for (axis, target) in axes.enumerated() where x.shape[axis] != shape[target] {
        throw input.failure(
            "axis \(axis) of \(x) is \(x.shape[axis]), but axis \(target) of \(result) is \(shape[target])",
            remedy: "sizes must be equal; reshape an axis of size 1 away first")
    }
    return [result]
}

@Sendable
private func inferReshape(_ input: InferenceInput) throws -> [TensorType] {
    let result = TensorType(input.type(0).dtype, input.dims("shape"))
    guard input.type(0).count == result.count else {
        throw input.failure(
            "\(input.type(0)) has \(input.type(0).count) elements, but \(result) has \(result.count)",
            remedy: "choose a shape with as many elements")
    }
    return [result]
}

@Sendable
private func inferTranspose(_ input: InferenceInput) throws -> [TensorType] {
    let (x, permutation) = (input.type(0), input.ints("permutation"))
    guard permutation.sorted() == Array(0..<x.rank) else {
        throw input.failure("'permutation' \(permutation) must name each axis of \(x) once")
    }
    return [TensorType(x.dtype, permutation.map { x.shape[$0] })]
}

@Sendable
private func inferSlice(_ input: InferenceInput) throws -> [TensorType] {
    let x = input.type(0)
    let (starts, sizes, strides) = (input.ints("starts"), input.dims("sizes"), input.ints("strides"))
    try input.requireCount(x.rank, of: "starts", got: starts.count, per: "axis of \(x)")
    try input.requireCount(x.rank, of: "sizes", got: sizes.count, per: "axis of \(x)")
    try input.requireCount(x.rank, of: "strides", got: strides.count, per: "axis of \(x)")
    try input.requireAtLeast(0, starts, attribute: "starts")
    try input.requireAtLeast(1, strides, attribute: "strides")
    for axis in x.shape.indices {
        let end = sliceEnd(start: starts[axis], size: sizes[axis], stride: strides[axis])
        guard (x.shape[axis] - end).isProvablyNonNegative, sizes[axis].isProvablyNonNegative else {
            throw input.failure(
                "axis \(axis) of \(x) is read up to position \(end), but has \(x.shape[axis]) elements",
                remedy: "start \(starts[axis]), size \(sizes[axis]), stride \(strides[axis]) must stay inside")
        }
    }
    return [TensorType(x.dtype, sizes)]
}

@Sendable
private func inferPad(_ input: InferenceInput) throws -> [TensorType] {
    let x = input.type(0)
    try input.require(TensorType(x.dtype), of: 1, named: "value")
    let lists = ["low", "high", "interior"].map { ($0, input.ints($0)) }
    for (name, values) in lists {
        try input.requireCount(x.rank, of: name, got: values.count, per: "axis of \(x)")
        try input.requireAtLeast(0, values, attribute: name)
    }
    let shape = x.shape.indices.map { axis -> Dim in
        let size = x.shape[axis]
        let between = size == Dim(0) ? Dim(0) : (size - Dim(1)) * Dim(lists[2].1[axis])
        return size + between + Dim(lists[0].1[axis] + lists[1].1[axis])
    }
    return [TensorType(x.dtype, shape)]
}

@Sendable
private func inferConcat(_ input: InferenceInput) throws -> [TensorType] {
    let (first, axis) = (input.type(0), input.int("axis"))
    guard first.shape.indices.contains(axis) else {
        throw input.failure("'axis' is \(axis), expected 0 to \(first.rank - 1) for \(first)")
    }
    var shape = first.shape
    for (at, other) in input.operands.enumerated().dropFirst() {
        var expected = first
        if other.rank == first.rank { expected.shape[axis] = other.shape[axis] }
        guard other == expected else {
            throw input.failure(
                "operand \(at) is \(other), operand 0 is \(first): all but axis \(axis) must agree",
                remedy: "reshape or cast the operands to agree")
        }
        shape[axis] = shape[axis] + other.shape[axis]
    }
    return [TensorType(first.dtype, shape)]
}
