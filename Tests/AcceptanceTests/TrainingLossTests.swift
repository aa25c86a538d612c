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

    @Test(arguments: ["T1", "T2", "T4"]) func compiled(workload: String) throws {
        let recipe = try BenchmarkRecipe(workload: workload)
        let module = try Graphs.read(recipe.graph)
        let one = try losses(of: recipe, Model(module, threads: 1), module, steps: 51)
        let two = try losses(of: recipe, Model(module, threads: 2), module, steps: 51)
        #expect(one.map(\.bitPattern) == two.map(\.bitPattern), "1 and 2 threads differ")
        try expectReference(workload, one)
        for step in BenchmarkRecipe.lossSteps { #expect(step < one.count) }
    }

    @Test(arguments: [("T1", 2), ("T2", 1), ("T4", 11)]) func interpreted(workload: String, steps: Int) throws {
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
