import HostTensors

/// How a tensor of a self-test is filled with random numbers: the same ones here and in the library, on every machine.
public struct TestFilling: Sendable, Hashable {
    /// The element type.
    public var dtype: DType
    /// The extents.
    public var shape: [Int]
    /// The least element.
    public var low: Double
    /// What reals stay below, and the largest integer or truth value.
    public var high: Double
    /// Whether a state stays as it is in a new context, where the library holds its value.
    public var keeps: Bool

    /// Says how a tensor is filled; bounds of integers are whole numbers, at most 2⁵³ and within the element type.
    public init(dtype: DType, shape: [Int], low: Double, high: Double, keeps: Bool = false) {
        self.dtype = dtype
        self.shape = shape
        self.low = low
        self.high = high
        self.keeps = keeps
    }

    /// The number of elements.
    public var count: Int { shape.reduce(1, *) }
}

extension TestFilling {
    /// The tensor that the runtime makes of a seed and a stream.
    ///
    /// Throws a `TensorError` for a shape that no tensor has.
    public func tensor(seed: UInt64, stream: TestStream) throws -> HostTensor {
        let words = RandomStream.words(seed: seed, stream: stream.number, step: 0, count: count)
        if !dtype.isFloat {
            let least = Int64(low)
            let choices = UInt64(Int64(high) - least) + 1
            let whole = words.map { least + Int64(UInt64($0) % choices) }
            return try HostTensor(whole, shape: shape).converted(to: dtype)
        }
        let reals = words.map { low + (high - low) * (Double($0 >> 8) * 0x1p-24) }
        return switch dtype {
        case .f16: try HostTensor(reals.map { Self.half(Float($0)) }, shape: shape)
        case .bf16:
            try HostTensor(
                reals.map { BFloat16(bitPattern: UInt16(Float($0).bitPattern >> 16)) }, shape: shape)
        case .f32: try HostTensor(reals.map { Float($0) }, shape: shape)
        default: try HostTensor(reals, shape: shape)
        }
    }

    /// The half-precision number next to a float towards 0; 0 for what is too small, the largest for what is too large.
    private static func half(_ value: Float) -> Float16 {
        let sign = UInt16(truncatingIfNeeded: value.bitPattern >> 16) & 0x8000
        let magnitude = value.bitPattern & 0x7FFF_FFFF
        let bits: UInt16 =
            switch magnitude {
            case ..<0x3880_0000: 0
            case 0x4780_0000...: 0x7BFF
            default: UInt16(truncatingIfNeeded: (magnitude - 0x3800_0000) >> 13)
            }
        return Float16(bitPattern: sign | bits)
    }
}

/// The stream of random numbers that a part of a self-test takes.
public enum TestStream: Sendable {
    /// Input number … of a case's function.
    case input(Int)
    /// State number ….
    case state(Int)
    /// The signs of the sums of a case's golden number ….
    case signs(Int)

    /// The number of the stream.
    var number: UInt32 {
        switch self {
        case .input(let index): UInt32(index)
        case .state(let index): (1 << 16) + UInt32(index)
        case .signs(let index): (2 << 16) + UInt32(index)
        }
    }
}
