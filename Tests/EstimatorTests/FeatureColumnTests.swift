import Datasets
import Estimator
import Execution
import GraphTracing
import HostTensors
import Testing
import Training

/// What feature columns give, against what they are said to give, interpreted and compiled.
@Suite struct FeatureColumnTests {
    private static let cities = ["Bern", "Lima", "", "Oslo", "Bern"]

    private static func data() throws -> Dataset {
        try Dataset(
            [
                "area": HostTensor([50, 100, 150, 0, 75] as [Float]), "rooms": HostTensor([1, 2, 3, 7, -1] as [Int32]),
                "city": HostTensor(cities.map { TextFingerprint.of($0.isEmpty ? nil : $0) }),
                "label": HostTensor([0, 1, 0, 1, 1] as [Float]),
            ], labels: "label")
    }

    /// The hash of a bucket, computed here.
    private static func hashed(_ key: Int64, _ buckets: Int64) -> Int {
        Int(((key &* Int64(bitPattern: 0x9e37_79b9_7f4a_7c15)) % buckets + buckets) % buckets)
    }

    private static func oneHot(_ places: [Int?], _ count: Int) -> [[Double]] {
        places.map { place in (0..<count).map { $0 == place ? 1 : 0 } }
    }

    private static let area = CategoricalColumn.bucketized("area", boundaries: [10, 75, 120])
    private static let city = CategoricalColumn.vocabulary("city", ["Lima", "Bern"])

    private static let cases: [(name: String, column: FeatureColumn, expected: [[Double]])] = [
        ("numeric", .numeric("area"), [[50], [100], [150], [0], [75]]),
        (
            "standard", .numeric("area", normalizer: .standard(mean: 50, deviation: 25)),
            [[0], [2], [4], [-2], [1]]
        ),
        ("range", .numeric("area", normalizer: .range(from: 50, to: 100)), [[0], [1], [2], [-1], [0.5]]),
        ("identity", .indicator(.identity("rooms", count: 4)), oneHot([1, 2, 3, nil, nil], 4)),
        ("bucketized", .indicator(area), oneHot([1, 2, 3, 0, 2], 4)),
        ("vocabulary", .indicator(city), oneHot([1, 0, nil, nil, 1], 2)),
        (
            "vocabulary and others", .indicator(.vocabulary("city", ["Lima", "Bern"], otherBuckets: 3)),
            oneHot([1, 0, nil, 2 + hashed(TextFingerprint.of("Oslo"), 3), 1], 5)
        ),
        (
            "hashed text", .indicator(.hashed("city", buckets: 7)),
            oneHot(cities.map { hashed(TextFingerprint.of($0.isEmpty ? nil : $0), 7) }, 7)
        ),
        ("hashed number", .indicator(.hashed("rooms", buckets: 5)), oneHot([1, 2, 3, 7, -1].map { hashed($0, 5) }, 5)),
        (
            "crossed", .indicator(.crossed([area, city], buckets: 11)),
            // The buckets from 1 on, in the number system of the columns' counts and one more for none.
            oneHot(
                zip([1, 2, 3, 0, 2], [1, 0, nil, nil, 1]).map { area, city in
                    city.map { hashed(Int64((area + 1) * 3 + $0 + 1), 11) }
                }, 11)
        ),
        (
            "embedding",
            .embedding(city, dimension: 2, initializer: .values([[1, 2], [3, 4]])),
            [[3, 4], [1, 2], [0, 0], [0, 0], [3, 4]]
        ),
    ]

    @Test(arguments: cases.indices, [EngineKind.interpreted, .compiled])
    func columnsGiveWhatTheySay(at: Int, engine: EngineKind) throws {
        let (name, column, expected) = Self.cases[at]
        #expect(column.width == expected[0].count)
        let model = ModelFunction(column) { features, labels, mode in
            let numbers = column.dense(features)
            let difference = numbers.sum(axes: [1]) - labels["label"]
            return ModelOutputs(
                predictions: [("numbers", numbers)], loss: mode == .prediction ? nil : (difference * difference).mean())
        }
        let estimator = try Estimator(
            model, optimizer: .sgd(learningRate: 0),
            config: RunConfig(engine: engine, showsProgress: false, logger: MessageLog().logger))
        try estimator.train(on: Self.data(), maxSteps: 0)
        let found = try #require(try estimator.predict(on: Self.data().batched(5))["numbers"])
        #expect(found.shape == [5, column.width])
        #expect(found.doubles() == expected.flatMap { $0 }, "\(name)")
    }
}
