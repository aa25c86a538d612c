import GraphIR
import GraphTracing
import HostTensors
import Layers
import Testing
import Training

private struct Block: Layer {
    private let up = Dense(units: 8, activation: .gelu)
    private let down: Dense? = Dense(units: 4)
    func callAsFunction(_ x: Tensor) -> Tensor { down.map { $0(up(x)) } ?? up(x) }
}

private struct Deep: Layer {
    let embedding = Dense(units: 4, useBias: false)
    let blocks = [Block(), Block()]
    let head = Sequential {
        Activate(.relu)
        Dense(units: 2)
    }
    func callAsFunction(_ x: Tensor) -> Tensor { head(blocks.reduce(embedding(x)) { $1($0) }) }
}

private struct Tied: Layer {
    let encode = Dense(units: 3, useBias: false)
    let decode: Dense
    init() { decode = encode }
    func callAsFunction(_ x: Tensor) -> Tensor { decode(encode(x)) }
}

@Suite struct ModelTests {
    @Test func parametersAreFoundByPath() throws {
        #expect(
            try ModelContents(of: Deep()).variables.map(\.path) == [
                "embedding/weight", "blocks/0/up/weight", "blocks/0/up/bias", "blocks/0/down/weight",
                "blocks/0/down/bias", "blocks/1/up/weight", "blocks/1/up/bias", "blocks/1/down/weight",
                "blocks/1/down/bias", "head/1/weight", "head/1/bias",
            ])
        #expect(
            try ModelContents(of: Deep()).layers.map(\.path) == [
                "embedding", "blocks/0/up", "blocks/0/down", "blocks/1/up", "blocks/1/down", "head/0", "head/1",
            ])
    }

    @Test func tiedWeightsAreOneState() throws {
        #expect(try ModelContents(of: Tied()).variables.map(\.path) == ["encode/weight"])
        let module = try TrainingModule.build(
            model: Tied(), loss: .meanSquaredError, optimizer: .sgd(), input: FeatureSpec("x", .f32, [3]))
        #expect(module.states.filter { $0.role == .parameter }.map(\.type.description) == ["f32[3,3]"])
    }

    @Test func dictionariesOfLayersAreRejected() {
        struct Unordered: Layer {
            let parts = ["a": Dense(units: 1), "b": Dense(units: 2)]
            func callAsFunction(_ x: Tensor) -> Tensor { x }
        }
        #expect(throws: GraphError.self) { try ModelContents(of: Unordered()) }
    }

    @Test func theModuleHasItsStatesAndFunctions() throws {
        let module = try TrainingModule.build(
            model: Deep(), loss: .softmaxCrossEntropy, optimizer: .adam(), metrics: [.accuracy],
            input: FeatureSpec("x", .f32, [6]), name: "deep")
        #expect(module.functions.map(\.name) == ["init", "predict", "evaluate", "resetMetrics", "train"])
        let paths = module.states.map(\.path)
        #expect(paths.prefix(2) == ["embedding/weight", "blocks/0/up/weight"])
        #expect(paths.contains("embedding/weight/adam_m") && paths.contains("head/1/bias/adam_v"))
        #expect(
            paths.suffix(6) == [
                "step", "seed", "metrics/loss/total", "metrics/loss/count", "metrics/accuracy/total",
                "metrics/accuracy/count",
            ])
        #expect(try verify(module) == ())
        #expect(try module.function(named: "train").inputs.map(\.name) == ["x", "label"])
        let places = try module.function(named: "predict").ops.compactMap(\.place?.layer)
        #expect(places.contains("blocks/1/down") && places.contains("head/1"))
    }

    @Test func initializersFillTheirRanges() throws {
        struct Wide: Layer {
            let dense: Dense
            func callAsFunction(_ x: Tensor) -> Tensor { dense(x) }
        }
        for (initializer, bound) in [
            (Initializer.glorotUniform, (6.0 / 500).squareRoot()), (.heUniform, (6.0 / 300).squareRoot()),
            (.lecunUniform, (3.0 / 300).squareRoot()), (.uniform(from: -2, to: 2), 2),
        ] {
            let values = try initialWeight(Wide(dense: Dense(units: 200, kernelInitializer: initializer)))
            #expect(values.allSatisfy { abs($0) <= bound })
            #expect((values.max() ?? 0) > 0.99 * bound && (values.min() ?? 0) < -0.99 * bound)
        }
        for (initializer, variance) in [
            (Initializer.heNormal, 2.0 / 300), (.glorotNormal, 2.0 / 500), (.lecunNormal, 1.0 / 300),
        ] {
            let values = try initialWeight(Wide(dense: Dense(units: 200, kernelInitializer: initializer)))
            let mean = values.reduce(0, +) / Double(values.count)
            let spread = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
            #expect(abs(mean) < 0.02 * variance.squareRoot())
            #expect(abs(spread / variance - 1) < 0.03)
        }
    }

    private func initialWeight(_ model: some Layer) throws -> [Double] {
        let module = try TrainingModule.build(
            model: model, loss: .softmaxCrossEntropy, optimizer: .sgd(), input: FeatureSpec("x", .f32, [300]))
        var states = module.states.map { HostTensor(zeros: $0.type.constantShape ?? [], dtype: $0.type.dtype) }
        _ = try Interpreter(module: module).run("init", inputs: ["seed": HostTensor(scalar: Int64(7))], states: &states)
        return states[0].doubles()
    }
}
