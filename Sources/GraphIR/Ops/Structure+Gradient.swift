import HostTensors

/// The same choice between the bodies' derivatives.
@Sendable
func condGradient(_ builder: inout FunctionBuilder, _ input: GradientInput) throws -> [ValueID?] {
    let values = Array(input.op.operands.dropFirst())
    let types = values.map { builder.type($0) }
    let given = zip(input.op.results, input.cotangents).compactMap { result, cotangent in
        cotangent.map { (result: result, cotangent: $0) }
    }
    let wanted = values.indices.filter { types[$0].dtype.isFloat && input.wanted[$0 + 1] }
    let flowing = input.op.results.indices.filter { input.cotangents[$0] != nil }
    func derivative(_ name: String) throws -> GraphFunction {
        var body = FunctionBuilder(name: name)
        let arguments = types.enumerated().map { body.input("v\($0)", $1) }
        let cotangents = given.enumerated().map { body.input("c\($0)", builder.type($1.cotangent)) }
        let results = try body.inline(input.op.attributes.function(name), arguments)
        let back = try body.cotangents(
            of: wanted.map { arguments[$0] },
            given: zip(flowing, cotangents).map { (results[$0], $1) })
        for (at, value) in back.enumerated() { body.output("g\(at)", value) }
        return body.function
    }
    let back = try builder.emit(
        "cond", [input.operand(0)] + values + given.map(\.cotangent),
        ["then": .function(derivative("then")), "else": .function(derivative("else"))])
    var parts = [ValueID?](repeating: nil, count: input.op.operands.count)
    for (at, value) in zip(wanted, back) { parts[at + 1] = value }
    return parts
}

/// The scan again, keeping what it carries, and then a scan the other way that carries cotangents.
///
/// Its carries are the cotangents of the carries and the sums of the values' cotangents; each step differentiates the body
/// where it was in that step. It takes memory for what is carried in every step, and nothing else of the body.
@Sendable
func scanGradient(_ builder: inout FunctionBuilder, _ input: GradientInput) throws -> [ValueID?] {
    let gradient = try ScanGradient(input, builder)
    return try gradient.emit(&builder)
}

private struct ScanGradient {
    let op: GraphOp
    let shape: ScanShape
    let inputTypes: [TensorType]
    let cotangents: [ValueID?]
    /// Numbers of the body's floating-point carries, sequences and values among its inputs.
    let carries: [Int]
    let sequences: [Int]
    let values: [Int]
    /// Numbers of the stacked outputs that a cotangent came for.
    let stacked: [Int]

    init(_ input: GradientInput, _ builder: FunctionBuilder) throws {
        op = input.op
        let shape = ScanShape(input.op.attributes)
        self.shape = shape
        cotangents = input.cotangents
        let types = shape.body.inputTypes
        inputTypes = types
        let rest = shape.carries + shape.sequences
        carries = (0..<shape.carries).filter { types[$0].dtype.isFloat }
        sequences = (shape.carries..<rest).filter { types[$0].dtype.isFloat }
        values = (rest..<types.count).filter { types[$0].dtype.isFloat && input.wanted[$0] }
        stacked = (shape.carries..<shape.results.count).filter {
            input.cotangents[$0] != nil && shape.results[$0].dtype.isFloat
        }
    }

    func emit(_ builder: inout FunctionBuilder) throws -> [ValueID?] {
        let rest = shape.carries + shape.sequences
        let saved = try savedCarries(&builder)
        var operands: [ValueID] = []
        for at in carries { operands.append(try cotangents[at] ?? builder.splat(0, like: op.results[at])) }
        for at in values { operands.append(try builder.splat(0, inputTypes[at])) }
        operands += saved + Array(op.operands[shape.carries..<rest]) + stacked.compactMap { cotangents[$0] }
        operands += Array(op.operands[rest...])
        let back = try builder.emit(
            "scan", operands,
            [
                "carries": .int(carries.count + values.count),
                "sequences": .int(saved.count + shape.sequences + stacked.count), "length": .int(shape.length),
                "reverse": .bool(!op.attributes.bool("reverse")), "body": .function(try derivative()),
            ])
        var parts = [ValueID?](repeating: nil, count: op.operands.count)
        for (at, value) in zip(carries + values + sequences, back) { parts[at] = value }
        return parts
    }

    /// What each step began with, stacked: the scan once more with its carries among its outputs.
    private func savedCarries(_ builder: inout FunctionBuilder) throws -> [ValueID] {
        var body = shape.body
        for at in 0..<shape.carries {
            body.outputs.append(NamedValue("carry \(body.outputs.count)", body.inputs[at].value))
        }
        var attributes = op.attributes
        attributes["body"] = .function(body)
        return Array(try builder.emit("scan", op.operands, attributes).suffix(shape.carries))
    }

    /// The body of the scan the other way.
    private func derivative() throws -> GraphFunction {
        var body = FunctionBuilder(name: "body")
        let carried = carries.map { body.input("carry cotangent \($0)", inputTypes[$0]) }
        let sums = values.map { body.input("value cotangent \($0)", inputTypes[$0]) }
        // The body's inputs in their order: saved carries and sequences come step by step, values stay.
        let rest = shape.carries + shape.sequences
        var arguments = (0..<rest).map { body.input("v\($0)", inputTypes[$0]) }
        let outer = stacked.map { body.input("output cotangent \($0)", shape.body.outputTypes[$0]) }
        arguments += (rest..<inputTypes.count).map { body.input("v\($0)", inputTypes[$0]) }

        let results = try body.inline(shape.body, arguments)
        let given = zip(carries, carried).map { (results[$0], $1) } + zip(stacked, outer).map { (results[$0], $1) }
        let wanted = carries + values + sequences
        let back = try body.cotangents(
            of: wanted.map { arguments[$0] }, given: given.map { (value: $0.0, cotangent: $0.1) })
        for at in carries.indices { body.output("c\(at)", back[at]) }
        for at in values.indices {
            body.output("s\(at)", try body.add(sums[at], back[carries.count + at]))
        }
        for at in sequences.indices { body.output("x\(at)", back[carries.count + values.count + at]) }
        return body.function
    }
}
