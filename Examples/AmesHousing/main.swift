// Estimates the prices of houses by a wide and deep model of feature columns: `swift run -c release AmesHousing`.
// usage: AmesHousing [CSV] [MODEL-DIRECTORY]
//
// Every fifth house is held out. The program ends with code 1 when R² of the logarithm of its price is below 0.88.

import Foundation
import Strata

/// The table, with what columns need to know of the houses that are trained on.
struct Houses {
    let dataset: Dataset
    let columns: [FeatureColumn]
    let meanPrice: Double

    /// Features whose sizes matter by their ratios rather than their differences.
    static let sizes: Set = [
        "Lot_Area", "Gr_Liv_Area", "First_Flr_SF", "Second_Flr_SF", "Total_Bsmt_SF", "Bsmt_Unf_SF", "BsmtFin_SF_2",
        "Mas_Vnr_Area", "Garage_Area", "Wood_Deck_SF", "Open_Porch_SF", "Enclosed_Porch", "Three_season_porch",
        "Screen_Porch", "Pool_Area", "Misc_Val", "Lot_Frontage",
    ]

    init(path: String) throws {
        let table = try CSV.read(path: path, format: CSV.Format(missingFields: []))
        var header: [CSVColumn] = []
        var columns: [FeatureColumn] = []
        for name in table.columnNames where name != "Sale_Price" {
            if let numbers = try? table.tensor(column: name).doubles() {
                header.append(.number(name))
                columns.append(Self.numeric(name, numbers))
            } else {
                header.append(.text(name))
                columns.append(.indicator(.vocabulary(name, try table.categories(column: name).names)))
            }
        }
        let prices = try table.tensor(column: "Sale_Price").doubles().map { log($0) }
        let trained = prices.indices.filter { $0 % 5 != 0 }.map { prices[$0] }
        let mean = trained.reduce(0, +) / Double(trained.count)
        meanPrice = mean
        self.columns = columns
        dataset = try Dataset.csv(
            path, header: header + [.number("Sale_Price")], labels: "Sale_Price",
            format: CSV.Format(missingFields: [])
        ).mapped { house in
            var values = house.tensors
            values["Sale_Price"] = HostTensor(scalar: Float(log(try house["Sale_Price"].doubles()[0]) - mean))
            return values
        }
    }

    /// A feature on a common scale: that of the houses that are trained on.
    private static func numeric(_ name: String, _ numbers: [Double]) -> FeatureColumn {
        let isSize = sizes.contains(name)
        let known = numbers.indices.filter { $0 % 5 != 0 }.map { isSize ? log(1 + numbers[$0]) : numbers[$0] }
        let mean = known.reduce(0, +) / Double(known.count)
        let variance = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(known.count)
        let deviation = max(variance.squareRoot(), 1e-3)
        return .numeric(
            name, normalizer: Normalizer { ((isSize ? log1p($0) : $0) - mean) / deviation })
    }
}

do {
    let arguments = Array(CommandLine.arguments.dropFirst())
    let houses = try Houses(path: arguments.first ?? "Examples/AmesHousing/Data/ames.csv")
    // In memory from here on: the table is small, and so every house can be reached by its number.
    let all = try Dataset(try houses.dataset.tensors(), labels: "Sale_Price")
    let heldOut = try all.shard(index: 0, count: 5)
    let training = try Dataset(try all.filtered { $0.index % 5 != 0 }.tensors(), labels: "Sale_Price")

    let model = DNNLinearCombinedRegressor(
        linearColumns: houses.columns, deepColumns: houses.columns,
        hidden: DeepOptions(hiddenUnits: [32, 16], dropout: 0.2), linearOptimizer: .adam(learningRate: 2e-3),
        deepOptimizer: .adam(learningRate: 1e-3))
    let estimator = try Estimator(
        model,
        config: RunConfig(
            modelDirectory: arguments.dropFirst().first, seed: 1,
            checkpoints: CheckpointPolicy(everySteps: 500, keepBest: .smallest("rmse"))), name: "houses")
    try estimator.trainAndEvaluate(
        TrainSpec(training.shuffled(seed: 1).batched(64), maxSteps: 3_000),
        EvalSpec(heldOut.batched(200), throttleSeconds: 2))

    let answers = try estimator.predict(on: heldOut.batched(200))["prediction"]?.doubles() ?? []
    let prices = try heldOut.tensors()["Sale_Price"]?.doubles() ?? []
    let mean = prices.reduce(0, +) / Double(prices.count)
    let missed = zip(answers, prices).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let spread = prices.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let rSquared = 1 - missed / spread
    print("R² of the logarithm of \(prices.count) prices that were held out: \((rSquared * 1e4).rounded() / 1e4)")
    for house in 0..<3 {
        let (answer, price) = (exp(answers[house] + houses.meanPrice), exp(prices[house] + houses.meanPrice))
        print("house \(house * 5): estimated at \(Int(answer.rounded())) dollars, sold at \(Int(price.rounded()))")
    }
    exit(rSquared >= 0.88 ? 0 : 1)
} catch {
    FileHandle.standardError.write(Data("AmesHousing: \(error)\n".utf8))
    exit(1)
}
