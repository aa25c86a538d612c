import Artifacts
import Compiler
import ExampleModels
import Execution
import Foundation
import GraphIR
import HostTensors
import Testing
import Toolchain

/// One library of graphs/mlp.graph, called with every size of batch.
@Suite final class SymbolicBatchTests {
    private let folder: String
    private let module: GraphModule
    private let states: [HostTensor]

    init() throws {
        module = try Graphs.read("mlp")
        states = try BenchmarkRecipe(workload: "I1b64").states(of: module)
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        let host = Target.host
        try Compiler.compile(
            module, options: CompileOptions(architecture: host.architecture, levels: [host.level]), to: folder)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    @Test func everyBatchIsAnsweredAsTheInterpreterDoes() throws {
        let model = try Model.load(folder, threads: 2)
        for (declared, value) in zip(module.states, states) { try model.setState(declared.path, to: value) }
        let images = try RecipeStream("every batch").reals([4096, 784])
        for batch in [1, 7, 64, 4096, 7] {
            let logits = try #require(model.run("predict", ["image": images[rows: 0..<batch]])["logits"])
            #expect(logits.shape == [batch, 10])
            // Rows do not depend on one another: the first, the middle and the last stand for all.
            for start in Set([0, max(0, batch / 2 - 16), max(0, batch - 32)]) {
                let rows = start..<min(batch, start + 32)
                let expected = try interpreted(images[rows: rows])
                #expect(logits[rows: rows].isClose(to: expected, relative: 1e-5, absolute: 2e-5), "\(batch): \(rows)")
            }
        }
    }

    private func interpreted(_ images: HostTensor) throws -> HostTensor {
        var states = states
        let outputs = try Interpreter(module: module).run("predict", inputs: ["image": images], states: &states)
        return try #require(outputs["logits"])
    }

    @Test(arguments: [0, 4097]) func aBatchOutOfRangeIsRefused(batch: Int) throws {
        let model = try Model.load(folder)
        let error = #expect(throws: ExecutionError.self) {
            try model.run("predict", ["image": HostTensor(zeros: [batch, 784], dtype: .f32)])
        }
        #expect(
            error?.description == "function 'predict', input 'image', axis 0: expected B in 1...4096, got \(batch); "
                + "split or pad the batch, or widen the range when the model is made")
    }

    @Test(arguments: [0, -1, 4097]) func theLibraryRefusesABatchOutOfRangeItself(batch: Int64) throws {
        let library = try #require(dlopen(folder + "/libmlp.so", RTLD_NOW), "\(String(cString: dlerror()))")
        defer { dlclose(library) }
        func symbol<Function>(_ name: String, as type: Function.Type) throws -> Function {
            unsafeBitCast(try #require(dlsym(library, name)), to: type)
        }
        typealias Create = @convention(c) (UnsafeRawPointer?, UnsafeMutablePointer<OpaquePointer?>) -> Int32
        typealias Predict =
            @convention(c) (OpaquePointer?, Int64, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Int32
        typealias Text = @convention(c) (OpaquePointer?) -> UnsafePointer<CChar>
        typealias Destroy = @convention(c) (OpaquePointer?) -> Void
        var context: OpaquePointer?
        #expect(try symbol("mlp_create", as: Create.self)(nil, &context) == 0)
        let image = [Float](repeating: 0, count: 784)
        var logits = [Float](repeating: 5, count: 10)
        #expect(try symbol("mlp_predict", as: Predict.self)(context, batch, image, &logits) == 1)
        #expect(
            String(cString: try symbol("mlp_error", as: Text.self)(context))
                == "predict: dimension B: got \(batch), allowed 1...4096")
        #expect(logits == [Float](repeating: 5, count: 10))
        #expect(try symbol("mlp_predict", as: Predict.self)(context, 1, image, &logits) == 0)
        try symbol("mlp_destroy", as: Destroy.self)(context)
    }

    @Test func theLibraryAsksLittleAndExportsItsInterfaceOnly() throws {
        let file = try ELFFile([UInt8](Data(contentsOf: URL(fileURLWithPath: folder + "/libmlp.so"))))
        #expect(file.needed == ["libc.so.6"])
        #expect(Set(file.undefinedSymbols).subtracting(Self.allowedSymbols) == [])
        let functions = ["init", "predict", "evaluate", "resetMetrics", "train"].map { "mlp_\($0)" }
        #expect(module.functions.map { "mlp_\($0.name)" } == functions)
        #expect(Set(file.exportedSymbols).isSuperset(of: functions))
        #expect(file.exportedSymbols.filter { !$0.hasPrefix("mlp_") || $0.hasPrefix("mlp_rt_") } == [])
    }

    /// What docs/abi.md says a library may ask of its surroundings.
    private static let allowedSymbols: Set<String> = [
        "aligned_alloc", "free", "madvise", "memcpy", "memset", "mmap", "munmap",
        "fopen", "fclose", "fread", "fwrite", "fseek", "ftell", "fflush", "fileno", "flock", "fsync",
        "rename", "remove",
        "pthread_create", "pthread_join", "pthread_mutex_lock", "pthread_mutex_unlock",
        "pthread_cond_wait", "pthread_cond_signal", "pthread_cond_broadcast",
        "clock_gettime", "sched_getaffinity", "sysconf",
    ]
}
