import HostTensors

/// A named sequence of numbers that any language can produce bit by bit: SplitMix64 from the FNV-1a hash of its name.
///
/// `word(i)` is output i of SplitMix64 (Steele, Lea and Flood, 2014) with state key = FNV-1a 64 of the name's bytes.
public struct RecipeStream: Sendable {
    /// The name: `T1/w1`.
    public let name: String
    private let key: UInt64

    /// Names a sequence.
    public init(_ name: String) {
        self.name = name
        key = Self.hash(name)
    }

    /// FNV-1a, 64 bits.
    public static func hash(_ name: String) -> UInt64 {
        name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    /// Word i.
    public func word(_ index: Int) -> UInt64 {
        var z = key &+ UInt64(index + 1) &* 0x9e37_79b9_7f4a_7c15
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// `offset + scale · u` with u an odd multiple of 2⁻²⁴ in (-1, 1), row-major, `f32`.
    public func reals(_ shape: [Int], scale: Double = 1, offset: Double = 0) throws -> HostTensor {
        let (scale, offset) = (Float(scale), Float(offset))
        let count = shape.reduce(1, *)
        let values = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            for index in 0..<count {
                let odd = 2 * Int32(truncatingIfNeeded: word(index) >> 40) + 1 - (1 << 24)
                let value = Float(odd) * 0x1p-24 * scale
                buffer.initializeElement(at: index, to: offset == 0 ? value : value + offset)
            }
            initialized = count
        }
        return try HostTensor(values, shape: shape)
    }

    /// Integers from 0 up to `bound`, row-major, `i32`.
    public func integers(_ shape: [Int], below bound: Int) throws -> HostTensor {
        let values = (0..<shape.reduce(1, *)).map { Int32((word($0) >> 33) % UInt64(bound)) }
        return try HostTensor(values, shape: shape)
    }
}
