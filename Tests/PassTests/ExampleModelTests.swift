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

    /// More kernels than these would be a fusion that was lost, or a change of layout that nothing needs: weights of ten columns are
    /// transposed once.
    @Test(arguments: [
        ("increment", "predict", 1, 0), ("rowchain", "predict", 1, 0), ("matmul512", "predict", 1, 0),
        ("logistic", "predict", 1, 1), ("logistic", "train", 10, 1), ("mlp", "predict", 3, 1),
        ("mlp", "train", 22, 2), ("lenet", "predict", 8, 6), ("lenet", "train", 35, 13),
    ])
    func kernelsAreFew(_ model: String, _ function: String, _ computing: Int, _ moving: Int) throws {
        let (optimized, plan) = try Self.plan(model, function)
        let moves: Set = ["transpose", "reverse", "slice", "reshape", "constant"]
        let movers = plan.groups.count { $0.members.allSatisfy { moves.contains(optimized.ops[$0].name) } }
        #expect(plan.groups.count - movers <= computing)
        #expect(movers <= moving)
    }

    /// Each of 64 time steps in two directions is computed once: its products once forward and once for the gradient of what the step
    /// before handed on, its activations once forward and a few again behind; the weights' gradients are one product each.
    @Test func timeStepsAreComputedOnce() throws {
        let ops = try Self.plan("text", "train").0.ops
        func count(_ name: String) -> Int { ops.count { $0.name == name } }
        #expect(count("dot") <= 2 * 2 * 64 + 16)
        #expect(count("logistic") <= 2 * 3 * 64 + 1)
        #expect(count("tanh") <= 2 * 3 * 64)
        #expect(count("mul") <= 2 * 24 * 64)
    }

    /// Every product with a bias and an activation writes only what is read later, once.
    @Test func denseLayersAreOneKernelEach() throws {
        let (function, plan) = try Self.plan("mlp", "predict")
        // The loops are the transpose of the last layer's weights.
        #expect(plan.groups.map(\.kindName) == ["contraction", "contraction", "loops", "contraction"])
        #expect(
            plan.groups.prefix(2).allSatisfy { group in
                group.members.map { function.ops[$0].name }.filter { $0 != "constant" && $0 != "broadcast" }
                    == ["dot", "add", "max"]
            })
    }
}
