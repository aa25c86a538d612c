import GraphIR
import GraphTracing
import HostTensors
import Layers
import Testing
import Training

@Suite struct TraceTests {
    @Test func aClosureBecomesAFunction() throws {
        let rows = DimSymbol("N", range: 1...64)
        let module = try trace(
            TensorType(.f32, [Dim(symbol: "N"), 3]), TensorType(.f32, [3, 2]), name: "affine", dims: [rows]
        ) { x, y in
            #expect(x.shape == [Dim(symbol: "N"), 3])
            return matmul(x, y) + 1
        }
        try verify(module)
        let interpreter = try Interpreter(module: module)
        for count in [1, 5] {
            let x = try HostTensor([Float](repeating: 1, count: 3 * count), shape: [count, 3])
            let y = try HostTensor([1, 2, 3, 4, 5, 6] as [Float], shape: [3, 2])
            let result = try #require(interpreter.run("affine", inputs: ["x": x, "y": y])["result"])
            #expect(result.shape == [count, 2])
            #expect(result.doubles().prefix(2) == [10, 13])
        }
    }

    @Test func assignmentsBecomeUpdates() throws {
        let total = Variable(HostTensor([0, 0] as [Float]), name: "total", role: .buffer)
        let module = try trace([("x", TensorType(.f32, [2]))], name: "add") { inputs in
            let before = total.value
            total.assignAdd(inputs[0])
            total.assign(total.value * 2)
            return [("before", before), ("after", total.value)]
        }
        #expect(module.states.map(\.path) == ["total"])
        #expect(module.functions.map(\.name) == ["add", "init"])
        let interpreter = try Interpreter(module: module)
        var states = [HostTensor([100, 100] as [Float])]
        _ = try interpreter.run("init", inputs: [:], states: &states)
        let x = HostTensor([1, 2] as [Float])
        _ = try interpreter.run("add", inputs: ["x": x], states: &states)
        let second = try interpreter.run("add", inputs: ["x": x], states: &states)
        #expect(second["before"] == HostTensor([2, 4] as [Float]))
        #expect(second["after"] == HostTensor([6, 12] as [Float]))
        #expect(states == [HostTensor([6, 12] as [Float])])
        #expect(try total.value.evaluated() == HostTensor([0, 0] as [Float]))
    }

    @Test func assigningTheWrongTypeIsAnError() {
        let total = Variable(HostTensor([0, 0] as [Float]), name: "total")
        #expect(
            throws: TraceError([
                GraphError(
                    "assign: variable 'total' is f32[2], got f32[3]", place: "Main.swift:4",
                    remedy: "assign a tensor of the same type")
            ])
        ) {
            try trace([("x", TensorType(.f32, [3]))]) { inputs in
                total.assign(inputs[0], file: "App/Main.swift", line: 4)
                return []
            }
        }
    }

    @Test func tracingTwiceGivesTheSameBytes() throws {
        func text() throws -> String {
            try TrainingModule.build(
                model: Sequential {
                    Reshape([4, 4, 1])
                    Conv2D(filters: 2, kernelSize: 3, padding: .same, activation: .silu)
                    Flatten()
                    Dropout(rate: 0.1)
                    Dense(units: 1)
                }, loss: .sigmoidCrossEntropy, optimizer: .momentum(nesterov: true), metrics: [.binaryAccuracy],
                input: FeatureSpec("x", .f32, [16])
            ).text()
        }
        let first = try text()
        #expect(try text() == first)
        #expect(first.contains("layer \"1\" at \"TraceTests.swift\":"))
        #expect(first.contains("func @train(%x: f32[B,16] \"x\", %label: f32[B,1] \"label\")"))
    }

    @Test func scopesNestInPlaces() throws {
        let module = try trace(TensorType(.f32, [2])) { x in
            scope("outer") { scope("inner") { exp(x, file: "App/Main.swift", line: 3) } }
        }
        #expect(
            module.functions[0].ops.map(\.place) == [Place(layer: "outer/inner", file: "Main.swift", line: 3)])
    }

    @Test func inputsOfAnotherFunctionAreRejected() throws {
        var escaped: Tensor?
        _ = try trace(TensorType(.f32, [2])) { x in
            escaped = x
            return x
        }
        let foreign = try #require(escaped)
        #expect(throws: TraceError.self) { try trace(TensorType(.f32, [2])) { x in x + foreign } }
    }
}
