import Datasets
import Estimator
import Execution
import HostTensors
import Layers
import Testing
import Training

/// Columns, heads and options that make no sense: an error that says so, and never the end of the process.
@Suite struct BadModelTests {
    private static func data() throws -> Dataset {
        try Dataset(
            [
                "area": HostTensor([50, 100, 150] as [Float]), "rooms": HostTensor([1, 2, 3] as [Int32]),
                "city": HostTensor(["a", "b", nil].map { TextFingerprint.of($0) }),
                "label": HostTensor([0, 1, 1] as [Float]),
            ], labels: "label"
        ).batched(3)
    }

    private static let columns: [(name: String, column: FeatureColumn, message: String)] = [
        ("no such feature", .numeric("volume"), "volume"),
        ("two numbers where there is one", .numeric("area", width: 2), "'area' is f32[B], the column takes 2 numbers"),
        ("no numbers", .numeric("area", width: 0), "the column takes 0 numbers"),
        ("no buckets", .indicator(.hashed("city", buckets: 0)), "the column has no buckets"),
        ("no count", .indicator(.identity("rooms", count: 0)), "the column has no buckets"),
        ("no words", .indicator(.vocabulary("city", [])), "the column has no buckets"),
        (
            "numbers where texts are taken", .indicator(.vocabulary("rooms", ["1", "2"])),
            "'rooms' is i32[B], a vocabulary takes texts as fingerprints of i64"
        ),
        ("a word twice", .indicator(.vocabulary("city", ["b", "a", "b"])), "'b' is a word more than once"),
        (
            "less than no others", .indicator(.vocabulary("city", ["a", "b"], otherBuckets: -1)),
            "there are -1 buckets for others"
        ),
        ("nothing crossed", .indicator(.crossed([], buckets: 5)), "columns to cross"),
        (
            "crossed into nothing", .indicator(.crossed([.identity("rooms", count: 3)], buckets: 0)),
            "the column has no buckets"
        ),
        ("no dimensions", .embedding(.identity("rooms", count: 4), dimension: 0), "the embedding has dimension 0"),
        (
            "boundaries out of order", .indicator(.bucketized("area", boundaries: [5, 1])),
            "boundaries [5.0, 1.0] are not ascending"
        ),
    ]

    @Test(arguments: columns.indices) func aColumnThatMakesNoSenseIsNamed(at: Int) throws {
        let (name, column, message) = Self.columns[at]
        let estimator = try Estimator(
            LinearRegressor(columns: [column]),
            config: RunConfig(engine: .interpreted, showsProgress: false, logger: MessageLog().logger))
        let error = #expect(throws: (any Error).self, "\(name)") { try estimator.train(on: Self.data(), maxSteps: 1) }
        #expect("\(error.map { "\($0)" } ?? "")".contains(message), "\(name): \(error.map { "\($0)" } ?? "no error")")
    }

    private static let models: [(name: String, model: any CannedModel, message: String)] = [
        ("no columns", LinearRegressor(columns: []), "at least one feature column"),
        (
            "a layer of no units", DNNRegressor(columns: [.numeric("area")], hidden: DeepOptions(hiddenUnits: [0])),
            "Dense: 'units' is 0"
        ),
        (
            "everything dropped",
            DNNRegressor(columns: [.numeric("area")], hidden: DeepOptions(hiddenUnits: [2], dropout: 1.5)),
            "dropout: 'rate' is 1.5"
        ),
        (
            "no classes", LinearClassifier(columns: [.numeric("area")], head: .multiClass(0)),
            "a multi-class head has 0 logits"
        ),
        (
            "no such weight",
            LinearRegressor(columns: [.numeric("area")], head: .regression(weightFeature: "importance")), "importance"
        ),
    ]

    @Test(arguments: models.indices) func aModelThatMakesNoSenseIsNamed(at: Int) throws {
        let (name, model, message) = Self.models[at]
        let config = RunConfig(engine: .interpreted, showsProgress: false, logger: MessageLog().logger)
        let estimator = try Estimator(model, config: config)
        let error = #expect(throws: (any Error).self, "\(name)") { try estimator.train(on: Self.data(), maxSteps: 1) }
        #expect("\(error.map { "\($0)" } ?? "")".contains(message), "\(name): \(error.map { "\($0)" } ?? "no error")")
    }
}
