import HostTensors

/// The instruction-set family that kernels are made for.
public enum Architecture: String, CaseIterable, Sendable, Hashable {
    /// 64-bit x86.
    case x86_64
    /// 64-bit Arm.
    case aarch64
}

/// A named set of instructions that a processor either offers as a whole or not.
///
/// x86-64 levels follow the x86-64 psABI's micro-architecture levels; AArch64 has its baseline (NEON).
public enum CPULevel: String, CaseIterable, Sendable, Hashable {
    /// What every processor of the architecture has: SSE2 on x86-64, NEON on AArch64.
    case baseline
    /// x86-64-v3: AVX2, FMA, BMI2.
    case v3
    /// x86-64-v4: AVX-512 F, BW, CD, DQ, VL.
    case v4
    /// x86-64-v4 with AVX512-BF16 and AVX512-VNNI: dot products of two bf16 numbers, or of four 8-bit integers, in each lane.
    case dot
    /// x86-64-v4 with AVX512-BF16, AMX-TILE, AMX-BF16 and AMX-INT8: products of tiles of bf16 and of 8-bit integers.
    case amx

    /// The levels an architecture has, from the least to the most capable.
    public static func levels(of architecture: Architecture) -> [CPULevel] {
        switch architecture {
        case .x86_64: [.baseline, .v3, .v4, .dot, .amx]
        case .aarch64: [.baseline]
        }
    }

    /// The number an artifact's run-time detection compares: 0 for the baseline, higher is more capable.
    public var rank: Int { CPULevel.allCases.firstIndex(of: self)! }
}

/// A machine that kernels are made for: what lowering and emission need to know of it, and nothing else.
public struct Target: Sendable, Hashable {
    /// The instruction-set family.
    public let architecture: Architecture
    /// The set of instructions that may be used.
    public let level: CPULevel

    /// Makes the target of one architecture and level.
    public init(architecture: Architecture, level: CPULevel) {
        self.architecture = architecture
        self.level = level
    }

    /// LLVM's target triple.
    public var triple: String {
        switch architecture {
        case .x86_64: "x86_64-unknown-linux-gnu"
        case .aarch64: "aarch64-unknown-linux-gnu"
        }
    }

    /// LLVM's name of the processor.
    public var processor: String {
        switch (architecture, level) {
        case (.aarch64, _): "generic"
        case (_, .baseline): "x86-64"
        case (_, .v3): "x86-64-v3"
        case (_, .v4), (_, .dot), (_, .amx): "x86-64-v4"
        }
    }

    /// LLVM's names of the features beyond the processor's, in the form `+a,+b`; empty for none.
    public var extraFeatures: String {
        switch level {
        case .baseline, .v3, .v4: ""
        case .dot: "+avx512bf16,+avx512vnni"
        case .amx: "+prfchw,+avx512bf16,+amx-tile,+amx-bf16,+amx-int8"
        }
    }

    /// Whether there are tile registers and products of tiles.
    public var hasTileRegisters: Bool { level == .amx }

    /// Whether an instruction rounds f32 to bf16.
    public var roundsToBrainFloats: Bool { level == .dot || level == .amx }

    /// Whether products of tiles are faster than multiply-adds of f32: with tile registers always, and where dot products in vector
    /// registers take their place, those of one part.
    public func multipliesTiles(_ precision: Precision) -> Bool {
        hasTileRegisters || (level == .dot && precision.parts == 1)
    }

    /// What a product of two tiles takes, in cycles of a processor with two multiply-adds of 16 f32 in each, for a kernel that reaches
    /// two thirds to four fifths of that rate. Dot products in vector registers take 128, of which kernels reach more.
    public var tileProductCycles: Double { hasTileRegisters ? 16 : 110 }

    /// Whether there are registers for masks, and with them loads, stores and arithmetic of some lanes for the price of all: AVX-512.
    public var hasMaskRegisters: Bool { level.rank >= CPULevel.v4.rank }

    /// Bits in one vector register.
    public var vectorBits: Int {
        switch (architecture, level) {
        case (.aarch64, _), (_, .baseline): 128
        case (_, .v3): 256
        case (_, .v4), (_, .dot), (_, .amx): 512
        }
    }

    /// The number of vector registers.
    public var vectorRegisters: Int {
        switch (architecture, level) {
        case (.aarch64, _), (_, .v4), (_, .dot), (_, .amx): 32
        case (_, .baseline), (_, .v3): 16
        }
    }

    /// Whether a multiply and an add round once, in one instruction.
    public var hasFusedMultiplyAdd: Bool { architecture == .aarch64 || level != .baseline }

    /// Lanes of elements of `byteCount` bytes in one vector register.
    public func lanes(byteCount: Int) -> Int { vectorBits / 8 / byteCount }

    /// Lanes of a kernel's vectors: those of 8-byte elements when all it stores has 8 bytes, else of 4-byte ones.
    public func lanes(storing dtypes: some Collection<DType>) -> Int {
        lanes(byteCount: !dtypes.isEmpty && dtypes.allSatisfy { $0.byteCount == 8 } ? 8 : 4)
    }
}

/// What a product of two f32 numbers may be computed with.
///
/// Where the target multiplies bf16 tiles, an f32 factor is a sum of bf16 parts, each the rounding of what the ones before
/// leave: 24 bits of precision are three parts, and the products of parts that matter are six.
/// Elsewhere, all of them are f32.
public enum Precision: String, CaseIterable, Sendable, Hashable {
    /// An error no larger than that of f32 fused multiply-adds.
    case float32
    /// Two parts, 16 bits a factor: a little better than the TF32 format.
    case tensorfloat
    /// One part, 8 bits a factor; sums and parameters stay f32, values between kernels may be stored as bf16.
    case bfloat16
    /// For functions that train nothing. A product of matrices has factors of 8-bit integers, each a multiple of 1/127 of the largest
    /// magnitude in its row of the left or column of the right operand; sums are i32. Everything else is as for `bfloat16`.
    case int8

    /// The number of parts of a factor.
    public var parts: Int {
        switch self {
        case .float32: 3
        case .tensorfloat: 2
        case .bfloat16, .int8: 1
        }
    }

    /// Whether values between kernels may be stored as bf16.
    public var storesBrainFloats: Bool { self == .bfloat16 || self == .int8 }

    /// The parts of the left and the right factor that are multiplied, in an order in which neighbours share one.
    public var products: [(left: Int, right: Int)] {
        switch self {
        case .float32: [(2, 0), (1, 0), (1, 1), (0, 1), (0, 2), (0, 0)]
        case .tensorfloat: [(1, 0), (0, 0), (0, 1)]
        case .bfloat16, .int8: [(0, 0)]
        }
    }
}
