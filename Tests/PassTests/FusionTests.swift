import GraphIR
import GraphPasses
import HostTensors
import Testing

/// What must become one kernel does.
@Suite struct FusionTests {
    /// The groups of a function made by `build`, after the standard passes.
    static func groups(
        states: [StateDeclaration] = [], _ build: (inout FunctionBuilder) throws -> Void
    ) throws -> (GraphFunction, FusionPlan) {
        var builder = FunctionBuilder(name: "main", states: states)
        try build(&builder)
        var module = GraphModule(name: "case")
        module.dims = [DimSymbol("B", range: 1...64)]
        module.states = states
        module.functions = [builder.function]
        try verify(module)
        let result = try optimize(builder.function, in: module, options: PassOptions(checksPasses: true))
        return (result.function, result.plan)
    }

    static func kinds(_ plan: FusionPlan) -> [String] { plan.groups.map(\.kindName) }

    static let batch = Dim(symbol: "B")

    @Test(arguments: ["softmax", "logSoftmax"])
    func softmaxIsOneKernel(_ name: String) throws {
        let (_, plan) = try Self.groups { builder in
            let x = builder.input("x", TensorType(.f32, [Self.batch, 7, 10]))
            builder.output("y", try builder.emit1(name, x, attributes: ["axis": .int(2)]))
        }
        #expect(plan.groups.map(\.kind) == [.rows(outerRank: 2)])
    }

    @Test func crossEntropyAndItsGradientAreOneKernel() throws {
        let (_, plan) = try Self.groups { builder in
            let logits = builder.input("logits", TensorType(.f32, [Self.batch, 10]))
            let labels = builder.input("labels", TensorType(.i32, [Self.batch]))
            let losses = try builder.emit1("crossEntropy", logits, labels)
            builder.output("losses", losses)
            builder.output("gradient", try builder.gradients(of: losses, withRespectTo: [logits])[0])
        }
        #expect(plan.groups.map(\.kind) == [.rows(outerRank: 1)])
    }

    /// Two dense layers, cross-entropy, Adam: the whole train step.
    @Test func trainStepOfTwoDenseLayers() throws {
        let widths = [48, 32, 10]
        var states: [StateDeclaration] = []
        func declare(_ name: String, _ shape: [Int]) {
            let type = TensorType(.f32, shape.map { Dim($0) })
            states.append(StateDeclaration(name, type: type, role: .parameter, path: name))
            for slot in ["m", "v"] {
                states.append(StateDeclaration(name + slot, type: type, role: .slot, path: "\(name)/\(slot)"))
            }
        }
        for layer in 0..<2 {
            declare("w\(layer)", [widths[layer], widths[layer + 1]])
            declare("b\(layer)", [widths[layer + 1]])
        }
        states.append(StateDeclaration("step", type: TensorType(.i64), role: .counter, path: "step"))
        let (function, plan) = try Self.groups(states: states) { builder in
            let x = builder.input("x", TensorType(.f32, [Self.batch, 48]))
            let labels = builder.input("labels", TensorType(.i32, [Self.batch]))
            let parameters = stride(from: 0, to: 12, by: 3).map { builder.state($0) }
            let hidden = try builder.emit1("relu", builder.emit1("dense", x, parameters[0], parameters[1]))
            let logits = try builder.emit1("dense", hidden, parameters[2], parameters[3])
            let losses = try builder.emit1("crossEntropy", logits, labels)
            let one = try builder.splat(1, TensorType(.f32, [Self.batch]))
            let count = try builder.reduce("sum", one, axes: [0])
            let loss = try builder.div(builder.reduce("sum", losses, axes: [0]), count)
            let gradients = try builder.gradients(of: loss, withRespectTo: parameters)
            let step = try builder.add(builder.state(12), builder.constant(HostTensor(scalar: Int64(1))))
            let rate = try builder.scalar(1e-3, .f32)
            for (at, gradient) in gradients.enumerated() {
                let slots = [builder.state(3 * at + 1), builder.state(3 * at + 2)]
                let operands = [parameters[at], gradient] + slots + [step, rate]
                let updated = try builder.emit("adam", operands)
                for (slot, value) in updated.enumerated() { builder.update(3 * at + slot, value) }
            }
            builder.update(12, step)
            builder.output("loss", loss)
        }
        let names = Self.kinds(plan)
        #expect(names.filter { $0 == "contraction" }.count == 5, "two forward, two weights, one input gradient")
        #expect(names.filter { $0 == "reduction" }.count == 2, "the biases' gradients")
        let updates = plan.groups.filter { group in
            group.outputs.contains { output in function.updates.contains { $0.value == output } }
                && !group.domain.isEmpty
        }
        #expect(updates.map(\.kindName) == Array(repeating: "loops", count: 4))
        #expect(updates.allSatisfy { $0.outputs.count == 3 }, "parameter and both slots in one kernel")
        let rows = plan.groups.filter { $0.kind == .rows(outerRank: 1) }
        #expect(rows.count == 1, "cross-entropy forward and backward together")
        #expect(rows.first?.outputs.count == 2, "the losses and the gradient")
        // The gradient through relu is the epilogue of the product that makes it.
        let withSelect = plan.groups.filter { group in group.members.contains { function.ops[$0].name == "select" } }
        #expect(withSelect.contains { $0.kindName == "contraction" })
    }

    @Test func scalarsAreComputedOnce() throws {
        let (function, plan) = try Self.groups { builder in
            let x = builder.input("x", TensorType(.f32, [Self.batch, 10]))
            let rate = builder.input("rate", TensorType(.f32))
            let decay = try builder.unary("exp", rate)
            builder.output(
                "y", try builder.mul(x, builder.broadcast(decay, axes: [], shape: builder.type(x).shape)))
        }
        #expect(plan.groups.map(\.domain.count) == [0, 2])
        #expect(plan.groups[0].members.map { function.ops[$0].name } == ["exp"])
    }

    @Test func stateIsUpdatedAfterItsOtherReaders() throws {
        let type = TensorType(.f32, [8, 8])
        let states = [StateDeclaration("w", type: type, role: .parameter, path: "w")]
        let (_, plan) = try Self.groups(states: states) { builder in
            let w = builder.state(0)
            builder.update(0, try builder.scaled(w, by: 0.5))
            let x = builder.input("x", TensorType(.f32, [Self.batch, 8]))
            builder.output("y", try builder.dot(x, w, contract: ([1], [0])))
        }
        #expect(Self.kinds(plan) == ["contraction", "loops"])
    }

    @Test func everyDecisionHasAReason() throws {
        for seed in UInt64(1)...40 {
            let (module, plans) = try optimize(RandomGraph.module(seed: seed))
            for (function, plan) in zip(module.functions, plans) {
                let reads = function.ops.indices.flatMap { consumer in
                    Set(function.ops[consumer].operands.compactMap { function.producers()[$0.index] })
                        .map { [$0, consumer] }
                }
                #expect(Set(plan.decisions.map { [$0.producer, $0.consumer] }) == Set(reads))
                #expect(plan.decisions.allSatisfy { !$0.reason.isEmpty })
            }
        }
    }
}
