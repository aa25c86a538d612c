import ExampleModels
import GraphIR
import GraphTracing
import HostTensors
import Layers
import Testing
import Training

@Suite struct TrainingTests {
    /// The losses of the benchmark recipe against those computed in float64 elsewhere.
    private func checkLosses(_ workload: String, upTo last: Int, tolerances: [Int: Double]) throws {
        let recipe = try BenchmarkRecipe(workload: workload)
        let example = try #require(ExampleModel.all.first { $0.name == recipe.graph })
        let module = try example.module()
        let interpreter = try Interpreter(module: module)
        var states = try recipe.states(of: module)
        let expected = try #require(Reference.shared.benchmarkLosses[workload])
        for step in 0...last {
            let outputs = try interpreter.run("train", inputs: recipe.batch(step), states: &states)
            guard let tolerance = tolerances[step], let wanted = expected["\(step)"] else { continue }
            let loss = try #require(outputs["loss"]).doubles()[0]
            #expect(abs(loss / wanted - 1) < tolerance, "L[\(step)] is \(loss), expected \(wanted)")
        }
    }

    @Test func logisticRegressionFollowsTheReference() throws {
        try checkLosses("T4", upTo: 50, tolerances: [0: 1e-4, 1: 1e-4, 10: 1e-4, 25: 1e-3, 50: 1e-3])
    }

    @Test func perceptronStartsAsTheReference() throws {
        try checkLosses("T1", upTo: 1, tolerances: [0: 1e-4, 1: 1e-4])
    }

    /// Two steps in optimized builds; else the loss of the first batch, since a step takes minutes without optimization.
    @Test func leNetStartsAsTheReference() throws {
        #if DEBUG
            let recipe = try BenchmarkRecipe(workload: "T2")
            let module = try LeNet.module()
            var states = try recipe.states(of: module)
            let outputs = try Interpreter(module: module).run("evaluate", inputs: recipe.batch(0), states: &states)
            let wanted = try #require(Reference.shared.benchmarkLosses["T2"]?["0"])
            #expect(abs(try #require(outputs["loss"]).doubles()[0] / wanted - 1) < 1e-4)
        #else
            try checkLosses("T2", upTo: 1, tolerances: [0: 1e-4, 1: 1e-4])
        #endif
    }

    @Test func evaluationAddsUpOverBatches() throws {
        let recipe = try BenchmarkRecipe(workload: "T4")
        let module = try Logistic.module()
        let interpreter = try Interpreter(module: module)
        var states = try recipe.states(of: module)
        let whole = try recipe.batch(0)
        let once = try interpreter.run("evaluate", inputs: whole, states: &states)
        _ = try interpreter.run("resetMetrics", inputs: [:], states: &states)
        var parts: [Double] = []
        for rows in [0..<28, 28..<128] {
            let result = try interpreter.run(
                "evaluate", inputs: whole.mapValues { $0[rows: rows] }, states: &states)
            parts = [try #require(result["loss"]).doubles()[0], try #require(result["accuracy"]).doubles()[0]]
        }
        #expect(once["accuracy"]?.doubles() == [parts[1]])
        #expect(abs((once["loss"]?.doubles()[0] ?? 0) - parts[0]) < 1e-6)
        #expect(Array(once.keys) == ["loss", "accuracy"])
    }

    @Test func dropoutChangesFromStepToStepAndRepeatsWithTheSeed() throws {
        struct Thinned: Layer {
            let dropout = Dropout(rate: 0.5)
            let logits = Dense(units: 4, kernelInitializer: .ones)
            func callAsFunction(_ x: Tensor) -> Tensor { logits(dropout(dropout(x))) }
        }
        let module = try TrainingModule.build(
            model: Thinned(), loss: .meanSquaredError, optimizer: .sgd(learningRate: 0),
            input: FeatureSpec("x", .f32, [64]))
        let interpreter = try Interpreter(module: module)
        func losses(seed: Int64) throws -> [Double] {
            var states = module.states.map { HostTensor(zeros: $0.type.constantShape ?? [], dtype: $0.type.dtype) }
            _ = try interpreter.run("init", inputs: ["seed": HostTensor(scalar: seed)], states: &states)
            let x = try HostTensor([Float](repeating: 1, count: 128), shape: [2, 64])
            let inputs = ["x": x, "label": HostTensor(zeros: [2, 4], dtype: .f32)]
            return try (0..<3).map { _ in
                try #require(interpreter.run("train", inputs: inputs, states: &states)["loss"]).doubles()[0]
            }
        }
        let first = try losses(seed: 3)
        #expect(Set(first).count == 3)
        #expect(try losses(seed: 3) == first)
        #expect(try losses(seed: 4) != first)
        let streams = try module.function(named: "train").ops.filter { ["random", "dropout"].contains($0.name) }
            .map { $0.attributes.int("stream") }
        #expect(Set(streams).count == streams.count && streams.count == 2)
    }
}
