import Datasets
import Estimator
import Execution
import Foundation
import GraphTracing
import HostTensors
import Testing
import Training

/// Heads and canned models on small tasks whose answers are known.
@Suite struct CannedModelTests {
    /// Points with labels for every head: a number, a class, two classes, two labels, a count.
    private static func data(_ label: String, count: Int = 400) throws -> Dataset {
        let places = RandomStream.uniform(seed: 4, stream: 0, step: 0, count: 2 * count)
        let cities = (0..<count).map { TextFingerprint.of(["a", "b", "c"][$0 % 3]) }
        func of<Scalar: HostScalar>(_ make: (Float, Float, Int) -> Scalar) -> HostTensor {
            HostTensor((0..<count).map { make(places[2 * $0], places[2 * $0 + 1], $0 % 3) })
        }
        let sides = (0..<count).flatMap { at -> [Float] in [places[2 * at] > 0.5 ? 1 : 0, at % 3 == 1 ? 1 : 0] }
        let labels: [String: HostTensor] = [
            "number": of { x, y, city -> Float in 3 * x - 2 * y + Float(city) },
            "class": of { x, _, city -> Int32 in city == 2 ? 2 : x > 0.5 ? 1 : 0 },
            "side": of { x, y, _ -> Int32 in x + y > 1 ? 1 : 0 },
            "count": of { _, _, city -> Float in [1, 2, 4][city] },
            "sides": try HostTensor(sides, shape: [count, 2]),
        ]
        return try Dataset(
            [
                "x": of { x, _, _ in x }, "y": of { _, y, _ in y }, "city": HostTensor(cities),
                "weight": of { _, _, city in Float(city == 0 ? 1 : 0) }, "label": try #require(labels[label]),
            ], labels: "label")
    }

    private static let columns: [FeatureColumn] = [
        .numeric("x"), .numeric("y"), .indicator(.vocabulary("city", ["a", "b", "c"])),
    ]
    private static let deep = DeepOptions(hiddenUnits: [16])

    private func train(_ model: some CannedModel, _ label: String, steps: Int = 400) throws -> (Estimator, Metrics) {
        let estimator = try Estimator(
            model, config: RunConfig(seed: 2, engine: .interpreted, showsProgress: false, logger: MessageLog().logger))
        try estimator.train(on: Self.data(label).shuffled(seed: 1).batched(50), maxSteps: steps)
        return (estimator, try estimator.evaluate(on: Self.data(label).batched(400)))
    }

    @Test func linearModelsLearn() throws {
        let rate = Optimizer.adam(learningRate: 0.05)
        let (regressor, numbers) = try train(LinearRegressor(columns: Self.columns, optimizer: rate), "number")
        #expect(try #require(numbers["rmse"]) < 0.05)
        let prediction = try regressor.predict(on: Self.data("number").batched(64))
        #expect(prediction.keys == ["prediction"] && prediction["prediction"]?.shape == [400])
        let (_, sides) = try train(LinearClassifier(columns: Self.columns, optimizer: rate), "side")
        #expect(try #require(sides["accuracy"]) > 0.95)
        let share = try #require(sides["label/mean"])
        #expect(abs(try #require(sides["accuracy_baseline"]) - max(share, 1 - share)) < 1e-6)
        #expect(try #require(sides["precision"]) > 0.95 && #require(sides["recall"]) > 0.95)
        let (classifier, classes) = try train(
            LinearClassifier(columns: Self.columns, classes: 3, optimizer: rate), "class")
        #expect(try #require(classes["accuracy"]) > 0.95)
        let outputs = try classifier.predict(on: Self.data("class").batched(64))
        #expect(outputs["probabilities"]?.shape == [400, 3] && outputs["classes"]?.dtype == .i32)
    }

    @Test func deepModelsAndOtherHeadsLearn() throws {
        let rate = Optimizer.adam(learningRate: 0.02)
        let (_, numbers) = try train(DNNRegressor(columns: Self.columns, hidden: Self.deep, optimizer: rate), "number")
        #expect(try #require(numbers["rmse"]) < 0.2)
        let multi = DNNClassifier(columns: Self.columns, hidden: Self.deep, head: .multiLabel(2), optimizer: rate)
        let multiMetrics = try train(multi, "sides").1
        #expect(try #require(multiMetrics["accuracy"]) > 0.95)
        let poisson = LinearRegressor(columns: Self.columns, head: .poisson(), optimizer: rate)
        let (counter, counts) = try train(poisson, "count")
        #expect(abs(try #require(counts["prediction/mean"]) - 7 / 3) < 0.1)
        let first = try #require(try counter.predict(on: Self.data("count").batched(400))["prediction"]).doubles()
        #expect(zip(first.prefix(3), [1, 2, 4]).allSatisfy { abs($0 - $1) < 0.2 })
    }

