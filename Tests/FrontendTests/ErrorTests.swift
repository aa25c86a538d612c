import GraphIR
import GraphTracing
import HostTensors
import Layers
import Testing
import Training

private struct Mismatched: Layer {
    let hidden = Dense(units: 16, inputs: 700)
    let logits = Dense(units: 10)
    func callAsFunction(_ image: Tensor) -> Tensor { logits(hidden(image)) }
}

private struct TwoMistakes: Layer {
    let convolution = Conv2D(filters: 4, kernelSize: 3)
    let head = Dense(units: 10, inputs: 5)
    func callAsFunction(_ image: Tensor) -> Tensor { convolution(image).sum() + head(image).sum() }
}

private struct SharedLayer: Layer {
    let shared = Dense(units: 8)
    func callAsFunction(_ x: Tensor) -> Tensor { shared(shared(x)) }
}

private func errors(_ model: some Layer) -> [GraphError] {
    do {
        _ = try TrainingModule.build(
            model: model, loss: .softmaxCrossEntropy, optimizer: .sgd(), input: FeatureSpec("image", .f32, [784]))
        return []
    } catch { return (error as? TraceError)?.errors ?? [GraphError("\(error)")] }
}

@Suite struct ErrorTests {
    @Test func wrongShapeInAModelNamesLayerShapesAndLine() {
        #expect(
            errors(Mismatched()).map(\.description) == [
                "layer 'hidden' at ErrorTests.swift:11: Dense: input f32[B,784] has 784 features, but the weight is "
                    + "f32[700,16] (expected a last axis of 700)"
            ])
    }

    @Test func allMistakesAreThrownAtOnce() {
        #expect(
            errors(TwoMistakes()).map(\.description) == [
                "layer 'convolution' at ErrorTests.swift:17: Conv2D of 4 filters [3, 3] needs floating-point images "
                    + "NHWC with a constant number of channels, got f32[B,784] (reshape the input, for example to "
                    + "[B, 28, 28, 1])",
                "layer 'head' at ErrorTests.swift:17: Dense: input f32[B,784] has 784 features, but the weight is "
                    + "f32[5,10] (expected a last axis of 5)",
            ])
    }

    @Test func aLayerUsedTwiceKeepsItsShape() {
        #expect(
            errors(SharedLayer()).map(\.description) == [
                "layer 'shared' at ErrorTests.swift:22: Dense: input f32[B,8] has 8 features, but the weight is "
                    + "f32[784,8] (expected a last axis of 784)"
            ])
    }

    @Test func operatorsCarryTheirErrors() {
        let sum = scope("sums") { Tensor([1, 2, 3]) + Tensor([1, 2]) }
        let later = exp(sum) * 2
        #expect(throws: TraceError.self) { try later.evaluated() }
        #expect(
            "\(later)"
                == "error: layer 'sums': add: f32[3] and f32[2] do not broadcast: axis -1 is 3 in one and 2 in the "
                + "other (sizes must be equal, or one of them 1)")
    }

    @Test func functionsNameTheirLine() {
        let wrong = matmul(Tensor([[1, 2]]), Tensor([[1, 2]]), file: "App/Main.swift", line: 7)
        #expect(
            "\(wrong)"
                == "error: Main.swift:7: matmul: f32[1,2] times f32[1,2]: the last axis of the first is 2, axis 0 of "
                + "the second is 1 (they must be equal)")
        let chosen = gather(Tensor([1]), Tensor([0]), file: "App/Main.swift", line: 8)
        #expect(
            "\(chosen)"
                == "error: Main.swift:8: gather: indices must have integer elements, got f32[1] (cast it first)")
    }

    @Test func raggedLiteralsCarryAnError() throws {
        #expect(
            "\(Tensor([[1, 2], [3]], file: "App/Main.swift", line: 9) + 1)"
                == "error: Main.swift:9: row 0 of a tensor literal is f32[2], row 1 is f32[1] (give all rows as many numbers)"
        )
        #expect("\(Tensor([[1, 2], 3]))".contains("ErrorTests.swift:"))
        #expect(Tensor([]).type == TensorType(.f32, [0]) && Tensor(3).type == TensorType(.f32))
        #expect(try Tensor([[[1], [-2.5]]]).evaluated() == HostTensor([1, -2.5] as [Float], shape: [1, 2, 1]))
    }

    @Test func theMeanOfWholeNumbersIsNotCutOff() throws {
        let numbers = Tensor(HostTensor([1, 2] as [Int32]))
        #expect(
            "\(numbers.mean(file: "App/Main.swift", line: 9))" == "error: Main.swift:9: mean: i32[2] has no "
                + "floating-point elements, the mean would be cut off (cast(to: .f32) first)")
        #expect(try numbers.cast(to: .f32).mean().evaluated().doubles() == [1.5])
    }

    @Test func unusedParametersAreReported() {
        struct Idle: Layer {
            let used = Dense(units: 2)
            let idle = Dense(units: 3)
            func callAsFunction(_ x: Tensor) -> Tensor { used(x) }
        }
        let found = errors(Idle())
        #expect(found.count == 2)
        #expect(
            found.first?.description.hasSuffix(
                "state 'idle/weight' is never used, so its shape is not known (give it a shape, or remove it from the "
                    + "model)") == true)
    }

    @Test func evaluatingAPlaceholderIsAnError() throws {
        let module = try trace(TensorType(.f32, [2])) { x in
            #expect("\(x)" == "Tensor(f32[2])")
            #expect(throws: TraceError.self) { try x.evaluated() }
            return x + 1
        }
        #expect(module.functions.map(\.name) == ["main"])
    }

    @Test func dropoutInTrainingNeedsRandomNumbers() {
        let thinned = Phase.training.run { Dropout(rate: 0.5)(Tensor([1, 2])) }
        #expect("\(thinned)".contains("there are no random numbers here"))
        #expect("\(Dropout(rate: 0.5)(Tensor([1, 2])))" == "[1.0, 2.0]")
    }

    // MARK: - Mistakes of models as a whole

    private struct MadeInside: Layer {
        func callAsFunction(_ x: Tensor) -> Tensor { Dense(units: 3)(x) }
    }

    private struct Forked: Layer {
        static let line = #line + 1
        let fork = Concatenate {
            Dense(units: 3)
            Reshape([2, 392])
        }
        func callAsFunction(_ x: Tensor) -> Tensor { fork(x) }
    }

    private static func build(
        _ model: some Layer, loss: Loss = .softmaxCrossEntropy, metrics: [StreamingMetric] = []
    ) throws {
        _ = try TrainingModule.build(
            model: model, loss: loss, optimizer: .sgd(), metrics: metrics, input: FeatureSpec("image", .f32, [784]))
    }

    private static func build(_ body: @escaping ModelFunction.Body) throws {
        _ = try TrainingModule.build(
            ModelFunction(Dense(units: 1), body), optimizer: OptimizerChoice(.sgd()),
            features: [FeatureSpec("x", .f32, [1])], labels: [FeatureSpec("y", .f32, [1])])
    }

    private static let models: [(message: String, build: @Sendable () throws -> Void)] = [
        (
            "two metrics have the name 'accuracy' (leave one out",
            { try build(Dense(units: 3), metrics: [.accuracy, .accuracy]) }
        ),
        (
            "the model's loss must be one number, got f32[B]",
            { try build(Dense(units: 3), loss: .softmaxCrossEntropy.reduced(by: .none)) }
        ),
        ("keep it, or the layer that has it, in a property of the model", { try build(MadeInside()) }),
        ("ErrorTests.swift:\(Forked.line): concat: operand 1 is f32[B,2,392]", { try build(Forked()) }),
        (
            "ErrorTests.swift:\(#line + 1): there is no feature 'z' (there are: x)",
            { try build { features, _, _ in ModelOutputs(predictions: [("y", features["z"])]) } }
        ),
    ]

    @Test(arguments: models.indices) func aMistakeOfAModelIsNamed(at: Int) {
        let (message, build) = Self.models[at]
        let error = #expect(throws: (any Error).self) { try build() }
        #expect("\(error.map { "\($0)" } ?? "")".contains(message), "\(message): \(error.map { "\($0)" } ?? "none")")
    }

    @Test func aGradientOfManyNumbersNamesTheCall() {
        let slope = gradient { $0 * 2 }(Tensor([1, 2]))
        let place = "ErrorTests.swift:\(#line - 1)"
        #expect("\(slope)".hasPrefix("error: \(place): gradient: the loss must be one number, got f32[2]"))
    }
}
