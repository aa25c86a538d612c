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

    /// Second derivatives, by direction, where what a first derivative is made of is 0 or infinite; those of products and powers are known,
    /// those of losses also PyTorch's.
    private static let secondDerivatives:
        [(name: String, x: [Double], direction: [Double], wanted: [Double], function: @Sendable (Tensor) -> Tensor)] = [
            ("a product with one 0", [2, 0, 3, -1], [1, -0.5, 0.25, 2], [1.5, 8.5, 1, -3], { $0.product() }),
            ("a product with two zeros", [0, 0, 3, -1], [1, -0.5, 0.25, 2], [1.5, -3, 0, 0], { $0.product() }),
            (
                "products of columns", [2, 0, 3, -1], [1, -0.5, 0.25, 2], [0.25, 2, 1, -0.5],
                { $0.reshaped(to: [2, 2]).product(axes: [0]) }
            ),
            ("the power 0", [0, 2, .nan], [1, 1, 1], [0, 0, 0], { pow($0, 0) }),
            ("the power 2", [0, -3], [1, 1], [2, 2], { pow($0, 2) }),
            ("powers of 0", [2, 3], [1, 1], [0, 0], { pow(Tensor(HostTensor([0.0, 0])), $0) }),
            (
                "the logarithm of the hyperbolic cosine", [0, 1, -1000], [1, 1, 1],
                [1, 0.419_974_341_614_026_1, 0].map { $0 / 3 },
                { Loss.logCosh(outputs: $0, labels: $0 * 0) }
            ),
        ]

    @Test(arguments: secondDerivatives)
    func secondDerivative(
        _ test: (
            name: String, x: [Double], direction: [Double], wanted: [Double], function: @Sendable (Tensor) -> Tensor
        )
    ) throws {
        let slope = gradient { (x: Tensor) in test.function(x).sum() }
        let curvature = gradient { (x: Tensor) in (slope(x) * Tensor(HostTensor(test.direction))).sum() }
        let found = try curvature(Tensor(HostTensor(test.x))).evaluated().doubles()
        for (found, wanted) in zip(found, test.wanted) {
            #expect(abs(found - wanted) <= 1e-12, "\(test.name): \(found), not \(wanted)")
        }
    }

    /// x^y by y, then by x, where x is 0: x^(y-1) (1 + y ln x) goes to 0.
    @Test func aPowerOf0ByBothOperands() throws {
        let mixed = gradient { (x: Tensor) in
            gradient { (y: Tensor) in pow(x, y).sum() }(Tensor([2, 3])).sum()
        }
        #expect(try mixed(Tensor([0, 0])).evaluated().doubles() == [0, 0])
    }
}
