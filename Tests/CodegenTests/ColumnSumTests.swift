import Compiler
import Foundation
import GraphIR
import HostTensors
import KernelIR
import Lowering
import Testing
import Toolchain

/// Sums over all rows, taken in by a kernel on these rows or by one of their own: whole blocks of rows and parts of one, whole vectors
/// of columns and parts of one.
@Suite struct ColumnSumTests {
    /// A layer norm's shape, and whether its gradient's sums belong to the kernel of its rows.
    static let batch = Dim(symbol: "B")
    static let shapes: [(shape: [Dim], isOne: Bool)] = [
        ([batch, 5, 35], true), ([3, 5, 19], false), ([1, 1, 7], false), ([1, 1, 33], false), ([1, 2, 33], true),
        ([batch, 96], true),
        ([64, 100], true), ([13, 10, 64], true), ([batch, batch, 48], true), ([batch, 37, 257], true),
    ]

    private func module(_ shape: [Dim]) throws -> GraphModule {
        var builder = FunctionBuilder(name: "main")
        let x = builder.input("x", TensorType(.f32, shape))
        let cotangent = builder.input("cotangent", TensorType(.f32, shape))
        let axis = shape.count - 1
        let parameters = ["scale", "offset"].map { builder.input($0, TensorType(.f32, [shape[axis]])) }
        let y = try builder.emit1("layerNorm", x, parameters[0], parameters[1], attributes: ["axis": .int(axis)])
        let gradients = try builder.gradients(of: builder.mul(y, cotangent), withRespectTo: [x] + parameters)
        for (name, gradient) in zip(["dx", "dscale", "doffset"], gradients) { builder.output(name, gradient) }
        builder.output("bias", try builder.reduce("sum", gradients[0], axes: Array(0..<axis)))
        var module = GraphModule(name: "norm")
        module.dims = [DimSymbol("B", range: 1...64)]
        module.functions = [builder.function]
        return module
    }

    @Test(arguments: AccuracyTests.levels, shapes.indices)
    func gradientsOfALayerNorm(level: CPULevel, at: Int) throws {
        let (shape, isOne) = Self.shapes[at]
        let target = Target(architecture: Target.host.architecture, level: level)
        let module = try module(shape)
        let lowered = try Compiler.lowered(Compiler.optimized(module), target: target)
        #expect(lowered.kernelText(function: "main").contains("_sums {") == isOne)
        try expectSoundKernels(lowered)
        // 1, 6 and 13 of what has no fixed size.
        for seed: UInt64 in [0, 5, 12] {
            let data = try RandomCase(module, seed: seed)
            let (gap, place) = try data.worst(of: data.compiled(target))
            #expect(gap <= 2e-5, "\(shape), \(data.bindings): \(place)")
        }
    }

    /// Sums that other reads tell the axes of rows apart, long rows by themselves, those with work on the sum, and of f64.
    @Test(
        arguments: AccuracyTests.levels,
        [
            """
            %0 = broadcast %time axes [1] shape [B,6,80] : f32[B,6,80]
                %1 = mul %x, %0 : f32[B,6,80]
                %2 = reduce %1 kind sum axes [2] : f32[B,6]
                %3 = reduce %1 kind sum axes [0,1] : f32[80]
                output %2 : f32[B,6] "rows"
                output %3 : f32[80] "columns"
            """,
            """
            %0 = reduce %long kind sum axes [0,1] : f32[300]
                %1 = exp %long : f32[B,130,300]
                %2 = reduce %1 kind sum axes [0,1] : f32[300]
                output %0 : f32[300] "sum"
                output %2 : f32[300] "sum of exp"
            """,
            """
            %0 = reduce %long kind sum axes [0,1] : f32[300]
                %1 = tanh %0 : f32[300]
                output %1 : f32[300] "y"
            """,
            """
            %0 = exp %double : f64[B,50,70]
                %1 = reduce %0 kind sum axes [0,1] : f64[70]
                %2 = reduce %0 kind max axes [2] : f64[B,50]
                output %1 : f64[70] "columns"
                output %2 : f64[B,50] "rows"
            """,
        ])
    func otherSums(level: CPULevel, ops: String) throws {
        let module = try GraphModule(
            text: """
                module v1 @sums {
                  dim B in 1...64
                  func @main(%x: f32[B,6,80] "x", %time: f32[6] "time", %long: f32[B,130,300] "long", \
                %double: f64[B,50,70] "double") {
                    \(ops)
                  }
                }
                """)
        let target = Target(architecture: Target.host.architecture, level: level)
        try expectSoundKernels(Compiler.lowered(Compiler.optimized(module), target: target))
        for seed: UInt64 in [0, 10] {
            let data = try RandomCase(module, seed: seed)
            let (gap, place) = try data.worst(of: data.compiled(target))
            #expect(gap <= 2e-5, "\(data.bindings): \(place)")
        }
    }

    /// A long sum of numbers that f32 does not hold exactly: terms added to one sum in turn would be off by 1e-4 and more.
    @Test func errorsGrowSlowly() throws {
        let module = try GraphModule(
            text: """
                module v1 @long {
                  func @main(%x: f32[16,8192,32] "x") {
                    %0 = softmax %x axis 2 : f32[16,8192,32]
                    %1 = reduce %x kind sum axes [0,1] : f32[32]
                    %2 = reduce %0 kind sum axes [0,1] : f32[32]
                    output %1 : f32[32] "sum"
                    output %2 : f32[32] "sum of softmax"
                  }
                }
                """)
        let x = try HostTensor([Float](repeating: 0.1, count: 16 * 8192 * 32), shape: [16, 8192, 32])
        let data = try RandomCase(module, inputs: [x])
        let (gap, place) = try data.worst(of: data.compiled(.host))
        #expect(gap <= 3e-6, "\(place)")
    }
}
