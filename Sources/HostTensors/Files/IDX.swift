/// The IDX format of the MNIST data sets: a big-endian header of extents, then big-endian elements.
public enum IDX {
    /// The tensor in the file at `path`, which may be compressed with gzip.
    public static func read(path: String) throws -> HostTensor {
        try decode(WholeFile.read(path: path), path: path)
    }

    /// The tensor in the bytes of an IDX file, which may be compressed with gzip; `path` names them in errors.
    public static func decode(_ bytes: [UInt8], path: String = "bytes") throws -> HostTensor {
        guard bytes.count >= 2, bytes[0] == 0x1f, bytes[1] == 0x8b else {
            return try bytes.withUnsafeBytes { try decodePlain(ByteReader($0, path: path)) }
        }
        let unpacked = try bytes.withUnsafeBytes { try unpackGzip($0, path: path) }
        return try unpacked.withUnsafeBytes {
            try decodePlain(ByteReader($0, path: path, part: "the unpacked gzip data"))
        }
    }

    private static func unpackGzip(_ bytes: UnsafeRawBufferPointer, path: String) throws -> [UInt8] {
        // The last four bytes give the unpacked size.
        let sizeHint = bytes.count < 18 ? 0 : bytes.loadUnaligned(fromByteOffset: bytes.count - 4, as: UInt32.self)
        do {
            return try Deflate.unpack(bytes, wrapper: .gzip, expectedCount: Int(UInt32(littleEndian: sizeHint)))
        } catch {
            throw FileError(
                path: path, place: .byte(error.inputOffset), expected: "gzip data", actual: error.problem,
                remedy: "the file is damaged or truncated: copy it again")
        }
    }

    private static func decodePlain(_ source: ByteReader) throws -> HostTensor {
        var reader = source
        let magic = try reader.take(4, "the IDX magic number")
        guard magic[0] == 0, magic[1] == 0 else {
            throw reader.error(
                at: 0, expected: "two zero bytes, with which an IDX file begins", actual: "\(magic[0]) and \(magic[1])",
                remedy: "give an IDX file, such as train-images-idx3-ubyte")
        }
        let dtype = try elementType(code: magic[2], reader)
        let shape = try (0..<Int(magic[3])).map { axis in
            Int(try reader.bigEndian(UInt32.self, "the extent of axis \(axis)"))
        }
        return try reader.takeTensor(dtype: dtype, shape: shape, shapeOffset: 4).withReversedByteOrder()
    }

    private static func elementType(code: UInt8, _ reader: ByteReader) throws -> DType {
        switch code {
        case 0x08: return .u8
        case 0x09: return .i8
        case 0x0b: return .i16
        case 0x0c: return .i32
        case 0x0d: return .f32
        case 0x0e: return .f64
        default:
            throw reader.error(
                at: 2, expected: "element type 8 (u8), 9 (i8), 11 (i16), 12 (i32), 13 (f32) or 14 (f64)",
                actual: "\(code)", remedy: "give an IDX file, such as train-images-idx3-ubyte")
        }
    }
}
