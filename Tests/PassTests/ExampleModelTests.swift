import ExampleModels
import GraphIR
import GraphPasses
import Testing

/// The example models, traced from Swift, go through all passes into legal plans of few kernels.
@Suite struct ExampleModelTests {
    static func plan(_ model: String, _ function: String) throws -> (GraphFunction, FusionPlan) {
        let module = try #require(ExampleModel.all.first { $0.name == model }).module()
        let result = try optimize(module.function(named: function), in: module)
        return (result.function, result.plan)
    }

    @Test(arguments: ExampleModel.all.map(\.name))
    func plansAreLegal(_ name: String) throws {
        let module = try #require(ExampleModel.all.first { $0.name == name }).module()
        let (optimized, plans) = try optimize(module)
        try verify(optimized)
        for (function, plan) in zip(optimized.functions, plans) {
            try plan.check(function)
            #expect(try GraphModule(text: optimized.text()).text() == optimized.text())
        }
    }

    /// More kernels than these would be a fusion that was lost.
    @Test(arguments: [
        ("increment", "predict", 1), ("rowchain", "predict", 1), ("matmul512", "predict", 1),
        ("logistic", "predict", 1), ("logistic", "train", 10), ("mlp", "predict", 3), ("mlp", "train", 24),
        ("lenet", "predict", 9), ("lenet", "train", 42),
    ])
    func kernelsAreFew(_ model: String, _ function: String, _ most: Int) throws {
        let (_, plan) = try Self.plan(model, function)
        #expect(plan.groups.count <= most)
    }

    /// Every product with a bias and an activation writes only what is read later, once.
    @Test func denseLayersAreOneKernelEach() throws {
        let (function, plan) = try Self.plan("mlp", "predict")
        #expect(plan.groups.map(\.kindName) == ["contraction", "contraction", "contraction"])
        #expect(
            plan.groups.dropLast().allSatisfy { group in
                group.members.map { function.ops[$0].name }.filter { $0 != "constant" && $0 != "broadcast" }
                    == ["dot", "add", "max"]
            })
    }
}
