import HostTensors

/// Result element i is the scalar operation on operand elements i; the reference meaning.
func evaluateElementwise(_ op: ScalarOp, _ operands: [HostTensor], result: TensorType) throws -> HostTensor {
    throw GraphError("\(op.rawValue) is not evaluated yet")
}
