import HostTensors

/// Random numbers made from uniform ones.
let randomOps: [OpDefinition] = [
    .composite(
        "randomNormal",
        "Normal f32 numbers with mean 0 and variance 1 by Box and Muller's method; `stream` below 2³¹, its second "
            + "uniform numbers come from stream + 2³¹.",
        "√(-2 ln(1 - u)) cos(2π v)", operands: ["seed", "step"], elements: .f32,
        attributes: [AttributeSchema("stream", .int), AttributeSchema("shape", .dims)],
        infer: { input in
            try input.requireRandomPosition(seed: 0, step: 1, streams: 0...Int(Int32.max))
            return [TensorType(.f32, input.dims("shape"))]
        },
        gradient: .nonDifferentiable("random numbers depend on no floating-point operand"), flopsPerElement: 26
    ) { builder, op in
        let (seed, step) = (op.operands[0], op.operands[1])
        let (stream, shape) = (op.attributes.int("stream"), op.attributes.dims("shape"))
        let first = try builder.random(seed: seed, step: step, stream: stream, shape: shape)
        let second = try builder.random(seed: seed, step: step, stream: stream + (1 << 31), shape: shape)
        let logarithm = try builder.unary("log", builder.sub(builder.splat(1, like: first), first))
        let radius = try builder.unary("sqrt", builder.scaled(logarithm, by: -2))
        let angle = try builder.scaled(second, by: 2 * Double.pi)
        return [try builder.mul(radius, builder.unary("cos", angle))]
    }
]
