import Artifacts
import Foundation
import GraphIR
import HostTensors
import KernelIR
import Synchronization
import Testing
import Toolchain

@Suite struct ArtifactBuilderTests {
    /// All that a library may ask of its surroundings: the C library's memory, files, threads and clock.
    static let allowedSymbols: Set<String> = [
        "aligned_alloc", "clock_gettime", "fclose", "fflush", "fileno", "flock", "fopen", "fread", "free", "fseek",
        "fsync", "ftell", "fwrite", "madvise", "memcpy", "memset", "mmap", "munmap", "pthread_cond_broadcast",
        "pthread_cond_signal",
        "pthread_cond_wait",
        "pthread_create", "pthread_join", "pthread_mutex_lock", "pthread_mutex_unlock", "remove", "rename",
        "sched_getaffinity", "sysconf",
    ]

    @Test(arguments: Architecture.allCases)
    func deliversWhatIsAskedFor(architecture: Architecture) throws {
        try withFolder { folder in
            let paths = try ArtifactBuilder.build(
                Sample.description, levels: Sample.levels(architecture), architecture: architecture,
                emit: Set(EmitKind.allCases), weights: Sample.weights, to: folder + "/out")
            let levels = CPULevel.levels(of: architecture).map(\.rawValue)
            let expected =
                [
                    "libsample.so", "libsample.a", "sample.o", "sample.h", "sample.py", "sample.hpp", "sample.swift",
                    "module.modulemap",
                ] + levels.map { "sample.\($0).ll" }
                + levels.map { "sample.\($0).s" } + ["sample.weights.safetensors", "sample.json"]
            #expect(paths == expected.map { folder + "/out/" + $0 })
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/out").sorted() == expected.sorted())
        }
    }

    /// Whoever writes last wins; nobody gets in the way of another, or leaves a part of a file.
    @Test func severalMayWriteTheSameFolder() throws {
        try withFolder { folder in
            let failures = Mutex<[String]>([])
            DispatchQueue.concurrentPerform(iterations: 4) { _ in
                do {
                    for _ in 0..<50 {
                        _ = try ArtifactBuilder.build(
                            Sample.description, levels: Sample.levels(), architecture: .x86_64, emit: [.header],
                            to: folder)
                    }
                } catch { failures.withLock { $0.append("\(error)") } }
            }
            #expect(failures.withLock { $0 } == [])
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(left.sorted() == ["sample.h", "sample.json"])
        }
    }

    /// A process that was killed while it wrote has left a part of a file.
    @Test func whatWasLeftHalfWrittenGoes() throws {
        try withFolder { folder in
            _ = FileManager.default.createFile(atPath: folder + "/sample.h.partial-0", contents: nil)
            _ = try ArtifactBuilder.build(
                Sample.description, levels: Sample.levels(), architecture: .x86_64, emit: [.header], to: folder)
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(left.sorted() == ["sample.h", "sample.json"])
        }
    }

    @Test(arguments: Architecture.allCases, [false, true])
    func asksOnlyForWhatIsAllowedAndExportsOnlyTheInterface(architecture: Architecture, testsItself: Bool) throws {
        try withFolder { folder in
            _ = try ArtifactBuilder.build(
                testsItself ? try Sample.withSelfTest() : Sample.description, levels: Sample.levels(architecture),
                architecture: architecture,
                emit: [.so, .o], to: folder)
            let library = try ELFFile(bytes(folder + "/libsample.so"))
            #expect(Set(library.undefinedSymbols).subtracting(Self.allowedSymbols) == [])
            #expect(library.needed == ["libc.so.6"])
            #expect(library.soname == "libsample.so")
            let expected =
                [
                    "abi_version", "call", "create", "destroy", "error", "get", "info", "invoke", "level", "load",
                    "map_image",
                    "predict", "save", "save_image",
                ] + (testsItself ? ["self_test"] : []) + [
                    "set", "state_bytes", "threads", "train", "variant", "workspace_bytes",
                ]
            #expect(library.exportedSymbols == expected.map { "sample_" + $0 })
            let object = try ELFFile(bytes(folder + "/sample.o"))
            #expect(object.exportedSymbols == expected.map { "sample_" + $0 })
            #expect(Set(object.undefinedSymbols).subtracting(Self.allowedSymbols) == [])
        }
    }

    @Test(arguments: [false, true])
    func sameBytesInEveryFolder(embedded: Bool) throws {
        try withFolder { folder in
            let files = try ["a", "some/where else"].map { name in
                try ArtifactBuilder.build(
                    Sample.description, levels: Sample.levels().reversed(), architecture: .x86_64,
                    emit: Set(EmitKind.allCases), weights: Sample.weights, embedWeights: embedded,
                    to: folder + "/" + name)
            }
            for (first, second) in zip(files[0], files[1]) {
                #expect(try bytes(first) == bytes(second), "\(first)")
            }
        }
    }

