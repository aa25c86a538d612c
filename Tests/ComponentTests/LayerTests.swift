import GraphIR
import GraphTracing
import HostTensors
import Layers
import Testing

/// One layer, called as the reference was.
struct LayerRow: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let model: any Sendable
    let call: @Sendable (_ inputs: [Tensor]) -> Tensor
    /// Further tensors that the reference was given.
    let more: [String]
    let tolerance: Double

    init(_ name: String, _ layer: some Layer, tolerance: Double = 1e-9) {
        self.init(name, layer, tolerance: tolerance) { layer($0[0]) }
    }

    init(
        _ name: String, _ model: any Sendable, with more: [String] = [], tolerance: Double = 1e-9,
        call: @escaping @Sendable ([Tensor]) -> Tensor
    ) {
        testDescription = name
        self.model = model
        self.call = call
        self.more = more
        self.tolerance = tolerance
    }
}

@Suite struct LayerTests {
    let reference: Reference
    init() throws { reference = try Reference("layers") }

    /// A layer as a module: `predict`, and the gradient of a weighted sum of it by the input and every parameter.
    private struct Subject {
        let module: GraphModule
        let inputs: [String: HostTensor]
        let states: [HostTensor]
    }

    private func subject(_ row: LayerRow) throws -> Subject {
        let name = row.testDescription
        let tensors = try (["input"] + row.more).map { what -> (String, HostTensor) in
            let tensor = try reference(name, what)
            return (what, what == "mask" ? tensor.converted(to: .bool) : tensor)
        }
        let types = tensors.map { (name: $0.0, type: TensorType($0.1.dtype, $0.1.shape.map { Dim($0) })) }
        var tracer = ModuleTracer(name: "layer")
        try tracer.declare(contentsOf: row.model)
        try tracer.function("predict", inputs: types) { inputs in [("output", row.call(inputs))] }
        try tracer.function("value", inputs: types) { inputs in [("value", weighted(row.call(inputs)))] }
        let parameters = tracer.variables.filter(\.variable.isTrainable)
        try tracer.function("gradient", inputs: types) { inputs in
            let floats = inputs.filter(\.dtype.isFloat)
            let parts = gradients(
                of: weighted(row.call(inputs)), withRespectTo: floats + parameters.map(\.variable.value))
            let names = floats.indices.map { "input \($0)" } + parameters.map(\.path)
            return zip(names, parts).map { ($0, $1) }
        }
        let module = try tracer.module()
        try verify(module)
        let states = try module.states.map { try reference(name, "parameter \($0.path)") }
        return Subject(
            module: module, inputs: Dictionary(uniqueKeysWithValues: tensors), states: states)
    }

    @Test(arguments: layerRows) func isWhatTheReferenceSays(_ row: LayerRow) throws {
        let subject = try subject(row)
        var states = subject.states
        let found = try Interpreter(module: subject.module).run("predict", inputs: subject.inputs, states: &states)
        try Tensor(try #require(found["output"]))
            .expectClose(to: reference(row.testDescription, "output"), row.tolerance)
        let known = reference.components(with: "input")
        #expect(known.contains(row.testDescription))
    }

    @Test(arguments: layerRows) func gradientsAreSlopes(_ row: LayerRow) throws {
        let subject = try subject(row)
        let interpreter = try Interpreter(module: subject.module)
        var states = subject.states
        let gradients = try interpreter.run("gradient", inputs: subject.inputs, states: &states)
        func value(_ inputs: [String: HostTensor], _ states: [HostTensor]) throws -> Double {
            var states = states
            return try #require(interpreter.run("value", inputs: inputs, states: &states)["value"]).doubles()[0]
        }
        func check(_ what: String, _ moved: (Int, Double) throws -> Double) throws {
            let gradient = try #require(gradients[what]).doubles()
            for element in stride(from: 0, to: gradient.count, by: max(1, gradient.count / 4)) {
                let slope = (try moved(element, 1e-5) - moved(element, -1e-5)) / 2e-5
                #expect(
                    abs(slope - gradient[element]) <= 5e-6 * max(1, abs(slope)),
                    "\(what)[\(element)]: gradient \(gradient[element]), slope \(slope)")
            }
        }
        let floats = (["input"] + row.more).filter { subject.inputs[$0]?.dtype == .f64 }
        for (at, name) in floats.enumerated() {
            try check("input \(at)") { element, step in
                var inputs = subject.inputs
                try inputs[name]?.withMutableScalars(as: Double.self) { $0[element] += step }
                return try value(inputs, subject.states)
            }
        }
        for (at, state) in subject.module.states.enumerated() where state.role == .parameter {
            try check(state.path) { element, step in
                var states = subject.states
                try states[at].withMutableScalars(as: Double.self) { $0[element] += step }
                return try value(subject.inputs, states)
            }
        }
    }

    @Test func everyReferenceIsUsed() {
        #expect(reference.components(with: "input") == Set(layerRows.map(\.testDescription)))
    }

    @Test func batchNormMovesItsAveragesInTraining() throws {
        let name = "BatchNorm first"
        let layer = BatchNorm(axis: 1, momentum: 0.9)
        let input = try reference(name, "input")
        var tracer = ModuleTracer(name: "training")
        try tracer.declare(contentsOf: layer)
        let type = TensorType(.f64, input.shape.map { Dim($0) })
        try tracer.function("train", inputs: [("x", type)]) { inputs in
            let output = Phase.training.run { layer(inputs[0]) }
            let parts = derivatives(of: output.sum(), withRespectTo: [inputs[0]], keeping: [output])
            return [("output", parts.kept[0]), ("gradient", parts.gradients[0])]
        }
        let module = try tracer.module()
        var states = try module.states.map { try reference(name, "parameter \($0.path)") }
        let found = try Interpreter(module: module).run("train", inputs: ["x": input], states: &states)
        try Tensor(try #require(found["output"])).expectClose(to: reference(name, "trained"))
        // A shift of the input changes nothing.
        #expect(try #require(found["gradient"]).doubles().allSatisfy { abs($0) < 1e-12 })
        try Tensor(states[2]).expectClose(to: reference(name, "mean"))
        try Tensor(states[3]).expectClose(to: reference(name, "variance"))
        #expect(module.states.map(\.role) == [.parameter, .parameter, .buffer, .buffer])
    }
}

/// A sum in which every element counts differently, so that errors do not cancel.
private func weighted(_ x: Tensor) -> Tensor {
    let count = Dim.product(x.shape).constant ?? 1
    let weights = (0..<count).map { at -> Double in 1 + 0.37 * Double(at % 5) - 0.2 * Double(at % 3) }
    return (x.reshaped(to: [-1]) * Tensor(HostTensor(weights as [Double]))).sum()
}
