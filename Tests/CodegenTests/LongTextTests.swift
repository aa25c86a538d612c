import GraphIR
import HostTensors
import KernelIR
import Lowering
import Testing

/// Attention to long texts: scores are there for some queries at a time, and what is summed over queries is summed block by block.
@Suite struct LongTextTests {
    typealias Chain = (calls: Int, items: Dim, ordered: Int)

    /// What follows scores `%s` of 768 queries and as many keys, for B × 2 heads; the calls of each chain, its items, and how many are in
    /// order. With tiles, a chain over examples has in it what splits operands for them.
    private static let cases: [(name: String, chains: [Chain], withTiles: [Chain]?, body: String)] = [
        (
            "their softmax and the sum of values by it", [(3, 12 * Dim(symbol: "B"), 1)], nil,
            """
            %m = reduce %s kind max axes [3] : f32[B,2,768]
                %mm = broadcast %m axes [0,1,2] shape [B,2,768,768] : f32[B,2,768,768]
                %d = sub %s, %mm : f32[B,2,768,768]
                %e = exp %d : f32[B,2,768,768]
                %n = reduce %e kind sum axes [3] : f32[B,2,768]
                %nn = broadcast %n axes [0,1,2] shape [B,2,768,768] : f32[B,2,768,768]
                %p = div %e, %nn : f32[B,2,768,768]
                %o = dot %p, %v contract [3],[1] batch [0,1],[0,2] : f32[B,2,768,20]
                output %o : f32[B,2,768,20] "o"
            """
        ),
        (
            "sums over queries and over keys", [(4, 12 * Dim(symbol: "B"), 6)], nil,
            """
            %m = reduce %s kind max axes [3] : f32[B,2,768]
                %mm = broadcast %m axes [0,1,2] shape [B,2,768,768] : f32[B,2,768,768]
                %p = sub %s, %mm : f32[B,2,768,768]
                %t = dot %p, %v contract [2],[1] batch [0,1],[0,2] : f32[B,2,768,20]
                %o = dot %p, %v contract [3],[1] batch [0,1],[0,2] : f32[B,2,768,20]
                output %t : f32[B,2,768,20] "t"
                output %o : f32[B,2,768,20] "o"
            """
        ),
        (
            "sums over queries that are needed at once", [(3, 12 * Dim(symbol: "B"), 6)], nil,
            """
            %m = reduce %s kind max axes [3] : f32[B,2,768]
                %mm = broadcast %m axes [0,1,2] shape [B,2,768,768] : f32[B,2,768,768]
                %p = sub %s, %mm : f32[B,2,768,768]
                %t = dot %p, %v contract [2],[1] batch [0,1],[0,2] : f32[B,2,768,20]
                %g = dot %t, %w contract [3],[0] : f32[B,2,768,20]
                output %g : f32[B,2,768,20] "g"
            """
        ),
        (
            "windows that go beyond a block", [(2, Dim(symbol: "B"), 1)], [(3, Dim(symbol: "B"), 1)],
            """
            %m = reduceWindow %s kind max window [1,1,3,1] strides [1,1,1,1] padding [0,0],[0,0],[1,1],[0,0] : f32[B,2,768,768]
                output %m : f32[B,2,768,768] "m"
            """
        ),
        (
            "scores that are an output", [], [(3, Dim(symbol: "B"), 1)],
            """
            %t = dot %s, %v contract [2],[1] batch [0,1],[0,2] : f32[B,2,768,20]
                output %s : f32[B,2,768,768] "s"
                output %t : f32[B,2,768,20] "t"
            """
        ),
    ]

    /// What products are made of: multiply-adds, or tiles.
    struct Products: Sendable, CustomTestStringConvertible {
        var precision = Precision.float32
        var target = Target.host
        var form: ContractionSchedule.Form?
        /// What a result may differ by, relative to the largest one.
        var bound = 1e-5

