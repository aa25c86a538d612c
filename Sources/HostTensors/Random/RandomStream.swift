/// Random numbers addressed by (seed, stream, step, element): the same on every target and for any thread count.
///
/// Element i is word `(i / 16) % 4` of block `b = (i / 64) * 16 + i % 16`, whose counter is (low 32 bits of b, high
/// 32 bits of b, low 32 bits of `step`, `stream`): 64 elements come from 16 blocks, so that vectors of 4, 8 or 16
/// lanes each hold one word of successive blocks and need no shuffle.
public enum RandomStream {
    /// Uniformly distributed 32-bit words.
    public static func words(seed: UInt64, stream: UInt32, step: UInt64, count: Int) -> [UInt32] {
        generate(seed: seed, stream: stream, step: step, count: count) { $0 }
    }

    /// Uniformly distributed numbers in [0, 1): `Float(word >> 8) * 2^-24`.
    public static func uniform(seed: UInt64, stream: UInt32, step: UInt64, count: Int) -> [Float] {
        generate(seed: seed, stream: stream, step: step, count: count) { Float($0 >> 8) * 0x1p-24 }
    }

    @inline(__always)
    private static func generate<Element>(
        seed: UInt64, stream: UInt32, step: UInt64, count: Int, _ element: (UInt32) -> Element
    ) -> [Element] {
        let generator = Philox4x32(seed: seed)
        let stepWord = UInt32(truncatingIfNeeded: step)
        return [Element](unsafeUninitializedCapacity: count) { elements, initializedCount in
            guard let base = elements.baseAddress else { return }
            for groupStart in stride(from: 0, to: count, by: 64) {
                for lane in 0..<min(16, count - groupStart) {
                    let blockIndex = UInt64(groupStart / 4 + lane)
                    let words = generator.block(
                        counter: (
                            UInt32(truncatingIfNeeded: blockIndex), UInt32(truncatingIfNeeded: blockIndex >> 32),
                            stepWord, stream
                        ))
                    let place = groupStart + lane
                    (base + place).initialize(to: element(words.0))
                    if place + 16 < count { (base + place + 16).initialize(to: element(words.1)) }
                    if place + 32 < count { (base + place + 32).initialize(to: element(words.2)) }
                    if place + 48 < count { (base + place + 48).initialize(to: element(words.3)) }
                }
            }
            initializedCount = count
        }
    }
}
