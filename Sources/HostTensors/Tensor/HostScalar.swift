/// A Swift type whose values can be the elements of a `HostTensor`.
///
/// The conversions follow C where C defines them: integers wrap, floats round to nearest even. Float to integer
/// truncates toward zero, saturates at the ends of the range, and takes NaN to 0.
public protocol HostScalar: Sendable {
    /// The dtype this type stands for.
    static var dtype: DType { get }

    /// The element made from a floating-point number.
    init(cast value: Double)

    /// The element made from a signed integer.
    init(cast value: Int64)

    /// The element made from an unsigned integer.
    init(cast value: UInt64)

    /// This element as an element of another type.
    func cast<Other: HostScalar>(to type: Other.Type) -> Other
}

extension HostScalar where Self: BinaryFloatingPoint {
    /// The nearest representable number.
    @inlinable public init(cast value: Double) { self = Self(value) }
    /// The nearest representable number.
    @inlinable public init(cast value: Int64) { self = Self(value) }
    /// The nearest representable number.
    @inlinable public init(cast value: UInt64) { self = Self(value) }
    /// This number as an element of another type.
    @inlinable public func cast<Other: HostScalar>(to type: Other.Type) -> Other { Other(cast: Double(self)) }
}

extension HostScalar where Self: FixedWidthInteger {
    /// The number truncated toward zero and clamped to the range; 0 for NaN.
    @inlinable
    public init(cast value: Double) {
        // `Double(Self.max)` may round up to max + 1, which is what the comparison needs: below it, truncation fits.
        if value.isNaN {
            self = 0
        } else if value >= Double(Self.max) {
            self = Self.max
        } else if value <= Double(Self.min) {
            self = Self.min
        } else {
            self = Self(value)
        }
    }
    /// The low bits of the number.
    @inlinable public init(cast value: Int64) { self = Self(truncatingIfNeeded: value) }
    /// The low bits of the number.
    @inlinable public init(cast value: UInt64) { self = Self(truncatingIfNeeded: value) }
    /// This integer as an element of another type.
    @inlinable
    public func cast<Other: HostScalar>(to type: Other.Type) -> Other {
        Self.isSigned
            ? Other(cast: Int64(truncatingIfNeeded: self)) : Other(cast: UInt64(truncatingIfNeeded: self))
    }
}

extension Double: HostScalar {
    /// `f64`.
    public static var dtype: DType { .f64 }
}
extension Float: HostScalar {
    /// `f32`.
    public static var dtype: DType { .f32 }
}
extension Float16: HostScalar {
    /// `f16`.
    public static var dtype: DType { .f16 }
}
extension Int64: HostScalar {
    /// `i64`.
    public static var dtype: DType { .i64 }
}
extension Int: HostScalar {
    /// `i64`.
    public static var dtype: DType { .i64 }
}
extension Int32: HostScalar {
    /// `i32`.
    public static var dtype: DType { .i32 }
}
extension Int16: HostScalar {
    /// `i16`.
    public static var dtype: DType { .i16 }
}
extension Int8: HostScalar {
    /// `i8`.
    public static var dtype: DType { .i8 }
}
extension UInt64: HostScalar {
    /// `u64`.
    public static var dtype: DType { .u64 }
}
extension UInt32: HostScalar {
    /// `u32`.
    public static var dtype: DType { .u32 }
}
extension UInt16: HostScalar {
    /// `u16`.
    public static var dtype: DType { .u16 }
}
extension UInt8: HostScalar {
    /// `u8`.
    public static var dtype: DType { .u8 }
}

extension Bool: HostScalar {
    /// `bool`.
    public static var dtype: DType { .bool }
    /// Whether the number is not zero; NaN is not zero.
    @inlinable public init(cast value: Double) { self = value != 0 }
    /// Whether the number is not zero.
    @inlinable public init(cast value: Int64) { self = value != 0 }
    /// Whether the number is not zero.
    @inlinable public init(cast value: UInt64) { self = value != 0 }
    /// 1 for true, 0 for false.
    @inlinable
    public func cast<Other: HostScalar>(to type: Other.Type) -> Other { Other(cast: (self ? 1 : 0) as Int64) }
}
