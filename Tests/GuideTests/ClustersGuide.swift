import Foundation
import Strata
import Testing

/// The code of `docs/guides/clusters.md`; without an engine it is run by a cluster of one.
@Suite struct ClustersGuide {
    private let holder = GuideFolder()
    private var directory: String { holder.path }

    struct Classifier: Layer {
        let hidden = Dense(units: 16, activation: .relu)
        let logits = Dense(units: 3)
        func callAsFunction(_ point: Tensor) -> Tensor { logits(hidden(point)) }
    }

    private func examples(_ count: Int, seed: UInt64) throws -> Dataset {
        let points = RandomStream.uniform(seed: seed, stream: 0, step: 0, count: count * 2)
        let labels = (0..<count).map { Int32(points[$0 * 2] > 0.5 ? 2 : points[$0 * 2 + 1] > 0.5 ? 1 : 0) }
        return try Dataset(features: HostTensor(points, shape: [count, 2]), labels: HostTensor(labels))
    }

    @Test(.enabled(if: Cluster.mpiLibrary() != nil, "there is no MPI library to load"))
    func aProgramTrainsOnACluster() throws {
        let (training, test) = (try examples(300, seed: 1), try examples(100, seed: 2))
        let cluster = try Cluster.mpi()
        let config = RunConfig(modelDirectory: directory, seed: 1, cluster: cluster)
        let estimator = try Estimator(
            model: Classifier(), loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.02), metrics: [.accuracy],
            config: config)
        try estimator.train(on: training.shuffled(seed: 1).batched(32), maxSteps: 60)
        let metrics = try estimator.evaluate(on: test.batched(100))
        if cluster.isFirst { print(metrics) }
        #expect((metrics["accuracy"] ?? 0) > 0.8)
        var loss: [Float] = [0.25]
        _ = try cluster.sum(1, "losses", write: { $0[0] = loss[0] }, read: { loss[0] = $0[0] })
        let names = try cluster.gather(Array("process \(cluster.rank)".utf8), "names")
        #expect(loss == [0.25] && names == [Array("process 0".utf8)])
    }
}
