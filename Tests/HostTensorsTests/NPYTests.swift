import HostTensors
import Testing

@Suite("NumPy files")
struct NPYTests {
    static let writable = DType.allCases.filter { $0 != .bf16 }

    @Test(arguments: writable)
    func readsAndWritesWhatNumPyWrites(dtype: DType) throws {
        let tensor = try NPY.read(path: Fixture.path("\(dtype).npy"))
        #expect(tensor.dtype == dtype)
        #expect(tensor.shape == [2, 3])
        #expect(tensor.doubles() == Fixture.sample(dtype))
        #expect(try NPY.encode(tensor) == Fixture.bytes("\(dtype).npy"))
    }

    struct Variant: Sendable {
        let name: String
        let shape: [Int]
        let numbers: [Double]
    }

    @Test(arguments: [
        Variant(name: "big-endian-i32", shape: [2, 3], numbers: Fixture.sample(.i32)),
        Variant(name: "big-endian-f64", shape: [2, 3], numbers: Fixture.sample(.f64)),
        Variant(name: "column-major-f32", shape: [2, 3, 4], numbers: (0..<24).map(Double.init)),
        Variant(name: "scalar-f32", shape: [], numbers: [2.5]),
        Variant(name: "empty-f32", shape: [0, 3], numbers: []),
        Variant(name: "vector-i32", shape: [5], numbers: [0, 1, 2, 3, 4]),
        Variant(name: "version2-f32", shape: [2, 3], numbers: Fixture.sample(.f32)),
        Variant(name: "version3-f32", shape: [2, 3], numbers: Fixture.sample(.f32)),
    ])
    func readsVariants(variant: Variant) throws {
        let tensor = try NPY.read(path: Fixture.path("\(variant.name).npy"))
        #expect(tensor.shape == variant.shape)
        #expect(tensor.doubles() == variant.numbers)
    }

    @Test(arguments: ["scalar-f32", "empty-f32", "vector-i32"])
    func writesEdgeShapesAsNumPyDoes(name: String) throws {
        let bytes = try Fixture.bytes("\(name).npy")
        #expect(try NPY.encode(NPY.decode(bytes)) == bytes)
    }

    @Test func writesFiles() throws {
        try Fixture.withTemporaryFolder { folder in
            let tensor: HostTensor = [[1, 2], [3, 4]]
            try NPY.write(tensor, path: "\(folder)/t.npy")
            #expect(try NPY.read(path: "\(folder)/t.npy") == tensor)
        }
    }

