import HostTensors

/// What the common layers compute.
let layerOps: [OpDefinition] = [denseOp, conv2dOp, pooling("maxPool"), pooling("avgPool"), dropoutOp]

private let denseOp = OpDefinition.composite(
    "dense", "An affine map of the last axis.", "x · w + b", operands: ["x", "w", "b"],
    infer: { input in
        let (x, w) = (input.type(0), input.type(1))
        try input.require(.floats, of: 0, named: "x")
        try input.requireRank(2, of: 1, named: "w")
        guard let features = x.shape.last, features == w.shape[0] else {
            throw input.failure(
                "the last axis of x \(x) must be the first of w \(w), which is \(w.shape[0])",
                remedy: "expected w of \(TensorType(x.dtype, [x.shape.last ?? 1, w.shape[1]]))")
        }
        try input.requireSameDType((0, "x"), (1, "w"))
        try input.require(TensorType(x.dtype, [w.shape[1]]), of: 2, named: "b")
        return [TensorType(x.dtype, x.shape.dropLast() + [w.shape[1]])]
    },
    flops: { operands, results, _ in results[0].count * operands[1].shape[0] * 2 }
) { builder, op in
    let (x, w, b) = (op.operands[0], op.operands[1], op.operands[2])
    let product = try builder.dot(x, w, contract: ([builder.type(x).rank - 1], [0]))
    let type = builder.type(product)
    return [try builder.add(product, builder.broadcast(b, axes: [type.rank - 1], shape: type.shape))]
}

private let conv2dOp = OpDefinition.composite(
    "conv2d", "Cross-correlation over two spatial axes, plus a bias on each result channel.", "conv(x, k) + b",
    operands: ["x", "k", "b"], elements: .numbers,
    attributes: [
        AttributeSchema("layout", .string, default: .string("NHWC,HWIO,NHWC")),
        AttributeSchema("strides", .ints, default: .ints([1, 1])),
        AttributeSchema("padding", .intLists, default: .intLists([[0, 0], [0, 0]])),
    ],
    infer: { input in
        var attributes = input.attributes
        attributes["inputDilation"] = .ints([1, 1])
        attributes["kernelDilation"] = .ints([1, 1])
        attributes["groups"] = .int(1)
        let geometry = try ConvGeometry(
            InferenceInput(
                opName: input.opName, operands: Array(input.operands.prefix(2)), attributes: attributes))
        let result = geometry.resultType
        let channels = result.shape[geometry.layout.resultAxis("C")]
        try input.require(TensorType(result.dtype, [channels]), of: 2, named: "b")
        return [result]
    },
    flops: { operands, results, attributes in convOp.flops(operands, results, attributes) }
) { builder, op in
    let layout = op.attributes.keyword("layout")
    let product = try builder.conv(
        op.operands[0], op.operands[1], layout: layout, strides: op.attributes.ints("strides"),
        padding: op.attributes.intLists("padding"))
    let channels = try ConvLayout(layout).resultAxis("C")
    return [
        try builder.add(
            product, builder.broadcast(op.operands[2], axes: [channels], shape: builder.type(product).shape))
    ]
}

/// Window attributes of the two spatial axes, spread over all axes of a layout such as `NHWC`.
private struct Pooling {
    let window: [Int]
    let strides: [Int]
    let padding: [[Int]]
    /// The spatial axes in layout order.
    let spatial: [Int]

    init(_ attributes: Attributes, opName: String) throws {
        let letters = Array(attributes.keyword("layout"))
        guard letters.count == 4, Set(letters) == Set("NCHW") else {
            throw GraphError(
                "\(opName): layout '\(attributes.keyword("layout"))' must have each of N C H W once",
                remedy: "for example NHWC")
        }
        let spatial = letters.indices.filter { "HW".contains(letters[$0]) }
        func spread<Entry>(_ entries: [Entry], _ neutral: Entry, _ name: String) throws -> [Entry] {
            guard entries.count == 2 else {
                throw GraphError(
                    "\(opName): '\(name)' must have 2 entries, one for each spatial axis, got \(entries.count)")
            }
            var all = letters.map { _ in neutral }
            for (entry, axis) in zip(entries, spatial) { all[axis] = entry }
            return all
        }
        window = try spread(attributes.ints("window"), 1, "window")
        strides = try spread(attributes.ints("strides"), 1, "strides")
        padding = try spread(attributes.intLists("padding"), [0, 0], "padding")
        self.spatial = spatial
    }
}

