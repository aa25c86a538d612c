import HostTensors

extension ScalarOp {
    /// Applies the operation element by element: the reference meaning.
    ///
    /// Operands have one shape and one dtype (`select` takes a `bool` tensor first). Floating-point results are rounded once
    /// to the operands' dtype, f16 and bf16 are computed in f32; integers wrap. Throws where the operation is not
    /// defined on the dtype.
    public func evaluate(_ operands: [HostTensor], to result: DType) throws -> HostTensor {
        guard operands.count == arity, operands.dropFirst().allSatisfy({ $0.shape == operands[0].shape }) else {
            throw GraphError(
                "\(rawValue): expected \(arity) operands of one shape, got "
                    + operands.map(\.typeText).joined(separator: ", "))
        }
        if self == .cast { return operands[0].converted(to: result) }
        if self == .select { return try evaluateSelect(operands) }
        let dtype = operands[0].dtype
        guard operands.dropFirst().allSatisfy({ $0.dtype == dtype }) else {
            throw GraphError(
                "\(rawValue): operands must have one element type, got "
                    + operands.map(\.typeText).joined(separator: ", "))
        }
        switch dtype {
        case .f64: return try evaluateFloat(self, operands, as: Double.self)
        case .f32: return try evaluateFloat(self, operands, as: Float.self)
        case .f16, .bf16:
            let wide = try evaluateFloat(self, operands.map { $0.converted(to: .f32) }, as: Float.self)
            return givesBool ? wide : wide.converted(to: dtype)
        case .i64: return try evaluateInteger(self, operands, as: Int64.self)
        case .i32: return try evaluateInteger(self, operands, as: Int32.self)
        case .i16: return try evaluateInteger(self, operands, as: Int16.self)
        case .i8: return try evaluateInteger(self, operands, as: Int8.self)
        case .u64: return try evaluateInteger(self, operands, as: UInt64.self)
        case .u32: return try evaluateInteger(self, operands, as: UInt32.self)
        case .u16: return try evaluateInteger(self, operands, as: UInt16.self)
        case .u8: return try evaluateInteger(self, operands, as: UInt8.self)
        case .bool: return try evaluateBool(self, operands)
        }
    }

    /// The error of an operation that has no meaning for a dtype.
    func undefined(on dtype: DType) -> GraphError {
        GraphError("\(rawValue): is not defined on \(dtype) elements", remedy: "cast the operand first")
    }
}

/// Result element i is `body` of element i.
@inline(__always)
func mapped<Scalar: HostScalar, Result: HostScalar>(
    _ x: HostTensor, as type: Scalar.Type, _ body: (Scalar) -> Result
) throws -> HostTensor {
    var result = HostTensor(zeros: x.shape, dtype: Result.dtype)
    try x.withScalars(as: Scalar.self) { x in
        try result.withMutableScalars(as: Result.self) { result in
            for index in 0..<x.count { result[index] = body(x[index]) }
        }
    }
    return result
}

/// Result element i is `body` of elements i.
@inline(__always)
func mapped<Scalar: HostScalar, Result: HostScalar>(
    _ operands: [HostTensor], as type: Scalar.Type, _ body: (Scalar, Scalar) -> Result
) throws -> HostTensor {
    var result = HostTensor(zeros: operands[0].shape, dtype: Result.dtype)
    try operands[0].withScalars(as: Scalar.self) { x in
        try operands[1].withScalars(as: Scalar.self) { y in
            try result.withMutableScalars(as: Result.self) { result in
                for index in 0..<x.count { result[index] = body(x[index], y[index]) }
            }
        }
    }
    return result
}

/// Comparisons, for any ordered elements.
func evaluateComparison<Scalar: HostScalar & Comparable>(
    _ op: ScalarOp, _ operands: [HostTensor], as type: Scalar.Type
) throws -> HostTensor {
    switch op {
    case .equal: try mapped(operands, as: type) { $0 == $1 }
    case .notEqual: try mapped(operands, as: type) { $0 != $1 }
    case .less: try mapped(operands, as: type) { $0 < $1 }
    case .lessEqual: try mapped(operands, as: type) { $0 <= $1 }
    case .greater: try mapped(operands, as: type) { $0 > $1 }
    case .greaterEqual: try mapped(operands, as: type) { $0 >= $1 }
    default: throw op.undefined(on: Scalar.dtype)
    }
}

/// Truth values: the logical operations, and comparison with false below true.
private func evaluateBool(_ op: ScalarOp, _ operands: [HostTensor]) throws -> HostTensor {
    switch op {
    case .not: return try mapped(operands[0], as: Bool.self) { !$0 }
    case .and: return try mapped(operands, as: Bool.self) { $0 && $1 }
    case .or: return try mapped(operands, as: Bool.self) { $0 || $1 }
    case .xor: return try mapped(operands, as: Bool.self) { $0 != $1 }
    default:
        guard op.givesBool, op != .isFinite else { throw op.undefined(on: .bool) }
        return try evaluateComparison(op, operands.map { $0.converted(to: .u8) }, as: UInt8.self)
    }
}

/// Chooses whole elements by their bytes, whatever they mean.
private func evaluateSelect(_ operands: [HostTensor]) throws -> HostTensor {
    let (condition, x, y) = (operands[0], operands[1], operands[2])
    guard condition.dtype == .bool, x.dtype == y.dtype else {
        throw GraphError(
            "select: expected a bool condition and choices of one element type, got "
                + operands.map(\.typeText).joined(separator: ", "))
    }
    switch x.dtype.byteCount {
    case 1: return choose(condition, x, y, UInt8.self)
    case 2: return choose(condition, x, y, UInt16.self)
    case 4: return choose(condition, x, y, UInt32.self)
    default: return choose(condition, x, y, UInt64.self)
    }
}

private func choose<Element: FixedWidthInteger>(
    _ condition: HostTensor, _ x: HostTensor, _ y: HostTensor, _ type: Element.Type
) -> HostTensor {
    var result = HostTensor(zeros: x.shape, dtype: x.dtype)
    result.withUnsafeMutableBytes { result in
        condition.withUnsafeBytes { condition in
            x.withUnsafeBytes { x in
                y.withUnsafeBytes { y in
                    let target = result.assumingMemoryBound(to: type)
                    let (x, y) = (x.assumingMemoryBound(to: type), y.assumingMemoryBound(to: type))
                    for index in 0..<target.count { target[index] = condition[index] != 0 ? x[index] : y[index] }
                }
            }
        }
    }
    return result
}
