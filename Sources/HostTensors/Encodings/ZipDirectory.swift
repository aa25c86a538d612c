/// The members of a zip archive (PKWARE APPNOTE 6.3), stored or deflated, with or without zip64 records.
struct ZipDirectory {
    /// One member as the central directory describes it.
    struct Member {
        var name: String
        var method: UInt16
        var isEncrypted: Bool
        var checksum: UInt32
        var packedCount: Int
        var unpackedCount: Int
        var localHeaderOffset: Int
        /// Where the central directory describes it.
        var entryOffset: Int
    }

    let members: [Member]
    private let archive: ByteReader

    private static let remedy = "the archive is damaged or truncated: copy or make it again"
    private static let endSignature: UInt32 = 0x0605_4b50
    private static let endCount = 22

    /// Reads the central directory of `archive`.
    init(_ archive: ByteReader) throws {
        self.archive = archive
        var reader = archive
        let end = try Self.findEnd(archive)
        try reader.seek(to: end + 10, "the end record")
        var memberCount = UInt64(try reader.littleEndian(UInt16.self, "the member count"))
        _ = try reader.littleEndian(UInt32.self, "the directory size")
        var directoryOffset = UInt64(try reader.littleEndian(UInt32.self, "the directory offset"))
        if memberCount == 0xffff || directoryOffset == 0xffff_ffff {
            (memberCount, directoryOffset) = try Self.zip64Directory(archive, end: end)
        }
        try reader.seek(to: Int(clamping: directoryOffset), "the central directory")
        var members: [Member] = []
        for _ in 0..<memberCount { members.append(try Self.member(&reader)) }
        self.members = members
    }

    /// The unpacked bytes of a member, checked against its checksum.
    func unpack(_ member: Member) throws -> [UInt8] {
        let packed = try packedBytes(member)
        let bytes: [UInt8]
        if member.method == 0 {
            bytes = Array(packed)
        } else {
            do {
                bytes = try Deflate.unpack(packed, wrapper: .none, expectedCount: member.unpackedCount)
            } catch {
                throw memberError(member, expected: "deflated data", actual: error.problem)
            }
        }
        guard bytes.count == member.unpackedCount else {
            throw memberError(member, expected: "\(member.unpackedCount) unpacked bytes", actual: "\(bytes.count)")
        }
        let checksum = bytes.withUnsafeBytes { Deflate.checksum($0) }
        guard checksum == member.checksum else {
            throw memberError(
                member, expected: "checksum \(String(member.checksum, radix: 16))",
                actual: String(checksum, radix: 16))
        }
        return bytes
    }

    private func packedBytes(_ member: Member) throws -> UnsafeRawBufferPointer {
        guard !member.isEncrypted, member.method == 0 || member.method == 8 else {
            throw memberError(
                member, expected: "a stored or deflated member",
                actual: member.isEncrypted ? "an encrypted one" : "compression method \(member.method)",
                remedy: "write the archive with numpy.savez or numpy.savez_compressed")
        }
        var reader = archive
        try reader.seek(to: member.localHeaderOffset, "the header of \(member.name)")
        let signature = try reader.littleEndian(UInt32.self, "the header of \(member.name)")
        guard signature == 0x0403_4b50 else {
            throw memberError(
                member, expected: "a member header at byte \(member.localHeaderOffset)",
                actual: "signature \(String(signature, radix: 16))")
        }
        _ = try reader.take(22, "the header of \(member.name)")
        let nameCount = Int(try reader.littleEndian(UInt16.self, "the header of \(member.name)"))
        let extraCount = Int(try reader.littleEndian(UInt16.self, "the header of \(member.name)"))
        _ = try reader.take(nameCount + extraCount, "the header of \(member.name)")
        return try reader.take(member.packedCount, "the data of \(member.name)")
    }

    private func memberError(
        _ member: Member, expected: String, actual: String, remedy: String = Self.remedy
    ) -> FileError {
        FileError(
            path: archive.path, place: .field("member \(member.name)", byte: member.entryOffset), expected: expected,
            actual: actual, remedy: remedy)
    }

    private static func findEnd(_ archive: ByteReader) throws -> Int {
        let bytes = archive.bytes
        // A comment of up to 65,535 bytes may follow the end record.
        let latest = bytes.count - endCount
        for offset in stride(from: latest, through: max(0, latest - 0xffff), by: -1) where offset >= 0 {
            let signature = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
            if UInt32(littleEndian: signature) == endSignature { return offset }
        }
        throw FileError(
            path: archive.path, place: .wholeFile, expected: "the end record of a zip archive", actual: "none",
            remedy: "give an archive written by numpy.savez; if it is one, it is truncated")
    }

