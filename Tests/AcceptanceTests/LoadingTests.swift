import Compiler
import Execution
import Foundation
import GraphIR
import HostTensors
import Testing
import Toolchain

/// Models that are loaded from files of which some are gone, or are others than before.
@Suite struct LoadingTests {
    /// The loader knows the path, but the file is another one.
    @Test func aLibraryMadeAgainIsLoadedAgain() throws {
        try TemporaryFolder.with { folder in
            let place = folder + "/again"
            var firsts: [Float?] = []
            for factor in [2, 3] {
                var double = FunctionBuilder(name: "times")
                let x = double.input("x", TensorType(.f32, [2]))
                double.output("y", try double.scaled(x, by: Double(factor)))
                var module = GraphModule(name: "again")
                module.functions = [double.function]
                _ = try Compiler.compile(module, to: place)
                let given = HostTensor([Float(1), 2])
                firsts.append(try Model.load(place).run("times", ["x": given])["y"]?.doubles().first.map { Float($0) })
            }
            #expect(firsts == [2, 3])
        }
    }

    @Test func weightsThatTheManifestListsMustBeThere() throws {
        try TemporaryFolder.with { folder in
            let place = folder + "/listed"
            let module = try GraphModule(
                text: """
                    module v1 @scaling {
                      state %factor : f32[3] parameter "factor"
                      func @main(%x: f32[3] "x") {
                        %0 = mul %x, %factor : f32[3]
                        output %0 : f32[3] "y"
                      }
                    }

                    """)
            let weights = [(name: "factor", tensor: HostTensor([Float(1), 2, 3]))]
            _ = try Compiler.compile(module, weights: weights, to: place)
            _ = try Model.load(place)
            try FileManager.default.removeItem(atPath: place + "/scaling.weights.safetensors")
            let error = #expect(throws: ExecutionError.self) { try Model.load(place) }
            #expect(
                error?.description
                    == "\(place)/scaling.weights.safetensors: expected the weights that \(place)/scaling.json lists, "
                    + "got no such file; put the file beside the library, or export the model again")
        }
    }
}