private func pooling(_ name: String) -> OpDefinition {
    let isMax = name == "maxPool"
    return .composite(
        name,
        isMax
            ? "The largest element of each window over two spatial axes; padding never wins."
            : "The mean of each window over two spatial axes; padding is not counted.",
        isMax ? "max of x over the window" : "Σ x / number of x in the window", operands: ["x"],
        attributes: [
            AttributeSchema("window", .ints), AttributeSchema("strides", .ints),
            AttributeSchema("padding", .intLists, default: .intLists([[0, 0], [0, 0]])),
            AttributeSchema("layout", .string, default: .string("NHWC")),
        ],
        infer: { input in
            try input.require(.floats, of: 0, named: "x")
            try input.requireRank(4, of: 0, named: "x")
            let pooling = try Pooling(input.attributes, opName: name)
            return try windowResult(
                input, of: input.type(0), window: pooling.window, strides: pooling.strides, padding: pooling.padding)
        },
        flops: { _, results, attributes in results[0].count * Dim(attributes.ints("window").reduce(1, *)) }
    ) { builder, op in
        let pooling = try Pooling(op.attributes, opName: name)
        let combined = try builder.reduceWindow(
            isMax ? "max" : "sum", op.operands[0], window: pooling.window, strides: pooling.strides,
            padding: pooling.padding)
        return [isMax ? combined : try mean(&builder, combined, of: op.operands[0], pooling)]
    }
}

/// Window sums divided by how many elements each window holds: a constant without padding, else counted.
private func mean(
    _ builder: inout FunctionBuilder, _ sums: ValueID, of x: ValueID, _ pooling: Pooling
) throws -> ValueID {
    if pooling.padding.joined().allSatisfy({ $0 == 0 }) {
        return try builder.scaled(sums, by: 1 / Double(pooling.window.reduce(1, *)))
    }
    let (dtype, shape) = (builder.type(x).dtype, builder.type(x).shape)
    let ones = try builder.splat(1, TensorType(dtype, pooling.spatial.map { shape[$0] }))
    let counts = try builder.reduceWindow(
        "sum", ones, window: pooling.spatial.map { pooling.window[$0] },
        strides: pooling.spatial.map { pooling.strides[$0] }, padding: pooling.spatial.map { pooling.padding[$0] })
    return try builder.div(
        sums, builder.broadcast(counts, axes: pooling.spatial, shape: builder.type(sums).shape))
}

private let dropoutOp = OpDefinition.composite(
    "dropout",
    "Each element is 0 with probability `rate`, else scaled by 1/(1 - rate); chosen by `random`(seed, stream, step).",
    "u < rate ? 0 : x / (1 - rate)", operands: ["x", "seed", "step"],
    attributes: [AttributeSchema("rate", .float), AttributeSchema("stream", .int)],
    infer: { input in
        try input.require(.floats, of: 0, named: "x")
        try input.requireRandomPosition(seed: 1, step: 2, streams: 0...Int(UInt32.max))
        let rate = input.float("rate")
        guard rate >= 0, rate < 1 else {
            throw input.failure(
                "'rate' is \(rate), expected 0 or more and below 1", remedy: "it is the share of elements set to 0")
        }
        return [input.type(0)]
    }, flopsPerElement: 12
) { builder, op in
    let (x, rate) = (op.operands[0], op.attributes.float("rate"))
    if rate == 0 { return [x] }
    let uniform = try builder.random(
        seed: op.operands[1], step: op.operands[2], stream: op.attributes.int("stream"), shape: builder.type(x).shape)
    let isDropped = try builder.compare("less", uniform, builder.splat(rate, like: uniform))
    return [
        try builder.select(isDropped, builder.splat(0, like: x), builder.scaled(x, by: 1 / (1 - rate)))
    ]
}
