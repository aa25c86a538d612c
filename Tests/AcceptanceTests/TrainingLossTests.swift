import ExampleModels
import Execution
import GraphIR
import HostTensors
import Testing

/// The recipes' losses against those computed in f64.
@Suite struct TrainingLossTests {
    /// Relative: f32 programs differ more and more as training goes on, and most with convolutions.
    private static func tolerance(_ workload: String, step: Int) -> Double {
        step <= 10 ? 1e-4 : workload == "T2" ? 5e-3 : 1e-3
    }

    @Test(arguments: [("T1", 51), ("T2", 51), ("T3", 51), ("T3long", 11), ("T4", 51)])
    func compiled(workload: String, steps: Int) throws {
        let recipe = try BenchmarkRecipe(workload: workload)
        let module = try Graphs.read(recipe.graph)
        let one = try losses(of: recipe, Model(module, threads: 1), module, steps: steps)
        let two = try losses(of: recipe, Model(module, threads: 2), module, steps: steps)
        #expect(one.map(\.bitPattern) == two.map(\.bitPattern), "1 and 2 threads differ")
        try expectReference(workload, one)
        #expect(one.count == steps)
    }

    @Test(arguments: [("T1", 2), ("T2", 1), ("T3", 1), ("T4", 11)]) func interpreted(workload: String, steps: Int)
        throws
    {
        let recipe = try BenchmarkRecipe(workload: workload)
        let module = try Graphs.read(recipe.graph)
        try expectReference(
            workload, losses(of: recipe, Model(module, engine: .interpreted), module, steps: steps))
    }

    private func expectReference(_ workload: String, _ losses: [Double]) throws {
        let reference = try Graphs.referenceLosses(workload)
        #expect(reference.count == BenchmarkRecipe.lossSteps.count)
        for (step, expected) in reference.sorted(by: { $0.key < $1.key }) where step < losses.count {
            let error = ((losses[step] - expected) / expected).magnitude
            #expect(
                error <= Self.tolerance(workload, step: step),
                "L[\(step)] is \(losses[step]), expected \(expected)")
        }
    }

    /// What PyTorch 2.13 gives, in f32 and eagerly, as `Benchmarks/peers/peer_torch.py` prints it.
    private static let outputs: [(workload: String, sum: Double, magnitudes: Double, first: [Double])] = [
        (
            "I2", 32.32175351958722, 1777.8325349884108,
            [1.264586091041565, 1.2643816471099854, -0.475242555141449, 0.789871096611023]
        ),
        (
            "I3", 279.96679885011963, 39495.820431272834,
            [-1.3015674352645874, -1.3032363653182983, 0.7529194355010986, -0.42242658138275146]
        ),
    ]

    @Test(arguments: outputs.indices) func networksPredictWhatOthersDo(at: Int) throws {
        let (workload, sum, magnitudes, first) = Self.outputs[at]
        let recipe = try BenchmarkRecipe(workload: workload)
        let module = try Graphs.read(recipe.graph).keeping(functions: ["predict"])
        let model = try Model(module, threads: 2)
        for (declared, value) in zip(module.states, try recipe.states(of: module)) {
            try model.setState(declared.path, to: value)
        }
        let inputs = NamedTensors(uniqueKeysWithValues: try recipe.inputs().sorted { $0.key < $1.key })
        let found = try #require(model.run("predict", inputs).elements.first).value.doubles()
        #expect(abs(found.reduce(0, +) - sum) <= 1e-4 * sum)
        #expect(abs(found.map(\.magnitude).reduce(0, +) - magnitudes) <= 1e-4 * magnitudes)
        for (one, other) in zip(found, first) { #expect(abs(one - other) <= 1e-4 * max(1, abs(other))) }
    }

    /// The loss before each update.
    private func losses(
        of recipe: BenchmarkRecipe, _ model: Model, _ module: GraphModule, steps: Int
    ) throws -> [Double] {
        for (declared, value) in zip(module.states, try recipe.states(of: module)) {
            try model.setState(declared.path, to: value)
        }
        let batches = try (0..<BenchmarkRecipe.batchCount).map(recipe.batch)
        return try (0..<steps).map { step in
            let batch = batches[step % batches.count]
            let inputs = NamedTensors(uniqueKeysWithValues: batch.sorted { $0.key < $1.key })
            let loss = try #require(model.run("train", inputs)["loss"])
            return try #require(loss.doubles().first)
        }
    }
}
