/// The type of one element of a tensor.
public enum DType: String, CaseIterable, Sendable, Hashable {
    /// IEEE 754 binary64.
    case f64
    /// IEEE 754 binary32.
    case f32
    /// IEEE 754 binary16.
    case f16
    /// The upper half of a binary32: 8 exponent bits, 7 fraction bits.
    case bf16
    /// Two's complement, 64 bits.
    case i64
    /// Two's complement, 32 bits.
    case i32
    /// Two's complement, 16 bits.
    case i16
    /// Two's complement, 8 bits.
    case i8
    /// Unsigned, 64 bits.
    case u64
    /// Unsigned, 32 bits.
    case u32
    /// Unsigned, 16 bits.
    case u16
    /// Unsigned, 8 bits.
    case u8
    /// One byte, 0 or 1.
    case bool

    /// The number of bytes one element takes.
    public var byteCount: Int {
        switch self {
        case .f64, .i64, .u64: 8
        case .f32, .i32, .u32: 4
        case .f16, .bf16, .i16, .u16: 2
        case .i8, .u8, .bool: 1
        }
    }

    /// Whether elements are floating-point numbers of 16 bits.
    package var isHalf: Bool { self == .f16 || self == .bf16 }

    /// Whether elements are floating-point numbers.
    public var isFloat: Bool {
        switch self {
        case .f64, .f32, .f16, .bf16: true
        default: false
        }
    }

    /// Whether elements are integers; `bool` is not one.
    public var isInteger: Bool { !isFloat && self != .bool }

    /// Whether elements can be negative.
    public var isSigned: Bool {
        switch self {
        case .f64, .f32, .f16, .bf16, .i64, .i32, .i16, .i8: true
        default: false
        }
    }
}

extension DType: CustomStringConvertible {
    /// The name used in graph text, such as `f32`.
    public var description: String { rawValue }
}

/// A generic operation on the Swift type that stands for a dtype; `DType.accept` chooses the type.
public protocol DTypeVisitor {
    /// What the operation gives.
    associatedtype Output

    /// Runs the operation for elements of type `Scalar`.
    func visit<Scalar: HostScalar>(_ type: Scalar.Type) throws -> Output
}

extension DType {
    /// Runs `visitor` with the Swift type of this dtype, so that its loop is compiled once for each element type.
    @inlinable
    public func accept<Visitor: DTypeVisitor>(_ visitor: Visitor) throws -> Visitor.Output {
        switch self {
        case .f64: try visitor.visit(Double.self)
        case .f32: try visitor.visit(Float.self)
        case .f16: try visitor.visit(Float16.self)
        case .bf16: try visitor.visit(BFloat16.self)
        case .i64: try visitor.visit(Int64.self)
        case .i32: try visitor.visit(Int32.self)
        case .i16: try visitor.visit(Int16.self)
        case .i8: try visitor.visit(Int8.self)
        case .u64: try visitor.visit(UInt64.self)
        case .u32: try visitor.visit(UInt32.self)
        case .u16: try visitor.visit(UInt16.self)
        case .u8: try visitor.visit(UInt8.self)
        case .bool: try visitor.visit(Bool.self)
        }
    }
}
