import Execution
import GraphIR
import HostTensors
import Testing

@Suite struct InterpretedModelTests {
    private func model() throws -> Model { try Model(SmallModels.scaling(), engine: .interpreted) }
    private func inputs(_ batch: Int) throws -> NamedTensors {
        [
            "x": try HostTensor([Float](repeating: 2, count: batch * 3), shape: [batch, 3]),
            "y": HostTensor(zeros: [batch * 2], dtype: .f32),
        ]
    }

    @Test(arguments: [1, 5, 8]) func runsAnyBatchAndKeepsStates(batch: Int) throws {
        let model = try model()
        try model.run("init")
        let first = try model.run("scale", try inputs(batch))
        #expect(Array(first.keys) == ["product", "calls"])
        #expect(try first["product"]?.scalars(as: Float.self).prefix(3) == [2, 4, 6])
        #expect(first["product"]?.shape == [batch, 3])
        #expect(first["calls"] == HostTensor(scalar: Int64(0)))
        #expect(try model.state("calls") == HostTensor(scalar: Int64(1)))
    }

    @Test func statesCanBeReadAndReplaced() throws {
        let model = try model()
        try model.setState("scale/factor", to: HostTensor([Float(-1), 0, 1]))
        #expect(try model.run("scale", try inputs(1))["product"]?.doubles() == [-2, 0, 2])
        let other = try self.model()
        try other.setStates(try model.states())
        #expect(try other.states() == model.states())
    }

    @Test func oneMissingStateChangesNone() throws {
        let model = try model()
        try model.run("init")
        let before = try model.states()
        #expect(throws: ExecutionError.self) { try model.setStates(["calls": HostTensor(scalar: Int64(9))]) }
        #expect(try model.states() == before)
    }

    /// Every way a call can be wrong, with the whole message.
    @Test(
        arguments: [
            (
                "absent", [:],
                "model 'scaling': expected one of its functions, got 'absent'; it has: init, scale"
            ),
            (
                "scale", ["x": [1, 3]],
                "function 'scale', input 'y': expected f32[2*B], got nothing; give a tensor of that name"
            ),
            (
                "scale", ["x": [1, 3], "y": [2], "z": [1]],
                "function 'scale': expected inputs 'x', 'y', got 'z'; leave it out, or correct the name"
            ),
            (
                "scale", ["x": [3], "y": [2]],
                "function 'scale', input 'x': expected f32[B,3], got f32[3]; it has 1 axes instead of 2: reshape it"
            ),
            (
                "scale", ["x": [2, 4], "y": [4]],
                "function 'scale', input 'x', axis 1: expected 3, got 4; the input is f32[B,3]; the tensor is f32[2, 4]"
            ),
            (
                "scale", ["x": [2, 3], "y": [6]],
                "function 'scale', input 'y', axis 0: expected 2*B = 4, got 6; the input is f32[2*B]; the tensor is f32[6]"
            ),
            (
                "scale", ["x": [0, 3], "y": [0]],
                "function 'scale', input 'x', axis 0: expected B in 1...8, got 0; "
                    + "split or pad the batch, or widen the range when the model is made"
            ),
            (
                "scale", ["x": [9, 3], "y": [18]],
                "function 'scale', input 'x', axis 0: expected B in 1...8, got 9; "
                    + "split or pad the batch, or widen the range when the model is made"
            ),
        ] as [(String, [String: [Int]], String)])
    func wrongCallsSayWhatIsWrong(function: String, shapes: [String: [Int]], message: String) throws {
        let model = try model()
        var inputs: NamedTensors = [:]
        for (name, shape) in shapes { inputs[name] = HostTensor(zeros: shape, dtype: .f32) }
        let error = #expect(throws: ExecutionError.self) { try model.run(function, inputs) }
        #expect(error?.description == message)
    }

    @Test func aWrongElementTypeIsNamed() throws {
        let model = try model()
        let error = #expect(throws: ExecutionError.self) {
            try model.run(
                "scale", ["x": HostTensor(zeros: [1, 3], dtype: .f64), "y": HostTensor(zeros: [2], dtype: .f32)])
        }
        #expect(
            error?.description
                == "function 'scale', input 'x': expected f32[B,3], got f64[1, 3]; convert it with converted(to: .f32)")
    }

    @Test func aWrongStateIsNamed() throws {
        let model = try model()
        let unknown = #expect(throws: ExecutionError.self) { try model.state("factor") }
        #expect(
            unknown?.description
                == "model 'scaling': expected the path of a state, got 'factor'; it has: scale/factor, calls")
        let shape = #expect(throws: ExecutionError.self) {
            try model.setState("scale/factor", to: HostTensor([Float(1)]))
        }
        #expect(
            shape?.description
                == "model 'scaling', state 'scale/factor': expected f32[3], got f32[1]; give a tensor of the state's type"
        )
    }

    /// What one axis says of a size may be what another one lacks.
    @Test(
        arguments: [(5, 2, 6, ["B": 2, "T": 3]), (5, 2, 7, nil), (9, 9, 6, nil)]
            as [(Int, Int, Int, [String: Int]?)])
    func sizesFollowFromSumsAndMultiples(sum: Int, one: Int, twice: Int, expected: [String: Int]?) throws {
        let module = try GraphModule(
            text: """
                module v1 @sizes {
                  dim B in 1...8
                  dim T in 1...8
                  func @f(%x: f32[B+T] "x", %y: f32[B] "y", %z: f32[2*T] "z") {
                    output %x : f32[B+T] "x"
                  }
                }

                """)
        let inputs: NamedTensors = [
            "x": HostTensor(zeros: [sum], dtype: .f32), "y": HostTensor(zeros: [one], dtype: .f32),
            "z": HostTensor(zeros: [twice], dtype: .f32),
        ]
        let signature = ModelSignature(of: module)
        if let expected {
            #expect(try signature.bind("f", inputs).dims == expected)
        } else {
            #expect(throws: ExecutionError.self) { try signature.bind("f", inputs) }
        }
    }
}
