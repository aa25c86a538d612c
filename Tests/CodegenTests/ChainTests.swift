import GraphIR
import GraphPasses
import HostTensors
import KernelIR
import Lowering
import Testing

/// Which kernels run item by item, and that their results are the same.
@Suite struct ChainTests {
    /// What follows scores `%s` of B × 2 heads, the kernels of each chain, and the chain's items.
    private static let cases: [(name: String, chains: [(calls: Int, items: Dim)], body: String)] = [
        (
            "scores, their softmax and the sum of values by it", [(3, 2 * Dim(symbol: "B"))],
            """
            %m = reduce %s kind max axes [3] : f32[B,2,64]
                %mm = broadcast %m axes [0,1,2] shape [B,2,64,64] : f32[B,2,64,64]
                %d = sub %s, %mm : f32[B,2,64,64]
                %e = exp %d : f32[B,2,64,64]
                %n = reduce %e kind sum axes [3] : f32[B,2,64]
                %nn = broadcast %n axes [0,1,2] shape [B,2,64,64] : f32[B,2,64,64]
                %p = div %e, %nn : f32[B,2,64,64]
                %o = dot %p, %v contract [3],[1] batch [0,1],[0,2] : f32[B,2,64,128]
                output %o : f32[B,2,64,128] "o"
            """
        ),
        (
            "what is divided by examples only makes no item larger", [(3, 2 * Dim(symbol: "B"))],
            """
            %m = reduce %s kind max axes [3] : f32[B,2,64]
                %mm = broadcast %m axes [0,1,2] shape [B,2,64,64] : f32[B,2,64,64]
                %d = sub %s, %mm : f32[B,2,64,64]
                %n = reduce %d kind sum axes [3] : f32[B,2,64]
                %nn = broadcast %n axes [0,1,2] shape [B,2,64,64] : f32[B,2,64,64]
                %p = mul %d, %nn : f32[B,2,64,64]
                %o = dot %p, %v contract [3],[1] batch [0,1],[0,2] : f32[B,2,64,128]
                %t = transpose %o permutation [0,2,1,3] : f32[B,64,2,128]
                output %t : f32[B,64,2,128] "t"
            """
        ),
        (
            "what is an output is there as a whole", [],
            """
            %m = reduce %s kind max axes [3] : f32[B,2,64]
                %o = dot %s, %v contract [3],[1] batch [0,1],[0,2] : f32[B,2,64,128]
                output %s : f32[B,2,64,64] "s"
                output %m : f32[B,2,64] "m"
                output %o : f32[B,2,64,128] "o"
            """
        ),
        (
            "a sum of all items needs them all", [],
            """
            %m = reduce %s kind sum axes [0] : f32[2,64,64]
                %mm = broadcast %m axes [1,2,3] shape [B,2,64,64] : f32[B,2,64,64]
                %o = sub %s, %mm : f32[B,2,64,64]
                %r = reduce %o kind max axes [3] : f32[B,2,64]
                output %r : f32[B,2,64] "r"
            """
        ),
        (
            "what each item would read again is too much", [],
            """
            %o = dot %s, %w contract [3],[0] : f32[B,2,64,400]
                %m = reduce %o kind max axes [3] : f32[B,2,64]
                output %m : f32[B,2,64] "m"
            """
        ),
        (
            "a product between them that the last one reads stays before it", [(2, 2 * Dim(symbol: "B"))],
            """
            %m = reduce %s kind max axes [3] : f32[B,2,64]
                %mm = broadcast %m axes [0,1,2] shape [B,2,64,64] : f32[B,2,64,64]
                %d = sub %s, %mm : f32[B,2,64,64]
                %n = reduce %d kind sum axes [0] : f32[2,64,64]
                %vv = dot %n, %w contract [2],[0] : f32[2,64,400]
                %o = dot %d, %vv contract [3],[1] batch [1],[0] : f32[2,B,64,400]
                output %o : f32[2,B,64,400] "o"
            """
        ),
    ]

    private static func module(_ body: String) throws -> GraphModule {
        try GraphModule(
            text: """
                module v1 @chains {
                  dim B in 2...64
                  func @main(%q: f32[B,2,64,8] "q", %k: f32[B,2,8,64] "k", %v: f32[B,64,2,128] "v", %w: f32[64,400] "w") {
                    %s = dot %q, %k contract [3],[2] batch [0,1],[0,1] : f32[B,2,64,64]
                    \(body)
                  }
                }

                """)
    }

    @Test(arguments: cases)
    func runsItemByItem(name: String, chains: [(calls: Int, items: Dim)], body: String) throws {
        let module = try Self.module(body)
        let harness = try PlanHarness(module)
        let plan = harness.lowered.functions[0]
        #expect(plan.chains.map(\.calls.count) == chains.map(\.calls), "\(harness.lowered.memoryOfChains)")
        #expect(plan.chains.map(\.items) == chains.map(\.items))
        let batch = 3
        let inputs = try RandomGraph.inputs(of: module.functions[0], bindings: ["B": batch], seed: 5)
        let random = try RandomCase(module, inputs: inputs)
        var states: [HostTensor] = []
        let compiled = try harness.run("main", inputs: inputs, states: &states)
        let worst = try random.worst(of: compiled)
        #expect(worst.gap < 1e-5, "\(worst.place)")
    }

    /// Loops over elements could run element by element, which would take a call for each.
    @Test func aFewElementsAreNoItem() throws {
        let module = try GraphModule(
            text: """
                module v1 @flat {
                  func @main(%x: f32[400000] "x", %z: f32[400,1000] "z") {
                    %a = sqrt %x : f32[400000]
                    %r = reshape %a shape [400,1000] : f32[400,1000]
                    %u = div %r, %z : f32[400,1000]
                    output %u : f32[400,1000] "u"
                  }
                }

                """)
        let plan = try PlanHarness(module).lowered.functions[0]
        #expect(plan.chains.isEmpty && plan.calls.count == 2)
    }

    /// The kernels' own interpreter has memory for one item only.
    @Test func theKernelsMeanTheSame() throws {
        let module = try Self.module(
            """
            %m = reduce %s kind max axes [3] : f32[B,2,64]
                %mm = broadcast %m axes [0,1,2] shape [B,2,64,64] : f32[B,2,64,64]
                %d = sub %s, %mm : f32[B,2,64,64]
                %n = reduce %d kind sum axes [3] : f32[B,2,64]
                output %n : f32[B,2,64] "n"
            """)
        let lowered = try PlanHarness.prepare(module, target: Target(architecture: .aarch64, level: .baseline))
        let plan = lowered.functions[0]
        #expect(plan.chains.count == 1)
        #expect(plan.slotBytes.constant == 64 * 64 * 4)
        #expect(plan.arenaBytes == 0)
        let inputs = try RandomGraph.inputs(of: module.functions[0], bindings: ["B": 2], seed: 6)
        let worst = try RandomCase(module, inputs: inputs).worst(ofKernels: lowered)
        #expect(worst.gap < 1e-5, "\(worst.place)")
    }
}

extension LoweredModule {
    fileprivate var memoryOfChains: String {
        functions[0].buffers.map { "\($0.name): \($0.location)" }.joined(separator: "\n")
    }
}
