/// Texts as numbers, so that graphs can tell them apart.
public enum TextFingerprint {
    /// The 64-bit FNV-1a hash of the UTF-8 bytes (Fowler, Noll and Vo), as a signed number; of a missing text, 0.
    ///
    /// h = 0xcbf29ce484222325; for each byte b: h = (h xor b) · 0x100000001b3 mod 2⁶⁴.
    public static func of(_ text: String?) -> Int64 {
        guard let text else { return 0 }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int64(bitPattern: hash)
    }
}
