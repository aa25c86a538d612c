import HostTensors

/// The most elements of a row whose mean one sum is good enough for.
private let longRow = 2048

private let epsilonAttribute = AttributeSchema("epsilon", .float, default: .float(1e-5))

/// Layers that shift and scale to mean 0 and variance 1.
let normalizationOps: [OpDefinition] = [
    .composite(
        "layerNorm",
        "All axes from `axis` on together to mean 0 and variance 1, then scaled and shifted element by element.",
        "(x - mean) / √(variance + epsilon) · scale + offset", operands: ["x", "scale", "offset"],
        attributes: [AttributeSchema("axis", .int), epsilonAttribute],
        infer: { input in
            let part = try inferNormalized(input)
            try input.require(part, of: 1, named: "scale")
            try input.require(part, of: 2, named: "offset")
            return [input.type(0)]
        }, flopsPerElement: 8
    ) { builder, op in
        let x = op.operands[0]
        let axes = Array(op.attributes.int("axis")..<builder.type(x).rank)
        let normal = try builder.normalized(x, axes: axes, epsilon: op.attributes.float("epsilon")).value
        return [try builder.affine(normal, scale: op.operands[1], offset: op.operands[2], axes: axes)]
    },
    .composite(
        "rmsNorm", "All axes from `axis` on divided by their root mean square, then scaled element by element.",
        "x / √(mean x² + epsilon) · scale", operands: ["x", "scale"],
        attributes: [AttributeSchema("axis", .int), epsilonAttribute],
        infer: { input in
            try input.require(inferNormalized(input), of: 1, named: "scale")
            return [input.type(0)]
        }, flopsPerElement: 5
    ) { builder, op in
        let x = op.operands[0]
        let shape = builder.type(x).shape
        let axes = Array(op.attributes.int("axis")..<shape.count)
        // Squares of numbers of 16 bits leave their range.
        let dtype = builder.type(x).dtype
        let wide = dtype.isHalf ? try builder.cast(x, to: .f32) : x
        let squares = try builder.mean(builder.mul(wide, wide), axes: axes)
        let raised = try builder.add(squares, builder.splat(op.attributes.float("epsilon"), like: squares))
        let scaled = try builder.mul(wide, builder.spread(builder.unary("rsqrt", raised), overAxes: axes, like: wide))
        let normal = dtype.isHalf ? try builder.cast(scaled, to: dtype) : scaled
        return [try builder.mul(normal, builder.broadcast(op.operands[1], axes: axes, shape: shape))]
    },
    .composite(
        "groupNorm",
        "Every example's channels in `groups` groups, each over all other axes to mean 0 and variance 1, then scaled and "
            + "shifted channel by channel. Axis 0 are the examples, `axis` the channels.",
        "(x - mean) / √(variance + epsilon) · scale[c] + offset[c]", operands: ["x", "scale", "offset"],
        attributes: [AttributeSchema("axis", .int), AttributeSchema("groups", .int), epsilonAttribute],
        infer: { input in
            let channels = try inferChannels(input, least: 1)
            let groups = input.int("groups")
            guard let count = channels.shape[0].constant, groups >= 1, count % groups == 0 else {
                throw input.failure(
                    "\(groups) groups do not divide the \(channels.shape[0]) channels of x \(input.type(0))")
            }
            try input.require(channels, of: 1, named: "scale")
            try input.require(channels, of: 2, named: "offset")
            return [input.type(0)]
        }, flopsPerElement: 8
    ) { builder, op in
        let (x, axis, groups) = (op.operands[0], op.attributes.int("axis"), op.attributes.int("groups"))
        let shape = builder.type(x).shape
        var grouped = shape
        grouped[axis] = Dim((shape[axis].constant ?? groups) / groups)
        grouped.insert(Dim(groups), at: axis)
        let apart = try builder.reshape(x, grouped)
        let axes = grouped.indices.filter { $0 != 0 && $0 != axis }
        let normal = try builder.normalized(apart, axes: axes, epsilon: op.attributes.float("epsilon")).value
        return [
            try builder.affine(
                builder.reshape(normal, shape), scale: op.operands[1], offset: op.operands[2], axes: [axis])
        ]
    },
    .composite(
        "batchNorm",
        "Every channel (of `axis`) over all other axes to mean 0 and variance 1, then scaled and shifted; gives the means and "
            + "variances (of the whole batch, not of a sample) too, for running averages.",
        "(x - mean) / √(variance + epsilon) · scale[c] + offset[c]; mean; variance",
        operands: ["x", "scale", "offset"], attributes: [AttributeSchema("axis", .int), epsilonAttribute],
        infer: { input in
            let channels = try inferChannels(input, least: 0)
            for (at, name) in [(1, "scale"), (2, "offset")] { try input.require(channels, of: at, named: name) }
            return [input.type(0), channels, channels]
        }, flopsPerElement: 8
    ) { builder, op in
        let (x, axis) = (op.operands[0], op.attributes.int("axis"))
        let axes = builder.type(x).shape.indices.filter { $0 != axis }
        let normal = try builder.normalized(
            x, axes: axes, epsilon: op.attributes.float("epsilon"), isRow: false)
        let result = try builder.affine(
            normal.value, scale: op.operands[1], offset: op.operands[2], axes: [axis])
        return [result, normal.mean, normal.variance]
    },
    .composite(
        "batchNormInference", "Every channel (of `axis`) shifted and scaled by known means and variances.",
        "(x - mean[c]) / √(variance[c] + epsilon) · scale[c] + offset[c]",
        operands: ["x", "scale", "offset", "mean", "variance"],
        attributes: [AttributeSchema("axis", .int), epsilonAttribute],
        infer: { input in
            let channels = try inferChannels(input, least: 0)
            for (at, name) in ["scale", "offset", "mean", "variance"].enumerated() {
                try input.require(channels, of: at + 1, named: name)
            }
            return [input.type(0)]
        }, flopsPerElement: 2
    ) { builder, op in
        let (x, axis, variance) = (op.operands[0], op.attributes.int("axis"), op.operands[4])
        let raised = try builder.add(variance, builder.splat(op.attributes.float("epsilon"), like: variance))
        let factor = try builder.mul(op.operands[1], builder.unary("rsqrt", raised))
        let shift = try builder.sub(op.operands[2], builder.mul(op.operands[3], factor))
        return [try builder.affine(x, scale: factor, offset: shift, axes: [axis])]
    },
]

