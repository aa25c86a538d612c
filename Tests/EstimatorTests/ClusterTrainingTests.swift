import Cluster
import Datasets
import Estimator
import Execution
import Foundation
import GraphIR
import GraphTracing
import HostTensors
import Layers
import Synchronization
import Testing
import Training

/// Training by several processes, for which threads stand here: each has an estimator of its own.
@Suite struct ClusterTrainingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Does the same in all processes of a cluster, and gives what each makes of it.
    private func everywhere<Value: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (Cluster) throws -> Value
    ) -> [Result<Value, any Error>] {
        let clusters = Cluster.threads(count)
        let results = Mutex([Result<Value, any Error>?](repeating: nil, count: count))

        let group = DispatchGroup()
        for cluster in clusters {
            group.enter()
            Thread.detachNewThread {
                let result = Result { try body(cluster) }
                results.withLock { $0[cluster.rank] = result }
                group.leave()
            }
        }
        group.wait()
        return results.withLock { $0.compactMap { $0 } }
    }

    /// A model with everything that processes must agree on: penalties, clipping, running averages, weights.
    private struct Network: Layer {
        let hidden = Dense(units: 16, activation: .tanh)
        let norm: BatchNorm?
        let dropout: Dropout?
        let logits = Dense(units: 3)

        init(isNormalized: Bool = false, dropout: Double? = nil) {
            norm = isNormalized ? BatchNorm() : nil
            self.dropout = dropout.map { Dropout(rate: $0) }
        }

        func callAsFunction(_ x: Tensor) -> Tensor {
            var y = hidden(x)
            if let norm { y = norm(y) }
            if let dropout { y = dropout(y) }
            return logits(y)
        }
    }

    private static func examples(_ count: Int, weighted: Bool = false) throws -> Dataset {
        let points = RandomStream.uniform(seed: 5, stream: 0, step: 0, count: count * 4).map { $0 * 2 - 1 }
        let labels = (0..<count).map { row in Int32(points[row * 4] > 0.3 ? 2 : points[row * 4 + 1] > 0 ? 1 : 0) }
        let dataset = try Dataset(
            features: HostTensor(points, shape: [count, 4]), labels: HostTensor(labels, shape: [count]))
        guard weighted else { return dataset }
        let weights = RandomStream.uniform(seed: 6, stream: 0, step: 0, count: count)
        return try dataset.zipped(with: Dataset(["weight": HostTensor(weights)], labels: "weight"))
    }

    private static func estimator(
        _ network: Network, _ loss: Loss, directory: String? = nil, cluster: Cluster? = nil,
        engine: EngineKind = .interpreted, accumulates: Bool = false, warmStart: WarmStart? = nil,
        stop: StopRequest = StopRequest(), log: MessageLog = MessageLog()
    ) throws -> Estimator {
        var optimizer = Optimizer.adam(learningRate: 0.05).clipping(.globalNorm(0.5))
        if accumulates { optimizer = optimizer.accumulating(batches: 2).averagingWeights(decay: 0.5) }
        return try Estimator(
            model: network, loss: loss, optimizer: optimizer,
            metrics: [.accuracy],
            config: RunConfig(
                modelDirectory: directory, seed: 7, engine: engine, threads: 1,
                checkpoints: CheckpointPolicy(everySteps: 5), warmStart: warmStart, summaries: .none,
                showsProgress: false,
                logger: log.logger, cluster: cluster, stopRequest: stop))
    }

    /// One way to train, in one process and in several.
    struct Way: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var loss = Loss.softmaxCrossEntropy
        var isWeighted = false
        var isStream = false
        var accumulates = false
        var engine = EngineKind.interpreted
        var processes = 2
        var batch = 10
    }

    static let ways = [
        Way(testDescription: "mean"),
        Way(testDescription: "mean, compiled", engine: .compiled, processes: 3),
        Way(testDescription: "weighted mean", isWeighted: true, processes: 3),
        Way(testDescription: "sum", loss: .softmaxCrossEntropy.reduced(by: .sum)),
        Way(testDescription: "penalty", loss: .softmaxCrossEntropy.adding(.l2(0.1)), processes: 4),
        Way(testDescription: "gradients of two batches, averaged weights", accumulates: true),
        Way(testDescription: "stream", isStream: true, processes: 3),
        Way(testDescription: "fewer examples than processes", processes: 3, batch: 2),
    ]

    @Test(arguments: ways) func processesTrainAsOneDoes(_ way: Way) throws {
        @Sendable func data() throws -> Dataset {
            let examples = try Self.examples(33, weighted: way.isWeighted).shuffled(seed: 2)
            return (way.isStream ? examples.filtered { _ in true } : examples).batched(way.batch)
        }
        let alone = try Self.estimator(Network(), way.loss, engine: way.engine, accumulates: way.accumulates)
        let whole = try alone.train(on: data(), maxSteps: 12)
        let (expected, judged) = (try alone.states(), try alone.evaluate(on: data()))

        let results = everywhere(way.processes) { cluster in
            let estimator = try Self.estimator(
                Network(), way.loss, cluster: cluster, engine: way.engine, accumulates: way.accumulates)
            let summary = try estimator.train(on: data(), maxSteps: 12)
            return (summary.loss ?? .nan, try estimator.states(), try estimator.evaluate(on: data()))
        }
        let first = try results[0].get()
        for result in results {
            let (loss, states, metrics) = try result.get()
            #expect(loss == first.0 && states == first.1 && metrics == first.2)
            #expect(abs(loss - (whole.loss ?? .nan)) < 1e-4 * abs(loss) + 1e-6)
            for (name, value) in judged.entries {
                #expect(abs((metrics[name] ?? .nan) - value) < 1e-3 * abs(value) + 1e-6, "\(name)")
            }
        }
        for (path, state) in expected {
            let other = try #require(first.1[path])
            for (a, b) in zip(state.doubles(), other.doubles()) { #expect(abs(a - b) < 2e-3, "\(path)") }
        }
    }

    @Test func randomLayersDifferBetweenProcesses() throws {
        // Each process has the same example: with the same numbers dropped, two would do what one does.
        let one = try Self.examples(1)
        let pair = try Dataset(
            features: HostTensor(joiningRowsOf: [one.tensors()["features"]!, one.tensors()["features"]!]),
            labels: HostTensor(joiningRowsOf: [one.tensors()["label"]!, one.tensors()["label"]!]))
        @Sendable func network() -> Network { Network(dropout: 0.5) }
        let alone = try Self.estimator(network(), .softmaxCrossEntropy).train(on: one.batched(1), maxSteps: 1)
        let results = everywhere(2) { cluster in
            try Self.estimator(network(), .softmaxCrossEntropy, cluster: cluster).train(
                on: pair.batched(2), maxSteps: 1)
        }
        let losses = try results.map { try $0.get().loss }
        #expect(losses[0] == losses[1] && losses[0] != alone.loss)
    }

    @Test func runningAveragesAreMeansOverProcesses() throws {
        let results = everywhere(2) { cluster in
            let estimator = try Self.estimator(Network(isNormalized: true), .softmaxCrossEntropy, cluster: cluster)
            try estimator.train(on: Self.examples(16).batched(16), maxSteps: 1)
            return try estimator.states()
        }
        let halves = try (0..<2).map { half in
            let estimator = try Self.estimator(Network(isNormalized: true), .softmaxCrossEntropy)
            let examples = try Self.examples(16)
            try estimator.train(on: (half == 0 ? examples.taking(8) : examples.skipping(8)).batched(8), maxSteps: 1)
            return try estimator.states()
        }
        let states = try results[0].get()
        #expect(try states == results[1].get())
        for path in states.keys where path.hasPrefix("norm/running") {
            let mean = zip(halves[0][path]!.doubles(), halves[1][path]!.doubles()).map { ($0 + $1) / 2 }
            for (a, b) in zip(states[path]!.doubles(), mean) { #expect(abs(a - b) < 1e-6) }
        }
        #expect(states.keys.contains { $0.hasPrefix("norm/running") })
    }

    @Test func theFirstProcessKeepsTheModelAndAllGoOn() throws {
        let directory = "\(folder.path)/model"
        let straight = everywhere(2) { cluster in
            let estimator = try Self.estimator(Network(dropout: 0.2), .softmaxCrossEntropy, cluster: cluster)
            try estimator.train(on: Self.examples(40).batched(8), maxSteps: 12)
            return try estimator.states()
        }
        // Asked to stop in the second process only, which has no directory.
        let interrupted = everywhere(2) { cluster in
            let stop = StopRequest()
            if cluster.rank == 1 { stop.request() }
            let estimator = try Self.estimator(
                Network(dropout: 0.2), .softmaxCrossEntropy, directory: cluster.isFirst ? directory : "/nowhere/at/all",
                cluster: cluster, stop: stop)
            return try estimator.train(on: Self.examples(40).batched(8), maxSteps: 12)
        }
        for result in interrupted {
            #expect(throws: TrainingInterrupted.self) { try result.get() }
        }
        #expect(try CheckpointStore(directory: directory).steps() == [0, 1])
        let resumed = everywhere(2) { cluster in
            let estimator = try Self.estimator(
                Network(dropout: 0.2), .softmaxCrossEntropy, directory: cluster.isFirst ? directory : "/nowhere/at/all",
                cluster: cluster)
            let result = try estimator.trainAndEvaluate(
                TrainSpec(Self.examples(40).batched(8), maxSteps: 12), EvalSpec(Self.examples(10).batched(4)))
            #expect(result.training.firstStep == 1)
            let best = try estimator.restoreBest(by: .smallest("loss"))
            #expect(best == result.evaluation)
            #expect(try estimator.export(to: "\(directory)/library").isEmpty == !cluster.isFirst)
            return (try estimator.states(), result.evaluation)
        }
        #expect(try resumed[0].get().1 == resumed[1].get().1)
        for (result, whole) in zip(resumed, straight) {
            #expect(try result.get().0 == whole.get())
        }
        // One process goes on with what two have made.
        let alone = try Self.estimator(Network(dropout: 0.2), .softmaxCrossEntropy, directory: directory)
        #expect(try alone.train(on: Self.examples(40).batched(8), maxSteps: 13).firstStep == 12)
    }

    @Test func aStopAtTheEndIsNone() throws {
        let results = everywhere(2) { cluster in
            let stop = StopRequest()
            stop.request()
            return try Self.estimator(Network(), .softmaxCrossEntropy, cluster: cluster, stop: stop)
                .train(on: Self.examples(8).batched(8), maxSteps: 1)
        }
        for result in results { #expect(try result.get().ending == .reachedSteps) }
    }

    @Test func theFirstProcessReadsWhatAllBeginWith() throws {
        let directory = "\(folder.path)/before"
        let before = try Self.estimator(Network(), .softmaxCrossEntropy, directory: directory)
        try before.train(on: Self.examples(8).batched(8), maxSteps: 5)
        let results = everywhere(2) { cluster in
            let path = cluster.isFirst ? directory : "/nowhere/at/all"
            let estimator = try Self.estimator(
                Network(), .softmaxCrossEntropy, cluster: cluster, warmStart: WarmStart(from: path))
            return try estimator.train(on: Self.examples(8).batched(8), maxSteps: 1).loss ?? .nan
        }
        let fresh = try Self.estimator(Network(), .softmaxCrossEntropy)
        let loss = try fresh.train(on: Self.examples(8).batched(8), maxSteps: 1).loss ?? .nan
        #expect(try results[0].get() == results[1].get() && results[0].get() < loss)
    }

    @Test func aMistakeInOneProcessEndsAll() throws {
        let results = everywhere(3) { cluster in
            // Labels of the second process are wrong: it finds out by itself.
            let labels = (0..<12).map { Int32($0 == 5 && cluster.rank == 1 ? 9 : 1) }
            let features = try HostTensor([Float](repeating: 0.5, count: 48), shape: [12, 4])
            let data = try Dataset(features: features, labels: HostTensor(labels)).batched(12)
            return try Self.estimator(Network(), .softmaxCrossEntropy, cluster: cluster).train(on: data, maxSteps: 3)
        }
        for (rank, result) in results.enumerated() {
            do {
                _ = try result.get()
                Issue.record("process \(rank) did not fail")
            } catch let error as ClusterError {
                #expect("\(error)" == "cluster, training step: process 1 failed; its own message says why")
            } catch {
                #expect(rank == 1 && "\(error)".contains("example 5 of batch 0"))
            }
        }
    }

    @Test func aFeatureMayHaveAnyName() throws {
        let results = everywhere(2) { cluster in
            let network = Network(dropout: 0.5)
            let model = ModelFunction(network) { features, labels, mode in
                let logits = network(features["process"])
                if mode == .prediction { return ModelOutputs(predictions: [("logits", logits)]) }
                let loss = Loss.softmaxCrossEntropy(outputs: logits, labels: labels["label"])
                return ModelOutputs(predictions: [("logits", logits)], loss: loss)
            }
            let whole = try Self.examples(8).tensors()
            let data = try Dataset(
                ["process": whole["features"]!, "gradients": whole["features"]!, "label": whole["label"]!],
                labels: "label")
            let config = RunConfig(engine: .interpreted, summaries: .none, showsProgress: false, cluster: cluster)
            let estimator = try Estimator(model, optimizer: .sgd(learningRate: 0.1), config: config)
            return try estimator.train(on: data.batched(4), maxSteps: 2)
        }
        for result in results { #expect(try result.get().lastStep == 2) }
    }

    @Test func anErrorOfAllLeavesThemTogether() throws {
        let results = everywhere(2) { cluster in
            func train(_ rate: Double) throws -> TrainingSummary {
                let config = RunConfig(engine: .interpreted, summaries: .none, showsProgress: false, cluster: cluster)
                let estimator = try Estimator(
                    model: Network(), loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: rate), config: config)
                return try estimator.train(on: Self.examples(8).batched(8), maxSteps: 3)
            }
            #expect {
                try train(1e38)
            } throws: {
                "\($0)".hasPrefix("training, step 3: expected finite numbers, got the loss")
                    && "\($0)".hasSuffix("; one process alone finds the operation that made it")
            }
            return try train(0.1)
        }
        for result in results { #expect(try result.get().lastStep == 3) }
    }

    @Test func processesMustAgree() throws {
        func message(_ body: @escaping @Sendable (Cluster) throws -> TrainingSummary) -> [String] {
            everywhere(2, body).map { result in
                do { return "\(try result.get())" } catch { return "\(error)" }
            }
        }
        let remedy = "let all processes run the same program on the same data, with the same configuration"
        let other = "that of process 1 is another than that of process 0"
        #expect(
            message { cluster in
                let data = try Self.examples(8 + cluster.rank).batched(8)
                return try Self.estimator(Network(), .softmaxCrossEntropy, cluster: cluster).train(
                    on: data, maxSteps: 1)
            } == Array(repeating: "cluster, the dataset: \(other); \(remedy)", count: 2))
        #expect(
            message { cluster in
                let loss = Loss.softmaxCrossEntropy.reduced(by: cluster.isFirst ? .sum : .mean)
                let data = try Self.examples(8).batched(8)
                return try Self.estimator(Network(), loss, cluster: cluster).train(on: data, maxSteps: 1)
            } == Array(repeating: "cluster, the model: \(other); \(remedy)", count: 2))
    }

    @Test func modulesWithoutPartsAreRefused() throws {
        let results = everywhere(2) { cluster in
            let config = RunConfig(engine: .interpreted, showsProgress: false, cluster: cluster)
            let estimator = try Estimator(config: config) {
                try RegressionModel.module($0.features[0].type(), $0.labels[0].type())
            }
            return try estimator.train(on: RegressionModel.examples(8).batched(4), maxSteps: 1)
        }
        for result in results {
            #expect {
                try result.get()
            } throws: {
                "\($0)".hasPrefix(
                    "RunConfig, cluster: expected a module with a function 'gradients', got functions init,")
            }
        }
    }
}
