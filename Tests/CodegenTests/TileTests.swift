import GraphIR
import HostTensors
import KernelIR
import Lowering
import Testing
import Toolchain

/// Products by tiles of bf16 parts, in every precision that has them: through the interpreter of kernels on every machine, as machine code where
/// the processor has tiles.
@Suite struct TileTests {
    /// Shapes large enough for tiles: remainders in every axis, a batch, many products at once, those of which a task takes some rows or a part of
    /// the sum, transposed operands, a depth in blocks, rows and depths that are many whatever the batch, and convolutions with an odd number of
    /// lines, remainders of pixels and outputs, strides, padding, lines in blocks, weights larger than a cache, and as a weight gradient; with taps
    /// that are no square, which transformed tiles do not take over.
    static let products = [
        """
        module v1 @plain {
          func @main(%a: f32[72,100] "a", %b: f32[100,94] "b") {
            %0 = dot %a, %b contract [1],[0] : f32[72,94]
            output %0 : f32[72,94] "y"
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
          func @main(%a: f32[B,50] "a", %b: f32[B,70] "b") {
            %0 = dot %a, %b contract [0],[0] : f32[50,70]
            output %0 : f32[50,70] "y"
          }
        }

        """,
        """
        module v1 @heads {
          dim B in 1...8
          func @main(%a: f32[2*B,3,72,40] "a", %b: f32[2*B,40,3,64] "b", %c: f32[64] "c") {
            %0 = dot %a, %b contract [3],[1] batch [0,1],[0,2] : f32[2*B,3,72,64]
            %1 = broadcast %c axes [3] shape [2*B,3,72,64] : f32[2*B,3,72,64]
            %2 = add %0, %1 : f32[2*B,3,72,64]
            output %2 : f32[2*B,3,72,64] "y"
          }
        }

        """,
        """
        module v1 @whole {
          dim B in 1...8
          func @main(%a: f32[2*B,64,3,32] "a", %b: f32[2*B,64,3,32] "b") {
            %0 = dot %a, %b contract [3],[3] batch [0,2],[0,2] : f32[2*B,3,64,64]
            output %0 : f32[2*B,3,64,64] "y"
          }
        }

        """,
        """
        module v1 @pairs {
          dim B in 1...8
          func @main(%a: f32[2*B,1100,40] "a", %b: f32[2*B,1100,36] "b") {
            %0 = dot %a, %b contract [1],[1] batch [0],[0] : f32[2*B,40,36]
            output %0 : f32[2*B,40,36] "y"
          }
        }

        """,
        """
        module v1 @someRows {
          func @main(%a: f32[2,400,24] "a", %b: f32[2,24,390] "b", %c: f32[390] "c") {
            %0 = dot %a, %b contract [2],[1] batch [0],[0] : f32[2,400,390]
            %1 = broadcast %c axes [2] shape [2,400,390] : f32[2,400,390]
            %2 = add %0, %1 : f32[2,400,390]
            output %2 : f32[2,400,390] "y"
          }
        }

        """,
        """
        module v1 @someOfADeepSum {
          func @main(%a: f32[2,80,1700] "a", %b: f32[2,1700,20] "b") {
            %0 = dot %a, %b contract [2],[1] batch [0],[0] : f32[2,80,20]
            output %0 : f32[2,80,20] "y"
          }
        }

        """,
        """
        module v1 @sumsByBlocks {
          func @main(%a: f32[2,400,380] "a", %b: f32[2,400,20] "b") {
            %0 = dot %a, %b contract [1],[1] batch [0],[0] : f32[2,380,20]
            output %0 : f32[2,380,20] "y"
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
        """
        module v1 @deep {
          dim B in 1...512
          func @main(%a: f32[B,1100] "a", %b: f32[1100,60] "b") {
            %0 = dot %a, %b contract [1],[0] : f32[B,60]
            output %0 : f32[B,60] "y"
          }
        }

        """,
        """
        module v1 @turned {
          dim B in 1...512
          func @main(%a: f32[B,150] "a", %b: f32[90,150] "b") {
            %0 = dot %a, %b contract [1],[1] : f32[B,90]
            output %0 : f32[B,90] "y"
          }
        }

        """,
        """
        module v1 @long {
          dim B in 1...512
          func @main(%a: f32[64*B,70] "a", %b: f32[70,94] "b", %c: f32[94] "c") {
            %0 = dot %a, %b contract [1],[0] : f32[64*B,94]
            %1 = broadcast %c axes [1] shape [64*B,94] : f32[64*B,94]
            %2 = add %0, %1 : f32[64*B,94]
            output %2 : f32[64*B,94] "y"
          }
        }

        """,
        """
        module v1 @longAndTurned {
          dim B in 1...512
          func @main(%a: f32[65*B,320] "a", %b: f32[160,320] "b") {
            %0 = dot %a, %b contract [1],[1] : f32[65*B,160]
            output %0 : f32[65*B,160] "y"
          }
        }

        """,
        """
        module v1 @summed {
          dim B in 1...512
          func @main(%a: f32[65*B,50] "a", %b: f32[65*B,94] "b") {
            %0 = dot %a, %b contract [0],[0] : f32[50,94]
            output %0 : f32[50,94] "y"
          }
        }

        """,
        """
        module v1 @conv {
          dim B in 1...64
          func @main(%a: f32[B,11,18,32] "a", %b: f32[3,4,32,56] "b", %c: f32[56] "c") {
            %0 = conv %a, %b layout "NHWC,HWIO,NHWC" strides [1,1] padding [0,0],[0,0] inputDilation [1,1] kernelDilation [1,1] : f32[B,9,15,56]
            %1 = broadcast %c axes [3] shape [B,9,15,56] : f32[B,9,15,56]
            %2 = add %0, %1 : f32[B,9,15,56]
            output %2 : f32[B,9,15,56] "y"
          }
        }

        """,
        """
        module v1 @strided {
          dim B in 1...64
          func @main(%a: f32[B,9,33,64] "a", %b: f32[3,3,64,64] "b") {
            %0 = conv %a, %b layout "NHWC,HWIO,NHWC" strides [2,2] padding [0,0],[0,0] inputDilation [1,1] kernelDilation [1,1] : f32[B,4,16,64]
            output %0 : f32[B,4,16,64] "y"
          }
        }

        """,
        """
        module v1 @padded {
          dim B in 1...512
          func @main(%a: f32[B,7,7,32] "a", %b: f32[3,3,32,64] "b") {
            %0 = conv %a, %b layout "NHWC,HWIO,NHWC" strides [1,1] padding [1,1],[1,1] inputDilation [1,1] kernelDilation [1,1] : f32[B,7,7,64]
            output %0 : f32[B,7,7,64] "y"
          }
        }

        """,
        """
        module v1 @halved {
          dim B in 1...512
          func @main(%a: f32[B,13,29,32] "a", %b: f32[3,3,32,64] "b") {
            %0 = conv %a, %b layout "NHWC,HWIO,NHWC" strides [2,2] padding [1,1],[1,1] inputDilation [1,1] kernelDilation [1,1] : f32[B,7,15,64]
            output %0 : f32[B,7,15,64] "y"
          }
        }

        """,
        """
        module v1 @paddedBehind {
          dim B in 1...512
          func @main(%a: f32[B,4,32,40] "a", %b: f32[3,3,40,64] "b") {
            %0 = conv %a, %b layout "NHWC,HWIO,NHWC" strides [2,2] padding [0,1],[0,1] inputDilation [1,1] kernelDilation [1,1] : f32[B,2,16,64]
            output %0 : f32[B,2,16,64] "y"
          }
        }

        """,
        """
        module v1 @lines {
          dim B in 1...512
          func @main(%a: f32[B,8,16,32] "a", %b: f32[1,1,32,64] "b", %c: f32[B,8,16,64] "c") {
            %0 = conv %a, %b layout "NHWC,HWIO,NHWC" strides [1,1] padding [0,0],[0,0] inputDilation [1,1] kernelDilation [1,1] : f32[B,8,16,64]
            %1 = add %0, %c : f32[B,8,16,64]
            output %1 : f32[B,8,16,64] "y"
          }
        }

        """,
        """
        module v1 @projected {
          dim B in 1...512
          func @main(%a: f32[B,16,16,64] "a", %b: f32[1,1,64,96] "b") {
            %0 = conv %a, %b layout "NHWC,HWIO,NHWC" strides [2,2] padding [0,0],[0,0] inputDilation [1,1] kernelDilation [1,1] : f32[B,8,8,96]
            output %0 : f32[B,8,8,96] "y"
          }
        }

        """,
        """
        module v1 @fourteens {
          dim B in 1...512
          func @main(%a: f32[B,16,17,32] "a", %b: f32[3,4,32,64] "b") {
            %0 = conv %a, %b layout "NHWC,HWIO,NHWC" strides [1,1] padding [0,0],[0,0] inputDilation [1,1] kernelDilation [1,1] : f32[B,14,14,64]
            output %0 : f32[B,14,14,64] "y"
          }
        }

        """,
        """
        module v1 @sevens {
          dim B in 1...512
          func @main(%a: f32[B,7,7,64] "a", %b: f32[1,1,64,96] "b", %c: f32[B,7,7,96] "c") {
            %0 = conv %a, %b layout "NHWC,HWIO,NHWC" strides [1,1] padding [0,0],[0,0] inputDilation [1,1] kernelDilation [1,1] : f32[B,7,7,96]
            %1 = add %0, %c : f32[B,7,7,96]
            output %1 : f32[B,7,7,96] "y"
          }
        }

        """,
        """
        module v1 @wide {
          func @main(%a: f32[2,8,8,128] "a", %b: f32[4,3,128,160] "b") {
            %0 = conv %a, %b layout "NHWC,HWIO,NHWC" strides [1,1] padding [1,2],[1,1] inputDilation [1,1] kernelDilation [1,1] : f32[2,8,8,160]
            output %0 : f32[2,8,8,160] "y"
          }
        }

        """,
        """
        module v1 @taps {
          dim B in 1...64
          func @main(%a: f32[B,16,18,32] "a", %b: f32[B,13,15,64] "b") {
            %0 = conv %a, %b layout "CHWN,IHWO,HWNC" strides [1,1] padding [0,0],[0,0] inputDilation [1,1] kernelDilation [1,1] : f32[4,4,32,64]
            output %0 : f32[4,4,32,64] "y"
          }
        }

        """,
    ]

    /// What a precision may add to an element, relative to the sum of the magnitudes of its products.
    static func bound(_ precision: Precision) -> Double {
        switch precision {
        case .float32: 3e-7
        case .tensorfloat: 3e-5
        case .bfloat16, .int8: 8e-3
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var text: String
        var precision: Precision
        var testDescription: String { "\(text.prefix(24)) \(precision)" }
    }

    static let cases = products.flatMap { text in
        Precision.allCases.filter { $0 != .int8 }.map { Case(text: text, precision: $0) }
    }

    @Test(arguments: cases.filter { !$0.text.contains("@tall") && !$0.text.contains("@wide") })
    func kernelsMeanTheProduct(sample: Case) throws {
        let module = try GraphModule(text: sample.text)
        let target = Target(architecture: .x86_64, level: .amx)
        let lowered = try PlanHarness.prepare(module, target: target, precision: sample.precision, form: .tiles)
        #expect(lowered.kernels.contains { $0.body.contains(where: \.usesTileRegisters) })
        try expectSoundKernels(lowered)
        var states: [HostTensor] = []
        try compare(sample, module, batches: [5, 65]) {
            try LoweredInterpreter(lowered).run("main", inputs: $0, states: &states)
        }
    }

    /// Tiles have so many rows that few pixels are computed in vain: with registers for them no more tiles than those of 16 rows.
    @Test(arguments: [
        ("@fourteens", CPULevel.amx, 14), ("@fourteens", .dot, 14), ("@sevens", .amx, 13), ("@sevens", .dot, 14),
        ("@lines", .amx, 16), ("@lines", .dot, 16),
    ])
    func tilesHaveAsManyRowsAsSuitAMap(_ name: String, _ level: CPULevel, _ rows: Int) throws {
        let text = try #require(Self.products.first { $0.contains(name) })
        let lowered = try PlanHarness.prepare(
            try GraphModule(text: text), target: Target(architecture: .x86_64, level: level), precision: .bfloat16,
            form: .tiles)
        #expect(lowered.kernels.filter { $0.body.contains(where: \.usesTileRegisters) }.map(\.tileRows) == [rows])
    }

    /// The best level of this machine, and the one before AMX where it has both.
    static let levels = [.dot].filter { $0.rank < Target.host.level.rank } + [Target.host.level]

    @Test(arguments: cases, levels)
    func machineCodeComputesTheProduct(sample: Case, level: CPULevel) throws {
        let module = try GraphModule(text: sample.text)
        let target = Target(architecture: Target.host.architecture, level: level)
        let lowered = try PlanHarness.prepare(module, target: target, precision: sample.precision, form: .tiles)
        let usesTiles = lowered.kernels.contains { $0.body.contains(where: \.usesTileRegisters) }
        #expect(usesTiles == target.multipliesTiles(sample.precision))
        let harness = try PlanHarness(lowered)
        var states: [HostTensor] = []
        try compare(sample, module, batches: [5, 65, 270]) { try harness.run("main", inputs: $0, states: &states) }
    }

    /// Compares with the product in f64; the bound grows with the magnitudes that are summed.
    private func compare(
        _ sample: Case, _ module: GraphModule, batches: [Int], _ run: ([HostTensor]) throws -> [HostTensor]
    ) throws {
        let function = module.functions[0]
        // Of a convolution, few images: less than a sum's, and more. Of rows in sixties, more than one block.
        let sizes =
            sample.text.contains("conv")
            ? batches.map { 3 + $0 / 30 }
            : sample.text.contains("*B") ? batches.map { 1 + $0 / 60 } : module.dims.isEmpty ? [1] : batches
        for batch in sizes {
            let inputs = try RandomGraph.inputs(of: function, bindings: ["B": batch], seed: 7)
            let named = Dictionary(uniqueKeysWithValues: zip(function.inputs.map(\.name), inputs))
            let magnitudes = try named.mapValues { tensor in
                try HostTensor(tensor.doubles().map { Float(abs($0)) }).reshaped(tensor.shape)
            }
            var states: [HostTensor] = []
            let interpreter = try Interpreter(module: module)
            let wanted = try interpreter.run("main", inputs: named, states: &states).values[0].doubles()
            let scale = try interpreter.run("main", inputs: magnitudes, states: &states).values[0].doubles()
            let found = try run(inputs)[0].doubles()
            let worst = zip(zip(found, wanted), scale).map { abs($0.0 - $0.1) / max($1, 1e-30) }.max() ?? 0
            #expect(worst <= Self.bound(sample.precision), "batch \(batch)")
        }
    }
}
