import Datasets
import Estimator
import Execution
import GraphIR
import GraphTracing
import HostTensors
import Layers
import Testing
import Training

/// What is measured may change between two runs in a model directory; what was learned stays.
@Suite struct ChangedMetricsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func estimator(_ directory: String, _ metrics: [StreamingMetric], log: MessageLog) throws -> Estimator {
        try Estimator(
            model: Dense(units: 3), loss: .softmaxCrossEntropy, optimizer: .adam(), metrics: metrics,
            config: RunConfig(
                modelDirectory: "\(folder.path)/\(directory)", seed: 1, engine: .interpreted, summaries: .none,
                showsProgress: false, logger: log.logger))
    }

    private func examples() throws -> Dataset {
        let points = (0..<24).map { Float($0 % 5) }
        return try Dataset(
            features: HostTensor(points, shape: [12, 2]), labels: HostTensor((0..<12).map { Int32($0 % 3) })
        ).batched(4)
    }

    /// A metric with the name and the sum's name of another, in another shape.
    private static let larger = StreamingMetric(
        "confusion_matrix", sums: [StreamingMetric.Sum("confusions", shape: [4, 4])],
        measure: { _ in [.ones(TensorType(.f32, [4, 4]))] }, result: { $0[0] })

    @Test(
        arguments: [
            [], [.accuracy], [.topK(2), .accuracy], [.confusionMatrix(classes: 3)], [larger],
        ] as [[StreamingMetric]])
    func aCheckpointServesOtherMetrics(_ metrics: [StreamingMetric]) throws {
        let (log, data) = (MessageLog(), try examples())
        let first = try estimator("model", [.accuracy, .confusionMatrix(classes: 3)], log: log)
        try first.train(on: data, maxSteps: 5)
        let second = try estimator("model", metrics, log: log)
        let fresh = try estimator("other", metrics, log: log)
        try fresh.train(on: data, maxSteps: 5)
        #expect(try second.evaluate(on: data) == fresh.evaluate(on: data))
        try second.train(on: data, maxSteps: 9)
        try fresh.train(on: data, maxSteps: 9)
        #expect(try second.states() == fresh.states())
    }

    @Test func anotherModelIsStillRefused() throws {
        let (log, data) = (MessageLog(), try examples())
        try estimator("model", [.accuracy], log: log).train(on: data, maxSteps: 1)
        let other = try Estimator(
            model: Dense(units: 4), loss: .softmaxCrossEntropy, optimizer: .adam(),
            config: RunConfig(
                modelDirectory: "\(folder.path)/model", engine: .interpreted, showsProgress: false, logger: log.logger))
        let error = #expect(throws: ExecutionError.self) { try other.train(on: data, maxSteps: 2) }
        #expect(error?.description.contains("use another model directory for a changed model") == true)
    }
}
