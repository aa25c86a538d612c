import HostTensors

/// A pseudorandom bijection of 0 ..< count that is computed place by place, without a table.
///
/// A Feistel network of 6 rounds over the next even number of bits. A round mixes one half with the round's key by
/// multiplication and shifts (the finalizer of SplitMix64: Steele, Lea and Flood, OOPSLA 2014); the keys are words of
/// Philox 4×32-10 for the epoch under the seed. Places outside the range are walked through the network again until
/// they fall inside (Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002): fewer than 4 walks on
/// average.
public struct Permutation: Sendable {
    /// The number of places.
    public let count: Int
    private let keys: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)
    private let halfBits: UInt64
    private let mask: UInt64

    /// The order of epoch `epoch` under `seed`, for `count` places; `block` tells apart the parts of an epoch that are
    /// ordered one by one.
    public init(count: Int, seed: UInt64, epoch: Int, block: Int = 0) {
        self.count = count
        let generator = Philox4x32(seed: seed)
        let epoch = UInt64(truncatingIfNeeded: epoch)
        func pair(_ number: UInt32) -> (UInt64, UInt64) {
            let words = generator.block(
                counter: (
                    number, UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: epoch),
                    UInt32(truncatingIfNeeded: epoch >> 32)
                ))
            return (UInt64(words.0) << 32 | UInt64(words.1), UInt64(words.2) << 32 | UInt64(words.3))
        }
        let (first, second, third) = (pair(0), pair(1), pair(2))
        keys = (first.0, first.1, second.0, second.1, third.0, third.1)
        let bits = count <= 1 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount
        halfBits = UInt64(max(1, (bits + 1) / 2))
        mask = UInt64(1) << halfBits - 1
    }

    /// The image of `place`, which must lie in 0 ..< count.
    public subscript(place: Int) -> Int {
        precondition(place >= 0 && place < count, "place \(place) of a permutation of \(count)")
        var image = UInt64(place)
        repeat { image = mixed(image) } while image >= UInt64(count)
        return Int(image)
    }

    private func mixed(_ value: UInt64) -> UInt64 {
        var left = value >> halfBits
        var right = value & mask
        left ^= round(right, keys.0)
        right ^= round(left, keys.1)
        left ^= round(right, keys.2)
        right ^= round(left, keys.3)
        left ^= round(right, keys.4)
        right ^= round(left, keys.5)
        return left << halfBits | right
    }

    private func round(_ half: UInt64, _ key: UInt64) -> UInt64 {
        var word = half &+ key
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return (word ^ (word >> 31)) & mask
    }
}
