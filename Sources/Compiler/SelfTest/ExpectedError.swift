import GraphIR
import HostTensors
import KernelIR

/// How far compiled code may be from the interpreter, relative to the largest element.
public enum ExpectedError {
    /// What rounding may do to a long sum of the element type: integers must be equal.
    public static func bound(of dtype: DType) -> Double {
        switch dtype {
        case .f64: 1e-9
        case .f32: 1e-4
        case .f16: 2e-2
        case .bf16: 1e-1
        default: 0
        }
    }

    /// What is expected of products of f32 in a precision.
    public static func bound(of precision: Precision) -> Double {
        switch precision {
        case .float32: 1e-4
        case .tensorfloat: 1e-3
        case .bfloat16: 5e-2
        case .int8: 1e-1
        }
    }

    /// That of the least precise floating-point type in a function, whose error reaches the others, and of what f32 may be
    /// multiplied in; nil for a function of whole numbers.
    public static func bound(of function: GraphFunction, _ precision: Precision) -> Double? {
        let dtypes = Set(function.values.map(\.type.dtype).filter(\.isFloat))
        let exact = dtypes.map { bound(of: $0) }.max()
        return dtypes.contains(.f32) ? exact.map { max($0, bound(of: precision)) } : exact
    }
}
