import Foundation
import Strata
import Testing

private struct Classifier: Layer {
    let hidden = Dense(units: 16, activation: .relu)
    let logits = Dense(units: 3)
    func callAsFunction(_ point: Tensor) -> Tensor { logits(hidden(point)) }
}

/// The code of `docs/guides/checkpoints.md`.
@Suite struct CheckpointsGuide {
    private let holder = GuideFolder()
    private var folder: String { holder.path }

    private func estimator(at directory: String) throws -> Estimator {
        let policy = CheckpointPolicy(everySteps: 20, keepLast: 2, keepEverySteps: 100, keepBest: .smallest("loss"))
        let config = RunConfig(modelDirectory: directory, seed: 1, checkpoints: policy)
        return try Estimator(
            model: Classifier(), loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.02), config: config)
    }

    @Test func everything() throws {
        let places = RandomStream.uniform(seed: 1, stream: 0, step: 0, count: 400)
        let labels = (0..<200).map { Int32(places[2 * $0] * 2.99) }
        let examples = try Dataset(features: HostTensor(places, shape: [200, 2]), labels: HostTensor(labels))
            .shuffled(seed: 1).batched(16)
        let straight = try estimator(at: "\(folder)/straight")
        try straight.train(on: examples, maxSteps: 50)
        try estimator(at: "\(folder)/parts").train(on: examples, maxSteps: 17)
        let resumed = try estimator(at: "\(folder)/parts")
        try resumed.train(on: examples, maxSteps: 50)
        print(try resumed.states() == straight.states())
        #expect(try resumed.states() == straight.states())

        let directory = "\(folder)/parts"
        let store = CheckpointStore(directory: directory)
        let newest = try store.latest().checkpoint
        print(newest?.manifest.step ?? 0, newest?.states.keys ?? [])
        #expect(newest?.manifest.step == 50)

        try resumed.restore(step: 40)
        try resumed.restoreBest(by: .smallest("loss"))
        #expect(resumed.step == 40)

        let start = WarmStart(from: "\(folder)/straight", pattern: "hidden/*")
        let warm = try Estimator(
            model: Classifier(), loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.1),
            config: RunConfig(warmStart: start))
        try warm.train(on: examples, maxSteps: 0)
        #expect(try warm.states()["hidden/weight"] == straight.states()["hidden/weight"])
        #expect(try warm.states()["logits/weight"] != straight.states()["logits/weight"])

        struct Regressor: Layer {
            let body = Dense(units: 16, activation: .relu)
            let value = Dense(units: 3)
            func callAsFunction(_ point: Tensor) -> Tensor { value(body(point)) }
        }
        let body = WarmStart(
            from: "\(folder)/straight", pattern: "body/*",
            renamed: ["body/weight": "hidden/weight", "body/bias": "hidden/bias"])
        let other = try Estimator(
            model: Regressor(), loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.1),
            config: RunConfig(warmStart: body))
        try other.train(on: examples, maxSteps: 0)
        #expect(try other.states()["body/weight"] == straight.states()["hidden/weight"])
    }
}
