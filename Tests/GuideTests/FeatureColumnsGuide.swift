import Foundation
import Strata
import Testing

/// The code of `docs/guides/feature-columns.md`.
@Suite struct FeatureColumnsGuide {
    @Test func everything() throws {
        let age = FeatureColumn.numeric("age", normalizer: .standard(mean: 40, deviation: 15))
        let income = FeatureColumn.numeric("income", normalizer: .logarithm)
        let city = CategoricalColumn.vocabulary("city", ["Bern", "Lima", "Oslo"], otherBuckets: 2)
        let ageGroup = CategoricalColumn.bucketized("age", boundaries: [18, 30, 45, 65])
        let place = CategoricalColumn.crossed([city, ageGroup], buckets: 50)

        let random = RandomStream.uniform(seed: 5, stream: 0, step: 0, count: 400)
        let ages = (0..<200).map { 10 + 70 * random[$0] }
        let cities = (0..<200).map { ["Bern", "Lima", "Oslo", "Rome"][$0 % 4] }
        let people = try Dataset(
            [
                "age": HostTensor(ages), "income": HostTensor((0..<200).map { 1000 * random[200 + $0] }),
                "city": HostTensor(cities.map { TextFingerprint.of($0) }),
                "weight": HostTensor([Float](repeating: 1, count: 200)),
                "label": HostTensor((0..<200).map { Int32(ages[$0] > 45 && $0 % 4 < 2 ? 1 : 0) }),
            ], labels: "label")

        let model = DNNLinearCombinedClassifier(
            linearColumns: [.indicator(city), .indicator(ageGroup), .indicator(place)],
            deepColumns: [age, income, .embedding(city, dimension: 4)], hidden: DeepOptions(hiddenUnits: [32, 16]))
        let estimator = try Estimator(model, config: RunConfig(seed: 1))
        try estimator.train(on: people.shuffled(seed: 1).batched(64), maxSteps: 200)
        print(try estimator.evaluate(on: people.batched(100)))
        let metrics = try estimator.evaluate(on: people.batched(100))
        #expect(try #require(metrics["accuracy"]) > 0.95)

        let counts = LinearRegressor(columns: [age, .indicator(city)], head: .poisson(weightFeature: "weight"))
        let counter = try Estimator(counts)
        try counter.train(on: people.batched(64), maxSteps: 3)
        #expect(try counter.predict(on: people.batched(64))["prediction"]?.shape == [200])

        let rare = LinearClassifier(columns: [age, .indicator(city)], head: .multiClass(3, classWeights: [1, 1, 8]))
        let unlikely = LinearClassifier(columns: [age, .indicator(city)], head: .binary(positiveWeight: 20))
        for model in [rare, unlikely] {
            let estimator = try Estimator(model)
            try estimator.train(on: people.batched(64), maxSteps: 3)
            #expect(try #require(estimator.evaluate(on: people.batched(64))["loss"]).isFinite)
        }

        let ranked = LinearClassifier(columns: [age, .indicator(city)], head: .binary().measuring([.auc()]))
        let ranking = try Estimator(ranked)
        try ranking.train(on: people.batched(64), maxSteps: 30)
        #expect(try #require(ranking.evaluate(on: people.batched(64))["auc"]) > 0.5)
    }
}
