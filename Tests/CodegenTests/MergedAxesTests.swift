import Compiler
import GraphIR
import GraphPasses
import KernelIR
import Lowering
import Testing
import Toolchain

/// Neighbouring axes of a contraction become one exactly where nothing else in the kernel tells them apart.
@Suite struct MergedAxesTests {
    /// What follows a product [B,6,20]·[20,32], and whether batch and time are one axis of its kernel.
    static let cases: [(name: String, more: String, isMerged: Bool)] = [
        ("alone", "output %0 : f32[B,6,32] \"y\"", true),
        (
            "a bias of the columns",
            """
            %1 = broadcast %bias axes [2] shape [B,6,32] : f32[B,6,32]
                %2 = add %0, %1 : f32[B,6,32]
                output %2 : f32[B,6,32] "y"
            """, true
        ),
        (
            "a number for each row",
            """
            %1 = broadcast %rows axes [0,1] shape [B,6,32] : f32[B,6,32]
                %2 = mul %0, %1 : f32[B,6,32]
                output %2 : f32[B,6,32] "y"
            """, true
        ),
        (
            "a number for each step of time",
            """
            %1 = broadcast %time axes [1] shape [B,6,32] : f32[B,6,32]
                %2 = add %0, %1 : f32[B,6,32]
                output %2 : f32[B,6,32] "y"
            """, false
        ),
        (
            "time and columns",
            """
            %1 = broadcast %both axes [1,2] shape [B,6,32] : f32[B,6,32]
                %2 = add %0, %1 : f32[B,6,32]
                output %2 : f32[B,6,32] "y"
            """, false
        ),
        (
            "positions",
            """
            %1 = iota axis 1 shape [B,6,32] dtype f32 : f32[B,6,32]
                %2 = mul %0, %1 : f32[B,6,32]
                output %2 : f32[B,6,32] "y"
            """, false
        ),
    ]

    private func module(_ more: String) throws -> GraphModule {
        try GraphModule(
            text: """
                module v1 @merged {
                  dim B in 1...64
                  func @main(%x: f32[B,6,20] "x", %w: f32[20,32] "w", %bias: f32[32] "bias", %rows: f32[B,6] "rows", \
                %time: f32[6] "time", %both: f32[6,32] "both") {
                    %0 = dot %x, %w contract [2],[0] : f32[B,6,32]
                    \(more)
                  }
                }

                """)
    }

    @Test(arguments: cases.indices) func onlyWhereNothingTellsThemApart(at: Int) throws {
        let (name, more, isMerged) = Self.cases[at]
        let module = try module(more)
        let lowered = try Compiler.lowered(Compiler.optimized(module), target: .host)
        #expect(lowered.kernelText(function: "main").contains("0..<6*B") == isMerged, "\(name)")
        let data = try RandomCase(module, seed: UInt64(at))
        #expect(try data.worst(of: data.compiled(.host)).gap <= 2e-5, "\(name)")
    }

    @Test func sumsOverBatchAndTimeToo() throws {
        let module = try GraphModule(
            text: """
                module v1 @gradient {
                  dim B in 1...64
                  func @main(%x: f32[B,6,20] "x", %g: f32[B,6,32] "g") {
                    %0 = dot %x, %g contract [0,1],[0,1] : f32[20,32]
                    output %0 : f32[20,32] "y"
                  }
                }

                """)
        let lowered = try Compiler.lowered(Compiler.optimized(module), target: .host)
        #expect(lowered.kernelText(function: "main").contains("0..<6*B"))
        let data = try RandomCase(module, seed: 1)
        #expect(try data.worst(of: data.compiled(.host)).gap <= 2e-5)
    }
}
