import Foundation
import Strata

/// The houses of the table, and the columns through which a model sees them.
struct Houses {
    /// The parts that a model is trained on, chosen by, and judged by.
    enum Part {
        /// Every fifth house: the final judgement, for which nothing is chosen.
        case heldOut
        /// A quarter of the others, one of four.
        case fold(Int)

        func contains(_ house: Int) -> Bool {
            switch self {
            case .heldOut: house % 5 == 0
            case .fold(let number): house % 5 == number
            }
        }
    }

    /// The houses that are trained on, prices as logarithms less their mean.
    let training: Dataset
    /// The houses that the model is judged by.
    let judged: Dataset
    /// The numbers of those in the table.
    let judgedNumbers: [Int]
    /// What a linear model sees.
    let linearColumns: [FeatureColumn]
    /// What a deep model sees.
    let deepColumns: [FeatureColumn]
    /// The mean of the logarithms of prices that are trained on.
    let meanPrice: Double

    /// Features whose sizes matter by their ratios rather than their differences.
    static let sizes: Set = [
        "Lot_Area", "Gr_Liv_Area", "First_Flr_SF", "Second_Flr_SF", "Total_Bsmt_SF", "Bsmt_Unf_SF", "BsmtFin_SF_2",
        "Mas_Vnr_Area", "Garage_Area", "Wood_Deck_SF", "Open_Porch_SF", "Enclosed_Porch", "Three_season_porch",
        "Screen_Porch", "Pool_Area", "Misc_Val", "Lot_Frontage", "Total_SF",
    ]

    /// Reads the table; everything that is learned from it leaves out the judged part, and what is held out in any case.
    init(path: String, judging part: Part) throws {
        let format = CSV.Format(missingFields: [])
        let table = try CSV.read(path: path, format: format)
        let count = table.rowCount
        let trained = (0..<count).filter { !part.contains($0) && !Part.heldOut.contains($0) }
        var header: [CSVColumn] = []
        var numbers: [(name: String, values: [Double])] = []
        var vocabularies: [CategoricalColumn] = []
        for name in table.columnNames where name != "Sale_Price" {
            if let values = try? table.tensor(column: name).doubles() {
                header.append(.number(name))
                numbers.append((name, values))
            } else {
                header.append(.text(name))
                let known = try table.categories(column: name)
                let places = known.indices.doubles().map { Int($0) }
                let words = Set(trained.map { places[$0] }).sorted().map { known.names[$0] }
                vocabularies.append(.vocabulary(name, words))
            }
        }
        for (name, compute) in Self.derived {
            let parts = Dictionary(uniqueKeysWithValues: numbers)
            numbers.append((name, (0..<count).map { house in compute { parts[$0]?[house] ?? 0 } }))
        }
        let prices = try table.tensor(column: "Sale_Price").doubles().map { log($0) }
        let mean = trained.reduce(0) { $0 + prices[$1] } / Double(trained.count)
        meanPrice = mean

        let numeric = numbers.map { name, values in Self.numeric(name, trained.map { values[$0] }) }
        let place = CategoricalColumn.crossed(
            ["Latitude", "Longitude"].map { name in
                let values = numbers.first { $0.name == name }?.values ?? []
                return .bucketized(name, boundaries: Self.quantiles(trained.map { values[$0] }, 12))
            }, buckets: 200)
        linearColumns = numeric + vocabularies.map { .indicator($0) } + [.indicator(place)]
        deepColumns =
            numeric
            + vocabularies.map { $0.count > 10 ? .embedding($0, dimension: 8) : .indicator($0) }

        // In memory from here on: the table is small, and so every house can be reached by its number.
        let all = try Dataset.csv(path, header: header + [.number("Sale_Price")], labels: "Sale_Price", format: format)
            .mapped { house in
                var values = house.tensors
                func number(_ name: String) -> Double { values[name]?.doubles().first ?? 0 }
                for (name, compute) in Self.derived { values[name] = HostTensor(scalar: Float(compute(number))) }
                values["Sale_Price"] = HostTensor(scalar: Float(log(number("Sale_Price")) - mean))
                return values
            }
        func houses(_ isIncluded: @escaping @Sendable (Int) -> Bool) throws -> Dataset {
            try Dataset(try all.filtered { isIncluded($0.index) }.tensors(), labels: "Sale_Price")
        }
        let chosen = Set(trained)
        training = try houses { chosen.contains($0) }
        judged = try houses { part.contains($0) }
        judgedNumbers = (0..<count).filter { part.contains($0) }
    }

    /// Numbers computed from others, by the name of those.
    private static let derived: [(name: String, compute: @Sendable ((String) -> Double) -> Double)] = [
        ("Age", { $0("Year_Sold") - $0("Year_Built") }),
        ("Years_Since_Remod", { $0("Year_Sold") - $0("Year_Remod_Add") }),
        ("Total_SF", { $0("Gr_Liv_Area") + $0("Total_Bsmt_SF") }),
        (
            "Baths",
            { $0("Full_Bath") + $0("Bsmt_Full_Bath") + 0.5 * ($0("Half_Bath") + $0("Bsmt_Half_Bath")) }
        ),
    ]

    /// A feature on a common scale: that of the houses that are trained on.
    private static func numeric(_ name: String, _ known: [Double]) -> FeatureColumn {
        let isSize = sizes.contains(name)
        let known = known.map { isSize ? log(1 + $0) : $0 }
        let mean = known.reduce(0, +) / Double(known.count)
        let variance = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(known.count)
        let deviation = max(variance.squareRoot(), 1e-3)
        return .numeric(name, normalizer: Normalizer { ((isSize ? log1p($0) : $0) - mean) / deviation })
    }

    /// The `parts - 1` numbers that divide others into parts of the same size.
    private static func quantiles(_ values: [Double], _ parts: Int) -> [Double] {
        let sorted = values.sorted()
        return (1..<parts).map { sorted[$0 * sorted.count / parts] }
    }
}