    @Test func bf16HasNoPlaceInTheFormat() {
        #expect(
            message { _ = try NPY.encode(HostTensor([BFloat16(1)])) }
                == "bytes: the whole file: expected a dtype NumPy has, found bf16; "
                + "convert with converted(to: .f32), or write safetensors")
    }

    /// A version 1 file with this header and these data bytes.
    static func file(_ header: String, dataCount: Int = 0) -> [UInt8] {
        [0x93] + Array("NUMPY".utf8) + [1, 0] + Fixture.littleEndian(header.utf8.count, byteCount: 2)
            + Array(header.utf8) + [UInt8](repeating: 0, count: dataCount)
    }

    static let truncated = "the file is truncated: copy or make it again"
    static let again = "save the array again with numpy.save"
    static let damaged: [DamagedFile] = [
        DamagedFile(
            name: "empty", bytes: [],
            message: "bytes: byte 0: expected 6 bytes of the npy magic number, found 0 before the end; \(truncated)"),
        DamagedFile(
            name: "another format", bytes: Array("PK\u{3}\u{4}......".utf8),
            message: "bytes: byte 0: expected the npy magic number 93 4e 55 4d 50 59, found 50 4b 03 04 2e 2e; "
                + "give a file written by numpy.save"),
        DamagedFile(
            name: "version", bytes: [0x93] + Array("NUMPY".utf8) + [9, 0, 0, 0],
            message: "bytes: byte 6: expected npy version 1, 2 or 3, found 9; give a file written by numpy.save"),
        DamagedFile(
            name: "cut header", bytes: [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0, 0x7b],
            message: "bytes: byte 10: expected 118 bytes of the header, found 1 before the end; \(truncated)"),
        DamagedFile(
            name: "cut data",
            bytes: file("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", dataCount: 23),
            message: "bytes: byte 70: expected 24 bytes of f32[2, 3] data, found 23; \(truncated)"),
        DamagedFile(
            name: "more data", bytes: file("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n", dataCount: 8),
            message: "bytes: byte 68: expected 4 bytes of f32[1] data, found 8; "
                + "something follows the data: keep one array in a file"),
        DamagedFile(
            name: "no dictionary", bytes: file("[]"),
            message: "bytes: byte 10: expected '{', found '['; \(again)"),
        DamagedFile(
            name: "key", bytes: file("{'order': 1}"),
            message: "bytes: byte 11: expected the keys descr, fortran_order and shape, found 'order'; \(again)"),
        DamagedFile(
            name: "missing key", bytes: file("{'descr': '<f4'}"),
            message: "bytes: byte 10: expected the keys descr, fortran_order and shape, found not all of them; \(again)"
        ),
        DamagedFile(
            name: "open string", bytes: file("{'descr': '<f4}"),
            message:
                "bytes: byte 20: expected a type code that ends with a quote, found the end of the header; \(again)"),
        DamagedFile(
            name: "boolean", bytes: file("{'fortran_order': 0}"),
            message: "bytes: byte 28: expected True or False, found '0'; \(again)"),
        DamagedFile(
            name: "negative extent", bytes: file("{'shape': (-1,)}"),
            message: "bytes: byte 21: expected an extent from 0 to 9223372036854775807, found '-'; \(again)"),
        DamagedFile(
            name: "huge extent", bytes: file("{'shape': (99999999999999999999,)}"),
            message: "bytes: byte 21: expected an extent from 0 to 9223372036854775807, found '9'; \(again)"),
        DamagedFile(
            name: "huge product",
            bytes: file("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 2), }"),
            message: "bytes: byte 60: expected a shape that fits in memory, found [4611686018427387904, 2]; "
                + "the header is damaged: make the file again"),
        DamagedFile(
            name: "open dictionary", bytes: file("{'descr': '<f4'"),
            message: "bytes: byte 25: expected '}', found the end of the header; \(again)"),
    ]

    @Test(arguments: damaged)
    func damageIsNamed(file: DamagedFile) {
        #expect(message { _ = try NPY.decode(file.bytes) } == file.message)
    }

    @Test func everyTruncationIsAnError() throws {
        let bytes = try Fixture.bytes("f64.npy")
        for count in bytes.indices {
            #expect(throws: FileError.self) { try NPY.decode(Array(bytes.prefix(count))) }
        }
    }

    @Test func emptyArraysMayHaveHugeExtents() throws {
        let extents = "(\(Int.max), \(Int.max), 0)"
        for order in ["True", "False"] {
            let bytes = Self.file("{'descr': '<f4', 'fortran_order': \(order), 'shape': \(extents), }")
            let tensor = try NPY.decode(bytes)
            #expect(tensor.shape == [.max, .max, 0])
            #expect(tensor.count == 0)
            #expect(tensor.description == "[]")
            #expect(try tensor.reshaped([0, .max, .max]).description == "[]")
        }
    }

    @Test func unsupportedTypesAreNamed() {
        #expect(
            message { _ = try NPY.decode(Fixture.bytes("complex.npy")) }
                == "bytes: byte 20: expected a type code f8 f4 f2 i8 i4 i2 i1 u8 u4 u2 u1 or b1 after '<', '>', '|' "
                + "or '=', found '<c8'; convert the array with astype first, for example to numpy.float32")
        #expect(
            message { _ = try NPY.decode(Fixture.bytes("structured.npy")) }
                == "bytes: byte 20: expected a type code in quotes, found '['; "
                + "structured arrays are not supported: save each field by itself")
    }
}
