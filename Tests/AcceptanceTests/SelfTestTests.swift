import Artifacts
import Compiler
import ExampleModels
import Execution
import Foundation
import GraphIR
import HostTensors
import KernelIR
import Testing
import Toolchain
import Training

/// Libraries that prove themselves, and that find what is wrong with them.
@Suite struct SelfTestTests {
    /// What is compiled: a graph, some of its functions, and how.
    struct Sample: Sendable, CustomTestStringConvertible {
        let graph: String
        var functions: [String] = []
        var precision = Precision.float32
        var embeds = false
        var levels = CPULevel.levels(of: Target.host.architecture)
        var testDescription: String {
            "\(graph) \(functions.joined(separator: "+")) \(precision.rawValue)\(embeds ? ", embedded" : "")"
        }

        func module() throws -> GraphModule {
            let whole = try Graphs.read(graph)
            return functions.isEmpty ? whole : try whole.keeping(functions: functions)
        }
    }

    @Test(arguments: [
        Sample(graph: "mlp"), Sample(graph: "mlp", functions: ["predict"], embeds: true),
        Sample(graph: "mlp", functions: ["predict"], precision: .int8),
        Sample(graph: "mlp", functions: ["train"], precision: .tensorfloat),
        Sample(graph: "lenet", functions: ["predict", "evaluate"]),
        Sample(graph: "fashion", functions: ["train"], precision: .bfloat16), Sample(graph: "increment"),
    ])
    func everyVariantPasses(sample: Sample) throws {
        try TemporaryFolder.with { folder in
            let (whole, module) = (try Graphs.read(sample.graph), try sample.module())
            var weights: [(name: String, tensor: HostTensor)]?
            if sample.embeds {
                let model = try Model(whole, engine: .interpreted)
                try model.run("init", ["seed": HostTensor(scalar: Int64(3))])
                let paths = Set(module.states.map(\.path))
                weights = try model.states().filter { paths.contains($0.key) }.map { (name: $0.key, tensor: $0.value) }
            }
            let options = CompileOptions(
                levels: sample.levels, emit: [.so], embedWeights: sample.embeds, precision: sample.precision,
                selfTest: SelfTest(of: whole), cache: nil)
            try Compiler.compile(module, options: options, weights: weights, to: folder)
            let report = try SelfTestReport(of: folder, threads: 2)
            #expect(report.passed, "\(report.failure ?? "")")
            let manifest = try Manifest(path: "\(folder)/\(module.name).json")
            let runnable = manifest.levels.map(\.name).filter {
                (CPULevel(rawValue: $0)?.rank ?? 0) <= Target.host.level.rank
            }
            #expect(Set(report.results.map(\.variant)) == Set(runnable))
            #expect(Set(report.results.map(\.function)) == Set(module.functions.map(\.name)))
            for function in module.functions {
                let paths = Set(function.updates.map { module.states[$0.state].path })
                let own = report.results.filter { $0.function == function.name }
                #expect(Set(own.filter(\.isState).map(\.tensor)) == paths)
                #expect(Set(own.filter { !$0.isState }.map(\.tensor)) == Set(function.outputs.map(\.name)))
            }
            // Something is computed: a test that compares nothing with nothing would have no error.
            #expect(report.results.contains { $0.error > 0 } || sample.graph == "increment")
        }
    }

    /// All functions of a small GPT, steps of training among them.
    @Test func aTransformerPasses() throws {
        let module = try TrainingModule.build(
            model: GPT(vocabulary: 40, width: 64, layers: 2, heads: 2, length: 24), loss: .softmaxCrossEntropy,
            optimizer: .adam(learningRate: 1e-3), input: FeatureSpec("ids", .i32, [24]),
            batch: DimSymbol("B", range: 1...64), name: "small")
        try TemporaryFolder.with { folder in
            let options = CompileOptions(
                levels: Array(Set([.baseline, Target.host.level])), emit: [.so], selfTest: SelfTest(of: module))
            try Compiler.compile(module, options: options, to: folder)
            let report = try SelfTestReport(of: folder)
            #expect(report.passed, "\(report.failure ?? "")")
            #expect(report.results.count > 300)
        }
    }

