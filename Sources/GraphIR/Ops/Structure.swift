import HostTensors

/// Operations with bodies: functions that see nothing but what they are given.
let structureOps: [OpDefinition] = [
    OpDefinition(
        name: "cond",
        summary:
            "What one of two bodies gives: `then` where the predicate, the first operand, holds, else `else`. Both are "
            + "given the other operands.",
        formula: "r = predicate ? then(values) : else(values)", operands: .variadic("predicate and values"),
        elements: .any,
        attributes: [AttributeSchema("then", .function), AttributeSchema("else", .function)],
        infer: { input in
            try input.require(TensorType(.bool), of: 0, named: "the predicate")
            let values = Array(input.operands.dropFirst())
            let (one, other) = (input.attributes.function("then"), input.attributes.function("else"))
            for (name, body) in [("then", one), ("else", other)] {
                try input.requireInputs(of: body, named: name, values)
            }
            guard one.outputTypes == other.outputTypes, !one.outputs.isEmpty else {
                throw input.failure(
                    "both bodies must give the same, and something: 'then' gives \(one.outputTypes), 'else' \(other.outputTypes)"
                )
            }
            return one.outputTypes
        },
        meaning: .primitive { try evaluateCond($0) }, scalar: .none, gradient: .rule(condGradient), fusion: .opaque,
        inPlace: [], flops: { _, _, _ in 0 }),
    OpDefinition(
        name: "scan",
        summary:
            "A body run `length` times. Its inputs are what it carries from one time to the next (`carries` operands, the "
            + "first), the next slice of each of `sequences` operands along their first axis, and the other operands as they "
            + "are; its outputs the new carries, and more, of which each time's are stacked along a new first axis. `reverse` "
            + "begins at the end.",
        formula: "carry, y[t] = body(carry, x[t], values)", operands: .variadic("carries, sequences and values"),
        elements: .any,
        attributes: [
            AttributeSchema("carries", .int), AttributeSchema("sequences", .int, default: .int(0)),
            AttributeSchema("length", .int), AttributeSchema("reverse", .bool, default: .bool(false)),
            AttributeSchema("body", .function),
        ],
        infer: { try ScanShape(checking: $0).results },
        meaning: .primitive { try evaluateScan($0) }, scalar: .none, gradient: .rule(scanGradient), fusion: .opaque,
        inPlace: [], flops: { _, _, _ in 0 }),
    OpDefinition(
        name: "loop",
        summary:
            "A body run as long as a condition holds, `limit` times at most. Both are given what is carried (`carries` "
            + "operands, the first) and the other operands; the body gives the new carries. It is a scan of `limit` steps, so "
            + "the limit is what it costs.",
        formula: "while condition(carry, values): carry = body(carry, values)",
        operands: .variadic("carries and values"), elements: .any,
        attributes: [
            AttributeSchema("carries", .int), AttributeSchema("limit", .int), AttributeSchema("condition", .function),
            AttributeSchema("body", .function),
        ],
        infer: { input in
            let (count, limit) = (input.int("carries"), input.int("limit"))
            guard (1...input.operands.count).contains(count), limit >= 1 else {
                throw input.failure("'carries' is \(count) of \(input.operands.count) operands, 'limit' is \(limit)")
            }
            let (condition, body) = (input.attributes.function("condition"), input.attributes.function("body"))
            try input.requireInputs(of: condition, named: "condition", input.operands)
            try input.requireInputs(of: body, named: "body", input.operands)
            guard condition.outputTypes == [TensorType(.bool)] else {
                throw input.failure("'condition' must give bool[], it gives \(condition.outputTypes)")
            }
            let carried = Array(input.operands.prefix(count))
            guard body.outputTypes == carried else {
                throw input.failure("'body' must give the carries \(carried), it gives \(body.outputTypes)")
            }
            return carried
        },
        meaning: .composite(body: loopBody), scalar: .none, gradient: .fromBody, fusion: .opaque, inPlace: [],
        flops: { _, _, _ in 0 }),
]

extension InferenceInput {
    /// Throws unless a body takes values of these types and changes no state.
    fileprivate func requireInputs(of body: GraphFunction, named name: String, _ types: [TensorType]) throws {
        let isSound = (body.inputs + body.outputs).allSatisfy { body.values.indices.contains($0.value.index) }
        guard isSound, body.updates.isEmpty else { throw failure("'\(name)' must name its values and update no state") }
        guard body.inputTypes == types else {
            throw failure("'\(name)' takes \(body.inputTypes), it is given \(types)")
        }
    }
}

/// The operands and results of a `scan` by what they are.
struct ScanShape {
    let carries: Int
    let sequences: Int
    let length: Int
    let body: GraphFunction
    /// The types of the results: carries, then what is stacked.
    let results: [TensorType]

    /// Reads checked attributes.
    init(_ attributes: Attributes) {
        carries = attributes.int("carries")
        sequences = attributes.int("sequences")
        length = attributes.int("length")
        body = attributes.function("body")
        let (carried, count) = (carries, length)
        results = body.outputTypes.enumerated().map { at, type in
            at < carried ? type : TensorType(type.dtype, [Dim(count)] + type.shape)
        }
    }

    /// Checks attributes against the operands.
    init(checking input: InferenceInput) throws {
        let (carries, sequences) = (input.int("carries"), input.int("sequences"))
        let length = input.int("length")
        guard carries >= 0, sequences >= 0, carries + sequences <= input.operands.count, length >= 1 else {
            throw input.failure(
                "'carries' \(carries) and 'sequences' \(sequences) of \(input.operands.count) operands, 'length' \(length)",
                remedy: "they count the first operands; the length is at least 1")
        }
        let given = try input.operands.enumerated().map { at, type in
            guard (carries..<(carries + sequences)).contains(at) else { return type }
            guard type.shape.first == Dim(length) else {
                throw input.failure("sequence \(at - carries) is \(type), its first axis must be the length \(length)")
            }
            return TensorType(type.dtype, Array(type.shape.dropFirst()))
        }
        let body = input.attributes.function("body")
        try input.requireInputs(of: body, named: "body", given)
        let kept = Array(body.outputTypes.prefix(carries))
        guard kept == Array(given.prefix(carries)), !body.outputs.isEmpty else {
            throw input.failure(
                "'body' must give the carries \(given.prefix(carries)) first, it gives \(body.outputTypes)")
        }
        self.init(input.attributes)
    }
}

/// `limit` steps, of which those after the condition's first failure change nothing.
@Sendable
private func loopBody(_ builder: inout FunctionBuilder, _ op: GraphOp) throws -> [ValueID] {
    let carries = op.attributes.int("carries")
    let types = op.operands.map { builder.type($0) }
    var step = FunctionBuilder(name: "body")
    let values = types.enumerated().map { step.input("v\($0)", $1) }
    let goesOn = try step.inline(op.attributes.function("condition"), values)[0]
    var stay = FunctionBuilder(name: "else")
    let same = types.enumerated().map { stay.input("v\($0)", $1) }
    for at in 0..<carries { stay.output("r\(at)", same[at]) }
    let next = try step.emit(
        "cond", [goesOn] + values,
        ["then": .function(op.attributes.function("body")), "else": .function(stay.function)])
    for (at, value) in next.enumerated() { step.output("r\(at)", value) }
    return try builder.emit(
        "scan", op.operands,
        ["carries": .int(carries), "length": op.attributes["limit"] ?? .int(1), "body": .function(step.function)])
}
