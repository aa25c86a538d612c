import CustomCode
import HostTensors

/// An operation whose meaning is the user's code.
let customOp = OpDefinition(
    name: "custom",
    summary:
        "What the user's code makes of the operands: tensors of the types `results`. `gradient` is given the operands, the results "
        + "and the results' cotangents, and gives operands' cotangents: output \"g2\" that of operand 2.",
    formula: "r = code(x, y, …)", operands: .variadic("operands"), elements: .any,
    attributes: [
        AttributeSchema("code", .code), AttributeSchema("results", .types),
        AttributeSchema("gradient", .function, default: .function(GraphFunction(name: "body"))),
    ],
    infer: { input in
        let results = input.attributes.types("results")
        guard !results.isEmpty else { throw input.failure("'results' names no type") }
        let isDivided = input.attributes.code("code")?.isDividedByRows ?? false
        if isDivided, !results.allSatisfy({ $0.rank > 0 && $0.shape[0] == results[0].shape[0] }) {
            throw input.failure(
                "code that is divided by rows must give results of as many rows each, not \(results)",
                remedy: "make the first axis of each the same, or don't divide the code")
        }
        try checkGradient(input, results)
        return results
    },
    meaning: .primitive { input in
        guard let code = input.attributes.code("code") else { throw GraphError("custom: no code is given") }
        let results = try input.results.indices.map { at in
            (dtype: input.results[at].dtype, shape: try input.constantShape(at))
        }
        do {
            return try code.run(input.operands, results: results)
        } catch let error as CustomCodeError {
            throw GraphError("\(error)")
        }
    },
    scalar: .none, gradient: .rule(customGradient), fusion: .opaque, inPlace: [], flops: { _, _, _ in 0 })

/// Checks what the gradient is given and gives.
private func checkGradient(_ input: InferenceInput, _ results: [TensorType]) throws {
    let gradient = input.attributes.function("gradient")
    guard !gradient.outputs.isEmpty else { return }
    let given = input.operands + results + results
    let isSound = (gradient.inputs + gradient.outputs).allSatisfy { gradient.values.indices.contains($0.value.index) }
    guard isSound, gradient.inputTypes == given, gradient.updates.isEmpty else {
        throw input.failure(
            "'gradient' must take the operands, the results and the results' cotangents \(given), and update no state")
    }
    for output in gradient.outputs {
        guard let at = output.gradientOperand, input.operands.indices.contains(at),
            gradient.type(of: output.value) == input.operands[at]
        else {
            throw input.failure(
                "'gradient' gives \"\(output.name)\" of \(gradient.type(of: output.value)), which is no operand's cotangent",
                remedy: "call outputs \"g0\", \"g1\" … and give them the types of those operands")
        }
    }
}

/// The user's gradient, written out.
@Sendable
private func customGradient(_ builder: inout FunctionBuilder, _ input: GradientInput) throws -> [ValueID?] {
    let gradient = input.op.attributes.function("gradient")
    guard !gradient.outputs.isEmpty else {
        let name = input.op.attributes.code("code")?.name ?? "custom"
        throw GraphError(
            "the custom operation '\(name)' has no gradient",
            remedy: "give one when it is registered, or stop gradients before it")
    }
    let cotangents = try zip(input.op.results, input.cotangents).map { try $1 ?? builder.splat(0, like: $0) }
    let made = try builder.inline(gradient, input.op.operands + input.op.results + cotangents)
    var parts = [ValueID?](repeating: nil, count: input.op.operands.count)
    for (output, value) in zip(gradient.outputs, made) { if let at = output.gradientOperand { parts[at] = value } }
    return parts
}

extension NamedValue {
    /// The number in a name such as "g2".
    fileprivate var gradientOperand: Int? { name.hasPrefix("g") ? Int(name.dropFirst()) : nil }
}
