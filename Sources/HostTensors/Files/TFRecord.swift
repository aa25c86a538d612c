/// TFRecord files: records of any bytes, each with its length and checksums.
///
/// A record is its length (u64), the masked CRC-32C of the length, the bytes, and the masked CRC-32C of the bytes, all
/// little-endian.
public enum TFRecord {
    /// The bytes around those of a record.
    static let frameBytes = 16

    /// A record with its frame, as it stands in a file.
    public static func framed(_ record: [UInt8]) -> [UInt8] {
        let length = littleEndian(UInt64(record.count))
        return length + littleEndian(CRC32C.masked(length)) + record + littleEndian(CRC32C.masked(record))
    }

    /// Replaces the file at `path` by one of these records.
    public static func write(_ records: [[UInt8]], path: String) throws {
        try WholeFile.write(records.flatMap(framed), path: path)
    }

    /// All records of the file at `path`.
    public static func read(path: String) throws -> [[UInt8]] {
        let reader = try Reader(path: path)
        var records: [[UInt8]] = []
        while let record = try reader.next() { records.append(record) }
        return records
    }

    private static func littleEndian<Integer: FixedWidthInteger>(_ value: Integer) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    /// Reads records one after another.
    public final class Reader {
        private let file: FileWindow
        /// Where the next record begins.
        public private(set) var offset: Int
        private var buffer: [UInt8] = []
        private var bufferStart = 0

        /// Opens a file at a byte where a record begins.
        public init(path: String, offset: Int = 0) throws {
            file = try FileWindow(path: path)
            self.offset = offset
        }

        /// The next record; nil at the end. Throws a `FileError` when it is cut off or its checksums are wrong.
        public func next() throws -> [UInt8]? {
            guard let count = try readLength() else { return nil }
            let body = try bytes(at: offset + 12, count + 4, "the record")
            let record = Array(body.dropLast(4))
            try check(record, crc: body.suffix(4), at: offset + 12)
            offset += count + TFRecord.frameBytes
            return record
        }

        /// Passes over a record without reading it; false at the end.
        public func skip() throws -> Bool {
            guard let count = try readLength() else { return false }
            offset += count + TFRecord.frameBytes
            return true
        }

        private func readLength() throws -> Int? {
            if offset == file.byteCount { return nil }
            let head = try bytes(at: offset, 12, "the length")
            try check(Array(head.prefix(8)), crc: head.suffix(4), at: offset)
            let count = head.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard let count = Int(exactly: count), count <= file.byteCount else {
                throw error(expected: "a record within the file", actual: "\(count) bytes", at: offset)
            }
            return count
        }

        private func check(_ bytes: [UInt8], crc: ArraySlice<UInt8>, at offset: Int) throws {
            let stored = crc.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            let found = CRC32C.masked(bytes)
            guard stored == found else {
                throw error(
                    expected: "CRC-32C \(String(found, radix: 16))", actual: String(stored, radix: 16), at: offset)
            }
        }

        private func bytes(at start: Int, _ count: Int, _ content: String) throws -> ArraySlice<UInt8> {
            if start < bufferStart || start + count > bufferStart + buffer.count {
                buffer = try file.read(at: start, count: max(count, 1 << 16))
                bufferStart = start
            }
            guard start - bufferStart + count <= buffer.count else {
                throw error(expected: "\(count) bytes of \(content)", actual: "the end of the file", at: start)
            }
            return buffer[start - bufferStart..<start - bufferStart + count]
        }

        private func error(expected: String, actual: String, at offset: Int) -> FileError {
            FileError(
                path: file.path, place: .byte(offset), expected: expected, actual: actual,
                remedy: "the file is damaged or truncated: copy or make it again")
        }
    }
}
