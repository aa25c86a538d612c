/// The counter-based generator Philox 4×32 with 10 rounds: a bijection of 128-bit counters chosen by a 64-bit key.
///
/// Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
public struct Philox4x32: Sendable, Hashable {
    /// Four 32-bit words.
    public typealias Block = (UInt32, UInt32, UInt32, UInt32)

    private let key0: UInt32
    private let key1: UInt32

    /// The generator with the key (low 32 bits of `seed`, high 32 bits of `seed`).
    @inlinable
    public init(seed: UInt64) {
        self.init(key0: UInt32(truncatingIfNeeded: seed), key1: UInt32(truncatingIfNeeded: seed >> 32))
    }

    @usableFromInline
    init(key0: UInt32, key1: UInt32) {
        self.key0 = key0
        self.key1 = key1
    }

    /// The four random words of `counter`.
    public func block(counter: Block) -> Block {
        var (word0, word1, word2, word3) = counter
        var roundKey0 = key0
        var roundKey1 = key1
        for _ in 0..<10 {
            let product0 = UInt64(word0) &* 0xD251_1F53
            let product1 = UInt64(word2) &* 0xCD9E_8D57
            word0 = UInt32(truncatingIfNeeded: product1 >> 32) ^ word1 ^ roundKey0
            word1 = UInt32(truncatingIfNeeded: product1)
            word2 = UInt32(truncatingIfNeeded: product0 >> 32) ^ word3 ^ roundKey1
            word3 = UInt32(truncatingIfNeeded: product0)
            roundKey0 &+= 0x9E37_79B9  // the golden ratio
            roundKey1 &+= 0xBB67_AE85  // the square root of 3, less 1
        }
        return (word0, word1, word2, word3)
    }
}
