import Compiler
import ExampleModels
import Execution
import GraphIR
import HostTensors
import KernelIR
import Testing

/// What states alone determine is computed once, and again whenever they may have changed.
@Suite struct KeptTests {
    /// `predict` reads a matrix turned and scaled by what a norm makes of two states; `train` changes the matrix, `count` something
    /// that nothing is kept of.
    static let text = """
        module v1 @kept {
          dim B in 1...256
          state %w : f32[40,48] parameter "w"
          state %variance : f32[40] buffer "variance"
          state %calls : i64[] counter "calls"
          func @predict(%x: f32[B,48] "x") {
            %0 = dot %x, %w contract [1],[1] : f32[B,40]
            %1 = rsqrt %variance : f32[40]
            %2 = broadcast %1 axes [1] shape [B,40] : f32[B,40]
            %3 = mul %0, %2 : f32[B,40]
            output %3 : f32[B,40] "y"
          }
          func @train(%x: f32[B,48] "x") {
            %0 = add %w, %w : f32[40,48]
            %1 = dot %x, %w contract [1],[1] : f32[B,40]
            output %1 : f32[B,40] "y"
            update %w = %0
          }
          func @count() {
            %0 = constant value i64[]{1} : i64[]
            %1 = add %calls, %0 : i64[]
            update %calls = %1
          }
        }

        """

    @Test func onlyFunctionsThatLeaveTheirStatesKeepSomething() throws {
        let lowered = try Compiler.lowered(Compiler.optimized(GraphModule(text: Self.text)), target: .host)
        let byName = Dictionary(uniqueKeysWithValues: lowered.functions.map { ($0.name, $0) })
        let predict = try #require(byName["predict"])
        #expect(predict.keptStates == [0, 1])
        #expect(predict.keptBytes >= 4 * 40)
        #expect(predict.calls.contains { $0.isKept } && predict.calls.contains { !$0.isKept })
        #expect(byName["train"]?.keptBytes == 0)
        #expect(try lowered.functions.map { try lowered.changesKept($0) } == [false, true, false])
    }

    @Test(arguments: [1, 100]) func resultsFollowTheStates(batch: Int) throws {
        let module = try GraphModule(text: Self.text)
        let models = try [EngineKind.compiled, .interpreted].map { try Model(module, engine: $0, threads: 1) }
        let numbers = RecipeStream("kept")
        let x = try numbers.reals([batch, 48])
        func expectTheSame(_ place: String) throws {
            let results = try models.map { try #require(try $0.run("predict", ["x": x])["y"]) }
            #expect(results[0].isClose(to: results[1], relative: 1e-5, absolute: 1e-5), "\(place)")
        }
        let weights: NamedTensors = [
            "w": try numbers.reals([40, 48]), "variance": try HostTensor((1...40).map(Float.init), shape: [40]),
            "calls": HostTensor(scalar: Int64(0)),
        ]
        for model in models { try model.setStates(weights) }
        for _ in 0..<2 { try expectTheSame("weights given") }
        for model in models { try model.run("count", [:]) }
        try expectTheSame("another state changed")
        for model in models { try model.run("train", ["x": x]) }
        for _ in 0..<2 { try expectTheSame("weights trained") }
        for model in models {
            try model.setState("variance", to: try HostTensor((2...41).map(Float.init), shape: [40]))
        }
        try expectTheSame("one state given")
    }

    /// Products of few rows and of many, with a whole depth and one in blocks, read the same kept parts.
    @Test(arguments: [1, 90, 450]) func productsOfAnyNumberOfRowsReadWhatIsKept(batch: Int) throws {
        let module = try GraphModule(
            text: """
                module v1 @products {
                  dim B in 1...1000
                  state %v : f32[500,70] parameter "v"
                  state %w : f32[50,600] parameter "w"
                  func @predict(%x: f32[B,500] "x", %y: f32[B,600] "y") {
                    %0 = dot %x, %v contract [1],[0] : f32[B,70]
                    %1 = dot %y, %w contract [1],[1] : f32[B,50]
                    output %0 : f32[B,70] "a"
                    output %1 : f32[B,50] "b"
                  }
                }

                """)
        let numbers = RecipeStream("products")
        let inputs: NamedTensors = ["x": try numbers.reals([batch, 500]), "y": try numbers.reals([batch, 600])]
        let weights: NamedTensors = ["v": try numbers.reals([500, 70]), "w": try numbers.reals([50, 600])]
        let results = try [EngineKind.compiled, .interpreted].map { engine in
            let model = try Model(module, engine: engine, threads: 2)
            try model.setStates(weights)
            return try model.run("predict", inputs)
        }
        for name in ["a", "b"] {
            let (compiled, interpreted) = (try #require(results[0][name]), try #require(results[1][name]))
            #expect(compiled.isClose(to: interpreted, relative: 1e-5, absolute: 1e-4), "\(name)")
        }
    }
}
