import GraphIR
import GraphPasses
import Testing

/// Passes keep the meaning of random graphs, their plans are legal, and the checker catches a pass that does not.
@Suite struct MeaningTests {
    @Test(arguments: UInt64(1)...120)
    func pipelineKeepsMeaning(seed: UInt64) throws {
        let module = RandomGraph.module(seed: seed)
        let (optimized, plans) = try optimize(module, options: PassOptions(checksPasses: true))
        try verify(optimized)
        for (function, plan) in zip(optimized.functions, plans) { try plan.check(function) }
        #expect(try optimize(module).0 == optimized, "the same graph must give the same result")
    }

    @Test(arguments: UInt64(1)...60)
    func timeStepsKeepTheirMeaning(seed: UInt64) throws {
        var graph = RandomGraph.Options()
        graph.families = [.steps, .binary]
        graph.opCount = 12...50
        let module = RandomGraph.module(seed: seed, options: graph)
        let (optimized, plans) = try optimize(module, options: PassOptions(checksPasses: true))
        try verify(optimized)
        for (function, plan) in zip(optimized.functions, plans) { try plan.check(function) }
    }

    /// However little memory is spared by it.
    @Test(arguments: UInt64(1)...120)
    func recomputationKeepsMeaning(seed: UInt64) throws {
        let options = PassOptions(checksPasses: true, recomputationLeast: 0)
        let module = RandomGraph.module(seed: seed)
        let (optimized, plans) = try optimize(module, options: options)
        try verify(optimized)
        for (function, plan) in zip(optimized.functions, plans) { try plan.check(function) }
    }

    /// However dear what is computed again, and in whatever order.
    @Test(arguments: UInt64(1)...120)
    func recomputationUnderALimitKeepsMeaning(seed: UInt64) throws {
        let module = RandomGraph.module(seed: seed)
        let sizes = Dictionary(uniqueKeysWithValues: module.dims.map { ($0.name, $0.range.upperBound) })
        let segments = 2 + Int(seed % 3)
        let choice = Recomputation(
            sizes: sizes, segments: segments, pricedSegments: segments - 1, price: 1 << 20, lowerPrice: 4)
        let choices = Dictionary(uniqueKeysWithValues: module.functions.map { ($0.name, choice) })
        let options = PassOptions(checksPasses: true, recomputationLeast: 0, recomputation: choices)
        let (optimized, plans) = try optimize(module, options: options)
        try verify(optimized)
        for (function, plan) in zip(optimized.functions, plans) { try plan.check(function) }
        #expect(try optimize(module, options: options).0 == optimized, "the same graph must give the same result")
    }

    @Test(arguments: UInt64(200)...260)
    func resultIsAFixedPoint(seed: UInt64) throws {
        let once = try optimize(RandomGraph.module(seed: seed)).0
        let twice = try optimize(once).0
        #expect(twice.functions.map(\.ops.count) == once.functions.map(\.ops.count))
    }

    /// Turns every `sub` around: a defect.
    static let defective = GraphPass(name: "defective", summary: "Turns subtractions around.") { function, _ in
        var changed = false
        for at in function.ops.indices where function.ops[at].name == "sub" {
            function.ops[at].operands.reverse()
            changed = true
        }
        return changed
    }

    @Test func checkerNamesTheDefectAndReducesTheGraph() throws {
        let module = try GraphModule(
            text: """
                module v1 @case {
                  dim B in 1...64
                  func @main(%x: f32[B,4] "x", %y: f32[B,4] "y") {
                    %0 = exp %x : f32[B,4]
                    %1 = sub %0, %y : f32[B,4]   #loss
                    %2 = tanh %1 : f32[B,4]
                    %3 = reduce %2 kind sum axes [0, 1] : f32[]
                    output %3 : f32[] "loss"
                  }
                  #loss = layer "loss" at "Model.swift":9
                }
                """)
        let before = module.functions[0]
        var after = before
        #expect(try Self.defective.run(&after, PassContext(module)))
        let failure = try #require(throws: PassFailure.self) {
            try PassChecker(module).check(Self.defective, before: before, after: after)
        }
        #expect(failure.pass == "defective")
        #expect(failure.change.value == "output 'loss'")
        #expect(failure.change.op?.name == "sub")
        #expect(failure.change.op?.place?.line == 9)
        #expect(failure.reduced.functions[0].ops.map(\.name) == ["sub"])
        #expect(failure.description.contains("pass 'defective' changed output 'loss' of 'main'"))
    }

    @Test func pipelineNamesThePassThatBreaksAForm() throws {
        let breaking = GraphPass(name: "breaking", summary: "Drops the first operation.") { function, _ in
            function.ops.removeFirst()
            return true
        }
        var function = RandomGraph.module(seed: 3).functions[0]
        let error = try #require(throws: GraphError.self) {
            try Pipeline([.init(breaking)]).run(on: &function, PassContext(RandomGraph.module(seed: 3)))
        }
        #expect(error.message.contains("after pass 'breaking': every value is made before it is read"))
    }
}
