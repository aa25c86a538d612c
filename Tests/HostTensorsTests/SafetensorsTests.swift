import HostTensors
import Testing

@Suite("Safetensors files")
struct SafetensorsTests {
    @Test func readsAllDTypesOfTheReferenceWriter() throws {
        let file = try Safetensors.read(path: Fixture.path("all-dtypes.safetensors"))
        #expect(file.entries.count == DType.allCases.count)
        for dtype in DType.allCases {
            let tensor = try #require(file[dtype.rawValue])
            #expect(tensor.dtype == dtype)
            #expect(tensor.shape == [2, 3])
            #expect(tensor.doubles() == Fixture.sample(dtype))
        }
        #expect(file.metadata.isEmpty)
        #expect(file["absent"] == nil)
    }

    @Test(arguments: ["all-dtypes.safetensors", "metadata.safetensors"])
    func writesTheBytesOfTheReferenceWriter(name: String) throws {
        let bytes = try Fixture.bytes(name)
        let file = try Safetensors.decode(bytes)
        #expect(try Safetensors.encode(file.entries.map { ($0.name, $0.tensor) }, metadata: file.metadata) == bytes)
    }

    @Test func metadataAndOrderSurvive() throws {
        #expect(
            try Safetensors.read(path: Fixture.path("metadata.safetensors")).metadata
                == ["title": "quotes \" and ümlauts\n"])
        let entries: [(String, HostTensor)] = [
            ("flag", HostTensor([true, false, true])), ("w", [[1, 2]]), ("deep/ä\u{1}", HostTensor([Int64(-1)])),
            ("empty", HostTensor(zeros: [0, 4], dtype: .f16)), ("scalar", 3),
        ]
        try Fixture.withTemporaryFolder { folder in
            let path = "\(folder)/model.safetensors"
            try Safetensors.write(entries, metadata: ["b": "2", "a": "\\\u{1f}"], path: path)
            let file = try Safetensors.read(path: path)
            #expect(file.entries.map(\.name) == entries.map(\.0))
            #expect(file.entries.map(\.tensor) == entries.map(\.1))
            #expect(file.metadata == ["b": "2", "a": "\\\u{1f}"])
            #expect(
                try WholeFile.read(path: path) == Safetensors.encode(entries, metadata: ["a": "\\\u{1f}", "b": "2"]))
        }
    }

    @Test(arguments: ["x", "__metadata__"])
    func namesMustDiffer(name: String) {
        #expect(
            message { _ = try Safetensors.encode([("x", 1), (name, 2)]) }
                == "bytes: the whole file: expected different names, none of them __metadata__, found \"\(name)\"; "
                + "rename the tensor")
    }

    /// A file with this header and `dataCount` zero bytes.
    static func file(_ header: String, dataCount: Int = 0) -> [UInt8] {
        Fixture.littleEndian(header.utf8.count, byteCount: 8) + Array(header.utf8)
            + [UInt8](repeating: 0, count: dataCount)
    }

    static let again = "write the file again with a safetensors library"
    static let truncated = "the file is truncated: copy or make it again"
    static let damaged: [DamagedFile] = [
        DamagedFile(
            name: "cut length", bytes: [1, 2, 3],
            message: "bytes: byte 0: expected 8 bytes of the header length, found 3 before the end; \(truncated)"),
        DamagedFile(
            name: "cut header", bytes: Array(file("{\"a\":1}").dropLast(3)),
            message: "bytes: byte 8: expected 7 bytes of the header, found 4 before the end; \(truncated)"),
        DamagedFile(
            name: "another format", bytes: Array("\u{7f}ELF0000........".utf8),
            message: "bytes: byte 0: expected a header of at most 100000000 bytes, found 3472328296598619519; "
                + "give a safetensors file; this begins like something else"),
        DamagedFile(
            name: "no JSON", bytes: file("{\"a\":}"),
            message: "bytes: byte 13: expected a value in the JSON header, found '}'; \(again)"),
        DamagedFile(
            name: "open JSON", bytes: file("{\"a\": [1, 2"),
            message: "bytes: byte 19: expected ',' or ']' in the JSON header, found the end of the text; \(again)"),
        DamagedFile(
            name: "no object", bytes: file("[1]"),
            message: "bytes: byte 8: expected an object as header, found an array; \(again)"),
        DamagedFile(
            name: "name twice", bytes: file(#"{"a":{},"a":{}}"#),
            message: #"bytes: byte 16: expected each name once in the JSON header, found "a" again; \#(again)"#),
        DamagedFile(
            name: "metadata number", bytes: file(#"{"__metadata__":{"epoch":3}}"#),
            message: #"bytes: __metadata__ at byte 33: expected a string for "epoch", found the number 3; \#(again)"#),
        DamagedFile(
            name: "dtype", bytes: file(#"{"w":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}"#, dataCount: 1),
            message:
                #"bytes: tensor "w" at byte 22: expected a dtype of F64 F32 F16 BF16 I64 I32 I16 I8 U64 U32 U16 U8 BOOL, "#
                + #"found the string "F8_E4M3"; \#(again)"#),
        DamagedFile(
            name: "missing part", bytes: file(#"{"w":{"dtype":"F32"}}"#),
            message:
                #"bytes: tensor "w" at byte 13: expected dtype, shape and data_offsets, found not all of them; \#(again)"#
        ),
        DamagedFile(
            name: "unknown part", bytes: file(#"{"w":{"strides":[1]}}"#),
            message:
                #"bytes: tensor "w" at byte 14: expected only dtype, shape and data_offsets, found "strides"; \#(again)"#
        ),
        DamagedFile(
            name: "negative extent", bytes: file(#"{"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#),
            message: #"bytes: tensor "w" at byte 37: expected an integer from 0 to 9223372036854775807, "#
                + "found the number -1; \(again)"),
        DamagedFile(
            name: "fractional extent", bytes: file(#"{"w":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#),
            message: #"bytes: tensor "w" at byte 37: expected an integer from 0 to 9223372036854775807, "#
                + "found the number 1.5; \(again)"),
        DamagedFile(
            name: "huge product",
            bytes: file(#"{"w":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#),
            message: #"bytes: tensor "w" at byte 13: expected a shape that fits in memory, "#
                + "found [4611686018427387904, 4]; \(again)"),
        DamagedFile(
            name: "reversed offsets", bytes: file(#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#),
            message: #"bytes: tensor "w" at byte 55: expected [begin, end] as data_offsets, found [4, 0]; \#(again)"#),
        DamagedFile(
            name: "size", bytes: file(#"{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, dataCount: 8),
            message:
                #"bytes: tensor "w" at byte 13: expected 12 bytes for f32[3], found data_offsets [0, 8]; \#(again)"#),
        DamagedFile(
            name: "overlap",
            bytes: file(
                #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}"#,
                dataCount: 6),
            message: #"bytes: tensor "b" at byte 61: expected data that begins at offset 4, "#
                + "where the tensor before it ends, found offset 2, an overlap; \(again)"),
        DamagedFile(
            name: "gap", bytes: file(#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}"#, dataCount: 6),
            message: #"bytes: tensor "a" at byte 9: expected data that begins at offset 0, "#
                + "where the tensor before it ends, found offset 2, a gap; \(again)"),
        DamagedFile(
            name: "cut data", bytes: file(#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#, dataCount: 3),
            message: "bytes: byte 61: expected 4 bytes of tensors, found 3; \(truncated)"),
        DamagedFile(
            name: "more data", bytes: file("{}", dataCount: 1),
            message: "bytes: byte 10: expected 0 bytes of tensors, found 1; something follows the tensors: \(again)"),
    ]

    @Test(arguments: damaged)
    func damageIsNamed(file: DamagedFile) {
        #expect(message { _ = try Safetensors.decode(file.bytes) } == file.message)
    }

    struct BadText: Sendable {
        let text: String
        let message: String
    }

    @Test(arguments: [
        BadText(text: #"{"a":01}"#, message: "byte 14: expected no digit after a leading 0"),
        BadText(text: #"{"a":-}"#, message: "byte 14: expected a digit"),
        BadText(text: #"{"a":1.}"#, message: "byte 15: expected a digit"),
        BadText(text: #"{"a":nul}"#, message: "byte 16: expected null"),
        BadText(text: #"{"a":"\x"}"#, message: "byte 15: expected one of"),
        BadText(text: #"{"a":"\ud800"}"#, message: "byte 14: expected a pair of surrogates"),
        BadText(text: #"{"a":"\u12g4"}"#, message: "byte 18: expected four hexadecimal digits"),
        BadText(text: "{\"a\":\"\n\"}", message: "byte 14: expected an escape for a control character"),
        BadText(text: #"{"a":1,}"#, message: "byte 15: expected a name in quotes"),
        BadText(text: #"{"a" 1}"#, message: "byte 13: expected ':'"),
        BadText(text: "{} x", message: "byte 11: expected the end of the text"),
        BadText(text: "", message: "byte 8: expected a value"),
        BadText(
            text: String(repeating: "[", count: 65), message: "byte 72: expected at most 64 nested values"),
    ])
    func headersAreStrictJSON(bad: BadText) {
        let found = message { _ = try Safetensors.decode(Self.file(bad.text)) }
        #expect(found.hasPrefix("bytes: \(bad.message)"), "\(found)")
    }

    @Test func everyTruncationIsAnError() throws {
        let bytes = try Fixture.bytes("metadata.safetensors")
        for count in bytes.indices {
            #expect(throws: FileError.self) { try Safetensors.decode(Array(bytes.prefix(count))) }
        }
    }
}
