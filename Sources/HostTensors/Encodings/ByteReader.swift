/// Reads a file's bytes from front to back; every read is checked and names the place when bytes are missing.
struct ByteReader {
    let path: String
    let bytes: UnsafeRawBufferPointer
    /// The name of the packed part that `bytes` came from; nil if they are the file itself.
    let part: String?
    private(set) var offset = 0

    init(_ bytes: UnsafeRawBufferPointer, path: String, part: String? = nil) {
        self.bytes = bytes
        self.path = path
        self.part = part
    }

    var remainingCount: Int { bytes.count - offset }

    /// The next `count` bytes, called `content` if they are missing.
    mutating func take(_ count: Int, _ content: String) throws -> UnsafeRawBufferPointer {
        guard count >= 0, count <= remainingCount else {
            throw error(
                at: offset, expected: "\(count) bytes of \(content)", actual: "\(remainingCount) before the end",
                remedy: "the file is truncated: copy or make it again")
        }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }

    /// The next little-endian integer.
    mutating func littleEndian<Integer: FixedWidthInteger>(
        _ type: Integer.Type, _ content: String
    ) throws -> Integer {
        Integer(littleEndian: try take(MemoryLayout<Integer>.size, content).loadUnaligned(as: type))
    }

    /// The next big-endian integer.
    mutating func bigEndian<Integer: FixedWidthInteger>(_ type: Integer.Type, _ content: String) throws -> Integer {
        Integer(bigEndian: try take(MemoryLayout<Integer>.size, content).loadUnaligned(as: type))
    }

    /// Goes on at `newOffset`, where `content` should be.
    mutating func seek(to newOffset: Int, _ content: String) throws {
        guard newOffset >= 0, newOffset <= bytes.count else {
            throw error(
                at: offset, expected: "\(content) within \(bytes.count) bytes", actual: "offset \(newOffset)",
                remedy: "the file is damaged or truncated: copy or make it again")
        }
        offset = newOffset
    }

    /// An error at a byte of what is read.
    func error(at byte: Int, expected: String, actual: String, remedy: String) -> FileError {
        let place: FileError.Place = if let part { .unpacked(part, byte: byte) } else { .byte(byte) }
        return FileError(path: path, place: place, expected: expected, actual: actual, remedy: remedy)
    }

    /// The tensor in the next bytes, and an error if there are fewer or more.
    mutating func takeTensor(dtype: DType, shape: [Int], shapeOffset: Int) throws -> HostTensor {
        guard let count = HostTensor.checkedCount(of: shape, dtype: dtype) else {
            throw error(
                at: shapeOffset, expected: "a shape that fits in memory", actual: "\(shape)",
                remedy: "the header is damaged: make the file again")
        }
        let expectedCount = count * dtype.byteCount
        guard remainingCount == expectedCount else {
            let isShort = remainingCount < expectedCount
            throw error(
                at: offset, expected: "\(expectedCount) bytes of \(HostTensor.typeText(dtype, shape)) data",
                actual: "\(remainingCount)",
                remedy: isShort
                    ? "the file is truncated: copy or make it again"
                    : "something follows the data: keep one array in a file")
        }
        return try HostTensor(copying: take(expectedCount, "data"), dtype: dtype, shape: shape)
    }
}
