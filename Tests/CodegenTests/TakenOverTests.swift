import GraphIR
import HostTensors
import KernelIR
import Lowering
import Testing

/// Which values of the workspace are written over which others, what compiled code then gives, and that the check of plans knows when that
/// is wrong.
@Suite struct TakenOverTests {
    private static let cases: [(name: String, pairs: Int, body: String)] = [
        (
            "what is added to a product", 1,
            """
              %x = dot %a, %w contract [1],[0] : f32[B,64]
              %p = dot %b, %w contract [1],[0] : f32[B,64]
              %y = add %p, %x : f32[B,64]
              %z = dot %y, %w contract [1],[0] : f32[B,64]
              output %z : f32[B,64] "z"
            """
        ),
        (
            "what is read again later", 0,
            """
              %x = dot %a, %w contract [1],[0] : f32[B,64]
              %p = dot %b, %w contract [1],[0] : f32[B,64]
              %y = add %p, %x : f32[B,64]
              %z = dot %y, %w contract [1],[0] : f32[B,64]
              output %z : f32[B,64] "z"
              %q = dot %x, %w contract [1],[0] : f32[B,64]
              output %q : f32[B,64] "q"
            """
        ),
        (
            "what is a factor of the product too", 0,
            """
              %x = dot %a, %w contract [1],[0] : f32[B,64]
              %p = dot %x, %w contract [1],[0] : f32[B,64]
              %y = add %p, %x : f32[B,64]
              %z = dot %y, %w contract [1],[0] : f32[B,64]
              output %z : f32[B,64] "z"
            """
        ),
        (
            "what is read in another order", 0,
            """
              %x = dot %c, %w contract [1],[0] : f32[64,64]
              %t = transpose %x permutation [1,0] : f32[64,64]
              %y = tanh %t : f32[64,64]
              %z = dot %y, %w contract [1],[0] : f32[64,64]
              output %z : f32[64,64] "z"
            """
        ),
        (
            "rows whose intermediate values are in the result's memory", 0,
            """
              %x = dot %a, %w contract [1],[0] : f32[B,64]
              %s = softmax %x axis 1 : f32[B,64]
              %z = dot %s, %w contract [1],[0] : f32[B,64]
              output %z : f32[B,64] "z"
            """
        ),
        (
            "from hand to hand", 2,
            """
              %x = dot %a, %w contract [1],[0] : f32[B,64]
              %p = dot %b, %w contract [1],[0] : f32[B,64]
              %y = add %p, %x : f32[B,64]
              %h = tanh %y : f32[B,64]
              %q = dot %h, %v contract [1],[0] : f32[B,64]
              %u = add %q, %y : f32[B,64]
              %z = dot %u, %w contract [1],[0] : f32[B,64]
              output %z : f32[B,64] "z"
            """
        ),
    ]

    private func module(_ body: String) throws -> GraphModule {
        try GraphModule(
            text: """
                module v1 @sample {
                  dim B in 1...64
                  func @main(%a: f32[B,64] "a", %b: f32[B,64] "b", %c: f32[64,64] "c", %w: f32[64,64] "w", %v: f32[64,64] "v") {
                \(body)
                  }
                }

                """)
    }

    /// A target whose products are multiply-adds, on this machine.
    private static let target = Target(architecture: Target.host.architecture, level: .baseline)

    @Test(arguments: cases) func areWrittenOverWhatIsNoLongerNeeded(name: String, pairs: Int, body: String) throws {
        let data = try RandomCase(module(body), seed: 2)
        let harness = try PlanHarness(data.module, target: Self.target)
        let function = harness.lowered.functions[0]
        #expect(function.buffers.count { $0.replaces != nil } == pairs, "\(function.buffers.map(\.name))")
        for buffer in function.buffers {
            guard let old = buffer.replaces.map({ function.buffers[$0] }) else { continue }
            #expect(old.location == buffer.location && old.lifetime.upperBound == buffer.lifetime.lowerBound)
        }
        let (gap, place) = try data.worst(of: data.compiled(Self.target))
        #expect(gap <= CompiledAgainstInterpretedTests.bound, "\(place) differs by \(gap)")
    }

    /// Wherever a plan lets two values share memory that must not, the check says so.
    @Test(arguments: [1, 2]) func aPlanThatOverwritesTooSoonIsAnError(at: Int) throws {
        let lowered = try PlanHarness.prepare(module(Self.cases[at].body), target: Self.target)
        var function = lowered.functions[0]
        let inWorkspace = function.buffers.indices.filter {
            if case .arena = function.buffers[$0].location { true } else { false }
        }
        var tried = 0
        for new in inWorkspace {
            for old in inWorkspace
            where old != new && function.buffers[old].lifetime.overlaps(function.buffers[new].lifetime)
                && function.buffers[old].type.byteCount == function.buffers[new].type.byteCount
            {
                let before = function.buffers[new].location
                function.buffers[new].location = function.buffers[old].location
                let error = try #require(throws: GraphError.self) { try checkOverlap(function, in: lowered) }
                #expect(error.message.contains("share bytes while both are needed"))
                function.buffers[new].location = before
                tried += 1
            }
        }
        #expect(tried > 0)
    }
}
