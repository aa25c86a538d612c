extension DType {
    /// The type that elements of two types are computed in together: the smallest that holds both, where there is one.
    ///
    /// `bool` gives way to any other; a float is chosen over any integer, the wider of two floats (`f32` for `f16` and
    /// `bf16`), the wider of two integers of one signedness, and for a signed and an unsigned one the smallest signed type
    /// that holds both, or `f64` where none does.
    public func promoted(with other: DType) -> DType {
        if self == other || other == .bool { return self }
        if self == .bool { return other }
        if isFloat, other.isFloat {
            return byteCount == other.byteCount ? .f32 : byteCount > other.byteCount ? self : other
        }
        if isFloat != other.isFloat { return isFloat ? self : other }
        if isSigned == other.isSigned { return byteCount > other.byteCount ? self : other }
        let (signed, unsigned) = isSigned ? (self, other) : (other, self)
        if signed.byteCount > unsigned.byteCount { return signed }
        switch unsigned {
        case .u8: return .i16
        case .u16: return .i32
        case .u32: return .i64
        default: return .f64
        }
    }
}
