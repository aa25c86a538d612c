import Glibc

/// The data caches of a processor, in bytes; those that are not there, or not told of, are left out.
struct CacheSizes: Sendable {
    /// Name and size, the smallest first: L1, L2, L3.
    let levels: [(name: String, byteCount: Int)]

    /// What the system says of the first processor.
    static var host: CacheSizes {
        var sizes: [Int: Int] = [:]
        for index in 0..<8 {
            let folder = "/sys/devices/system/cpu/cpu0/cache/index\(index)/"
            func read(_ name: String) -> String { ProcessFacts.lines(folder + name).first.map(String.init) ?? "" }
            guard let level = Int(read("level")), read("type") != "Instruction" else { continue }
            if let bytes = byteCount(read("size")) { sizes[level] = bytes }
        }
        if sizes.isEmpty {
            for (level, key) in [(1, _SC_LEVEL1_DCACHE_SIZE), (2, _SC_LEVEL2_CACHE_SIZE), (3, _SC_LEVEL3_CACHE_SIZE)] {
                let bytes = sysconf(Int32(key))
                if bytes > 0 { sizes[level] = bytes }
            }
        }
        return CacheSizes(levels: sizes.sorted { $0.key < $1.key }.map { ("L\($0.key)", $0.value) })
    }

    /// The number in `48K` or `300M`.
    static func byteCount(_ text: String) -> Int? {
        guard let number = Int(text.prefix { $0.isNumber }) else { return nil }
        switch text.drop(while: \.isNumber) {
        case "": return number
        case "K": return number << 10
        case "M": return number << 20
        case "G": return number << 30
        default: return nil
        }
    }
}