    /// The user's code is run by the interpreter when the library is compiled, and in the library when it is tested.
    @Test func customOperationsPass() throws {
        let module = try GraphModule(
            text: """
                module v1 @custom {
                  dim B in 1...64
                  code @halved c divided {
                    | #include <strata_operation.h>
                    | STRATA_OPERATION(halved) {
                    |     const float *x = operands[0].data;
                    |     float *y = results[0].data;
                    |     int64_t row = strata_row_count(operands[0]);
                    |     for (int64_t i = begin * row; i < end * row; i++) y[i] = x[i] / 2;
                    | }
                  }
                  func @predict(%x: f32[B,100] "x") {
                    %0 = custom %x code @halved results [f32[B,100]] : f32[B,100]
                    output %0 : f32[B,100] "y"
                  }
                }

                """)
        try TemporaryFolder.with { folder in
            try Compiler.compile(
                module, options: CompileOptions(emit: [.so], selfTest: SelfTest(of: module)), to: folder)
            let report = try SelfTestReport(of: folder)
            #expect(report.passed && !report.results.isEmpty, "\(report.failure ?? "")")
        }
    }

    /// The library fills tensors of every element type as the compiler did: what is handed through has no error at all.
    @Test func tensorsOfEveryElementTypeAreTheSame() throws {
        let inputs = DType.allCases.map { "%\($0.rawValue): \($0.rawValue)[B,50] \"\($0.rawValue)\"" }
        let states = DType.allCases.map { "  state %s\($0) : \($0)[150] buffer \"s\($0)\"\n" }
        let outputs = DType.allCases.map {
            "    output %\($0) : \($0)[B,50] \"\($0)\"\n    output %s\($0) : \($0)[150] \"of state \($0)\"\n"
        }
        let text =
            "module v1 @every {\n  dim B in 1...7\n\(states.joined())  func @main(\(inputs.joined(separator: ", "))) {\n"
            + outputs.joined() + "  }\n}\n"
        let module = try GraphModule(text: text)
        try TemporaryFolder.with { folder in
            try Compiler.compile(
                module, options: CompileOptions(levels: [.baseline], emit: [.so], selfTest: SelfTest(of: module)),
                to: folder)
            let report = try SelfTestReport(of: folder)
            #expect(report.results.count == 4 * DType.allCases.count)
            #expect(report.results.allSatisfy { $0.passed && $0.error == 0 }, "\(report.results)")
        }
    }

    /// The code of one level is that of another graph: it is named, with what came out wrong, and nothing else is.
    @Test(.enabled(if: Target.host.level.rank >= CPULevel.v3.rank, "needs a machine with two levels"))
    func codeOfAnotherGraphIsFound() throws {
        func module(_ operation: String) throws -> GraphModule {
            try GraphModule(
                text: """
                    module v1 @two {
                      dim B in 1...64
                      state %w : f32[300] parameter "w"
                      func @predict(%x: f32[B,300] "x") {
                        %0 = broadcast %w axes [1] shape [B,300] : f32[B,300]
                        %1 = mul %x, %0 : f32[B,300]
                        %2 = \(operation) %x, %0 : f32[B,300]
                        output %1 : f32[B,300] "right"
                        output %2 : f32[B,300] "maybe"
                      }
                    }

                    """)
        }
        let (right, wrong) = (try module("max"), try module("min"))
        try TemporaryFolder.with { folder in
            var description = ArtifactDescription(of: right, name: "two")
            description.selfTest = try Compiler.selfTest(SelfTest(of: right), of: right)
            let levels = try [(right, CPULevel.baseline), (wrong, .v3)].map { module, level in
                let lowered = try Compiler.lowered(
                    Compiler.optimized(module), target: Target(architecture: .x86_64, level: level))
                let emitted = try Compiler.llvm(lowered, name: "two")
                return EmittedLevel(level: level, irText: emitted.text, units: emitted.units)
            }
            _ = try ArtifactBuilder.build(description, levels: levels, architecture: .x86_64, emit: [.so], to: folder)
            let report = try SelfTestReport(of: folder)
            let failed = report.results.filter { !$0.passed }
            #expect(Set(failed.map { [$0.variant, $0.function, $0.tensor] }) == [["v3", "predict", "maybe"]])
            #expect(failed.count == 2 && report.results.count == 8)
            #expect(report.failure?.hasPrefix("self_test: v3: predict with B=3: output 'maybe': error ") == true)
            #expect(report.failure?.hasSuffix("; 2 of 8 results are beyond their bounds") == true)
            #expect(try SelfTestReport(of: folder, level: .baseline).passed)
        }
    }

