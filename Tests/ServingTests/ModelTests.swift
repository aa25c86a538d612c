import Execution
import Foundation
import GraphIR
import HostTensors
import KernelIR
import Serving
import Testing

/// Models from files.
@Suite struct ModelTests {
    private func withFolder<Value>(_ body: (String) throws -> Value) throws -> Value {
        let folder = FileManager.default.temporaryDirectory.path + "/strata-serving-tests-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try body(folder)
    }

    private func write(_ text: String, _ path: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// The parameters of the model as it is served.
    private func weights(_ served: ServedModel) throws -> [[Float]] {
        try served.contexts.map { try $0.state("w").scalars(as: Float.self) }
    }

    @Test func aGraphTakesItsStatesFromInitOrAFile() throws {
        try withFolder { folder in
            let graph = folder + "/affine.graph"
            try write(TestServer.affine, graph)
            let initial = try ServedModel(graph)
            #expect(initial.name == "affine" && initial.remarks.isEmpty)
            #expect(try weights(initial) == [[1, 2, 3, 4, 5, 6]])
            let values = try HostTensor([6, 5, 4, 3, 2, 1] as [Float], shape: [3, 2])
            try Safetensors.write([("w", values)], metadata: [:], path: folder + "/w.safetensors")
            let trained = try ServedModel(
                graph, name: "trained", weights: folder + "/w.safetensors", image: folder + "/image", contexts: 2)
            #expect(trained.name == "trained")
            #expect(try weights(trained) == [[6, 5, 4, 3, 2, 1], [6, 5, 4, 3, 2, 1]])
            #expect(FileManager.default.fileExists(atPath: folder + "/image"))
            try Safetensors.write([("v", values)], metadata: [:], path: folder + "/v.safetensors")
            let error = #expect(throws: ServingError.self) {
                try ServedModel(graph, weights: folder + "/v.safetensors")
            }
            #expect(
                error?.description.hasSuffix(
                    "/v.safetensors: expected a tensor 'w' f32[3,2], got none; the file must hold every parameter and "
                        + "buffer: is it one of another model?") ?? false)
        }
    }

    @Test func aLibraryHasItsWeightsBesideIt() throws {
        try withFolder { folder in
            let module = try GraphModule(text: TestServer.affine)
            let values = try HostTensor([1, 1, 1, 1, 1, 1] as [Float], shape: [3, 2])
            let target = CompilationTarget(architecture: Target.host.architecture, levels: [.baseline])
            _ = try NativeCompiler().compile(module, for: target, weights: ["w": values], to: folder + "/a")
            _ = try NativeCompiler().compile(module, for: target, weights: [:], to: folder + "/b")
            #expect(try weights(try ServedModel(folder + "/a")) == [[1, 1, 1, 1, 1, 1]])
            let empty = try ServedModel(folder + "/b/affine.json")
            #expect(
                empty.remarks == ["model 'affine': all parameters are 0: name a file of trained ones with --weights"])
            let other = try ServedModel(folder + "/b", weights: folder + "/a/affine.weights.safetensors")
            #expect(try weights(other) == [[1, 1, 1, 1, 1, 1]])
        }
    }

    @Test func whatCannotBeServedIsNamed() throws {
        #expect(throws: ExecutionError.self) { try ServedModel("/nowhere/model") }
        let unknown = #expect(throws: ExecutionError.self) {
            try TestServer.model(TestServer.affine, function: "classify")
        }
        #expect(unknown?.remedy == "it has: init, predict")
        let counting = """
            module v1 @counting {
              dim B in 1...64
              state %n : f32[1] buffer "calls"
              func @predict(%x: f32[B,1] "x") {
                %0 = constant value f32[1]{1} : f32[1]
                %1 = add %n, %0 : f32[1]
                update %n = %1
                output %x : f32[B,1] "y"
              }
            }

            """
        let changing = #expect(throws: ServingError.self) { try TestServer.model(counting) }
        #expect(
            changing?.description
                == "model 'counting', function 'predict': expected a function that leaves states as they are, got one that "
                + "changes 'calls'; serve another, such as 'predict'")
        let ones = """
            module v1 @ones {
              dim B in 1...64
              func @predict() {
                %0 = constant value f32[]{1} : f32[]
                %1 = broadcast %0 axes [] shape [B] : f32[B]
                output %1 : f32[B] "y"
              }
            }

            """
        let sizeless = #expect(throws: ServingError.self) { try TestServer.model(ones) }
        #expect(sizeless?.actual == "dimension B")
        let slash = #expect(throws: ServingError.self) { try ServedModel(name: "a/b", contexts: [Model(GatedModel())]) }
        #expect(slash?.expected == "a name that can be a part of a path")
    }
}
