import Glibc
import HostTensors

/// Floating-point elements: every result is rounded once to `Scalar`.
///
/// Transcendental functions of f32 are computed in f64 and rounded, so they are as good as exact.
func evaluateFloat<Scalar: HostScalar & BinaryFloatingPoint>(
    _ op: ScalarOp, _ operands: [HostTensor], as type: Scalar.Type
) throws -> HostTensor {
    let x = operands[0]
    switch op {
    case .neg: return try mapped(x, as: type) { -$0 }
    case .abs: return try mapped(x, as: type) { $0.magnitude }
    case .sign: return try mapped(x, as: type) { $0 < 0 ? -1 : $0 > 0 ? 1 : $0 }
    case .sqrt: return try mapped(x, as: type) { $0.squareRoot() }
    case .floor: return try mapped(x, as: type) { $0.rounded(.down) }
    case .ceil: return try mapped(x, as: type) { $0.rounded(.up) }
    case .round: return try mapped(x, as: type) { $0.rounded(.toNearestOrEven) }
    case .isFinite: return try mapped(x, as: type) { $0.isFinite }
    case .add: return try mapped(operands, as: type) { $0 + $1 }
    case .sub: return try mapped(operands, as: type) { $0 - $1 }
    case .mul: return try mapped(operands, as: type) { $0 * $1 }
    case .div: return try mapped(operands, as: type) { $0 / $1 }
    case .max: return try mapped(operands, as: type) { $0 > $1 || $0.isNaN ? $0 : $1 }
    case .min: return try mapped(operands, as: type) { $0 < $1 || $0.isNaN ? $0 : $1 }
    case .rem: return try mapped(operands, as: type) { $0.truncatingRemainder(dividingBy: $1) }
    case .pow: return try mapped(operands, as: type) { Scalar(Glibc.pow(Double($0), Double($1))) }
    case .multiplyAdd: return try evaluateMultiplyAdd(operands, as: type)
    case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual:
        return try evaluateComparison(op, operands, as: type)
    default: return try evaluateTranscendental(op, x, as: type)
    }
}

private func evaluateTranscendental<Scalar: HostScalar & BinaryFloatingPoint>(
    _ op: ScalarOp, _ x: HostTensor, as type: Scalar.Type
) throws -> HostTensor {
    switch op {
    case .exp: try mapped(x, as: type) { Scalar(Glibc.exp(Double($0))) }
    case .log: try mapped(x, as: type) { Scalar(Glibc.log(Double($0))) }
    case .log1p: try mapped(x, as: type) { Scalar(Glibc.log1p(Double($0))) }
    case .expm1: try mapped(x, as: type) { Scalar(Glibc.expm1(Double($0))) }
    case .rsqrt: try mapped(x, as: type) { Scalar(1 / Double($0).squareRoot()) }
    case .tanh: try mapped(x, as: type) { Scalar(Glibc.tanh(Double($0))) }
    case .logistic: try mapped(x, as: type) { Scalar(logistic(Double($0))) }
    case .erf: try mapped(x, as: type) { Scalar(Glibc.erf(Double($0))) }
    case .sin: try mapped(x, as: type) { Scalar(Glibc.sin(Double($0))) }
    case .cos: try mapped(x, as: type) { Scalar(Glibc.cos(Double($0))) }
    default: throw op.undefined(on: Scalar.dtype)
    }
}

/// `1/(1 + e^-x)`, for negative x as `e^x/(1 + e^x)`, which does not overflow.
private func logistic(_ x: Double) -> Double {
    let decayed = Glibc.exp(-x.magnitude)
    return (x < 0 ? decayed : 1) / (1 + decayed)
}

/// `a·b + c` with one rounding.
private func evaluateMultiplyAdd<Scalar: HostScalar & BinaryFloatingPoint>(
    _ operands: [HostTensor], as type: Scalar.Type
) throws -> HostTensor {
    var result = HostTensor(zeros: operands[0].shape, dtype: Scalar.dtype)
    try operands[0].withScalars(as: type) { a in
        try operands[1].withScalars(as: type) { b in
            try operands[2].withScalars(as: type) { c in
                try result.withMutableScalars(as: type) { result in
                    for index in 0..<a.count { result[index] = c[index].addingProduct(a[index], b[index]) }
                }
            }
        }
    }
    return result
}
