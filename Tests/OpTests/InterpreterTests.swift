import GraphIR
import HostTensors
import Synchronization
import Testing

/// Runs of whole functions: names, sizes, states.
@Suite struct InterpreterTests {
    /// `train` adds `mean(x)` of `x: f32[B,2]` to the state; a second input has `2*B` rows.
    private func module() throws -> GraphModule {
        var module = GraphModule(name: "m")
        module.dims = [DimSymbol("B", range: 2...8, multiple: 2)]
        module.states = [
            StateDeclaration("a", type: TensorType(.f32, [2]), role: .parameter, path: "a"),
            StateDeclaration("b", type: TensorType(.f32, [2]), role: .parameter, path: "b"),
        ]
        var builder = FunctionBuilder(name: "train", states: module.states)
        let x = builder.input("x", TensorType(.f32, [Dim(symbol: "B"), 2]))
        let y = builder.input("y", TensorType(.f32, [Dim(symbol: "B") * 2, 2]))
        let (a, b) = (builder.state(0), builder.state(1))
        let sum = try builder.add(builder.reduce("sum", x, axes: [0]), builder.reduce("sum", y, axes: [0]))
        builder.output("sum", sum)
        builder.output("old", a)
        builder.update(0, b)
        builder.update(1, try builder.add(a, sum))
        module.functions = [builder.function]
        return module
    }

    private func ones(_ rows: Int, _ columns: Int = 2) throws -> HostTensor {
        try HostTensor([Float](repeating: 1, count: rows * columns), shape: [rows, columns])
    }

    @Test("updates read what states held before the call")
    func updates() throws {
        let interpreter = try Interpreter(module: module())
        var states = [HostTensor([Float(1), 2]), HostTensor([Float(10), 20])]
        let outputs = try interpreter.run("train", inputs: ["x": ones(2), "y": ones(4)], states: &states)
        #expect(outputs["sum"] == HostTensor([Float(6), 6]))
        #expect(outputs["old"] == HostTensor([Float(1), 2]))
        #expect(states == [HostTensor([Float(10), 20]), HostTensor([Float(7), 8])])
        #expect(Array(outputs.keys) == ["sum", "old"])
    }

    @Test("what does not fit is named")
    func misfits() throws {
        let interpreter = try Interpreter(module: module())
        let start = [HostTensor([Float(1), 2]), HostTensor([Float(10), 20])]
        func run(_ inputs: [String: HostTensor], name: String = "train", states: [HostTensor]? = nil) -> String {
            message {
                var states = states ?? start
                _ = try interpreter.run(name, inputs: inputs, states: &states)
            }
        }
        #expect(run([:], name: "predict") == "module 'm' has no function 'predict' (it has: train)")
        #expect(
            try run(["x": ones(2)])
                == "input 'y' of function 'train' is missing (give a tensor of f32[2*B,2])")
        #expect(
            try run(["x": ones(2), "y": ones(4), "z": ones(1)])
                == "function 'train' has no input 'z' (it takes: x, y)")
        #expect(
            try run(["x": ones(2), "y": ones(6)])
                == "axis 0 of input 'y' must be 2*B = 4, got 6 (B is 2 from axis 0 of input 'x')")
        #expect(
            try run(["x": ones(2, 3), "y": ones(4)])
                == "axis 1 of input 'x' must be 2, got 3 ('x' is f32[B,2])")
        #expect(
            try run(["x": ones(10), "y": ones(20)])
                == "axis 0 of input 'x' is 10, which makes B = 10 (allowed: 2 to 8, a multiple of 2)")
        #expect(
            try run(["x": ones(3), "y": ones(6)])
                == "axis 0 of input 'x' is 3, which makes B = 3 (allowed: 2 to 8, a multiple of 2)")
        #expect(
            try run(["x": ones(2).converted(to: .f64), "y": ones(4)])
                == "input 'x' must have f32 elements, got f64[2, 2] (convert it with converted(to: .f32))")
        #expect(
            try run(["x": ones(2), "y": ones(4)], states: [start[0]])
                == "module 'm' has 2 states, got 1 tensors")
        #expect(
            try run(["x": ones(2), "y": ones(4)], states: [start[0], ones(1)])
                == "state 'b' must be f32[2], got f32[1, 2] (give the states in the module's order)")
    }

    @Test("a dimension is solved from a multiple of it")
    func solving() throws {
        var builder = FunctionBuilder(name: "main")
        builder.output("r", builder.input("x", TensorType(.f32, [Dim(symbol: "B") * 2 + 1])))
        var module = GraphModule(name: "m")
        module.dims = [DimSymbol("B", range: 1...4)]
        module.functions = [builder.function]
        #expect(
            try module.bindings(for: builder.function, inputs: [HostTensor(zeros: [7], dtype: .f32)]) == ["B": 3])
        #expect(
            message {
                _ = try module.bindings(for: builder.function, inputs: [HostTensor(zeros: [6], dtype: .f32)])
            } == "axis 0 of input 'x' is 6, which does not determine 2*B+1 (an input axis must give 'B' alone, or a "
                + "size that 2*B+1 can have)")
    }

    @Test("a module that breaks a rule is refused")
    func refusal() throws {
        var broken = try module()
        broken.functions[0].ops[0].operands = [ValueID(40)]
        #expect(message { _ = try Interpreter(module: broken) } != "no error")
    }

    @Test("an observer sees every operation; keeping values changes nothing")
    func observation() throws {
        var builder = FunctionBuilder(name: "main")
        let x = builder.input("x", TensorType(.f32, [2, 3]))
        let softmax = try builder.emit("softmax", [x], ["axis": .int(1)])[0]
        builder.output("r", try builder.neg(softmax))
        var module = GraphModule(name: "m")
        module.functions = [builder.function]
        let interpreter = try Interpreter(module: module)
        let seen = Mutex<[(String, Bool)]>([])
        let observe: Interpreter.Observer = { _, op, _ in
            seen.withLock { $0.append((op.name, op.results == [softmax])) }
        }
        let inputs = ["x": try HostTensor((0..<6).map(Float.init), shape: [2, 3])]
        let plain = try interpreter.run("main", inputs: inputs)
        let observed = try interpreter.run(
            "main", inputs: inputs, options: .init(freesEarly: false, observe: observe))
        #expect(plain == observed)
        let names = seen.withLock { $0.map(\.0) }
        #expect(names == ["reduce", "broadcast", "sub", "exp", "reduce", "broadcast", "div", "neg"])
        // The composite's value keeps its name, so that it can be compared before and after a pass.
        #expect(seen.withLock { $0.filter(\.1).map(\.0) } == ["div"])
    }
}
