import HostTensors
import Testing

@Suite("Conversions between dtypes")
struct ConversionTests {
    @Test(arguments: DType.allCases, DType.allCases)
    func smallIntegersSurviveEveryPair(from: DType, to: DType) {
        let source = HostTensor([0, 1, 1, 0] as [Double]).converted(to: from)
        #expect(source.dtype == from)
        let target = source.converted(to: to)
        #expect(target.dtype == to)
        #expect(target.doubles() == [0, 1, 1, 0])
    }

    @Test func floatsTruncateAndSaturate() throws {
        let source = HostTensor([-1.9, 1.9, 300, -300, .nan, .infinity, -.infinity] as [Double])
        #expect(try source.converted(to: .i8).scalars(as: Int8.self) == [-1, 1, 127, -128, 0, 127, -128])
        #expect(try source.converted(to: .u8).scalars(as: UInt8.self) == [0, 1, 255, 0, 0, 255, 0])
        let bools = try source.converted(to: .bool).scalars(as: Bool.self)
        #expect(bools == [true, true, true, true, true, true, true])
        let ends = HostTensor([0x1p63, -0x1p63, 0x1p64, 0x1p63 - 1024] as [Double])
        #expect(
            try ends.converted(to: .i64).scalars(as: Int64.self) == [.max, .min, .max, 9_223_372_036_854_774_784])
        #expect(try ends.converted(to: .u64).scalars(as: UInt64.self)[2] == .max)
        #expect(try HostTensor([-0.9]).converted(to: .u32).scalars(as: UInt32.self) == [0])
    }

    @Test func integersWrapAndKeepAllBits() throws {
        let source = HostTensor([-1, 256, 257, .max, .min] as [Int64])
        #expect(try source.converted(to: .u8).scalars(as: UInt8.self) == [255, 0, 1, 255, 0])
        #expect(
            try source.converted(to: .u64).scalars(as: UInt64.self) == [.max, 256, 257, 0x7fff_ffff_ffff_ffff, 1 << 63])
        let wide = HostTensor([UInt64.max, 1 << 63])
        #expect(wide.doubles() == [0x1p64, 0x1p63])
        #expect(try wide.converted(to: .i64).scalars(as: Int64.self) == [-1, .min])
        // 2^53 + 1 is not a Double; the way must not lead through one.
        let odd = HostTensor([Int64(1) << 53 + 1])
        #expect(try odd.converted(to: .u64).scalars(as: UInt64.self) == [UInt64(1) << 53 + 1])
    }

    struct Rounding: Sendable {
        let value: Double
        let bits: UInt16
    }

    @Test(arguments: [
        Rounding(value: 1, bits: 0x3f80), Rounding(value: -2, bits: 0xc000), Rounding(value: 0, bits: 0),
        Rounding(value: 1 + 0x1p-8, bits: 0x3f80),  // a tie, to even below
        Rounding(value: 1 + 0x3p-8, bits: 0x3f82),  // a tie, to even above
        Rounding(value: 1 + 0x1p-8 + 0x1p-40, bits: 0x3f81),  // just above a tie: two roundings would lose it
        Rounding(value: 1 + 0x3p-8 - 0x1p-40, bits: 0x3f81),  // just below a tie
        Rounding(value: 3.4e38, bits: 0x7f80), Rounding(value: 1e300, bits: 0x7f80), Rounding(value: 1e-300, bits: 0),
        Rounding(value: -1e-300, bits: 0x8000), Rounding(value: 0x1p-133, bits: 1),
        Rounding(value: -.infinity, bits: 0xff80),
    ])
    func bfloat16RoundsOnceToNearestEven(rounding: Rounding) {
        #expect(BFloat16(rounding.value).bitPattern == rounding.bits)
    }

    @Test func bfloat16KeepsNaNAndRoundsIntegersOnce() {
        #expect(BFloat16(Float(bitPattern: 0x7f80_0001)).float.isNaN)
        #expect(BFloat16(Double.nan).float.isNaN)
        // Just above the tie between 2^62 and the next bf16: visible only in the lowest bit.
        let tie = Int64(1) << 62 + Int64(1) << 54
        #expect(BFloat16(cast: tie).float == 0x1p62)
        #expect(BFloat16(cast: tie + 1).float == 0x1p62 + 0x1p55)
        #expect(BFloat16(cast: -tie - 1).float == -(0x1p62 + 0x1p55))
        #expect(BFloat16(cast: UInt64.max).float == 0x1p64)
    }

    @Test func everyBfloat16SurvivesTheWayThroughFloat() {
        for bits in UInt16.min...UInt16.max {
            let value = BFloat16(bitPattern: bits)
            let back = BFloat16(value.float)
            if back.bitPattern != bits && !value.float.isNaN { Issue.record("\(bits) became \(back.bitPattern)") }
        }
    }
}
