import GraphIR
import HostTensors
import KernelIR
import Lowering
import Testing

/// Which kernels run example by example, and that their results are the same for any number of examples and threads.
@Suite struct ExampleChainTests {
    /// What becomes of images `%y`, made by a convolution, and of labels; and how many calls are in each chain.
    private static let cases: [(name: String, chains: [Int], body: String)] = [
        (
            "convolutions, padding and pooling", [5],
            """
            %z = constant value f32[]{0} : f32[]
                %p = pad %y, %z low [0,1,1,0] high [0,1,1,0] interior [0,0,0,0] : f32[B,34,34,136]
                %s = reduceWindow %p kind sum window [1,3,3,1] strides [1,1,1,1] padding [0,0],[0,0],[0,0],[0,0] : f32[B,32,32,136]
                %c = conv %s, %w layout "NHWC,HWIO,NHWC" strides [1,1] padding [0,0],[0,0] inputDilation [1,1] kernelDilation [1,1] : f32[B,32,32,136]
                %r = add %c, %y : f32[B,32,32,136]
                %m = reduceWindow %r kind max window [1,2,2,1] strides [1,2,2,1] padding [0,0],[0,0],[0,0],[0,0] : f32[B,16,16,136]
                %a = reduce %m kind sum axes [1,2] : f32[B,136]
                output %a : f32[B,136] "a"
            """
        ),
        (
            "a sum over examples is there before", [2],
            """
            %s = reduce %y kind sum axes [0] : f32[32,32,136]
                %b = broadcast %s axes [1,2,3] shape [B,32,32,136] : f32[B,32,32,136]
                %d = sub %y, %b : f32[B,32,32,136]
                %m = reduceWindow %d kind max window [1,2,2,1] strides [1,2,2,1] padding [0,0],[0,0],[0,0],[0,0] : f32[B,16,16,136]
                output %m : f32[B,16,16,136] "m"
            """
        ),
        (
            "the number of an example is not to be had for one alone", [2],
            """
            %m = reduceWindow %y kind max window [1,2,2,1] strides [1,2,2,1] padding [0,0],[0,0],[0,0],[0,0] : f32[B,16,16,136]
                %i = iota axis 0 shape [B,16,16,136] dtype f32 : f32[B,16,16,136]
                %d = add %m, %i : f32[B,16,16,136]
                %e = reduceWindow %d kind max window [1,2,2,1] strides [1,2,2,1] padding [0,0],[0,0],[0,0],[0,0] : f32[B,8,8,136]
                output %e : f32[B,8,8,136] "e"
            """
        ),
        (
            "examples in another order, which is the second axis", [2],
            """
            %m = reduceWindow %y kind max window [1,2,2,1] strides [1,2,2,1] padding [0,0],[0,0],[0,0],[0,0] : f32[B,16,16,136]
                %t = transpose %m permutation [1,0,2,3] : f32[16,B,16,136]
                output %t : f32[16,B,16,136] "t"
            """
        ),
        (
            "what is an output is there for all examples", [3],
            """
            %m = reduceWindow %y kind max window [1,2,2,1] strides [1,2,2,1] padding [0,0],[0,0],[0,0],[0,0] : f32[B,16,16,136]
                %n = reduceWindow %m kind max window [1,2,2,1] strides [1,2,2,1] padding [0,0],[0,0],[0,0],[0,0] : f32[B,8,8,136]
                output %m : f32[B,16,16,136] "m"
                output %n : f32[B,8,8,136] "n"
            """
        ),
    ]

    private static func module(_ body: String, examples: String = "dim B in 1...16") throws -> GraphModule {
        try GraphModule(
            text: """
                module v1 @examples {
                  \(examples)
                  func @main(%x: f32[B,32,32,136] "x", %w: f32[1,1,136,136] "w") {
                    %y = conv %x, %w layout "NHWC,HWIO,NHWC" strides [1,1] padding [0,0],[0,0] inputDilation [1,1] kernelDilation [1,1] : f32[B,32,32,136]
                    \(body)
                  }
                }

                """)
    }

    @Test(arguments: cases)
    func runsExampleByExample(name: String, chains: [Int], body: String) throws {
        let module = try Self.module(body)
        let lowered = try PlanHarness.prepare(module)
        #expect(lowered.functions[0].chains.map(\.calls.count) == chains, "\(lowered.functions[0].chains)")
        #expect(lowered.functions[0].chains.allSatisfy { $0.dimension == "B" })
        let harnesses = try [1, 2, 3].map { try PlanHarness(lowered, threads: $0) }
        for batch in [1, 2, 5] {
            let inputs = try RandomGraph.inputs(of: module.functions[0], bindings: ["B": batch], seed: 5)
            let random = try RandomCase(module, inputs: inputs)
            var states: [HostTensor] = []
            let found = try harnesses.map { try $0.run("main", inputs: inputs, states: &states) }
            let worst = try random.worst(of: found[0])
            #expect(worst.gap < 1e-5, "\(worst.place)")
            #expect(found[1] == found[0], "two threads, \(batch) examples")
            #expect(found[2] == found[0], "three threads, \(batch) examples")
        }
    }

    /// The kernels' own interpreter has memory for one example, and for all but one.
    @Test func theKernelsMeanTheSame() throws {
        let module = try GraphModule(
            text: """
                module v1 @examples {
                  dim B in 1...16
                  func @main(%x: f32[B,8,8,4224] "x", %w: f32[1,1,4224,4] "w") {
                    %y = conv %x, %w layout "NHWC,HWIO,NHWC" strides [1,1] padding [0,0],[0,0] inputDilation [1,1] kernelDilation [1,1] : f32[B,8,8,4]
                    %m = reduceWindow %y kind max window [1,2,2,1] strides [1,2,2,1] padding [0,0],[0,0],[0,0],[0,0] : f32[B,4,4,4]
                    output %m : f32[B,4,4,4] "m"
                  }
                }

                """)
        let lowered = try PlanHarness.prepare(module, target: Target(architecture: .aarch64, level: .baseline))
        let plan = lowered.functions[0]
        #expect(plan.chains.count == 1)
        #expect(try plan.workspaceBytes(["B": 16], threads: 2) == 2 * 8 * 8 * 4 * 4)
        #expect(try plan.workspaceBytes(["B": 1], threads: 2) == 8 * 8 * 4 * 4)
        let inputs = try RandomGraph.inputs(of: module.functions[0], bindings: ["B": 2], seed: 6)
        let worst = try RandomCase(module, inputs: inputs).worst(ofKernels: lowered)
        #expect(worst.gap < 1e-5, "\(worst.place)")
    }

    @Test(arguments: ["dim B in 2...16", "dim B in 1...16 multiple 4"])
    func oneExampleMustBeAllowed(examples: String) throws {
        let module = try Self.module(
            """
            %m = reduceWindow %y kind max window [1,2,2,1] strides [1,2,2,1] padding [0,0],[0,0],[0,0],[0,0] : f32[B,16,16,136]
                output %m : f32[B,16,16,136] "m"
            """, examples: examples)
        #expect(try PlanHarness.prepare(module).functions[0].chains.isEmpty)
    }
}
