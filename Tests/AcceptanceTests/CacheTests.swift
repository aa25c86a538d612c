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
            // With half of it gone, what is left and what is made anew fit together.
            for name in kept.enumerated().filter({ $0.offset % 2 == 0 }).map(\.element) {
                try FileManager.default.removeItem(atPath: cache.folder + "/" + name)
            }
            #expect(try compile(cache, "third") == without)
            #expect(try entries() == kept)
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
