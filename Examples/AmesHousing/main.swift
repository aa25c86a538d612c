// Estimates the prices of houses by a wide and deep model of feature columns: `swift run -c release AmesHousing`.
// usage: AmesHousing [CSV] [--directory MODEL-DIRECTORY] [--fold N]
//
// Every fifth house is held out. With `--fold 1` to `--fold 4` the model is trained on three of the other four fifths and
// judged by the fourth: by the mean of these four its options were chosen. The program ends with code 1 when R² of the
// logarithm of the prices that were held out is below 0.88.

import Foundation
import Strata

do {
    var arguments = Array(CommandLine.arguments.dropFirst())
    func option(_ name: String) -> String? {
        guard let at = arguments.firstIndex(of: name), at + 1 < arguments.count else { return nil }
        defer { arguments.removeSubrange(at...at + 1) }
        return arguments[at + 1]
    }
    let fold = option("--fold").flatMap { Int($0) }.flatMap { (1...4).contains($0) ? $0 : nil }
    let directory = option("--directory")
    let houses = try Houses(
        path: arguments.first ?? "Examples/AmesHousing/Data/ames.csv", judging: fold.map { .fold($0) } ?? .heldOut)

    let steps = 3_000
    let model = DNNLinearCombinedRegressor(
        linearColumns: houses.linearColumns, deepColumns: houses.deepColumns,
        hidden: DeepOptions(hiddenUnits: [32, 16], dropout: 0.1),
        linearOptimizer: .adamW(learningRate: LearningRate.cosine(2e-3, over: steps), weightDecay: 3),
        deepOptimizer: .adamW(learningRate: LearningRate.cosine(3e-3, over: steps), weightDecay: 3))
    let estimator = try Estimator(model, config: RunConfig(modelDirectory: directory, seed: 1), name: "houses")
    try estimator.train(on: houses.training.shuffled(seed: 1).batched(64), maxSteps: steps)

    let metrics = try estimator.evaluate(on: houses.judged.batched(200))
    let rSquared = metrics["r2"] ?? 0
    print(metrics)
    print(
        "R² of the logarithm of \(houses.judgedNumbers.count) prices "
            + "\(fold.map { "in fold \($0)" } ?? "that were held out"): \((rSquared * 1e4).rounded() / 1e4)")
    let answers = try estimator.predict(on: houses.judged.batched(200))["prediction"]?.doubles() ?? []
    let prices = try houses.judged.tensors()["Sale_Price"]?.doubles() ?? []
    for (at, house) in houses.judgedNumbers.prefix(3).enumerated() {
        let (answer, price) = (exp(answers[at] + houses.meanPrice), exp(prices[at] + houses.meanPrice))
        print("house \(house): estimated at \(Int(answer.rounded())) dollars, sold at \(Int(price.rounded()))")
    }
    exit(fold != nil || rSquared >= 0.88 ? 0 : 1)
} catch {
    FileHandle.standardError.write(Data("AmesHousing: \(error)\n".utf8))
    exit(1)
}
