import HostTensors

/// A pseudorandom bijection of 0 ..< count that is computed place by place, without a table.
///
/// A Feistel network of 6 rounds over the next even number of bits, its round function the first word of
/// Philox 4×32-10 at (half, round, low epoch, high epoch) under the seed; places outside the range are walked through
/// the network again until they fall inside (Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002).
/// Fewer than 4 walks are needed on average.
public struct Permutation: Sendable {
    /// The number of places.
    public let count: Int
    private let generator: Philox4x32
    private let epoch: UInt64
    private let halfBits: Int

    /// The order of epoch `epoch` under `seed`, for `count` places.
    public init(count: Int, seed: UInt64, epoch: Int) {
        self.count = count
        generator = Philox4x32(seed: seed)
        self.epoch = UInt64(epoch)
        let bits = count <= 1 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount
        halfBits = max(1, (bits + 1) / 2)
    }

    /// The image of `place`, which must lie in 0 ..< count.
    public subscript(place: Int) -> Int {
        precondition(place >= 0 && place < count, "place \(place) of a permutation of \(count)")
        var image = UInt64(place)
        repeat { image = mixed(image) } while image >= UInt64(count)
        return Int(image)
    }

    private func mixed(_ value: UInt64) -> UInt64 {
        let mask = UInt64(1) << UInt64(halfBits) - 1
        var left = value >> UInt64(halfBits)
        var right = value & mask
        for round in 0..<6 {
            let words = generator.block(
                counter: (
                    UInt32(truncatingIfNeeded: right), UInt32(round), UInt32(truncatingIfNeeded: epoch),
                    UInt32(truncatingIfNeeded: epoch >> 32)
                ))
            (left, right) = (right, left ^ (UInt64(words.0) & mask))
        }
        return left << UInt64(halfBits) | right
    }
}