    @Test func combinedModelsHaveAnOptimizerForEachPart() throws {
        let model = DNNLinearCombinedRegressor(
            linearColumns: [
                .indicator(
                    .crossed([.vocabulary("city", ["a", "b", "c"]), .bucketized("x", boundaries: [0.5])], buckets: 16))
            ],
            deepColumns: Self.columns, hidden: Self.deep, linearOptimizer: .momentum(learningRate: 0.05),
            deepOptimizer: .adam(learningRate: 0.01))
        let (estimator, metrics) = try train(model, "number")
        #expect(try #require(metrics["rmse"]) < 0.2)
        let paths = try estimator.states().keys
        #expect(paths.contains { $0.hasPrefix("linear/") && $0.hasSuffix("/momentum_v") })
        #expect(paths.contains { $0.hasPrefix("deep/") && $0.hasSuffix("/adam_m") })
        #expect(!paths.contains { $0.hasPrefix("linear/") && $0.hasSuffix("/adam_m") })
        let sides = DNNLinearCombinedClassifier(
            linearColumns: Self.columns, deepColumns: Self.columns, hidden: Self.deep,
            deepOptimizer: .adam(learningRate: 0.02))
        let sideMetrics = try train(sides, "side").1
        #expect(try #require(sideMetrics["accuracy"]) > 0.95)
    }

    @Test func baselinesLearnTheMean() throws {
        let (_, numbers) = try train(BaselineRegressor(), "number")
        let answer = try #require(numbers["prediction/mean"])
        let mean = try #require(numbers["label/mean"])
        #expect(abs(answer - mean) < 0.05)
        let (classifier, _) = try train(BaselineClassifier(classes: 3), "class")
        let shares = try #require(try classifier.predict(on: Self.data("class").taking(1))["probabilities"]).doubles()
        #expect(abs(shares[2] - 1 / 3) < 0.05)
    }

    @Test func weightsSayWhatCounts() throws {
        // Only the examples of city "a" count: their numbers have no offset.
        let model = BaselineRegressor(head: .regression(weightFeature: "weight"))
        let (estimator, _) = try train(model, "number")
        let answer = try #require(try estimator.predict(on: Self.data("number").taking(1))["prediction"]).doubles()[0]
        #expect(abs(answer - 0.5) < 0.15)
    }

    /// A label that is missing, of weight 0, reaches neither the loss nor its gradient.
    @Test func whatDoesNotCountMayHaveNoLabel() throws {
        let labels = Features([("label", Tensor([1, Float.nan, 3] as [Float]))])
        let features = Features([("weight", Tensor([1, 0, 1]))])
        for head in [Head.regression(weightFeature: "weight"), .binary(weightFeature: "weight")] {
            let loss = { (logits: Tensor) in
                head.outputs(logits: logits, features: features, labels: labels, mode: .training).loss ?? logits
            }
            let logits = Tensor([[2], [2], [5]])
            #expect(try loss(logits).evaluated().doubles().allSatisfy(\.isFinite), "\(head.name)")
            let slope = try gradient(of: loss)(logits).evaluated().doubles()
            #expect(slope[0] != 0 && slope[1] == 0 && slope.allSatisfy(\.isFinite), "\(head.name): \(slope)")
        }
    }

    private static let weightedHeads: [(label: String, head: @Sendable (String?) -> Head)] = [
        ("side", { .binary(weightFeature: $0) }), ("class", { .multiClass(3, weightFeature: $0) }),
        ("sides", { .multiLabel(2, weightFeature: $0) }), ("number", { .regression(weightFeature: $0) }),
        ("count", { .poisson(weightFeature: $0) }),
    ]

    /// Heads with a weight, what they take for labels, and how many.
    private static let freeHeads: [(head: Head, expected: String, width: Int)] = [
        (.multiClass(3, weightFeature: "weight"), "a class from 0 to 2", 1),
        (.multiClass(3, weightFeature: "weight", classWeights: [1, 2, 3]), "a class from 0 to 2", 1),
        (.binary(weightFeature: "weight", classWeights: [1, 3]), "a label from 0 for no", 1),
        (.binary(weightFeature: "weight", positiveWeight: 3), "a label from 0 for no", 1),
        (.multiLabel(2, weightFeature: "weight"), "a label from 0 for no", 2),
        (.multiLabel(2, weightFeature: "weight", positiveWeights: [2, 3]), "a label from 0 for no", 2),
    ]