/// Checks `x` and `axis` of a norm over the last axes; gives the type of these axes.
private func inferNormalized(_ input: InferenceInput) throws -> TensorType {
    let (x, axis) = (input.type(0), input.int("axis"))
    try input.require(.floats, of: 0, named: "x")
    try input.requireAxes([axis], rank: x.rank, attribute: "axis")
    return TensorType(x.dtype, Array(x.shape[axis...]))
}

/// Checks `x` and its channel axis; gives the type of one number a channel.
private func inferChannels(_ input: InferenceInput, least: Int) throws -> TensorType {
    let (x, axis) = (input.type(0), input.int("axis"))
    try input.require(.floats, of: 0, named: "x")
    guard (least..<max(least, x.rank)).contains(axis) else {
        throw input.failure("'axis' is \(axis), expected \(least) to \(x.rank - 1) for x \(x)")
    }
    return TensorType(x.dtype, [x.shape[axis]])
}

extension FunctionBuilder {
    /// The mean over axes; symbolic sizes are counted when the function runs. Of numbers of 16 bits it is computed in f32, where
    /// neither the sum nor the count leaves the range.
    mutating func mean(_ x: ValueID, axes: [Int]) throws -> ValueID {
        let type = type(x)
        if type.dtype.isHalf { return try cast(mean(cast(x, to: .f32), axes: axes), to: type.dtype) }
        let sum = try reduce("sum", x, axes: axes)
        let sizes = axes.map { type.shape[$0] }
        let symbolic = sizes.filter { $0.constant == nil }
        let known = Double(Dim.product(sizes.filter { $0.constant != nil }).constant ?? 1)
        if symbolic.isEmpty { return try div(sum, splat(known, like: sum)) }
        let ones = try splat(1, TensorType(type.dtype, symbolic))
        let count = try scaled(reduce("sum", ones, axes: Array(symbolic.indices)), by: known)
        return try div(sum, broadcast(count, axes: [], shape: self.type(sum).shape))
    }

    /// `(x - mean) / √(variance + epsilon)` over axes, with the mean and the variance; computed in f32 for numbers of 16 bits, whose
    /// squares leave their range. Of a long row in f32, what is left of the mean once it was taken off is taken off too: far from 0, the
    /// sum's rounding errors are much larger than the mean's.
    fileprivate mutating func normalized(
        _ x: ValueID, axes: [Int], epsilon: Double, isRow: Bool = true
    ) throws -> (value: ValueID, mean: ValueID, variance: ValueID) {
        let dtype = type(x).dtype
        if dtype.isHalf {
            let wide = try normalized(cast(x, to: .f32), axes: axes, epsilon: epsilon, isRow: isRow)
            return try (cast(wide.value, to: dtype), cast(wide.mean, to: dtype), cast(wide.variance, to: dtype))
        }
        let isLong = isRow && dtype == .f32 && Dim.product(axes.map { type(x).shape[$0] }).constant ?? .max > longRow
        let mean = try mean(x, axes: axes)
        var distance = try sub(x, spread(mean, overAxes: axes, like: x))
        if isLong {
            distance = try sub(distance, spread(self.mean(distance, axes: axes), overAxes: axes, like: x))
        }
        let variance = try self.mean(mul(distance, distance), axes: axes)
        let factor = try unary("rsqrt", add(variance, splat(epsilon, like: variance)))
        return (try mul(distance, spread(factor, overAxes: axes, like: x)), mean, variance)
    }

    /// `x · scale + offset`, both of which have the axes `axes` of `x`.
    fileprivate mutating func affine(
        _ x: ValueID, scale: ValueID, offset: ValueID, axes: [Int]
    ) throws -> ValueID {
        let shape = type(x).shape
        return try add(
            mul(x, broadcast(scale, axes: axes, shape: shape)), broadcast(offset, axes: axes, shape: shape))
    }
}
