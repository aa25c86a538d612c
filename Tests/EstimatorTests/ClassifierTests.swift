import Datasets
import Estimator
import Execution
import GraphTracing
import HostTensors
import Layers
import Testing
import Training

/// Two hidden features, three classes; with random layers, so that resuming must also resume the random numbers.
private struct SmallClassifier: Layer {
    let hidden = Dense(units: 16, activation: .relu)
    let dropout = Dropout(rate: 0.1)
    let logits = Dense(units: 3)
    func callAsFunction(_ point: Tensor) -> Tensor { logits(dropout(hidden(point))) }
}

@Suite struct ClassifierTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Points of the unit square in three classes, by the distance from its middle.
    private func points(_ count: Int, seed: UInt64) throws -> Dataset {
        let places = RandomStream.uniform(seed: seed, stream: 0, step: 0, count: count * 2).map { $0 * 2 - 1 }
        let labels = (0..<count).map { at -> Int32 in
            let distance = places[2 * at] * places[2 * at] + places[2 * at + 1] * places[2 * at + 1]
            return distance < 0.3 ? 0 : distance < 0.8 ? 1 : 2
        }
        return try Dataset(
            features: HostTensor(places, shape: [count, 2]), labels: HostTensor(labels), featureName: "point")
    }

    private func estimator(_ directory: String? = nil) throws -> Estimator {
        try Estimator(
            model: SmallClassifier(), loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.02),
            metrics: [.accuracy],
            config: RunConfig(
                modelDirectory: directory.map { "\(folder.path)/\($0)" }, seed: 5, engine: .interpreted,
                showsProgress: false, logger: MessageLog().logger))
    }

    @Test func learnsAndMeasuresItself() throws {
        let estimator = try estimator()
        try estimator.train(on: points(400, seed: 1).shuffled(seed: 2).batched(64), maxSteps: 300)
        let test = try points(150, seed: 3).batched(64)
        let metrics = try estimator.evaluate(on: test)
        let accuracy = try #require(metrics["accuracy"])
        #expect(accuracy > 0.9)
        #expect(metrics.entries.map(\.name) == ["loss", "accuracy"])
        #expect(try self.accuracy(of: estimator, on: test) == accuracy)
    }

    /// A second label weighs examples: those of weight 0 are as good as left out of every metric.
    @Test func aSecondLabelWeighsExamples() throws {
        @Sendable func isCounted(_ index: Int) -> Bool { index % 4 != 1 }
        let all = try points(120, seed: 1)
        let weighted = try all.zipped(
            with: Dataset(["weight": HostTensor((0..<120).map { isCounted($0) ? 1 : 0 as Float })], labels: "weight"))
        let model = try estimator()
        try model.train(on: weighted.batched(120), maxSteps: 20)
        let metrics = try model.evaluate(on: weighted.batched(50))
        #expect(metrics.entries.map(\.name) == ["loss", "accuracy"])
        let same = try model.evaluate(on: weighted.filtered { isCounted($0.index) }.batched(50))
        for (left, right) in zip(metrics.entries, same.entries) { #expect(abs(left.value - right.value) < 1e-6) }
        #expect(try metrics != model.evaluate(on: unweighted(all)))
    }

    /// The same examples, each of weight 1.
    private func unweighted(_ dataset: Dataset) throws -> Dataset {
        try dataset.mapped { example in
            var values = example.tensors
            values["weight"] = HostTensor(scalar: Float(1))
            return values
        }.batched(50)
    }

    /// The share of right answers, counted from the predictions.
    private func accuracy(of estimator: Estimator, on test: Dataset) throws -> Double {
        let logits = try #require(try estimator.predict(on: test).values.first).doubles()
        let labels = try #require(try test.tensors()["label"]).doubles()
        let right = labels.indices.count { at in
            let row = logits[(3 * at)..<(3 * at + 3)]
            return row.firstIndex(of: row.max() ?? 0) == 3 * at + Int(labels[at])
        }
        return Double(Float(right) / Float(labels.count))
    }

    @Test func resumingGivesTheSameBits() throws {
        let training = try points(100, seed: 1).shuffled(seed: 2).batched(32)
        let straight = try estimator("straight")
        try straight.train(on: training, maxSteps: 10)
        try estimator("parts").train(on: training, maxSteps: 5)
        let resumed = try estimator("parts")
        try resumed.train(on: training, maxSteps: 10)
        #expect(try resumed.states() == straight.states())
        #expect(
            try WholeFile.read(path: "\(folder.path)/parts/checkpoint-10/state.safetensors")
                == WholeFile.read(path: "\(folder.path)/straight/checkpoint-10/state.safetensors"))
    }

    @Test func theSeedDecidesTheInitialWeights() throws {
        func weights(_ seed: UInt64) throws -> NamedTensors {
            let estimator = try Estimator(
                model: SmallClassifier(), loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.1),
                config: RunConfig(
                    seed: seed, engine: .interpreted, showsProgress: false, logger: MessageLog().logger))
            try estimator.train(on: points(10, seed: 1), maxSteps: 0)
            return try estimator.states()
        }
        #expect(try weights(1) == weights(1))
        #expect(try weights(1) != weights(2))
    }
}
