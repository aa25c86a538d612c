import GraphIR
import GraphPasses
import HostTensors
import KernelIR
import LLVMEmission
import Lowering
import Testing
import Toolchain

/// Values that lie between kernels as bf16: which ones are chosen, and that machine code of every target computes what the
/// kernels mean.
@Suite struct StorageTests {
    /// A residual network: convolutions with one tap and with nine, with padding and a stride; an average and an order at its end.
    static let convolutions = """
        module v1 @convolutions {
          dim B in 2...64
          func @main(%x: f32[B,5,4,32] "x", %k0: f32[1,1,32,32] "k0", %k1: f32[3,3,32,32] "k1", %k2: f32[1,1,32,32] "k2", %k3: f32[1,1,32,40] "k3", %k4: f32[3,3,32,40] "k4", %c: f32[32] "c") {
            %0 = conv %x, %k0 layout "NHWC,HWIO,NHWC" strides [1,1] padding [0,0],[0,0] inputDilation [1,1] kernelDilation [1,1] : f32[B,5,4,32]
            %1 = broadcast %c axes [3] shape [B,5,4,32] : f32[B,5,4,32]
            %2 = add %0, %1 : f32[B,5,4,32]
            %3 = conv %2, %k1 layout "NHWC,HWIO,NHWC" strides [1,1] padding [1,1],[1,1] inputDilation [1,1] kernelDilation [1,1] : f32[B,5,4,32]
            %4 = max %3, %2 : f32[B,5,4,32]
            %5 = conv %4, %k2 layout "NHWC,HWIO,NHWC" strides [1,1] padding [0,0],[0,0] inputDilation [1,1] kernelDilation [1,1] : f32[B,5,4,32]
            %6 = add %5, %x : f32[B,5,4,32]
            %7 = conv %6, %k3 layout "NHWC,HWIO,NHWC" strides [1,1] padding [0,0],[0,0] inputDilation [1,1] kernelDilation [1,1] : f32[B,5,4,40]
            %8 = conv %6, %k4 layout "NHWC,HWIO,NHWC" strides [2,2] padding [1,1],[1,1] inputDilation [1,1] kernelDilation [1,1] : f32[B,3,2,40]
            %9 = reduce %6 kind sum axes [1,2] : f32[B,32]
            output %7 : f32[B,5,4,40] "pointwise"
            output %8 : f32[B,3,2,40] "strided"
            output %9 : f32[B,32] "sum"
          }
        }

        """

    /// Products, a softmax between them, and a gradient that a state takes.
    static let products = """
        module v1 @products {
          dim B in 2...64
          state %w : f32[32,48] parameter "w"
          func @main(%x: f32[33*B,32] "x", %v: f32[48,32] "v") {
            %0 = dot %x, %w contract [1],[0] : f32[33*B,48]
            %1 = softmax %0 axis 1 : f32[33*B,48]
            %2 = dot %1, %v contract [1],[0] : f32[33*B,32]
            %3 = add %2, %x : f32[33*B,32]
            %4 = tanh %3 : f32[33*B,32]
            %5 = dot %4, %v contract [1],[1] : f32[33*B,48]
            %6 = mul %5, %5 : f32[33*B,48]
            %7 = dot %4, %6 contract [0],[0] : f32[32,48]
            %8 = sub %w, %7 : f32[32,48]
            output %3 : f32[33*B,32] "y"
            update %w = %8
          }
        }

        """

    @Test func eachValueIsKeptAsItsReadersAllow() throws {
        let reasons = try [Self.convolutions, Self.products].map { text in
            let (module, plans) = try optimize(try GraphModule(text: text))
            return chooseStorage(module.functions[0], plan: plans[0], dims: module.dims).decisions.map(\.reason)
        }
        let (products, once) = (
            "only products read it, which round what they multiply", "rounded once more, by at most 2⁻⁹"
        )
        #expect(Set(reasons[0]) == [products, once, "it outlives the call"])
        #expect(Set(reasons[1]) == [products, once, "it outlives the call", "an optimizer reads it", "it is small"])
    }

    static let targets: [Target] =
        Architecture.allCases.flatMap { architecture in
            CPULevel.levels(of: architecture).map { Target(architecture: architecture, level: $0) }
        }

    /// The kernels with every value as bf16 that may be, whatever the target.
    private func lowered(_ text: String, _ target: Target) throws -> LoweredModule {
        let (module, plans) = try optimize(try GraphModule(text: text))
        let storage = zip(module.functions, plans).map { chooseStorage($0, plan: $1, dims: module.dims) }
        return try lower(module, plans: plans, target: target, precision: .bfloat16, storage: storage)
    }

    @Test(arguments: targets, [convolutions, products])
    func kernelsAndMachineCodeRoundWhatTheyStore(_ target: Target, _ text: String) throws {
        let lowered = try lowered(text, target)
        #expect(lowered.kernels.contains { $0.buffers.contains { $0.stored == .bf16 } })
        try expectSoundKernels(lowered)
        for function in lowered.functions { try checkOverlap(function, in: lowered) }
        guard target.architecture == Target.host.architecture, target.level.rank <= Target.host.level.rank else {
            _ = try LLVMCompiler.object(
                ir: emitLLVM(lowered, prefix: "strata_rt_").text, target: lowered.target)
            return
        }
        let harness = try PlanHarness(lowered)
        let module = try GraphModule(text: text)
        let inputs = try RandomGraph.inputs(of: module.functions[0], bindings: ["B": 2], seed: 5)
        let start = try RandomGraph.states(of: module, seed: 5)
        let named = Dictionary(uniqueKeysWithValues: zip(module.functions[0].inputs.map(\.name), inputs))
        var (exactStates, states, kernelStates) = (start, start, start)
        let exact = try Interpreter(module: module).run("main", inputs: named, states: &exactStates).values
        let found = try harness.run("main", inputs: inputs, states: &states)
        for (one, other) in zip(found + states, exact + exactStates) {
            #expect(gap(one, other) < 1e-2)
            #expect(gap(one, other) > 1e-6, "nothing was rounded")
        }
        guard [.baseline, .amx].contains(target.level) else { return }
        let kernels = try LoweredInterpreter(lowered).run("main", inputs: inputs, states: &kernelStates)
        // A sum that differs in its last bit may be rounded the other way, by 2⁻⁸; such differences add up with random signs.
        for (one, other) in zip(found + states, kernels + kernelStates) { #expect(gap(one, other) < 1e-3) }
    }

    /// The root of the mean square of the difference, over that of what is expected.
    private func gap(_ found: HostTensor, _ wanted: HostTensor) -> Double {
        let (found, wanted) = (found.doubles(), wanted.doubles())
        let difference = zip(found, wanted).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return (difference / wanted.reduce(0) { $0 + $1 * $1 }).squareRoot()
    }
}