    private static func zip64Directory(
        _ archive: ByteReader, end: Int
    ) throws -> (memberCount: UInt64, offset: UInt64) {
        var reader = archive
        try reader.seek(to: end - 20, "the zip64 locator")
        guard try reader.littleEndian(UInt32.self, "the zip64 locator") == 0x0706_4b50 else {
            throw archive.error(
                at: end - 20, expected: "a zip64 locator", actual: "something else", remedy: remedy)
        }
        _ = try reader.take(4, "the zip64 locator")
        let recordOffset = try reader.littleEndian(UInt64.self, "the zip64 locator")
        try reader.seek(to: Int(clamping: recordOffset), "the zip64 end record")
        let signature = try reader.littleEndian(UInt32.self, "the zip64 end record")
        guard signature == 0x0606_4b50 else {
            throw archive.error(
                at: Int(clamping: recordOffset), expected: "a zip64 end record",
                actual: "signature \(String(signature, radix: 16))", remedy: remedy)
        }
        _ = try reader.take(28, "the zip64 end record")
        let memberCount = try reader.littleEndian(UInt64.self, "the member count")
        _ = try reader.littleEndian(UInt64.self, "the directory size")
        return (memberCount, try reader.littleEndian(UInt64.self, "the directory offset"))
    }

    private static func member(_ reader: inout ByteReader) throws -> Member {
        let entryOffset = reader.offset
        let signature = try reader.littleEndian(UInt32.self, "a directory entry")
        guard signature == 0x0201_4b50 else {
            throw reader.error(
                at: entryOffset, expected: "a directory entry", actual: "signature \(String(signature, radix: 16))",
                remedy: remedy)
        }
        _ = try reader.take(4, "a directory entry")
        let flags = try reader.littleEndian(UInt16.self, "a directory entry")
        let method = try reader.littleEndian(UInt16.self, "a directory entry")
        _ = try reader.take(4, "a directory entry")
        let checksum = try reader.littleEndian(UInt32.self, "a directory entry")
        var sizes: [UInt64] = [0, 0, 0]
        sizes[1] = UInt64(try reader.littleEndian(UInt32.self, "a directory entry"))
        sizes[0] = UInt64(try reader.littleEndian(UInt32.self, "a directory entry"))
        let nameCount = Int(try reader.littleEndian(UInt16.self, "a directory entry"))
        let extraCount = Int(try reader.littleEndian(UInt16.self, "a directory entry"))
        let commentCount = Int(try reader.littleEndian(UInt16.self, "a directory entry"))
        _ = try reader.take(8, "a directory entry")
        sizes[2] = UInt64(try reader.littleEndian(UInt32.self, "a directory entry"))
        let name = String(decoding: try reader.take(nameCount, "a member name"), as: UTF8.self)
        let extra = try reader.take(extraCount, "the extra field of \(name)")
        try widen(&sizes, extra: ByteReader(extra, path: reader.path, part: "the extra field of \(name)"))
        _ = try reader.take(commentCount, "the comment of \(name)")
        return Member(
            name: name, method: method, isEncrypted: flags & 1 != 0, checksum: checksum,
            packedCount: Int(clamping: sizes[1]), unpackedCount: Int(clamping: sizes[0]),
            localHeaderOffset: Int(clamping: sizes[2]), entryOffset: entryOffset)
    }

    /// Replaces the sizes (unpacked, packed, offset) that do not fit in 32 bits by those of the zip64 extra field.
    private static func widen(_ sizes: inout [UInt64], extra: ByteReader) throws {
        var reader = extra
        while reader.remainingCount >= 4 {
            let kind = try reader.littleEndian(UInt16.self, "a field kind")
            let count = Int(try reader.littleEndian(UInt16.self, "a field length"))
            let content = try reader.take(count, "the field")
            guard kind == 1 else { continue }
            var zip64 = ByteReader(content, path: reader.path, part: reader.part)
            for place in sizes.indices where sizes[place] == 0xffff_ffff {
                sizes[place] = try zip64.littleEndian(UInt64.self, "a zip64 size")
            }
        }
    }
}
