import GraphIR
import GraphTracing
import HostTensors
import Layers
import Testing
import Training

/// y = x · (weight + bias): with the sum of y as loss, the gradient of both parameters is x.
private struct Products: Layer {
    let weight: Parameter
    let bias: Parameter

    init(_ reference: Reference) throws {
        weight = Parameter(try reference("training", "weight").converted(to: .f32))
        bias = Parameter(try reference("training", "bias").converted(to: .f32))
    }

    func callAsFunction(_ x: Tensor) -> Tensor { x * (weight.value + bias.value) }
}

struct TrainingRow: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let optimizer: Optimizer

    init(_ name: String, _ optimizer: Optimizer) {
        testDescription = name
        self.optimizer = optimizer
    }
}

private let rows: [TrainingRow] = [
    TrainingRow("value", .sgd(learningRate: 0.1).clipping(.value(0.7))),
    TrainingRow("norm", .sgd(learningRate: 0.1).clipping(.norm(1.5))),
    TrainingRow("global norm", .sgd(learningRate: 0.1).clipping(.globalNorm(2))),
    TrainingRow("decay", .sgd(learningRate: 0.1).decaying(0.2, excluding: ["*bias"])),
    TrainingRow("accumulation", .sgd(learningRate: 0.1, momentum: 0.9).accumulating(batches: 2)),
    TrainingRow(
        "accumulation scheduled",
        .sgd(learningRate: .exponential(0.1, factor: 0.5, every: 1)).accumulating(batches: 2)),
    TrainingRow("averages", .sgd(learningRate: 0.1).averagingWeights(decay: 0.8)),
    TrainingRow("frozen", .sgd(learningRate: 0.1).freezing(["*bias"])),
    TrainingRow("max norm", .sgd(learningRate: 0.1).constraining(["weight"], to: .maxNorm(1.5))),
    TrainingRow("unit norm", .sgd(learningRate: 0.1).constraining(["weight"], to: .unitNorm)),
    TrainingRow("norm range", .sgd(learningRate: 0.1).constraining(["weight"], to: .normRange(0.5, 1, rate: 0.5))),
    TrainingRow("non-negative", .sgd(learningRate: 0.1).constraining(["weight"], to: .nonNegative)),
]

@Suite struct TrainingOptionTests {
    let reference: Reference
    init() throws { reference = try Reference("optimizers") }

    private static let sum = Loss("sum", labels: { $0 }, measure: { outputs, _ in outputs }).reduced(by: .sum)

