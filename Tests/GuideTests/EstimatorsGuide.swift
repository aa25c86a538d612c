import Foundation
import Strata
import Testing

/// The code of `docs/guides/estimators.md`.
@Suite struct EstimatorsGuide {
    struct Classifier: Layer {
        let hidden = Dense(units: 16, activation: .relu)
        let logits = Dense(units: 3)
        func callAsFunction(_ point: Tensor) -> Tensor { logits(hidden(point)) }
    }

    final class LossKeeper: TrainingHook {
        var losses: [Double] = []
        func afterStep(_ progress: TrainingProgress) { losses.append(progress.loss) }
    }

    private let folder = GuideFolder()
    private var directory: String { folder.path + "/model" }

    private func points(_ count: Int, seed: UInt64) throws -> Dataset {
        let places = RandomStream.uniform(seed: seed, stream: 0, step: 0, count: count * 2)
        let labels = (0..<count).map { Int32(places[2 * $0] * 2.99) }
        return try Dataset(features: HostTensor(places, shape: [count, 2]), labels: HostTensor(labels))
    }

    @Test func everything() throws {
        let (training, test) = (try points(300, seed: 1), try points(100, seed: 2))
        let estimator = try Estimator(
            model: Classifier(), loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.02), metrics: [.accuracy],
            config: RunConfig(modelDirectory: directory, seed: 1))
        try estimator.train(on: training.shuffled(seed: 1).batched(32), maxSteps: 300)
        let metrics = try estimator.evaluate(on: test.batched(100))
        let answers = try estimator.predict(on: test.batched(100))
        #expect(try #require(metrics["accuracy"]) > 0.9)
        #expect(answers["logits"]?.shape == [100, 3])

        let places = try HostTensor([0.1, 0.5, 0.9, 0.5] as [Float], shape: [2, 2])
        let logits = try estimator.predict(on: Dataset(features: places).batched(2))["logits"]
        print(logits.map { Tensor($0).argmax() } ?? "no logits")
        #expect(try logits.map { try Tensor($0).argmax().evaluated().doubles() } == [0, 2])

        let exported = folder.path + "/exported"
        try estimator.export(to: exported)
        let model = try Model.load(exported)
        print(model.signature)
        let same = try model.run("predict", ["features": places])["logits"]
        #expect(same == logits)

        let (fitted, validation) = (training.skipping(50), training.taking(50))
        let result = try estimator.trainAndEvaluate(
            TrainSpec(
                fitted.shuffled(seed: 1).batched(32), maxSteps: 2_000,
                earlyStopping: EarlyStopping(.smallest("loss"), patience: 3)),
            EvalSpec(validation.batched(50), exporters: [StandardExporter.best(by: .smallest("loss"))]))
        print(result.training.ending, result.evaluation.metrics)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(directory)/export/best").count == 1)

        let keeper = LossKeeper()
        try estimator.train(on: training.batched(32), steps: 10, hooks: [keeper])
        #expect(keeper.losses.count == 10)

        let report = try estimator.check(on: training.batched(16))
        print(report)
        #expect(report.isPassed, "\(report)")

        print(try estimator.memoryPlan(for: training.batched(32)))
        #expect(try estimator.memoryPlan(for: training.batched(32)).total > 0)
    }

    @Test func weights() throws {
        let training = try points(60, seed: 1)
        let weights = HostTensor((0..<60).map { $0 % 2 == 0 ? 1 : 0.5 as Float })
        let weighted = try Estimator(
            model: Classifier(), loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.02))
        let counted = try training.zipped(with: Dataset(["weight": weights], labels: "weight"))
        try weighted.train(on: counted.batched(32), maxSteps: 20)
        #expect(try weighted.evaluate(on: counted.batched(32))["loss"] != nil)
    }

    @Test func modelFunction() throws {
        let layers = Classifier()
        let function = ModelFunction(layers) { features, labels, mode in
            let logits = layers(features["features"])
            let predictions = [(name: "probabilities", value: softmax(logits))]
            if mode == .prediction { return ModelOutputs(predictions: predictions) }
            let losses = Loss.softmaxCrossEntropy.values(outputs: logits, labels: labels["label"])
            let batch = StreamingMetric.Batch(outputs: logits, labels: labels["label"], losses: losses)
            return ModelOutputs(
                predictions: predictions, loss: losses.mean(), metrics: [.init(.loss, batch), .init(.accuracy, batch)])
        }
        let custom = try Estimator(function, optimizer: .sgd(learningRate: 0.1))
        try custom.train(on: points(60, seed: 1).batched(20), maxSteps: 3)
        #expect(try custom.predict(on: points(10, seed: 2).batched(10))["probabilities"]?.shape == [10, 3])
        #expect(try custom.states().keys.contains("hidden/weight"))
    }

    /// In a task of its own, as signals are kept from all threads that it starts.
    @Test func program() throws {
        let training = try points(60, seed: 1)
        let code = TrainingProgram.run { stop in
            let config = RunConfig(modelDirectory: directory, stopRequest: stop)
            let estimator = try Estimator(
                model: Classifier(), loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.02), config: config)
            try estimator.train(on: training.batched(32), maxSteps: 20)
        }
        #expect(code == TrainingProgram.done)
    }
}

/// A fresh folder, removed when the value goes.
final class GuideFolder: Sendable {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("guide-\(UUID().uuidString)").path
    deinit { try? FileManager.default.removeItem(atPath: path) }
}
