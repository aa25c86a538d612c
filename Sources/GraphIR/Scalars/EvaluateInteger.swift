import HostTensors

/// Integer elements: results wrap; x/0 and x rem 0 are 0; shifts by the bit width or more move all bits out.
func evaluateInteger<Scalar: HostScalar & FixedWidthInteger>(
    _ op: ScalarOp, _ operands: [HostTensor], as type: Scalar.Type
) throws -> HostTensor {
    let x = operands[0]
    switch op {
    case .neg: return try mapped(x, as: type) { 0 &- $0 }
    case .abs: return try mapped(x, as: type) { $0 < 0 ? 0 &- $0 : $0 }
    case .sign: return try mapped(x, as: type) { $0.signum() }
    case .not: return try mapped(x, as: type) { ~$0 }
    case .add: return try mapped(operands, as: type) { $0 &+ $1 }
    case .sub: return try mapped(operands, as: type) { $0 &- $1 }
    case .mul: return try mapped(operands, as: type) { $0 &* $1 }
    case .div:
        return try mapped(operands, as: type) { $1 == 0 ? 0 : $0.dividedReportingOverflow(by: $1).partialValue }
    case .rem:
        return try mapped(operands, as: type) {
            $1 == 0 ? 0 : $0.remainderReportingOverflow(dividingBy: $1).partialValue
        }
    case .max: return try mapped(operands, as: type) { $0 > $1 ? $0 : $1 }
    case .min: return try mapped(operands, as: type) { $0 < $1 ? $0 : $1 }
    case .and: return try mapped(operands, as: type) { $0 & $1 }
    case .or: return try mapped(operands, as: type) { $0 | $1 }
    case .xor: return try mapped(operands, as: type) { $0 ^ $1 }
    case .shiftLeft: return try mapped(operands, as: type) { isOutside($1) ? 0 : $0 &<< $1 }
    case .shiftRight:
        return try mapped(operands, as: type) { isOutside($1) ? ($0 < 0 ? ~0 : 0) : $0 &>> $1 }
    case .multiplyAdd:
        let product = try evaluateInteger(.mul, Array(operands.prefix(2)), as: type)
        return try evaluateInteger(.add, [product, operands[2]], as: type)
    default: return try evaluateComparison(op, operands, as: type)
    }
}

/// Whether a shift distance, read as unsigned, is the bit width or more.
@inline(__always)
private func isOutside<Scalar: FixedWidthInteger>(_ distance: Scalar) -> Bool {
    distance < 0 || distance >= Scalar(truncatingIfNeeded: Scalar.bitWidth)
}