    /// Padding may have any label, as it has the weight 0.
    @Test(arguments: [EngineKind.compiled, .interpreted], freeHeads.indices)
    func labelsOfExamplesWithoutWeightAreFree(engine: EngineKind, at: Int) throws {
        let (head, expected, width) = Self.freeHeads[at]
        func run(labels: [Int32], weights: [Float]) throws -> Metrics {
            let estimator = try Estimator(
                LinearClassifier(columns: [.numeric("x")], head: head),
                config: RunConfig(seed: 2, engine: engine, showsProgress: false, logger: MessageLog().logger))
            let data = try Dataset(
                [
                    "x": HostTensor([1, 2, 3, 4] as [Float]), "weight": HostTensor(weights),
                    "label": HostTensor(
                        labels.flatMap { Array(repeating: $0, count: width) }, shape: width == 1 ? [4] : [4, width]),
                ], labels: "label"
            ).batched(4)
            try estimator.train(on: data, maxSteps: 2)
            return try estimator.evaluate(on: data)
        }
        let padded = try run(labels: [0, 1, -1, 7], weights: [1, 2, 0, 0])
        #expect(padded == (try run(labels: [0, 1, 0, 0], weights: [1, 2, 0, 0])))
        let error = #expect(throws: ExecutionError.self) { try run(labels: [0, 1, -1, 7], weights: [1, 2, 0, 1]) }
        #expect(error?.description.contains("example 3 of batch 0 in epoch 0: expected \(expected)") == true)
    }

    /// As PyTorch 2.13 in float64 says: `cross_entropy(weight=…)`, `binary_cross_entropy_with_logits` with `weight` or `pos_weight`.
    @Test func classesCountAsTheHeadSays() throws {
        let logits = Tensor([2, 0, 1, 0, 3, -1, 0.5, -0.5, 0.25, 1, 1, -2] as [Float], shape: [4, 3])
        let answers = Tensor([0.3, -1, 2, -0.5] as [Float], shape: [4, 1])
        let classes = Tensor([0, 2, 1, -100] as [Int32])
        let several = Tensor([1, 0, 1, 0, 1, 0, 1, 1, 0.5, 0, 0, 0] as [Float], shape: [4, 3])
        let sides = Tensor([1, 0, 0, 1] as [Float])
        let rows: [(Head, Tensor, Tensor, Double)] = [
            (.multiClass(3, classWeights: [1, 0.5, 4]), logits, classes, 3.19147324781977),
            (.multiLabel(3, positiveWeights: [3, 1, 0.25]), logits, several, 0.653497026287038),
            (.binary(classWeights: [0.5, 3]), answers, sides, 0.8293416478895),
            (.binary(positiveWeight: 3), answers, sides, 1.756371596),
        ]
        for (head, logits, labels, expected) in rows {
            let outputs = head.outputs(
                logits: logits, features: Features([]), labels: Features([("label", labels)]), mode: .evaluation)
            let figures =
                [try #require(outputs.loss)]
                + outputs.metrics.prefix(1).map {
                    $0.metric.result($0.metric.contributions($0.batch))
                }
            for figure in figures {
                let found = try figure.evaluated().doubles()[0]
                #expect(abs(found - expected) < 1e-5, "\(head.name): \(found)")
            }
            // Other metrics count all classes alike.
            #expect(outputs.metrics.dropFirst().allSatisfy { $0.batch.weights == nil })
        }
        let few = Head.multiClass(3, classWeights: [1, 2]).outputs(
            logits: logits, features: Features([]), labels: Features([("label", classes)]), mode: .training)
        #expect("\(try #require(few.loss))".contains("has 2 numbers for 3 classes"))
    }

    /// Weights of 0 and 1 give what leaving out the examples of weight 0 gives, in every metric.
    @Test(arguments: weightedHeads.indices) func weightsReachTheMetrics(at: Int) throws {
        let (label, head) = Self.weightedHeads[at]
        func evaluate(weightFeature: String?, on dataset: Dataset) throws -> Metrics {
            let model = LinearRegressor(
                columns: Self.columns, head: head(weightFeature), optimizer: .sgd(learningRate: 0.1))
            let estimator = try Estimator(
                model,
                config: RunConfig(seed: 2, engine: .interpreted, showsProgress: false, logger: MessageLog().logger))
            try estimator.train(
                on: Self.data(label).filtered { $0.index % 3 == 0 }.batched(50), maxSteps: 2)
            return try estimator.evaluate(on: dataset)
        }
        let weighted = try evaluate(weightFeature: "weight", on: Self.data(label).batched(90))
        let chosen = try evaluate(
            weightFeature: nil, on: Self.data(label).filtered { $0.index % 3 == 0 }.batched(134))
        #expect(weighted.entries.map(\.name) == chosen.entries.map(\.name) && weighted.entries.count >= 2)
        for (one, other) in zip(weighted.entries, chosen.entries) {
            #expect(abs(one.value - other.value) <= 1e-5 * max(1, abs(other.value)), "\(one.name)")
        }
        let everyone = try evaluate(weightFeature: nil, on: Self.data(label).batched(90))
        #expect(everyone != weighted)
    }
}
