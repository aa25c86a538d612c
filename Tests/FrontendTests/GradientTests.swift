import GraphIR
import GraphTracing
import HostTensors
import Layers
import Testing

private struct SmallMLP: Layer {
    let hidden = Dense(units: 5, activation: .tanh)
    let logits = Dense(units: 3)
    func callAsFunction(_ x: Tensor) -> Tensor { logits(hidden(x)) }
}

private struct SmallCNN: Layer {
    let convolution = Conv2D(filters: 3, kernelSize: 3, padding: .same, activation: .gelu)
    let strided = Conv2D(filters: 2, kernelSize: 2, strides: 2, activation: .silu, useBias: false)
    let pool = AveragePool2D(size: 2, strides: 1)
    let largest = MaxPool2D(size: 2, strides: 1)
    let flatten = Flatten()
    let logits = Dense(units: 3)
    func callAsFunction(_ x: Tensor) -> Tensor {
        logits(flatten(largest(pool(strided(convolution(x))))))
    }
}

@Suite struct GradientTests {
    /// Every parameter's gradient against (f(p + h) - f(p - h)) / 2h in f64.
    private func check(_ model: some Layer, input: [Int]) throws {
        var tracer = ModuleTracer(name: "check")
        try tracer.declare(contentsOf: model)
        let types = [("x", TensorType(.f64, input.map { Dim($0) })), ("labels", TensorType(.i32, [Dim(input[0])]))]
        try tracer.function("loss", inputs: types) { inputs in
            [("loss", Loss.softmaxCrossEntropy(outputs: model(inputs[0]), labels: inputs[1]))]
        }
        // The first call has decided all shapes.
        let resolved = tracer.variables
        try tracer.function("gradient", inputs: types) { inputs in
            let loss = Loss.softmaxCrossEntropy(outputs: model(inputs[0]), labels: inputs[1])
            let parts = gradients(of: loss, withRespectTo: resolved.map(\.variable.value))
            return zip(resolved, parts).map { ($0.path, $1) }
        }
        let module = try tracer.module()
        let interpreter = try Interpreter(module: module)
        let inputs = [
            "x": try numbers(input, seed: 1), "labels": HostTensor((0..<input[0]).map { Int32($0 % 3) }),
        ]
        var states = try module.states.enumerated().map {
            try numbers($0.element.type.constantShape ?? [], seed: UInt64($0.offset + 2))
        }
        let derivatives = try interpreter.run("gradient", inputs: inputs, states: &states)
        for (at, state) in module.states.enumerated() {
            let gradient = try #require(derivatives[state.path]).doubles()
            for element in stride(from: 0, to: gradient.count, by: max(1, gradient.count / 7)) {
                var sides: [Double] = []
                for step in [1e-5, -1e-5] {
                    var moved = states
                    try moved[at].withMutableScalars(as: Double.self) { $0[element] += step }
                    sides.append(
                        try #require(interpreter.run("loss", inputs: inputs, states: &moved)["loss"]).doubles()[0])
                }
                let difference = (sides[0] - sides[1]) / 2e-5
                #expect(
                    abs(difference - gradient[element]) < 1e-7 + 1e-6 * abs(difference), "\(state.path)[\(element)]")
            }
        }
    }

    private func numbers(_ shape: [Int], seed: UInt64) throws -> HostTensor {
        let uniform = RandomStream.uniform(seed: seed, stream: 0, step: 0, count: shape.reduce(1, *))
        return try HostTensor(uniform.map { Double($0) - 0.5 }, shape: shape)
    }

    @Test func perceptron() throws { try check(SmallMLP(), input: [4, 6]) }

    @Test func convolutions() throws { try check(SmallCNN(), input: [2, 8, 8, 2]) }

    @Test func gradientOfAFunction() throws {
        let slope = gradient { (x: Tensor) in (x * x * x).sum() }
        #expect(try slope(Tensor([1, 2, -3])).evaluated() == HostTensor([3, 12, 27] as [Float]))
        let curvature = gradient { (x: Tensor) in slope(x).sum() }
        #expect(try curvature(Tensor([1, 2, -3])).evaluated() == HostTensor([6, 12, -18] as [Float]))
        let (byX, byY) = gradient { (x: Tensor, y: Tensor) in matmul(x, y).sum() }(
            Tensor([[1, 2]]), Tensor([[3], [4]]))
        #expect(try byX.evaluated() == HostTensor([3, 4] as [Float], shape: [1, 2]))
        #expect(try byY.evaluated() == HostTensor([1, 2] as [Float], shape: [2, 1]))
    }

    @Test func otherUsesOfTheArgumentAreConstants() throws {
        let x = Tensor([2])
        let slope = gradient { (y: Tensor) in (y * x).sum() }
        #expect(try slope(x).evaluated() == HostTensor([2] as [Float]))
    }

    @Test func tensorsInBetweenHaveGradients() throws {
        let x = Tensor([1, 2])
        let column = x.expanded(at: -1)
        let loss = (column.reshaped(to: [1, 2]) * Tensor([[3, 4], [5, 6]])).sum()
        #expect(try gradients(of: loss, withRespectTo: [column])[0].evaluated().doubles() == [8, 10])
    }

    @Test func broadcastingIsUndone() throws {
        let slope = gradient { (x: Tensor) in (x * Tensor([[1, 2], [3, 4]])).sum() }
        #expect(try slope(Tensor([10, 20])).evaluated() == HostTensor([4, 6] as [Float]))
        #expect(slope(Tensor([10, 20, 30])).isFailed)
        #expect("\(gradient { (x: Tensor) in x * 2 }(Tensor([1, 2])))".contains("must be one number, got f32[2]"))
    }
}
