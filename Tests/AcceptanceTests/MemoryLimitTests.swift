import Compiler
import ExampleModels
import Execution
import GraphIR
import GraphPasses
import HostTensors
import KernelIR
import Testing

/// Values computed again so that the planned memory stays under a limit.
@Suite struct MemoryLimitTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let workload: String
        let batch: Int
        /// The limit as a share of what is planned without one, which depends on the CPU level.
        let percent: Int
        /// Whether the kernels are such that sums are made in the same order as without a limit.
        var sumsAlike = true
        var testDescription: String { "\(workload), \(percent) % of its memory" }
    }

    private static let cases = [
        Case(workload: "T3", batch: 8, percent: 84), Case(workload: "T3", batch: 8, percent: 69, sumsAlike: false),
        Case(workload: "T2", batch: 64, percent: 98),
    ]

    /// The plan that is loaded is what was promised, and losses are those without a limit: to the bit, or where kernels that compute values
    /// again add up in another order, the first to the bit and later ones up to rounding.
    @Test(arguments: cases) func aStepStaysUnderTheLimit(_ test: Case) throws {
        let recipe = try BenchmarkRecipe(workload: test.workload)
        let module = try Graphs.read(recipe.graph).keeping(functions: ["train"])
        let sizes = ["B": test.batch]
        let all = try Compiler.fit(module, into: MemoryLimit(bytes: 1 << 40, sizes: sizes), target: .host)
        let limit = MemoryLimit(bytes: try #require(all.first).planned * test.percent / 100, sizes: sizes)
        let fits = try Compiler.fit(module, into: limit, target: .host)
        let fit = try #require(fits.first)
        #expect(fit.planned <= limit.bytes)
        #expect(fit.unlimited == all[0].planned)
        #expect(fit.extraOperations >= 0 && fit.extraOperations < 0.5, "\(fit)")

        let limited = try Model.compiled(
            module, threads: 1, compiler: NativeCompiler(recomputation: fits.recomputation))
        #expect(try limited.plannedMemory(of: "train", sizes: sizes).total == fit.planned)
        let free = try Model.compiled(module, threads: 1)
        #expect(try free.plannedMemory(of: "train", sizes: sizes).total == fit.unlimited)
        for model in [limited, free] {
            for (declared, value) in zip(module.states, try recipe.states(of: module)) {
                try model.setState(declared.path, to: value)
            }
        }
        for step in 0..<3 {
            let batch = try recipe.batch(step)
            let inputs = NamedTensors(uniqueKeysWithValues: batch.sorted { $0.key < $1.key })
            let losses = try [limited, free].map { try #require($0.run("train", inputs)["loss"]?.doubles().first) }
            let bound = step == 0 || test.sumsAlike ? 0 : 5e-7 * losses[1]
            #expect(abs(losses[0] - losses[1]) <= bound, "step \(step): \(losses)")
        }
    }

    @Test func nothingIsDoneWithinTheLimit() throws {
        let module = try Graphs.read("mlp")
        let fits = try Compiler.fit(
            module, into: MemoryLimit(bytes: 1 << 40), target: Target(architecture: .x86_64, level: .v3))
        #expect(fits.map(\.function) == module.functions.map(\.name))
        // Without a size it is the largest that the dimension allows.
        #expect(fits.allSatisfy { $0.sizes == ["B": module.dims[0].range.upperBound] })
        for fit in fits {
            #expect(fit.recomputation == nil && fit.planned == fit.unlimited && fit.extraOperations == 0)
        }
    }

    @Test func whatCannotBeReachedIsAnErrorWithTheLeastThatCan() throws {
        let module = try Graphs.read("lenet").keeping(functions: ["train"])
        let target = Target(architecture: .x86_64, level: .v3)
        func least(_ bytes: Int) throws -> String {
            let limit = MemoryLimit(bytes: bytes, sizes: ["B": 32])
            let error = try #require(throws: GraphError.self) {
                try Compiler.fit(module, into: limit, target: target)
            }
            #expect(error.place == "train at B = 32, 1 thread")
            #expect(error.remedy == "raise the limit, or take a smaller batch or shorter sequences")
            let words = error.message.split(separator: " ")
            let at = try #require(words.firstIndex(of: "least"))
            return String(words[at + 1])
        }
        let found = try least(1 << 20)
        #expect(try least(2 << 20) == found)
        // What it names can be reached.
        let bytes = Int((try #require(Double(found))) * 0x1p20)
        let fits = try Compiler.fit(module, into: MemoryLimit(bytes: bytes, sizes: ["B": 32]), target: target)
        #expect(fits[0].planned <= bytes)
        #expect(try Compiler.fit(module, into: MemoryLimit(bytes: bytes, sizes: ["B": 32]), target: target) == fits)
    }

    @Test func sizesAreChecked() throws {
        let module = try Graphs.read("lenet")
        let error = try #require(throws: GraphError.self) {
            try Compiler.fit(module, into: MemoryLimit(bytes: 1 << 30, sizes: ["B": 0]), target: .host)
        }
        #expect(error.message.contains("dimension B is 0"), "\(error)")
        let unknown = try #require(throws: GraphError.self) {
            try Compiler.fit(module, into: MemoryLimit(bytes: 1 << 30, sizes: ["N": 32]), target: .host)
        }
        #expect(unknown.description.contains("no dimension 'N' (it has: B)"), "\(unknown)")
    }
}
