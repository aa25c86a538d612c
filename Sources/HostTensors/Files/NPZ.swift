/// NumPy's format for several named arrays: a zip archive of npy files.
public enum NPZ {
    /// The named tensors in the file at `path`, in the order of the archive.
    public static func read(path: String) throws -> [(name: String, tensor: HostTensor)] {
        try decode(WholeFile.read(path: path), path: path)
    }

    /// The named tensors in the bytes of an npz file, in the order of the archive; `path` names them in errors.
    public static func decode(
        _ bytes: [UInt8], path: String = "bytes"
    ) throws -> [(name: String, tensor: HostTensor)] {
        try bytes.withUnsafeBytes { archive in
            let directory = try ZipDirectory(ByteReader(archive, path: path))
            return try directory.members.map { member in
                guard member.name.hasSuffix(".npy") else {
                    throw FileError(
                        path: path, place: .field("member \(member.name)", byte: member.entryOffset),
                        expected: "members named *.npy", actual: "\"\(member.name)\"",
                        remedy: "give an archive written by numpy.savez")
                }
                let unpacked = try directory.unpack(member)
                let tensor = try unpacked.withUnsafeBytes { bytes in
                    try NPY.decode(ByteReader(bytes, path: path, part: "member \(member.name)"))
                }
                return (String(member.name.dropLast(4)), tensor)
            }
        }
    }

    /// Replaces the file at `path` by an archive of `entries`; the same entries always give the same bytes.
    ///
    /// Names must differ. A member holds less than 4 GiB, and so does the archive; throws for `bf16`.
    public static func write(
        _ entries: [(name: String, tensor: HostTensor)], path: String, compressed: Bool = false
    ) throws {
        try WholeFile.write(encode(entries, path: path, compressed: compressed), path: path)
    }

    /// The bytes of an archive of `entries`, as `write` puts them into a file; `path` names them in errors.
    public static func encode(
        _ entries: [(name: String, tensor: HostTensor)], path: String = "bytes", compressed: Bool = false
    ) throws -> [UInt8] {
        var archive = ZipWriter(path: path)
        var names: Set<String> = []
        for (name, tensor) in entries {
            guard names.insert(name).inserted else {
                throw FileError(
                    path: path, place: .wholeFile, expected: "different names", actual: "\"\(name)\" twice",
                    remedy: "rename one of the tensors")
            }
            let header = try NPY.encodedHeader(tensor, path: path)
            try archive.append(header + tensor.bytes, name: name + ".npy", compressed: compressed)
        }
        return archive.finished()
    }
}

/// Writes a zip archive without zip64 records, dated 1980-01-01 throughout.
private struct ZipWriter {
    let path: String
    private var archive: [UInt8] = []
    private var directory: [UInt8] = []
    private var memberCount: UInt16 = 0

    init(path: String) { self.path = path }

    mutating func append(_ content: [UInt8], name: String, compressed: Bool) throws {
        let packed = compressed ? try pack(content) : content
        let limit = Int(UInt32.max)
        guard content.count < limit, archive.count + packed.count < limit, memberCount < UInt16.max else {
            throw FileError(
                path: path, place: .field("member \(name)", byte: archive.count),
                expected: "an archive below 4 GiB and 65,535 members", actual: "more",
                remedy: "write several archives, or safetensors")
        }
        let checksum = content.withUnsafeBytes { Deflate.checksum($0) }
        let nameBytes = Array(name.utf8)
        // Needed version, flags (names are UTF-8), method, time, date, checksum, sizes, lengths.
        let description =
            Self.bytes16(20, 0x0800, compressed ? 8 : 0, 0, 0x21)
            + Self.bytes32(checksum, UInt32(packed.count), UInt32(content.count))
            + Self.bytes16(UInt16(truncatingIfNeeded: nameBytes.count), 0)
        directory += Self.bytes32(0x0201_4b50) + Self.bytes16(20) + description
        directory += Self.bytes16(0, 0, 0) + Self.bytes32(0, UInt32(archive.count)) + nameBytes
        archive += Self.bytes32(0x0403_4b50) + description + nameBytes + packed
        memberCount += 1
    }

    func finished() -> [UInt8] {
        let end =
            Self.bytes32(0x0605_4b50) + Self.bytes16(0, 0, memberCount, memberCount)
            + Self.bytes32(UInt32(directory.count), UInt32(archive.count)) + Self.bytes16(0)
        return archive + directory + end
    }

    private func pack(_ content: [UInt8]) throws -> [UInt8] {
        let result = content.withUnsafeBytes { bytes in
            Result { () throws(Deflate.Failure) in try Deflate.pack(bytes) }
        }
        return try result.mapError { failure in
            FileError(
                path: path, place: .byte(archive.count), expected: "members below 4 GiB", actual: failure.problem,
                remedy: "write safetensors")
        }.get()
    }

    private static func bytes16(_ words: UInt16...) -> [UInt8] {
        words.flatMap { word in [UInt8(truncatingIfNeeded: word), UInt8(word >> 8)] }
    }

    private static func bytes32(_ words: UInt32...) -> [UInt8] {
        words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    }
}
