/// A 16-bit float with the exponent of a `Float` and 7 fraction bits: the upper half of a `Float`'s bits.
public struct BFloat16: Sendable, Hashable {
    /// Sign, 8 exponent bits, 7 fraction bits, from high to low.
    public var bitPattern: UInt16

    /// The number with these bits.
    @inlinable public init(bitPattern: UInt16) { self.bitPattern = bitPattern }

    /// The number nearest to `value`, ties to even; a NaN stays a (quiet) NaN.
    @inlinable
    public init(_ value: Float) {
        let bits = value.bitPattern
        if value.isNaN {
            bitPattern = UInt16(truncatingIfNeeded: bits >> 16) | 0x0040
        } else {
            let roundingBias: UInt32 = 0x7fff + ((bits >> 16) & 1)
            bitPattern = UInt16(truncatingIfNeeded: (bits + roundingBias) >> 16)
        }
    }

    /// The number nearest to `value`, ties to even, rounded once.
    @inlinable
    public init(_ value: Double) {
        self.init(Self.roundedToOdd(value))
    }

    /// `value` as a `Float` whose last bit is set if anything was lost, so that a second rounding is exact
    /// (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008).
    @inlinable
    static func roundedToOdd(_ value: Double) -> Float {
        let nearest = Float(value)
        guard value.isFinite, Double(nearest) != value else { return nearest }
        let towardZero =
            nearest.magnitude > Float.greatestFiniteMagnitude || Double(nearest.magnitude) > value.magnitude
            ? Float(bitPattern: nearest.bitPattern - 1) : nearest
        return Float(bitPattern: towardZero.bitPattern | 1)
    }

    /// The same number as a `Float`; exact.
    @inlinable public var float: Float { Float(bitPattern: UInt32(bitPattern) << 16) }
}

extension BFloat16: HostScalar {
    /// `bf16`.
    public static var dtype: DType { .bf16 }
    /// The nearest representable number.
    @inlinable public init(cast value: Double) { self.init(value) }
    /// The nearest representable number.
    @inlinable
    public init(cast value: Int64) {
        let magnitude = BFloat16(cast: value.magnitude)
        self.init(bitPattern: magnitude.bitPattern | (value < 0 ? 0x8000 : 0))
    }
    /// The nearest representable number.
    @inlinable
    public init(cast value: UInt64) {
        // The highest 32 bits, the lowest of them "sticky", are exact in a Double and round the same way.
        let excess = max(0, 32 - value.leadingZeroBitCount)
        let kept = value >> UInt64(excess)
        let sticky: UInt64 = kept << UInt64(excess) == value ? 0 : 1
        self.init(Double(kept | sticky) * Double(UInt64(1) << UInt64(excess)))
    }
    /// This number as an element of another type.
    @inlinable
    public func cast<Other: HostScalar>(to type: Other.Type) -> Other { Other(cast: Double(float)) }
}

extension BFloat16: CustomStringConvertible, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
    /// The number nearest to the literal.
    public init(floatLiteral value: Double) { self.init(value) }

    /// The number nearest to the literal.
    public init(integerLiteral value: Int64) { self.init(cast: value) }

    /// The shortest decimal of the same number as a `Float`.
    public var description: String { float.description }
}
