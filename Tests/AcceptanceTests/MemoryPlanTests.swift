import Compiler
import ExampleModels
import Execution
import Foundation
import GraphIR
import KernelIR
import Lowering
import Testing
import Toolchain
import Training

/// What a library allocates, counted exactly, against the plan that is known before it runs.
@Suite struct MemoryPlanTests {
    private static let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Programs/count_memory.c").path

    struct Case: Sendable, CustomTestStringConvertible {
        let graph: String
        let function: String
        let sizes: [String: Int]
        var testDescription: String { "\(graph) \(function) \(sizes)" }
    }

    private static let cases = [
        Case(graph: "mlp", function: "train", sizes: ["B": 128]),
        Case(graph: "mlp", function: "predict", sizes: ["B": 1]),
        Case(graph: "lenet", function: "train", sizes: ["B": 64]),
        Case(graph: "logistic", function: "train", sizes: ["B": 4000]),
        Case(graph: "matmul512", function: "predict", sizes: [:]),
    ]

    /// 718 MiB where the copies of split operands shared no memory and all that the backward half reads was kept.
    @Test func aTrainingStepKeepsLittle() throws {
        let module = try Graphs.read("gpt").keeping(functions: ["train"])
        let lowered = try Compiler.lowered(
            try Compiler.optimized(module), target: Target(architecture: .x86_64, level: .amx))
        #expect(try lowered.functions[0].arenaBytes.value(["B": 16]) < 220 << 20)
    }

    /// Attention to a long text has scores of some queries at a time, forward and backward, in every layer.
    @Test(arguments: [CPULevel.v3, .v4])
    func noHeadHasAllItsScores(level: CPULevel) throws {
        let module = try TrainingModule.build(
            model: GPT(vocabulary: 32, width: 64, layers: 3, heads: 2, length: 640), loss: .softmaxCrossEntropy,
            optimizer: .adam(learningRate: 1e-3), input: FeatureSpec("ids", .i32, [640]),
            batch: DimSymbol("B", range: 1...8), name: "long"
        ).keeping(functions: ["train"])
        let lowered = try Compiler.lowered(
            try Compiler.optimized(module), target: Target(architecture: .x86_64, level: level))
        let function = lowered.functions[0]
        let whole = function.buffers.filter { $0.isInArena && $0.type.shape.suffix(2).elementsEqual([640, 640]) }
        #expect(whole.isEmpty, "\(whole.map(\.name))")
        #expect(function.chains.count { $0.ordered > 1 } == 3)
        // Three blocks of scores and what comes with them.
        #expect(try function.slotBytes.value(["B": 1]) < 4 * 640 * 640 * 4)
    }

    @Test(arguments: cases)
    func aRunStaysWithinThePlan(_ test: Case) throws {
        let module = try Graphs.read(test.graph)
        let folder = FileManager.default.temporaryDirectory.path + "/memory-plan-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let files = try NativeCompiler().compile(
            module, for: CompilationTarget(architecture: Target.host.architecture, levels: [Target.host.level]),
            weights: [:], to: folder)
        let signature = ModelSignature(of: module)
        let model = try CompiledModel(library: files.library, signature: signature, threads: 1)
        let plan = try model.plannedMemory(of: test.function, sizes: test.sizes)
        #expect(plan.states >= module.states.reduce(0) { $0 + ($1.type.constantShape ?? []).reduce(1, *) })

        let counted = try run(test, signature, library: files.library, folder: folder)
        let words = counted.split(whereSeparator: \.isWhitespace)
        try #require(words.count == 4, "\(counted)")
        let peak = try #require(Int(words[1]))
        // Constants are part of the file; a context's own tables and threads come on top.
        let allocated = plan.states + plan.workspace
        #expect(Double(peak) <= 1.1 * Double(allocated) + 32768, "allocated \(peak), planned \(allocated)")
        // No more is promised than is used, so that the plan says something.
        #expect(peak >= allocated, "allocated \(peak), planned \(allocated)")
        #expect(words[3] == "0", "memory is left after the context has ended")
    }

    private func run(_ test: Case, _ signature: ModelSignature, library: String, folder: String) throws -> String {
        let program = folder + "/count_memory"
        let compiler = try #require(Subprocess.find("clang"), "the Swift toolchain's clang is not on the search path")
        let built = try Subprocess.run(
            compiler, ["-O1", "-Wall", "-Werror", "-rdynamic", Self.source, "-o", program, "-ldl"])
        try #require(built.isSuccess, "\(built.standardError)")
        let function = try signature.function(named: test.function)
        func bytes(_ tensors: [TensorSignature]) throws -> [String] {
            try tensors.map { tensor in
                "\(try tensor.type.shape(test.sizes).reduce(tensor.type.dtype.byteCount, *))"
            }
        }
        let arguments =
            try [library, signature.name, test.function, "2"]
            + test.sizes.sorted { $0.key < $1.key }.map { "\($0.value)" }
            + ["--"] + bytes(function.inputs) + ["--"] + bytes(function.outputs)
        let outcome = try Subprocess.run(program, arguments)
        #expect(outcome.exitStatus == 0, "\(outcome.standardError)")
        return outcome.output
    }
}

extension PlannedBuffer {
    fileprivate var isInArena: Bool { if case .arena = location { true } else { false } }
}