    @Test(arguments: rows) func trainingGoesAsTheReferenceDoes(_ row: TrainingRow) throws {
        let module = try TrainingModule.build(
            model: try Products(reference), loss: Self.sum, optimizer: row.optimizer,
            input: FeatureSpec("x", .f32, [3]))
        try verify(module)
        let interpreter = try Interpreter(module: module)
        var states = module.states.map { HostTensor(zeros: $0.type.constantShape ?? [], dtype: $0.type.dtype) }
        _ = try interpreter.run("init", inputs: ["seed": HostTensor(scalar: Int64(1))], states: &states)
        let examples = try reference("training", "inputs").converted(to: .f32)
        for at in 0..<examples.shape[0] {
            let x = examples[rows: at..<at + 1]
            _ = try interpreter.run("train", inputs: ["x": x, "label": x], states: &states)
        }
        func state(_ path: String) throws -> Tensor {
            Tensor(states[try #require(module.states.firstIndex { $0.path == path })])
        }
        let name = "training \(row.testDescription)"
        try state("weight").expectClose(to: reference(name, "weight"), 1e-6, "weight")
        try state("bias").expectClose(to: reference(name, "bias"), 1e-6, "bias")
        #expect(try state("step").evaluated().doubles() == [4])

        // Prediction uses averages where there are some.
        let isAveraged = row.optimizer.averageDecay != nil
        if isAveraged {
            try state("weight/average").expectClose(to: reference(name, "average_weight"), 1e-6)
            try state("bias/average").expectClose(to: reference(name, "average_bias"), 1e-6)
        }
        let ones = try HostTensor([1, 1, 1] as [Float], shape: [1, 3])
        let output = try #require(interpreter.run("predict", inputs: ["x": ones], states: &states)["logits"])
        let parts = try (isAveraged ? ["average_weight", "average_bias"] : ["weight", "bias"]).map {
            Tensor(try reference(name, $0))
        }
        try (parts[0] + parts[1]).reshaped(to: [1, 3]).expectClose(to: output, 1e-6)
    }

    @Test func everyReferenceIsUsed() {
        let found = reference.components(with: "weight").subtracting(["training"])
        #expect(found == Set(rows.map { "training \($0.testDescription)" }))
    }

    @Test func averagesBeginAsTheWeights() throws {
        let module = try TrainingModule.build(
            model: Dense(units: 2), loss: .meanSquaredError, optimizer: .adam().averagingWeights(),
            input: FeatureSpec("x", .f32, [3]))
        var states = module.states.map { HostTensor(zeros: $0.type.constantShape ?? [], dtype: $0.type.dtype) }
        _ = try Interpreter(module: module).run("init", inputs: ["seed": HostTensor(scalar: Int64(1))], states: &states)
        #expect(
            module.states.prefix(4).map(\.path) == ["weight", "bias", "weight/average", "bias/average"])
        #expect(states[0] == states[2] && states[0].doubles().contains { $0 != 0 })
    }

    @Test func frozenParametersHaveNoSlots() throws {
        let module = try TrainingModule.build(
            model: Dense(units: 2), loss: .meanSquaredError, optimizer: .adam().freezing(["bias"]),
            input: FeatureSpec("x", .f32, [3]))
        #expect(module.states.filter { $0.role == .slot }.map(\.path) == ["weight/adam_m", "weight/adam_v"])
        #expect(try !module.function(named: "train").updates.contains { module.states[$0.state].path == "bias" })
    }

    @Test func penaltiesAreAddedToTheLoss() throws {
        func loss(_ loss: Loss) throws -> Double {
            let module = try TrainingModule.build(
                model: try Products(reference), loss: loss, optimizer: .sgd(learningRate: 0),
                input: FeatureSpec("x", .f32, [3]))
            var states = module.states.map { HostTensor(zeros: $0.type.constantShape ?? [], dtype: $0.type.dtype) }
            let interpreter = try Interpreter(module: module)
            _ = try interpreter.run("init", inputs: ["seed": HostTensor(scalar: Int64(1))], states: &states)
            let x = try HostTensor([1, 1, 1] as [Float], shape: [1, 3])
            return try #require(interpreter.run("train", inputs: ["x": x, "label": x], states: &states)["loss"])
                .doubles()[0]
        }
        let plain = try loss(Self.sum)
        // weight is 1, -2, 0.5; bias is 0.5, 0.25, -1.
        #expect(abs(try loss(Self.sum.adding(.l1(0.1))) - plain - 0.35) < 1e-6)
        #expect(abs(try loss(Self.sum.adding(.l2(0.1), on: ["*"])) - plain - 0.65625) < 1e-6)
    }

    @Test func weightsOfExamplesAreAnInput() throws {
        let module = try TrainingModule.build(
            model: try Products(reference), loss: .meanAbsoluteError, optimizer: .sgd(), metrics: [.meanAbsoluteError],
            input: FeatureSpec("x", .f32, [3]), weight: FeatureSpec("weight", .f32))
        #expect(try module.function(named: "train").inputs.map(\.name) == ["x", "label", "weight"])
        var states = module.states.map { HostTensor(zeros: $0.type.constantShape ?? [], dtype: $0.type.dtype) }
        let interpreter = try Interpreter(module: module)
        let inputs = [
            "x": try HostTensor([0, 0, 0, 0, 0, 0] as [Float], shape: [2, 3]),
            "label": try HostTensor([1, 1, 1, 5, 5, 5] as [Float], shape: [2, 3]),
            "weight": HostTensor([3, 1] as [Float]),
        ]
        for function in ["evaluate", "train"] {
            let found = try interpreter.run(function, inputs: inputs, states: &states)
            #expect(found["loss"]?.doubles() == [2] && found["mae"]?.doubles() == [2], "\(function)")
        }
    }

    @Test func modelsMayHaveSeveralInputs() throws {
        let sides = [Dense(units: 1), Dense(units: 1)]
        let module = try TrainingModule.build(
            model: sides, loss: .meanSquaredError, optimizer: .sgd(),
            inputs: [FeatureSpec("wide", .f32, [3]), FeatureSpec("deep", .f32, [2])]
        ) { sides[0]($0[0]) + sides[1]($0[1]) }
        try verify(module)
        #expect(try module.function(named: "predict").inputs.map(\.name) == ["wide", "deep"])
        #expect(module.states.prefix(2).map(\.path) == ["0/weight", "0/bias"])
    }
}
