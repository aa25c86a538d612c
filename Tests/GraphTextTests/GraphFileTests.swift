import Foundation
import GraphIR
import HostTensors
import Testing

@Suite struct GraphFileTests {
    /// A fresh folder, removed at the end.
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("graph-file-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    private func moduleWithConstants() throws -> GraphModule {
        var builder = FunctionBuilder(name: "main")
        let large = try HostTensor((0..<130).map { Float($0) / 3 }, shape: [13, 10])
        let first = try builder.constant(large)
        let second = try builder.constant(large)
        let third = try builder.constant(try large.reshaped([10, 13]))
        builder.output("sum", try builder.add(first, second))
        builder.output("other", third)
        builder.output("small", try builder.constant(HostTensor([Int32](0..<64))))
        var module = GraphModule(name: "constants")
        module.functions = [builder.function]
        return module
    }

    @Test func largeConstantsLiveInTheSideFile() throws {
        let module = try moduleWithConstants()
        try withFolder { folder in
            let path = folder + "/net.v2.graph"
            try GraphFile.write(module, path: path)
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.contains("f32[13,10]@") && !text.contains("0.33"))
            #expect(text.contains("i32[64]{0, 1, 2,"))
            let side = try Safetensors.read(path: folder + "/net.v2.constants.safetensors")
            #expect(side.entries.count == 2, "equal tensors are stored once, another shape is another tensor")
            #expect(try GraphFile.read(path: path) == module.canonicalized())
        }
    }

    @Test func aSmallGraphIsOneFile() throws {
        let module = try GraphModule(text: Sample.classifier)
        try withFolder { folder in
            try GraphFile.write(module, path: folder + "/mnist.graph")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["mnist.graph"])
            #expect(try GraphFile.read(path: folder + "/mnist.graph") == module)
        }
    }

    @Test func aMissingOrChangedSideFileIsNamed() throws {
        let module = try moduleWithConstants()
        try withFolder { folder in
            let path = folder + "/net.graph"
            let side = folder + "/net.constants.safetensors"
            try GraphFile.write(module, path: path)
            var entries = try Safetensors.read(path: side).entries.map { ($0.name, $0.tensor) }
            entries[0].1 = HostTensor(zeros: entries[0].1.shape, dtype: .f32)
            try Safetensors.write(entries, path: side)
            let changed = try #require(throws: FileError.self) { try GraphFile.read(path: path) }
            #expect(changed.path == side && changed.expected.contains(entries[0].0))
            try FileManager.default.removeItem(atPath: side)
            let missing = try #require(throws: ParseError.self) { try GraphFile.read(path: path) }
            #expect(missing.line == 3 && missing.source == path)
            #expect(missing.message.hasPrefix("no constant with the hash"))
        }
    }

    @Test func whatCannotBeReadOrWrittenIsAFileError() throws {
        let missing = try #require(throws: FileError.self) { try GraphFile.read(path: "/nonexistent/a.graph") }
        #expect(missing.path == "/nonexistent/a.graph")
        #expect(throws: FileError.self) {
            try GraphFile.write(GraphModule(name: "m"), path: "/nonexistent/folder/a.graph")
        }
        try withFolder { folder in
            try Data([0x6d, 0xff, 0xfe]).write(to: URL(fileURLWithPath: folder + "/binary.graph"))
            let binary = try #require(throws: FileError.self) { try GraphFile.read(path: folder + "/binary.graph") }
            #expect(binary.expected == "graph text in UTF-8")
        }
    }

    @Test func theHashIsSHA256() {
        func digest(_ text: String) -> String {
            var hash = ContentHash()
            hash.update(text)
            return hash.hexadecimal()
        }
        // FIPS 180-4's own examples, and lengths around the block size.
        #expect(digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        for length in [55, 56, 63, 64, 65, 127, 128, 200] {
            let text = String(repeating: "x", count: length)
            var pieces = ContentHash()
            for part in [text.prefix(7), text.dropFirst(7).prefix(50), text.dropFirst(57)] {
                pieces.update(String(part))
            }
            #expect(pieces.hexadecimal() == digest(text), "\(length) bytes at once and in pieces")
        }
    }
}
