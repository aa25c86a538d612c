import Glibc

/// The headers of a shared object's file, as far as they say how long it is.
///
/// The loader maps a file that ends too early, such as one that was copied in part, and the process ends where it reads what is missing.
struct SharedObjectFile {
    /// The bytes of the file.
    let byteCount: Int
    /// The bytes that its headers tell of; 0 where they are none that the loader knows, which it says itself.
    let promisedCount: Int

    /// Reads the headers of the file at `path`; nil if it cannot be read.
    init?(path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var state = stat()
        guard fstat(descriptor, &state) == 0 else { return nil }
        byteCount = Int(state.st_size)
        let header = Self.bytes(of: descriptor, at: 0, count: 64)
        guard header.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]), header.count == 64 else {
            promisedCount = 0
            return
        }
        let segments = Table(header, offset: 32, sizes: 54)
        let sections = Table(header, offset: 40, sizes: 58)
        let table = Self.bytes(of: descriptor, at: segments.offset, count: segments.byteCount)
        let ends = stride(from: 0, to: table.count - 39, by: max(segments.entryBytes, 1)).map { at in
            Self.end(Self.integer(table, at + 8, bytes: 8), Self.integer(table, at + 32, bytes: 8))
        }
        promisedCount = ([segments.end, sections.end] + ends).max() ?? 0
    }

    /// A table that the header tells of.
    private struct Table {
        let offset: Int
        let entryBytes: Int
        let byteCount: Int
        var end: Int { SharedObjectFile.end(offset, byteCount) }

        init(_ header: [UInt8], offset place: Int, sizes: Int) {
            offset = integer(header, place, bytes: 8)
            entryBytes = integer(header, sizes, bytes: 2)
            byteCount = entryBytes * integer(header, sizes + 2, bytes: 2)
        }
    }

    /// Where bytes end, at most the largest number.
    private static func end(_ offset: Int, _ count: Int) -> Int {
        let (end, isTooLarge) = offset.addingReportingOverflow(count)
        return isTooLarge ? .max : end
    }

    /// A little-endian integer, at most the largest of `Int`.
    private static func integer(_ bytes: [UInt8], _ offset: Int, bytes count: Int) -> Int {
        Int(clamping: bytes[offset..<(offset + count)].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    /// So many bytes of a file, fewer where it ends before.
    private static func bytes(of descriptor: Int32, at offset: Int, count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = max(0, pread(descriptor, buffer.baseAddress, count, offset))
        }
    }
}
