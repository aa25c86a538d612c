import HostTensors
import Testing

@Suite("NumPy archives")
struct NPZTests {
    @Test(arguments: ["stored.npz", "deflated.npz"])
    func readsWhatNumPyWrites(name: String) throws {
        let entries = try NPZ.read(path: Fixture.path(name))
        #expect(entries.map(\.name) == ["second", "first", "zeros"])
        #expect(entries[0].tensor.doubles() == Fixture.sample(.i32))
        #expect(entries[1].tensor.doubles() == Fixture.sample(.f32))
        #expect(entries[2].tensor == HostTensor(zeros: [100, 10], dtype: .f32))
    }

    @Test(arguments: [false, true])
    func writesWhatItReads(compressed: Bool) throws {
        let entries: [(name: String, tensor: HostTensor)] = [
            ("b", [[1, 2], [3, 4]]), ("ä", HostTensor(zeros: [1000], dtype: .i64)),
        ]
        let bytes = try NPZ.encode(entries, compressed: compressed)
        #expect(bytes.count < 8000 || !compressed)
        let back = try NPZ.decode(bytes)
        #expect(back.map(\.name) == ["b", "ä"])
        #expect(back.map(\.tensor) == entries.map(\.tensor))
        #expect(try NPZ.encode(entries, compressed: compressed) == bytes)
    }

    @Test func namesMustDiffer() {
        #expect(
            message { _ = try NPZ.encode([("a", 1), ("a", 2)]) }
                == "bytes: the whole file: expected different names, found \"a\" twice; rename one of the tensors")
    }

    /// An archive of one stored scalar, with some bytes replaced.
    static func archive(_ replacements: [Int: UInt8] = [:]) throws -> [UInt8] {
        var bytes = try NPZ.encode([("a", 1)])
        for (offset, byte) in replacements { bytes[offset] = byte }
        return bytes
    }

    @Test func damageIsNamed() throws {
        // A member header of 30 + 5 bytes, an npy file of 132, a directory entry of 46 + 5, an end record of 22.
        #expect(try Self.archive().count == 35 + 132 + 51 + 22)
        let damaged = "the archive is damaged or truncated: copy or make it again"
        #expect(
            message { _ = try NPZ.decode(Array("no archive".utf8)) }
                == "bytes: the whole file: expected the end record of a zip archive, found none; "
                + "give an archive written by numpy.savez; if it is one, it is truncated")
        #expect(
            message { _ = try NPZ.decode(Self.archive([166: 0x40])) }
                == "bytes: member a.npy at byte 167: expected checksum \(try Self.checksumText()), "
                + "found \(try Self.checksumText(lastByte: 0x40)); \(damaged)")
        #expect(
            message { _ = try NPZ.decode(Self.archive([177: 99])) }
                == "bytes: member a.npy at byte 167: expected a stored or deflated member, "
                + "found compression method 99; write the archive with numpy.savez or numpy.savez_compressed")
        #expect(
            message { _ = try NPZ.decode(Self.archive([175: 1])) }
                == "bytes: member a.npy at byte 167: expected a stored or deflated member, "
                + "found an encrypted one; write the archive with numpy.savez or numpy.savez_compressed")
        #expect(
            message { _ = try NPZ.decode(Self.archive([177: 8])) }
                == "bytes: member a.npy at byte 167: expected deflated data, found bytes after the end; \(damaged)"
        )
        #expect(
            message { _ = try NPZ.decode(Self.archive([167: 0])) }
                == "bytes: byte 167: expected a directory entry, found signature 2014b00; \(damaged)")
        #expect(
            message { _ = try NPZ.decode(Self.archive([0: 0])) }
                == "bytes: member a.npy at byte 167: expected a member header at byte 0, found signature 4034b00; "
                + damaged)
        #expect(
            message { _ = try NPZ.decode(Self.archive([217: 0x78])) }
                == "bytes: member a.npx at byte 167: expected members named *.npy, found \"a.npx\"; "
                + "give an archive written by numpy.savez")
    }

    /// The checksum in the directory, or that of the same member with another last byte, in hexadecimal.
    static func checksumText(lastByte: UInt8? = nil) throws -> String {
        let changed: HostTensor =
            try lastByte.map { try HostTensor(bytes: [0, 0, 0x80, $0], dtype: .f32, shape: []) } ?? 1
        let bytes = try NPZ.encode([("a", changed)])
        let checksum = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[14 + $1]) << (8 * UInt32($1)) }
        return String(checksum, radix: 16)
    }

    @Test func everyTruncationIsAnError() throws {
        let bytes = try Fixture.bytes("deflated.npz")
        for count in bytes.indices {
            #expect(throws: FileError.self) { try NPZ.decode(Array(bytes.prefix(count))) }
        }
    }

    @Test func errorsInsideMembersNameThem() {
        #expect(
            message { _ = try NPZ.decode(Fixture.bytes("damaged-member.npz")) }
                == "bytes: byte 10 of member weights/a.npy: expected 118 bytes of the header, found 22 before the end; "
                + "the file is truncated: copy or make it again")
    }

    @Test func zip64SizesAreRead() throws {
        let entries = try NPZ.read(path: Fixture.path("zip64.npz"))
        #expect(entries.map(\.name) == ["a"])
        #expect(entries[0].tensor.doubles() == Fixture.sample(.f32))
    }
}
