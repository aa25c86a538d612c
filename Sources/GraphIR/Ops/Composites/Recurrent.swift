import HostTensors

/// One step of recurrent layers.
let recurrentOps: [OpDefinition] = [
    .composite(
        "lstmCell",
        "One step of a long short-term memory (Hochreiter and Schmidhuber, 1997); `w`, `u` and `b` hold the input, forget, "
            + "cell and output gate side by side. Gives the new output and the new cell.",
        "i, f, g, o = x w + h u + b; c' = σ(f) c + σ(i) tanh(g); h' = σ(o) tanh(c')",
        operands: ["x", "h", "c", "w", "u", "b"],
        infer: { input in
            let state = try inferCell(input, gates: 4, weights: 3)
            try input.require(state, of: 2, named: "c")
            return [state, state]
        },
        flops: cellFlops(weights: 3)
    ) { builder, op in
        let gates = try builder.affine(op.operands[0], op.operands[3], op.operands[5])
        let recurrent = try builder.product(op.operands[1], op.operands[4])
        let parts = try builder.gates(builder.add(gates, recurrent), count: 4)
        let kept = try builder.mul(builder.unary("logistic", parts[1]), op.operands[2])
        let added = try builder.mul(builder.unary("logistic", parts[0]), builder.unary("tanh", parts[2]))
        let cell = try builder.add(kept, added)
        return [try builder.mul(builder.unary("logistic", parts[3]), builder.unary("tanh", cell)), cell]
    },
    .composite(
        "gruCell",
        "One step of a gated recurrent unit (Cho and others, 2014), reset after the product; `w`, `u`, `b` and `d` hold the "
            + "update gate, the reset gate and the candidate side by side.",
        "z, r = σ(x w + b + h u + d); n = tanh(x w + b + r (h u + d)); h' = z h + (1 - z) n",
        operands: ["x", "h", "w", "u", "b", "d"],
        infer: { input in
            let state = try inferCell(input, gates: 3, weights: 2)
            try input.require(input.type(4), of: 5, named: "d")
            return [state]
        },
        flops: cellFlops(weights: 2)
    ) { builder, op in
        let h = op.operands[1]
        let given = try builder.gates(builder.affine(op.operands[0], op.operands[2], op.operands[4]), count: 3)
        let recurrent = try builder.gates(builder.affine(h, op.operands[3], op.operands[5]), count: 3)
        let update = try builder.unary("logistic", builder.add(given[0], recurrent[0]))
        let reset = try builder.unary("logistic", builder.add(given[1], recurrent[1]))
        let candidate = try builder.unary("tanh", builder.add(given[2], builder.mul(reset, recurrent[2])))
        // z h + (1 - z) n
        return [try builder.add(candidate, builder.mul(update, builder.sub(h, candidate)))]
    },
]

/// Checks x, h and the weights, bias of a cell (weights, recurrent weights and bias from operand `weights` on).
private func inferCell(_ input: InferenceInput, gates: Int, weights: Int) throws -> TensorType {
    let (x, h) = (input.type(0), input.type(1))
    try input.require(.floats, of: 0, named: "x")
    try input.requireRank(2, of: 0, named: "x")
    try input.requireRank(2, of: 1, named: "h")
    let units = h.shape[1]
    try input.require(TensorType(x.dtype, [x.shape[0], units]), of: 1, named: "h")
    let width = units * Dim(gates)
    try input.require(TensorType(x.dtype, [x.shape[1], width]), of: weights, named: "w")
    try input.require(TensorType(x.dtype, [units, width]), of: weights + 1, named: "u")
    try input.require(TensorType(x.dtype, [width]), of: weights + 2, named: "b")
    return h
}

private func cellFlops(weights: Int) -> @Sendable ([TensorType], [TensorType], Attributes) -> Dim {
    { operands, _, _ in (operands[weights].count + operands[weights + 1].count) * operands[0].shape[0] * 2 }
}

extension FunctionBuilder {
    fileprivate mutating func product(_ x: ValueID, _ w: ValueID) throws -> ValueID {
        try dot(x, w, contract: ([1], [0]))
    }

    fileprivate mutating func affine(_ x: ValueID, _ w: ValueID, _ b: ValueID) throws -> ValueID {
        try emit1("dense", x, w, b)
    }

    /// The gates that lie side by side along the last axis.
    fileprivate mutating func gates(_ all: ValueID, count: Int) throws -> [ValueID] {
        let shape = type(all).shape
        guard let width = shape[1].constant else {
            throw GraphError("a recurrent cell needs a constant number of units, got \(shape[1]) gates")
        }
        return try (0..<count).map { at in
            try slice(
                all, starts: [0, at * width / count], sizes: [shape[0], Dim(width / count)], strides: [1, 1])
        }
    }
}