    @Test func manifestReadsBackAndNamesTheFiles() throws {
        try withFolder { folder in
            let paths = try ArtifactBuilder.build(
                Sample.description, levels: Sample.levels(), architecture: .x86_64, weights: Sample.weights, to: folder)
            let manifest = try Manifest(path: folder + "/sample.json")
            #expect(manifest.files?.map { folder + "/" + $0.name } == paths.dropLast())
            for file in manifest.files ?? [] {
                let content = try bytes(folder + "/" + file.name)
                #expect(file.byteCount == content.count)
                #expect(file.sha256 == ContentHash.hexadecimal(of: content))
            }
            #expect(manifest.levels.map(\.name) == ["baseline", "v3", "v4", "dot", "amx"])
            #expect(manifest.functions[0].symbol == "sample_predict")
            #expect(manifest.functions[0].inputs[0].type == "f32[B, 4]")
            #expect(manifest.states[0].byteCount == 16)
            #expect(try Manifest(json: manifest.json()) == manifest)
            let weights = try Safetensors.read(path: folder + "/sample.weights.safetensors")
            #expect(weights["hidden/weight"] == Sample.weights[0].tensor)
        }
    }

    @Test func refusesManifestsItCannotRead() {
        expect(
            #"{"formatVersion": 9}"#,
            "manifest of format version 9: expected 1; compile the model again with this version")
        expect(#"{"formatVersion": 1}"#, "m.json: not a manifest: 'abiVersion' is missing")
        expect("{", "m.json: not a manifest: malformed JSON")
        expect(#"{"formatVersion": "x"}"#, "m.json: not a manifest: formatVersion: expected Int")
        func expect(_ json: String, _ message: String) {
            #expect { try Manifest(json: json, place: "m.json") } throws: { "\($0)" == message }
        }
    }

    static let refused: [(String, @Sendable (inout ArtifactDescription) -> Void)] = [
        (
            "library name '1st': expected letters, digits and underscores, as in names of C, and no digit first: compile it "
                + "under another name",
            { $0.name = "1st" }
        ),
        (
            "function 'load': the C API has a function of that name itself: rename the graph function",
            { $0.functions[0].name = "load" }
        ),
        (
            "function 'map_image': the C API has a function of that name itself: rename the graph function",
            { $0.functions[0].name = "map_image" }
        ),
        ("function 'train' appears twice: rename one of them", { $0.functions[0].name = "train" }),
        (
            "dimension B: expected a range from 0 up and a multiple of at least 1, got 1...8 and 0",
            { $0.dims[0] = ArtifactDim(name: "B", range: 1...8, multiple: 0) }
        ),
        (
            "function 'predict': expected ascending indices of 2 dimensions, got [1, 0]",
            { $0.functions[0].dims = [1, 0] }
        ),
        (
            "state 'step': expected a name of 1 to 500 bytes and at most 16 extents from 0 up, got [-1]",
            { $0.states[1].shape = [-1] }
        ),
        (
            "the code for CPU level baseline does not define @sample_rt_plan_serve_baseline",
            { $0.functions[0].name = "serve" }
        ),
        ("weights 'hidden/weight': expected f32[5], got f32[4]", { $0.states[0].shape = [5] }),
        ("weights 'hidden/weight': expected a state of that name, got f32[4]", { $0.states[0].name = "w" }),
    ]

    @Test(arguments: refused)
    func refusesADescription(message: String, change: @Sendable (inout ArtifactDescription) -> Void) throws {
        var description = Sample.description
        change(&description)
        try withFolder { folder in
            #expect {
                try ArtifactBuilder.build(
                    description, levels: Sample.levels(), architecture: .x86_64, weights: Sample.weights, to: folder)
            } throws: {
                "\($0)" == message
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(left.isEmpty)
        }
    }

    /// A file that took the place of a device would remove it.
    @Test func linksToDevicesAreWrittenThrough() throws {
        try withFolder { folder in
            let header = folder + "/sample.h"
            try FileManager.default.createSymbolicLink(atPath: header, withDestinationPath: "/dev/null")
            _ = try ArtifactBuilder.build(
                Sample.description, levels: Sample.levels(), architecture: .x86_64, emit: [.header], to: folder)
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: header) == "/dev/null")
        }
    }

    @Test func refusesLevelsAndFolders() throws {
        let levels = Sample.levels()
        #expect {
            try ArtifactBuilder.build(Sample.description, levels: levels, architecture: .aarch64, to: "/nowhere")
        } throws: {
            "\($0)" == "CPU levels [baseline, v3, v4, dot, amx]: expected at least one level of aarch64, each once"
        }
        #expect {
            try ArtifactBuilder.build(Sample.description, levels: [], architecture: .x86_64, to: "/nowhere")
        } throws: { "\($0)" == "CPU levels []: expected at least one level of x86_64, each once" }
        #expect {
            try ArtifactBuilder.build(Sample.description, levels: levels, architecture: .x86_64, to: "/proc/x")
        } throws: { "\($0)".hasPrefix("/proc/x can't be made: ") }
        #expect {
            try ArtifactBuilder.build(
                Sample.description, levels: levels, architecture: .x86_64, embedWeights: true, to: "/nowhere")
        } throws: { "\($0)" == "weights are to be embedded, but none are given" }
    }

    @Test func hashesAsTheStandardDoes() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        let twoBlocks = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        #expect(ContentHash.hexadecimal(of: []) == empty)
        #expect(ContentHash.hexadecimal(of: Array("abc".utf8)) == abc)
        #expect(
            ContentHash.hexadecimal(of: Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8))
                == twoBlocks)
    }

    private func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }
}
