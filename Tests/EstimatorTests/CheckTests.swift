import Datasets
import Estimator
import Execution
import GraphTracing
import HostTensors
import Layers
import Testing
import Training

/// `Estimator.check` on models that are as they should be, and on such that are not.
@Suite struct CheckTests {
    private struct Good: Layer {
        let hidden = Dense(units: 8, activation: .tanh)
        let dropout = Dropout(rate: 0.1)
        let logits = Dense(units: 3)
        func callAsFunction(_ x: Tensor) -> Tensor { logits(dropout(hidden(x))) }
    }

    /// A layer whose result does not count.
    private struct Idle: Layer {
        let used = Dense(units: 3)
        let idle = Dense(units: 3)
        func callAsFunction(_ x: Tensor) -> Tensor { used(x) + idle(x) * 0 }
    }

    /// Examples are mixed up: a row of the result is no longer an example.
    private struct Flat: Layer {
        let logits = Dense(units: 1)
        func callAsFunction(_ x: Tensor) -> Tensor { logits(x).sum(axes: [0], keepDims: true) }
    }

    private func data() throws -> Dataset {
        let places = RandomStream.uniform(seed: 4, stream: 0, step: 0, count: 80)
        let labels = (0..<40).map { Int32(places[2 * $0] * 2.99) }
        return try Dataset(features: HostTensor(places, shape: [40, 2]), labels: HostTensor(labels)).batched(8)
    }

    private func report(_ model: some Layer, loss: Loss = .softmaxCrossEntropy, on dataset: Dataset) throws
        -> CheckReport
    {
        try Estimator(
            model: model, loss: loss, optimizer: .adam(learningRate: 0.05),
            config: RunConfig(engine: .interpreted, showsProgress: false, logger: MessageLog().logger)
        ).check(on: dataset)
    }

    @Test func aGoodModelPasses() throws {
        let report = try report(Good(), on: data().shuffled(seed: 1))
        #expect(report.isPassed, "\(report)")
        #expect(
            report.entries.map(\.name) == [
                "data", "shapes", "types", "parameters", "gradients", "overfit", "resume", "modes",
            ])
        #expect(report.description.hasPrefix("ok      data        20 batches are the same"))
    }

    /// Feature columns of every kind, wide and deep.
    @Test func aGoodModelOfColumnsPasses() throws {
        let places = RandomStream.uniform(seed: 4, stream: 0, step: 0, count: 64)
        let data = try Dataset(
            [
                "area": HostTensor(places.map { $0 * 100 }),
                "city": HostTensor((0..<64).map { TextFingerprint.of(["a", "b", "c"][$0 % 3]) }),
                "price": HostTensor(places.enumerated().map { $1 + Float($0 % 3) }),
            ], labels: "price")
        let area = CategoricalColumn.bucketized("area", boundaries: [25, 50, 75])
        let city = CategoricalColumn.vocabulary("city", ["a", "b", "c"])
        let model = DNNLinearCombinedRegressor(
            linearColumns: [.indicator(.hashed("city", buckets: 9)), .indicator(.crossed([city, area], buckets: 20))],
            deepColumns: [
                .numeric("area", normalizer: .range(from: 0, to: 100)), .embedding(city, dimension: 3),
                .indicator(area),
            ], hidden: DeepOptions(hiddenUnits: [8], activation: .tanh), deepOptimizer: .adam(learningRate: 0.02))
        let report = try Estimator(
            model, config: RunConfig(engine: .interpreted, showsProgress: false, logger: MessageLog().logger)
        ).check(on: data.shuffled(seed: 1).batched(16))
        #expect(report.isPassed, "\(report)")
    }

    @Test func whatIsWrongIsNamed() throws {
        let idle = try report(Idle(), on: data())
        #expect(idle["parameters"]?.isPassed == false)
        #expect(idle["parameters"]?.detail == "no gradient for 'idle/weight', 'idle/bias'")
        let mixed = try report(
            Flat(), loss: Loss("repeated", labels: { $0 }) { abs($0 - $1) },
            on: data().mapped { ["features": try $0["features"], "label": HostTensor([1] as [Float])] })
        #expect(mixed["shapes"]?.isPassed == false, "\(mixed)")
        let random = Counter()
        let unsteady = try report(
            Good(),
            on: data().mapped { example in
                var values = example.tensors
                values["features"] = HostTensor([Float(random.next()), 0])
                return values
            })
        #expect(unsteady["data"]?.isPassed == false)
        let holes = try report(
            Good(),
            on: data().mapped { example in
                var values = example.tensors
                if example.index == 9 { values["features"] = HostTensor([.nan, 0] as [Float]) }
                return values
            })
        #expect(holes["data"]?.detail == "'features' has nan at [1, 0] of 16 elements in batch 1")
    }

    /// A constant of 64 bits makes all that follows as wide.
    private struct Wide: Layer {
        let logits = Dense(units: 3)
        func callAsFunction(_ x: Tensor) -> Tensor {
            scope("wide") { logits(x).cast(to: .f64) * 2 }.cast(to: .f32)
        }
    }

    @Test func typesThatAreHardlyMeantAreNamed() throws {
        let wide = try report(Wide(), on: data())
        #expect(wide["types"]?.isPassed == false)
        #expect(
            wide["types"]?.detail.hasPrefix("'cast' of layer 'wide' at CheckTests.swift:") == true
                && wide["types"]?.detail.hasSuffix("computes in f64, all it is given in f32") == true,
            "\(wide)")

        func identities(_ first: Int64) throws -> CheckReport.Entry? {
            let numbers = HostTensor((0..<8).map { first + $0 })
            let labels = HostTensor((0..<8).map { Float($0 % 2) })
            let model = LinearRegressor(columns: [.numeric("identity")])
            return try Estimator(
                model, config: RunConfig(engine: .interpreted, showsProgress: false, logger: MessageLog().logger)
            ).check(on: Dataset(["identity": numbers, "label": labels], labels: "label").batched(8))["types"]
        }
        #expect(try identities(0)?.isPassed == true)
        #expect(
            try identities(1 << 40)?.detail
                == "'identity' has numbers such as 1099511627783, of which f32 keeps the first 24 bits: "
                + "a fingerprint or an identity is for a categorical column or an embedding")
    }

    /// Another number each time.
    private final class Counter: Sendable {
        private let log = MessageLog()
        func next() -> Int {
            log.logger.info("next")
            return log.messages.count
        }
    }
}
