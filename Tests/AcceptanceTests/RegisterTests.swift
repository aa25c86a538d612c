import Compiler
import GraphIR
import KernelIR
import Testing

/// The inner loops of matrix products and convolutions keep their accumulators in registers.
@Suite struct RegisterTests {
    @Test(arguments: [Target(architecture: .x86_64, level: .v4), Target(architecture: .aarch64, level: .baseline)])
    func innerLoopsOfTheTrainStepDoNotSpill(target: Target) throws {
        var module = try Graphs.read("mlp")
        module.functions.removeAll { $0.name != "train" }
        let lowered = try Compiler.lowered(Compiler.optimized(module), target: target)
        let loops = InnerLoop.all(in: try Compiler.assembly(lowered, name: "mlp")).filter {
            $0.function.contains("_dot") && $0.multiplyAdds >= 20
        }
        // Forward, input gradient and weight gradient have contraction kernels of their own.
        #expect(Set(loops.map(\.function)).count >= 3)
        for loop in loops {
            #expect(loop.stackAccesses == [], "\(loop.function)")
        }
    }

    /// Forward, input gradient and weight gradient of convolutions, on every level.
    @Test(
        arguments: CPULevel.levels(of: .x86_64).map { Target(architecture: .x86_64, level: $0) }
            + [Target(architecture: .aarch64, level: .baseline)])
    func innerLoopsOfConvolutionsDoNotSpill(target: Target) throws {
        var module = try Graphs.read("lenet")
        module.functions.removeAll { $0.name != "train" }
        let lowered = try Compiler.lowered(Compiler.optimized(module), target: target)
        let loops = InnerLoop.all(in: try Compiler.assembly(lowered, name: "lenet")).filter {
            $0.function.contains("_conv_") && $0.products >= 8 && $0.isSumOfProducts
        }
        // Where there are tile registers, only the convolution of one channel is made of multiply-adds.
        #expect(Set(loops.map(\.function)).count == (target.hasTileRegisters ? 2 : 5))
        for loop in loops {
            #expect(loop.stackAccesses == [], "\(loop.function)")
        }
    }

    /// The reader of assembly finds loops and spills where there are some.
    @Test func theReaderSeesSpills() {
        let assembly = """
            kernel:
            \tmovq\t%rsp, %rbp
            .LBB0_1:  # outer
            \tvmovups\t(%rdi), %zmm0
            .LBB0_2:                                # inner
            \tvfmadd231ps\t(%rsi), %zmm1, %zmm0  # 64-byte Folded Reload
            \tvmovups\t%zmm0, -64(%rbp)
            \tvmovups\t32(%rsp), %zmm2
            \tjne\t.LBB0_2
            \tjb\t.LBB0_1
            \tretq
            neon:
            .LBB1_1:
            \tfmla\tv0.4s, v1.4s, v2.s[0]
            \tstr\tq0, [sp, #16]   // 16-byte Folded Spill
            \tcbnz\tx8, .LBB1_1
            \tret
            """
        let loops = InnerLoop.all(in: assembly)
        #expect(loops.map(\.function) == ["kernel", "neon"])
        #expect(loops.map(\.multiplyAdds) == [1, 1])
        #expect(loops.map(\.stackAccesses.count) == [2, 1])
    }
}
