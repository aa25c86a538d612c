extension OpDefinition {
    /// What applying the operation to operands of these types gives: complete attributes and the results' types.
    ///
    /// Throws `GraphError` when operands or attributes do not fit.
    public func applied(
        to operands: [TensorType], attributes given: Attributes
    ) throws -> (attributes: Attributes, results: [TensorType]) {
        let complete = try complete(given)
        try checkOperandCount(operands.count)
        return (complete, try infer(InferenceInput(opName: name, operands: operands, attributes: complete)))
    }
}
