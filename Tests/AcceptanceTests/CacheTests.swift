import Compiler
import ExampleModels
import Foundation
import GraphIR
import HostTensors
import Testing
import Toolchain

/// Code that was kept is the code that would be made.
@Suite struct CacheTests {
    @Test func theSameBytesWithAndWithoutACache() throws {
        try TemporaryFolder.with { folder in
            let module = try Graphs.read("logistic")
            let cache = BuildCache(folder: folder + "/cache")
            func compile(_ cache: BuildCache?, _ name: String) throws -> [Data] {
                let options = CompileOptions(emit: [.so, .o, .header], cache: cache)
                return try Compiler.compile(module, options: options, to: folder + "/" + name).map {
                    try Data(contentsOf: URL(fileURLWithPath: $0))
                }
            }
            func entries() throws -> [String] {
                try FileManager.default.contentsOfDirectory(atPath: cache.folder).sorted()
            }
            let without = try compile(nil, "without")
            #expect(without.count == 4)
            #expect(try compile(cache, "first") == without)
            let kept = try entries()
            #expect(kept.count > 5)
            #expect(try compile(cache, "second") == without)
            #expect(try entries() == kept)
            // With half of it gone, and then the other half, what is left and what is made anew fit together. In one of the two
            // cases it is the whole compilation that is left.
            for half in 0...1 {
                for name in kept.enumerated().filter({ $0.offset % 2 == half }).map(\.element) {
                    try? FileManager.default.removeItem(atPath: cache.folder + "/" + name)
                }
                #expect(try compile(cache, "half\(half)") == without)
                #expect(try Set(entries()).isSubset(of: kept))
            }
        }
    }

    /// A graph that was compiled before is read from one file; another graph, or another option, is not found there.
    @Test func wholeCompilationsAreKeptByGraphAndOptions() throws {
        try TemporaryFolder.with { folder in
            let module = try Graphs.read("logistic").keeping(functions: ["predict"])
            let cache = BuildCache(folder: folder + "/cache")
            func library(_ module: GraphModule, _ name: String, _ change: (inout CompileOptions) -> Void) throws -> Data
            {
                var options = CompileOptions(levels: [.v3], emit: [.so], cache: cache)
                change(&options)
                let files = try Compiler.compile(module, options: options, to: folder + "/" + name)
                return try Data(contentsOf: URL(fileURLWithPath: files[0]))
            }
            let first = try library(module, "first") { _ in }
            // Only the whole compilation is left: its file is the one whose first line names other files.
            for name in try FileManager.default.contentsOfDirectory(atPath: cache.folder)
            where !(cache.read(name)?.starts(with: Array("/".utf8)) ?? false) {
                try FileManager.default.removeItem(atPath: cache.folder + "/" + name)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: cache.folder).count == 1)
            #expect(try library(module, "again") { _ in } == first)
            #expect(try FileManager.default.contentsOfDirectory(atPath: cache.folder).count == 1)
            #expect(try library(module, "level") { $0.levels = [.baseline] } != first)
            #expect(try library(module, "recording") { $0.recordsKernels = true } != first)
            #expect(try library(Graphs.read("mlp").keeping(functions: ["predict"]), "other") { _ in } != first)
        }
    }

    /// Weights are in no key: they must not come from an earlier build.
    @Test func embeddedWeightsAreAlwaysTheGivenOnes() throws {
        try TemporaryFolder.with { folder in
            let module = try Graphs.read("logistic").keeping(functions: ["predict"])
            let cache = BuildCache(folder: folder + "/cache")
            let libraries = try [1.0, 2.0].map { value in
                let weights = try module.states.map {
                    (name: $0.path, tensor: try Self.tensor($0.type, of: UInt8(value)))
                }
                let options = CompileOptions(emit: [.so], embedWeights: true, cache: cache)
                let files = try Compiler.compile(module, options: options, weights: weights, to: folder + "/\(value)")
                return try Data(contentsOf: URL(fileURLWithPath: files[0]))
            }
            #expect(libraries[0] != libraries[1])
        }
    }

    private static func tensor(_ type: TensorType, of byte: UInt8) throws -> HostTensor {
        let shape = try type.shape([:])
        let count = shape.reduce(type.dtype.byteCount, *)
        return try HostTensor(bytes: [UInt8](repeating: byte, count: count), dtype: type.dtype, shape: shape)
    }
}
