/// NumPy's format for one array: a magic number, a header in Python syntax, then the elements.
///
/// Versions 1 to 3, either byte order, row-major or column-major are read; version 1 (2 if the header is too long for
/// it), little-endian and row-major is written, byte for byte what NumPy writes. The format has no `bf16`.
public enum NPY {
    static let magic: [UInt8] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]

    /// The tensor in the file at `path`.
    public static func read(path: String) throws -> HostTensor {
        try decode(WholeFile.read(path: path), path: path)
    }

    /// The tensor in the bytes of an npy file; `path` names them in errors.
    public static func decode(_ bytes: [UInt8], path: String = "bytes") throws -> HostTensor {
        try bytes.withUnsafeBytes { try decode(ByteReader($0, path: path)) }
    }

    /// Replaces the file at `path` by one that holds `tensor`; throws for `bf16`.
    public static func write(_ tensor: HostTensor, path: String) throws {
        let header = try encodedHeader(tensor, path: path)
        try WholeFile.write(path: path) { append in
            try header.withUnsafeBytes { try append($0) }
            try tensor.withUnsafeBytes { try append($0) }
        }
    }

    /// The bytes of an npy file that holds `tensor`; throws for `bf16`.
    public static func encode(_ tensor: HostTensor) throws -> [UInt8] {
        try encodedHeader(tensor, path: "bytes") + tensor.bytes
    }

    static func decode(_ source: ByteReader) throws -> HostTensor {
        var reader = source
        let remedy = "give a file written by numpy.save"
        let found = Array(try reader.take(6, "the npy magic number"))
        guard found == magic else {
            throw reader.error(
                at: 0, expected: "the npy magic number \(hexadecimal(magic))", actual: hexadecimal(found),
                remedy: remedy)
        }
        let major = try reader.littleEndian(UInt8.self, "the version")
        _ = try reader.littleEndian(UInt8.self, "the minor version")
        guard (1...3).contains(major) else {
            throw reader.error(at: 6, expected: "npy version 1, 2 or 3", actual: "\(major)", remedy: remedy)
        }
        let headerCount =
            major == 1
            ? Int(try reader.littleEndian(UInt16.self, "the header length"))
            : Int(try reader.littleEndian(UInt32.self, "the header length"))
        let headerOffset = reader.offset
        let text = try reader.take(headerCount, "the header")
        var parser = NPYHeaderParser(text: text, base: headerOffset, reader: reader)
        let header = try parser.parse()
        let stored = try reader.takeTensor(dtype: header.dtype, shape: header.shape, shapeOffset: header.shapeOffset)
        let native = header.isBigEndian ? stored.withReversedByteOrder() : stored
        return header.isColumnMajor ? native.fromColumnMajor(shape: header.shape) : native
    }

    static func encodedHeader(_ tensor: HostTensor, path: String) throws -> [UInt8] {
        guard let code = typeCode(of: tensor.dtype) else {
            throw FileError(
                path: path, place: .wholeFile, expected: "a dtype NumPy has", actual: "\(tensor.dtype)",
                remedy: "convert with converted(to: .f32), or write safetensors")
        }
        let extents = tensor.shape.map(String.init)
        let shape = extents.count == 1 ? "(\(extents[0]),)" : "(\(extents.joined(separator: ", ")))"
        var text = "{'descr': '\(code)', 'fortran_order': False, 'shape': \(shape), }"
        // NumPy leaves room for the first extent to grow to 21 digits in place.
        if let first = extents.first { text += String(repeating: " ", count: 21 - first.count) }
        let isLong = text.utf8.count + 64 > Int(UInt16.max)
        let prefixCount = isLong ? 12 : 10
        let padding = (64 - (prefixCount + text.utf8.count + 1) % 64) % 64
        let header = Array(text.utf8) + [UInt8](repeating: 0x20, count: padding) + [0x0a]
        let lengthBytes = (0..<(isLong ? 4 : 2)).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
        return magic + [isLong ? 2 : 1, 0] + lengthBytes + header
    }

    /// NumPy's little-endian name of a dtype, or nil if it has none.
    private static func typeCode(of dtype: DType) -> String? {
        switch dtype {
        case .bf16: nil
        case .bool: "|b1"
        case .u8: "|u1"
        case .i8: "|i1"
        default: "<\(dtype.isFloat ? "f" : dtype.isSigned ? "i" : "u")\(dtype.byteCount)"
        }
    }

    static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    }
}
