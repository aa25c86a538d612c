import HostTensors

extension RandomGraph {
    /// A tensor of elements that may be anything the dtype has: of one kind, or of all kinds mixed.
    static func anyTensor(_ dtype: DType, _ shape: [Int], _ random: inout SplitMix64) throws -> HostTensor {
        let count = shape.reduce(1, *)
        guard dtype != .bool else {
            return try HostTensor((0..<count).map { _ in random.chance(1, outOf: 2) }, shape: shape)
        }
        let only = random.chance(1, outOf: 3) ? nil : random.below(3)
        let bytes = (0..<count).flatMap { _ in
            let bits = anyBits(dtype, kind: only ?? random.below(3), &random)
            return (0..<dtype.byteCount).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt64($0))) }
        }
        return try HostTensor(bytes: bytes, dtype: dtype, shape: shape)
    }

    /// The bits of a number: a small one of a few, of which many are equal (kind 0), a special one (1), or any (2).
    private static func anyBits(_ dtype: DType, kind: Int, _ random: inout SplitMix64) -> UInt64 {
        switch kind {
        case 0: bits(of: Double(random.number(in: -3...4)) / (random.chance(1, outOf: 8) ? 2 : 1), dtype)
        case 1 where dtype.isFloat: bits(of: random.pick(specialFloats) ?? 0, dtype)
        case 1:
            // Ends of the range of this type or a narrower one, and their neighbours.
            (1 << UInt64(8 * (random.pick([1, 2, 4, 8]) ?? 1) - random.below(2)))
                &+ UInt64(bitPattern: Int64(random.number(in: -1...1)))
        default: random.next()
        }
    }

    private static func bits(of number: Double, _ dtype: DType) -> UInt64 {
        switch dtype {
        case .f64: number.bitPattern
        case .f32: UInt64(Float(number).bitPattern)
        case .f16: UInt64(Float16(number).bitPattern)
        case .bf16: UInt64(BFloat16(number).bitPattern)
        default: UInt64(bitPattern: Int64(number))
        }
    }

    /// Ends and middles of what types hold, with both signs.
    private static let specialFloats: [Double] = (generalFloats + endsOfFloats + endsOfIntegers).flatMap { [$0, -$0] }

    private static let generalFloats: [Double] = [
        0, 1, 0.5, 1.5, 2.5, .infinity, .nan, .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude,
    ]

    /// Subnormal, least normal and largest numbers of narrower types, and what is just not held.
    private static let endsOfFloats: [Double] = [
        0x1p-149, 0x1p-126, 0x1p-24, 0x1p-14, 65504, 65519, 65520, 0x1.fffffep127, 0x1p128,
    ]

    /// Ends of integers, and where floats cease to hold all of them.
    private static let endsOfIntegers: [Double] = [
        127, 128, 255, 256, 257, 2049, 32767, 32768, 65535, 65536, 16_777_217, 2_147_483_647, 0x1p31, 4_294_967_295,
        0x1p32, 0x1p53, 0x1p63, 0x1p64,
    ]
}
