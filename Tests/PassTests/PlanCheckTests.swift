import GraphIR
import GraphPasses
import Testing

/// The checker refuses plans that are wrong, whoever made them.
@Suite struct PlanCheckTests {
    static let text = """
        module v1 @case {
          dim B in 1...64
          func @main(%x: f32[B,10] "x", %w: f32[10,10] "w") {
            %0 = exp %x : f32[B,10]
            %1 = dot %0, %w contract [1],[0] : f32[B,10]
            %2 = reduce %1 kind max axes [1] : f32[B]
            %3 = broadcast %2 axes [0] shape [B,10] : f32[B,10]
            %4 = sub %1, %3 : f32[B,10]
            output %4 : f32[B,10] "y"
          }
        }
        """

    /// A way to spoil a plan, and words of the message that must come.
    struct Damage: CustomTestStringConvertible, Sendable {
        var message: String
        var spoil: @Sendable (inout FusionPlan) -> Void
        var testDescription: String { message }
    }

    static let damages: [Damage] = [
        Damage(message: "reads %2, which no earlier group writes") { $0.groups.swapAt(0, 1) },
        Damage(message: "op 0 (exp) is in no group") { $0.groups.removeFirst() },
        Damage(message: "op 0 (exp) is in 2 groups") { $0.groups.insert($0.groups[0], at: 0) },
        Damage(message: "inputs are ()") { $0.groups[1].inputs = [] },
        Damage(message: "no earlier group writes") { $0.groups[1].outputs = [] },
        Damage(message: "which it does not make") { $0.groups[0].outputs.append(ValueID(3)) },
        Damage(message: "which nothing reads") { $0.groups[2].outputs.append(ValueID(4)) },
        Damage(message: "does not fit domain") { $0.groups[0].domain = [Dim(3)] },
        Damage(message: "members must ascend") { $0.groups[2].members.reverse() },
        Damage(message: "cannot be the root of kind contraction") { $0.groups[0].kind = .contraction(root: 0) },
        Damage(message: "does not belong into a group of kind loops") { $0.groups[2].kind = .loops },
        Damage(message: "root 9 is not a member") { $0.groups[1].kind = .contraction(root: 9) },
        Damage(message: "in another order") {
            $0.groups[1].members = [0, 1]
            $0.groups[1].inputs = [ValueID(0), ValueID(1)]
        },
        Damage(message: "does not reduce the rows") { $0.groups[2].kind = .rows(outerRank: 2) },
    ]

    @Test(arguments: damages)
    func damagedPlanIsRefused(_ damage: Damage) throws {
        let function = try GraphModule(text: Self.text).functions[0]
        var plan = fuse(function)
        try #require(plan.groups.count == 3)
        try plan.check(function)
        damage.spoil(&plan)
        let error = try #require(throws: GraphError.self) { try plan.check(function) }
        #expect(error.message.contains(damage.message), "\(error)")
    }
}
