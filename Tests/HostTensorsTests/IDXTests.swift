import Foundation
import HostTensors
import Testing

@Suite("IDX files")
struct IDXTests {
    @Test(arguments: ["u8.idx", "u8.idx.gz"])
    func readsBytesPlainAndPacked(name: String) throws {
        let tensor = try IDX.read(path: Fixture.path(name))
        #expect(try tensor == HostTensor((0..<8).map { UInt8($0) }, shape: [2, 2, 2]))
    }

    @Test(arguments: [DType.i8, .i16, .i32, .f32, .f64])
    func readsBigEndianElements(dtype: DType) throws {
        let tensor = try IDX.read(path: Fixture.path("\(dtype).idx"))
        #expect(tensor.dtype == dtype)
        #expect(tensor.shape == [2, 3])
        #expect(tensor.doubles() == Fixture.sample(dtype))
    }

    static let truncated = "the file is truncated: copy or make it again"
    static let damaged: [DamagedFile] = [
        DamagedFile(
            name: "empty", bytes: [],
            message: "bytes: byte 0: expected 4 bytes of the IDX magic number, found 0 before the end; \(truncated)"),
        DamagedFile(
            name: "magic", bytes: [1, 0, 8, 1],
            message: "bytes: byte 0: expected two zero bytes, with which an IDX file begins, found 1 and 0; "
                + "give an IDX file, such as train-images-idx3-ubyte"),
        DamagedFile(
            name: "type", bytes: [0, 0, 7, 1],
            message: "bytes: byte 2: expected element type 8 (u8), 9 (i8), 11 (i16), 12 (i32), 13 (f32) or 14 (f64), "
                + "found 7; give an IDX file, such as train-images-idx3-ubyte"),
        DamagedFile(
            name: "cut extents", bytes: [0, 0, 8, 2, 0, 0, 0, 1, 0],
            message: "bytes: byte 8: expected 4 bytes of the extent of axis 1, found 1 before the end; \(truncated)"),
        DamagedFile(
            name: "cut data", bytes: [0, 0, 8, 1, 0, 0, 0, 4, 1, 2, 3],
            message: "bytes: byte 8: expected 4 bytes of u8[4] data, found 3; \(truncated)"),
        DamagedFile(
            name: "more data", bytes: [0, 0, 8, 1, 0, 0, 0, 1, 1, 2],
            message: "bytes: byte 8: expected 1 bytes of u8[1] data, found 2; "
                + "something follows the data: keep one array in a file"),
        DamagedFile(
            name: "huge", bytes: [0, 0, 14, 3] + [UInt8](repeating: 0xff, count: 12),
            message: "bytes: byte 4: expected a shape that fits in memory, found [4294967295, 4294967295, 4294967295]; "
                + "the header is damaged: make the file again"),
        DamagedFile(
            name: "gzip without data", bytes: [0x1f, 0x8b, 8, 0],
            message: "bytes: byte 4: expected gzip data, found the end in the middle; "
                + "the file is damaged or truncated: copy it again"),
    ]

    @Test(arguments: damaged)
    func damageIsNamed(file: DamagedFile) {
        #expect(message { _ = try IDX.decode(file.bytes) } == file.message)
    }

    @Test func everyTruncationIsAnError() throws {
        for name in ["u8.idx", "u8.idx.gz", "f64.idx"] {
            let bytes = try Fixture.bytes(name)
            for count in bytes.indices {
                #expect(throws: FileError.self) { try IDX.decode(Array(bytes.prefix(count))) }
            }
        }
    }

    @Test func damagedChecksumsAreNamed() throws {
        var bytes = try Fixture.bytes("u8.idx.gz")
        bytes[bytes.count - 5] ^= 1
        #expect(message { _ = try IDX.decode(bytes) }.contains("expected gzip data, found incorrect data check"))
    }

    static let images = "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz"

    @Test(.enabled(if: FileManager.default.fileExists(atPath: images)))
    func readsTheRealDataSet() throws {
        let clock = ContinuousClock()
        var tensor = HostTensor(zeros: [0], dtype: .u8)
        let time = try clock.measure { tensor = try IDX.read(path: Self.images) }
        #expect(tensor.shape == [60000, 28, 28])
        #expect(tensor.dtype == .u8)
        #expect(time < .seconds(5))
    }
}
