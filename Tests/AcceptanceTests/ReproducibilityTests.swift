import Artifacts
import Compiler
import ExampleModels
import Foundation
import GraphIR
import Testing
import Toolchain

@Suite struct ReproducibilityTests {
    @Test(arguments: ["mlp", "logistic"], Architecture.allCases)
    func compilingTwiceInDifferentFoldersGivesTheSameBytes(name: String, architecture: Architecture) throws {
        try TemporaryFolder.with { folder in
            let folders = [folder + "/first", folder + "/some/where else"]
            // The text decides, not the module in memory.
            let files = try folders.map { try Self.compile(Graphs.read(name), architecture, to: $0) }
            #expect(files[0].count == 6)
            #expect(files[0].map(\.name) == files[1].map(\.name))
            for (first, second) in zip(files[0], files[1]) {
                #expect(first.bytes == second.bytes, "\(first.name) differs")
                for folder in folders { #expect(!first.bytes.contains(folder), "\(first.name) names a folder") }
            }
        }
    }

    private static func compile(
        _ module: GraphModule, _ architecture: Architecture, to folder: String
    ) throws -> [(name: String, bytes: Data)] {
        let recipe = try BenchmarkRecipe(workload: module.name == "mlp" ? "T1" : "T4")
        let level = CPULevel.levels(of: architecture).last ?? .baseline
        let options = CompileOptions(
            architecture: architecture, levels: [level], emit: [.so, .header, .ll, .asm], cache: nil)
        let weights = zip(module.states, try recipe.states(of: module)).map { (name: $0.path, tensor: $1) }
        let paths = try Compiler.compile(module, options: options, weights: weights, to: folder)
        return try paths.map { path in
            let file = URL(fileURLWithPath: path)
            return (file.lastPathComponent, try Data(contentsOf: file))
        }
    }
}

extension Data {
    fileprivate func contains(_ text: String) -> Bool { range(of: Data(text.utf8)) != nil }
}
