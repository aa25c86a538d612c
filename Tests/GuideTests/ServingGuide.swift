import Foundation
import Serving
import Strata
import Testing

/// The code of `docs/guides/serving.md`.
@Suite struct ServingGuide {
    struct Classifier: Layer {
        let logits = Dense(units: 3)
        func callAsFunction(_ point: Tensor) -> Tensor { logits(point) }
    }

    private let folder = GuideFolder()

    @Test func everything() async throws {
        let exported = folder.path + "/exported"
        let data = try Dataset(
            features: HostTensor(zeros: [8, 2], dtype: .f32), labels: HostTensor((0..<8).map { Int32($0 % 3) }))
        let estimator = try Estimator(
            model: Classifier(), loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.1), name: "points")
        try estimator.train(on: data.batched(4), maxSteps: 2)
        try estimator.export(to: exported)

        let server = try InferenceServer(
            models: [ServedModel(exported, contexts: 2)],
            configuration: ServerConfiguration(port: 0, maxBatch: 64))
        let serving = Task {
            try await server.run { address in print("serving on \(address)") }
        }
        await server.shutdown()
        try await serving.value
        #expect(server.models.map(\.name) == ["points"])
        #expect(server.models[0].joining == .along(dim: "B"))
    }
}
