import HostTensors
import OrderedCollections

extension OpDefinition {
    /// Evaluates the operation on tensors; composites through their bodies.
    ///
    /// Attributes may leave out defaults; dimensions in them must be constants. Throws what the shape rule throws when operands
    /// or attributes do not fit.
    public func evaluate(operands: [HostTensor], attributes: Attributes = [:]) throws -> [HostTensor] {
        let complete = try complete(attributes)
        try checkOperandCount(operands.count)
        let types = operands.map { TensorType($0.dtype, $0.shape.map { Dim($0) }) }
        let results = try infer(InferenceInput(opName: name, operands: types, attributes: complete))
        return try evaluate(EvaluationInput(operands: operands, attributes: complete, results: results))
    }

    /// Evaluates with everything given; throws if what comes out is not what the shape rule says.
    func evaluate(_ input: EvaluationInput) throws -> [HostTensor] {
        let results: [HostTensor]
        switch meaning {
        case .primitive(let evaluate): results = try evaluate(input)
        case .composite(let body): results = try evaluate(body: body, input)
        }
        guard results.count == input.results.count,
            zip(results, input.results).allSatisfy({ $0.dtype == $1.dtype && $0.shape == $1.constantShape })
        else {
            throw GraphError(
                "\(name): evaluation gave \(results.map(\.typeText)), its shape rule says \(input.results)")
        }
        return results
    }

    private func evaluate(
        body: (inout FunctionBuilder, GraphOp) throws -> [ValueID], _ input: EvaluationInput
    ) throws -> [HostTensor] {
        var builder = FunctionBuilder(name: name)
        let operands = input.operands.enumerated().map { at, operand in
            builder.input("\(at)", TensorType(operand.dtype, operand.shape.map { Dim($0) }))
        }
        let results = try body(&builder, GraphOp(name, operands, input.attributes, results: []))
        for (at, result) in results.enumerated() { builder.output("\(at)", result) }
        return try FunctionEvaluation(function: builder.function, bindings: [:])
            .run(inputs: input.operands, states: []).outputs
    }
}
