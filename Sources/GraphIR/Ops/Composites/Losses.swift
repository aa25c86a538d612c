import HostTensors

/// Losses, one number an example.
let lossOps: [OpDefinition] = [
    .composite(
        "crossEntropy",
        "Negative log-likelihood of whole-number labels under softmax of the last axis; a label outside the classes "
            + "chooses none and gives 0.",
        "-logSoftmax(logits)[label]", operands: ["logits", "labels"],
        infer: { input in
            let (logits, labels) = (input.type(0), input.type(1))
            try input.require(.floats, of: 0, named: "logits")
            try input.require(.integers, of: 1, named: "labels")
            guard logits.rank >= 1 else {
                throw input.failure("logits must have a last axis of classes, got \(logits)")
            }
            let expected = TensorType(labels.dtype, Array(logits.shape.dropLast()))
            guard labels == expected else {
                throw input.failure(
                    "labels must be \(expected) for logits \(logits), got \(labels)",
                    remedy: "give the index of the class, one for each example")
            }
            return [TensorType(logits.dtype, expected.shape)]
        },
        gradient: .rule(crossEntropyGradient),
        flops: { operands, _, _ in operands[0].count * 5 }
    ) { builder, op in
        let axis = builder.type(op.operands[0]).rank - 1
        let logs = try builder.emit1("logSoftmax", op.operands[0], attributes: ["axis": .int(axis)])
        let isLabel = try labelMask(&builder, op)
        let chosen = try builder.select(isLabel, logs, builder.splat(0, like: logs))
        return [try builder.neg(builder.reduce("sum", chosen, axes: [axis]))]
    },
    .composite(
        "sigmoidCrossEntropy",
        "Cross-entropy of independent targets in [0, 1] under the logistic function, element by element.",
        "max(x, 0) - x t + ln(1 + e^-|x|)", operands: ["logits", "targets"],
        infer: { input in
            try input.require(.floats, of: 0, named: "logits")
            try input.requireSameType((0, "logits"), (1, "targets"))
            return [input.type(0)]
        },
        gradient: .rule { builder, input in
            let (x, targets) = (input.operand(0), input.operand(1))
            return [
                try builder.mul(input.cotangent, builder.sub(builder.unary("logistic", x), targets)),
                try builder.neg(builder.mul(input.cotangent, x)),
            ]
        }, flopsPerElement: 7
    ) { builder, op in
        let (x, targets) = (op.operands[0], op.operands[1])
        let positive = try builder.binary("max", x, builder.splat(0, like: x))
        let linear = try builder.sub(positive, builder.mul(x, targets))
        let tail = try builder.unary("exp", builder.neg(builder.unary("abs", x)))
        return [try builder.add(linear, builder.unary("log1p", tail))]
    },
]

/// Where the last axis' position is the label.
private func labelMask(_ builder: inout FunctionBuilder, _ op: GraphOp) throws -> ValueID {
    let (logits, labels) = (builder.type(op.operands[0]), builder.type(op.operands[1]))
    let axis = logits.rank - 1
    let classes = try builder.iota(axis: axis, shape: logits.shape, dtype: labels.dtype)
    return try builder.compare("equal", classes, builder.spread(op.operands[1], along: axis, like: op.operands[0]))
}

/// `(softmax - onehot) · c`.
@Sendable
private func crossEntropyGradient(_ builder: inout FunctionBuilder, _ input: GradientInput) throws -> [ValueID?] {
    let logits = input.operand(0)
    let axis = builder.type(logits).rank - 1
    let probabilities = try builder.emit1("softmax", logits, attributes: ["axis": .int(axis)])
    let oneHot = try builder.select(
        labelMask(&builder, input.op), builder.splat(1, like: logits), builder.splat(0, like: logits))
    let cotangent = try builder.spread(input.cotangent, along: axis, like: logits)
    return [try builder.mul(builder.sub(probabilities, oneHot), cotangent), nil]
}