    /// One wrong element among many, which is no sample, shows in the sums; so does a weight that is not what it was.
    @Test func aDamagedWeightIsFound() throws {
        try TemporaryFolder.with { folder in
            let module = try Graphs.read("mlp").keeping(functions: ["predict"])
            let weights = try module.states.map { state in
                let shape = state.type.constantShape ?? []
                let uniform = RandomStream.uniform(seed: 1, stream: 0, step: 0, count: shape.reduce(1, *))
                return (name: state.path, tensor: try HostTensor(uniform.map { $0 - 0.5 }, shape: shape))
            }
            let options = CompileOptions(emit: [.so], embedWeights: true, selfTest: SelfTest(of: module), cache: nil)
            try Compiler.compile(module, options: options, weights: weights, to: folder)
            #expect(try SelfTestReport(of: folder).passed)
            let path = folder + "/libmlp.so"
            var library = try Data(contentsOf: URL(fileURLWithPath: path))
            let last = try #require(weights.first { $0.name == "w3" }).tensor.bytes
            let place = try #require(library.range(of: Data(last)))
            library[place.lowerBound + 4 * 100 + 3] = 0x41
            // A new file: the loader knows the old one by its place on the disk.
            try FileManager.default.removeItem(atPath: path)
            try library.write(to: URL(fileURLWithPath: path))
            let report = try SelfTestReport(of: folder)
            #expect(report.failure?.contains("predict with B=3: output 'logits': error ") == true)
            #expect(report.results.allSatisfy { !$0.passed })
        }
    }

    /// Integers choose from what there is: classes, rows of a table.
    @Test func integersAreInRange() throws {
        let module = try GraphModule(
            text: """
                module v1 @choices {
                  dim B in 1...64
                  state %t : f32[1000,4] parameter "table"
                  func @main(%x: f32[B,3] "x", %l: i32[B] "label", %r: i32[B] "row", %n: i64[B] "plain") {
                    %0 = crossEntropy %x, %l : f32[B]
                    %1 = embedding %t, %r : f32[B,4]
                    output %0 : f32[B] "loss"
                    output %1 : f32[B,4] "rows"
                    output %n : i64[B] "same"
                  }
                }

                """)
        let test = try Compiler.selfTest(SelfTest(of: module), of: module)
        #expect(test.cases.map(\.sizes) == ["B=3", "B=18"])
        for tested in test.cases { #expect(tested.inputs.dropFirst().map(\.high) == [2, 999, 9]) }
    }

    @Test func theOptionChangesTheLibraryAndNothingElseDoes() throws {
        try TemporaryFolder.with { folder in
            let module = try Graphs.read("logistic")
            let cache = BuildCache(folder: folder + "/cache")
            func library(_ name: String, _ test: SelfTest?, _ cache: BuildCache?) throws -> Data {
                let options = CompileOptions(emit: [.so, .header], selfTest: test, cache: cache)
                try Compiler.compile(module, options: options, to: "\(folder)/\(name)")
                return try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)/liblogistic.so"))
            }
            let plain = try library("plain", nil, cache)
            let tested = try library("tested", SelfTest(of: module), cache)
            #expect(plain != tested && plain.count < tested.count)
            #expect(try library("some/where else", SelfTest(of: module), nil) == tested)
            #expect(try library("cached", SelfTest(of: module), cache) == tested)
            #expect(try library("again", nil, cache) == plain)
            let refused = #expect(throws: ExecutionError.self) { try SelfTestReport(of: "\(folder)/plain") }
            #expect(
                refused?.description == "\(folder)/plain/liblogistic.so: expected a library with a self-test, got one "
                    + "without; compile it with --self-test, or export it with selfTest: true")
        }
    }
}
