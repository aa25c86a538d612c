import ExampleModels
import GraphIR
import HostTensors
import Testing

@Suite struct RecipeTests {
    @Test func streamsMatchTheirTestVectors() throws {
        #expect(RecipeStream.hash("T1/w1") == 0x0cb4_1dfd_9e86_402f)
        let stream = RecipeStream("T1/w1")
        #expect((0..<3).map(stream.word) == [0x9d89_bbf7_2c0c_d7ba, 0x41cf_dfab_d4e5_a159, 0xea17_fd32_cbec_d33e])
        let weights = try BenchmarkRecipe(workload: "T1").parameter(path: "w1", shape: [784, 512])
        #expect(try bits(weights, 3) == [0x3ca5_60e2, 0xbd2e_1712, 0x3d94_8011])
        let batch = try BenchmarkRecipe(workload: "T1").batch(0)
        #expect(try bits(#require(batch["image"]), 2) == [0xbf24_46c5, 0xbcf3_2d60])
        #expect(try #require(batch["label"]).scalars(as: Int32.self).prefix(8) == [0, 4, 8, 9, 0, 2, 9, 1])
    }

    @Test func everyWorkloadFitsItsGraph() throws {
        for workload in BenchmarkRecipe.workloads {
            let recipe = try BenchmarkRecipe(workload: workload)
            let module = try #require(ExampleModel.all.first { $0.name == recipe.graph }).module()
            let function = try module.function(named: recipe.isTraining ? "train" : "predict")
            let inputs = try recipe.inputs()
            #expect(Set(inputs.keys) == Set(function.inputs.map(\.name)))
            #expect(try recipe.states(of: module).count == module.states.count)
        }
        #expect(throws: GraphError.self) { try BenchmarkRecipe(workload: "T9") }
    }

    private func bits(_ tensor: HostTensor, _ count: Int) throws -> [UInt32] {
        try tensor.scalars(as: Float.self).prefix(count).map(\.bitPattern)
    }
}