        func prepare(_ module: GraphModule) throws -> LoweredModule {
            try PlanHarness.prepare(module, target: target, precision: precision, form: form)
        }

        var testDescription: String { "\(precision) for \(target.level)" }
        var runHere: Bool {
            target.architecture == Target.host.architecture && target.level.rank <= Target.host.level.rank
        }

        static func tiles(_ level: CPULevel) -> Products {
            Products(
                precision: .bfloat16, target: Target(architecture: .x86_64, level: level), form: .tiles, bound: 1e-2)
        }
    }

    private static func module(_ body: String, length: Int = 768, width: Int = 20) throws -> GraphModule {
        try GraphModule(
            text: """
                module v1 @texts {
                  dim B in 1...8
                  func @main(%q: f32[B,2,768,4] "q", %k: f32[B,2,4,768] "k", %v: f32[B,768,2,20] "v", %w: f32[20,20] "w") {
                    %s = dot %q, %k contract [3],[2] batch [0,1],[0,1] : f32[B,2,768,768]
                    \(body)
                  }
                }

                """.replacing("768", with: "\(length)").replacing("20", with: "\(width)"))
    }

    @Test(arguments: cases, [Products(), .tiles(.dot), .tiles(.amx)])
    func runsBlockByBlock(
        sample: (name: String, chains: [Chain], withTiles: [Chain]?, body: String), products: Products
    ) throws {
        let chains = products.form == .tiles ? sample.withTiles ?? sample.chains : sample.chains
        let module = try Self.module(sample.body)
        let lowered = try products.prepare(module)
        try expectSoundKernels(lowered)
        #expect(lowered.kernels.contains { $0.body.contains(where: \.usesTileRegisters) } == (products.form == .tiles))
        let found = lowered.functions[0].chains
        #expect(found.map(\.calls.count) == chains.map(\.calls))
        #expect(found.map(\.items) == chains.map(\.items))
        #expect(found.map(\.ordered) == chains.map(\.ordered))
        if found.contains(where: { $0.dimension == nil }) {
            // No head has all its scores anywhere.
            #expect(try lowered.functions[0].workspaceBytes(["B": 1], threads: 1) < 768 * 768 * 2)
        }
        guard products.runHere else { return }
        let inputs = try RandomGraph.inputs(of: module.functions[0], bindings: ["B": 2], seed: 8)
        let random = try RandomCase(module, inputs: inputs)
        var states: [HostTensor] = []
        let compiled = try PlanHarness(lowered, threads: 1).run("main", inputs: inputs, states: &states)
        let worst = try random.worst(of: compiled)
        #expect(worst.gap < products.bound, "\(worst.place)")
        let shared = try PlanHarness(lowered, threads: 3).run("main", inputs: inputs, states: &states)
        #expect(shared == compiled)
    }

    @Test(arguments: [Products(target: Target(architecture: .aarch64, level: .baseline)), .tiles(.amx)])
    func theKernelsMeanTheSame(products: Products) throws {
        let module = try Self.module(Self.cases[2].body, length: 384, width: 4)
        let lowered = try products.prepare(module)
        #expect(lowered.functions[0].chains.map(\.ordered) == [2])
        let inputs = try RandomGraph.inputs(of: module.functions[0], bindings: ["B": 1], seed: 9)
        let worst = try RandomCase(module, inputs: inputs).worst(ofKernels: lowered)
        #expect(worst.gap < products.bound, "\(worst.place)")
    }

    /// A sum by blocks is one call in order where nothing is chained to it.
    @Test func sumsAloneAreInOrder() throws {
        let module = try Self.module(Self.cases[4].body)
        let lowered = try PlanHarness.prepare(module)
        let parallel = lowered.kernels.compactMap(\.parallel).filter { $0.ordered > 1 }
        #expect(parallel.map(\.ordered) == [6])
        #expect(parallel.allSatisfy { $0.chunk % $0.ordered == 0 })
    }
}
