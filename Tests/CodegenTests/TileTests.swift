import GraphIR
import HostTensors
import KernelIR
import Lowering
import Testing
import Toolchain

/// Products by tiles of bf16 parts, in every precision: through the interpreter of kernels on every machine, as machine code where
/// the processor has tiles.
@Suite struct TileTests {
    /// Shapes large enough for tiles: remainders in every axis, a batch, a transposed left operand.
    static let products = [
        """
        module v1 @plain {
          func @main(%a: f32[192,160] "a", %b: f32[160,94] "b") {
            %0 = dot %a, %b contract [1],[0] : f32[192,94]
            output %0 : f32[192,94] "y"
          }
        }

        """,
        """
        module v1 @batched {
          dim B in 1...512
          func @main(%a: f32[B,150] "a", %b: f32[150,90] "b", %c: f32[90] "c") {
            %0 = dot %a, %b contract [1],[0] : f32[B,90]
            %1 = broadcast %c axes [1] shape [B,90] : f32[B,90]
            %2 = add %0, %1 : f32[B,90]
            output %2 : f32[B,90] "y"
          }
        }

        """,
        """
        module v1 @transposed {
          dim B in 1...512
          func @main(%a: f32[B,400] "a", %b: f32[B,400] "b") {
            %0 = dot %a, %b contract [0],[0] : f32[400,400]
            output %0 : f32[400,400] "y"
          }
        }

        """,
        """
        module v1 @tall {
          func @main(%a: f32[520,400] "a", %b: f32[400,48] "b") {
            %0 = dot %a, %b contract [1],[0] : f32[520,48]
            output %0 : f32[520,48] "y"
          }
        }

        """,
    ]

    /// What a precision may add to an element, relative to the sum of the magnitudes of its products.
    static func bound(_ precision: Precision) -> Double {
        switch precision {
        case .float32: 3e-7
        case .tensorfloat: 3e-5
        case .bfloat16: 8e-3
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var text: String
        var precision: Precision
        var batch: Int
        var testDescription: String { "\(text.prefix(24)) \(precision) \(batch)" }
    }

    static let cases = products.flatMap { text in
        Precision.allCases.flatMap { precision in
            (text.contains("dim B") ? [160, 129, 5] : [0]).map { Case(text: text, precision: precision, batch: $0) }
        }
    }

    @Test(arguments: cases.filter { !$0.text.contains("@tall") })
    func kernelsMeanTheProduct(sample: Case) throws {
        let module = try GraphModule(text: sample.text)
        let target = Target(architecture: .x86_64, level: .amx)
        let lowered = try PlanHarness.prepare(module, target: target, precision: sample.precision)
        #expect(lowered.kernels.contains { $0.body.contains(where: \.usesTileRegisters) })
        for kernel in lowered.kernels {
            let found = kernel.verify(dims: module.dims)
            #expect(found.problems == [] && found.unproved == [], "\(kernel)")
            #expect(try Kernel(text: kernel.text) == kernel)
        }
        guard sample.batch != 160 else { return }
        var states: [HostTensor] = []
        try compare(sample, module) {
            try LoweredInterpreter(lowered).run("main", inputs: $0, states: &states)
        }
    }

    @Test(arguments: cases)
    func machineCodeComputesTheProduct(sample: Case) throws {
        let module = try GraphModule(text: sample.text)
        let harness = try PlanHarness(module, precision: sample.precision)
        var states: [HostTensor] = []
        try compare(sample, module) { try harness.run("main", inputs: $0, states: &states) }
    }

    /// Compares with the product in f64; the bound grows with the magnitudes that are summed.
    private func compare(
        _ sample: Case, _ module: GraphModule, _ run: ([HostTensor]) throws -> [HostTensor]
    ) throws {
        let function = module.functions[0]
        let inputs = try RandomGraph.inputs(of: function, bindings: ["B": sample.batch], seed: 7)
        let named = Dictionary(uniqueKeysWithValues: zip(function.inputs.map(\.name), inputs))
        let magnitudes = try named.mapValues { tensor in
            try HostTensor(tensor.doubles().map { Float(abs($0)) }).reshaped(tensor.shape)
        }
        var states: [HostTensor] = []
        let wanted = try Interpreter(module: module).run("main", inputs: named, states: &states).values[0].doubles()
        let scale = try Interpreter(module: module).run("main", inputs: magnitudes, states: &states).values[0].doubles()
        let found = try run(inputs)[0].doubles()
        let worst = zip(zip(found, wanted), scale).map { abs($0.0 - $0.1) / max($1, 1e-30) }.max() ?? 0
        #expect(worst <= Self.bound(sample.precision))
    }
}
