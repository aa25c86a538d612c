import HostTensors
import Testing

@Suite("Files with bytes changed at random")
struct DamageTests {
    /// Reads the bytes of a fixture by the name it ends with.
    static func decode(_ bytes: [UInt8], like name: String) throws {
        if name.hasSuffix("npy") { _ = try NPY.decode(bytes) }
        if name.hasSuffix("npz") { _ = try NPZ.decode(bytes) }
        if name.hasSuffix("safetensors") { _ = try Safetensors.decode(bytes) }
        if name.hasSuffix("gz") || name.hasSuffix("idx") { _ = try IDX.decode(bytes) }
    }

    static let interestingBytes: [UInt8] = [
        0, 1, 0x20, 0x22, 0x27, 0x2c, 0x2d, 0x30, 0x39, 0x5d, 0x7d, 0x7f, 0x80, 0xff,
    ]

    @Test(arguments: [
        "f32.npy", "column-major-f32.npy", "big-endian-i32.npy", "version2-f32.npy", "deflated.npz", "zip64.npz",
        "all-dtypes.safetensors", "metadata.safetensors", "u8.idx", "f64.idx", "u8.idx.gz",
    ])
    func readersThrowButNeverTrap(name: String) throws {
        let bytes = try Fixture.bytes(name)
        let words = RandomStream.words(seed: 11, stream: 0, step: 0, count: 12_000)
        var failures = 0
        for trial in 0..<1500 {
            var damaged = bytes
            for change in 0..<(1 + trial % 4) {
                let word = Int(words[8 * trial + 2 * change])
                let replacement = Self.interestingBytes[word / bytes.count % Self.interestingBytes.count]
                let isAny = words[8 * trial + 2 * change + 1] & 1 == 0
                damaged[word % bytes.count] =
                    isAny ? UInt8(truncatingIfNeeded: words[8 * trial + 2 * change + 1] >> 8) : replacement
            }
            do {
                try Self.decode(damaged, like: name)
            } catch is FileError {
                failures += 1
            }
        }
        #expect(failures > 0)
    }

    @Test func tablesThrowButNeverTrap() {
        let alphabet = Array("a1,\"\r\n. -".utf8)
        let words = RandomStream.words(seed: 12, stream: 0, step: 0, count: 40_000)
        for trial in 0..<2000 {
            let text = words[20 * trial..<20 * trial + 20].map { alphabet[Int($0) % alphabet.count] }
            guard let table = try? CSV.decode(text) else { continue }
            #expect(table.rowCount >= 0)
            _ = try? table.tensor()
        }
    }
}
