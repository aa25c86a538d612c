import GraphIR
import GraphTracing
import HostTensors
import Training

/// How a number is brought to a common scale, in the graph.
public struct Normalizer: Sendable {
    let apply: @Sendable (Tensor) -> Tensor

    /// Any function of the numbers.
    public init(_ apply: @escaping @Sendable (Tensor) -> Tensor) { self.apply = apply }

    /// `(x - mean) / deviation`.
    public static func standard(mean: Double, deviation: Double) -> Normalizer {
        Normalizer { ($0 - mean) / deviation }
    }

    /// `(x - low) / (high - low)`.
    public static func range(from low: Double, to high: Double) -> Normalizer {
        Normalizer { ($0 - low) / (high - low) }
    }

    /// `log(1 + x)`, for x ≥ 0.
    public static let logarithm = Normalizer { log1p($0, file: "", line: 0) }
}

/// What a model is made to see of an example's features: a few numbers, computed in the graph.
public struct FeatureColumn: Sendable {
    enum Kind: Sendable {
        case numeric(feature: String, width: Int, Normalizer?)
        case indicator(CategoricalColumn)
        case embedding(CategoricalColumn, dimension: Int, Parameter)
    }

    let kind: Kind
    /// A name for parameters and messages.
    public let name: String
    /// The number of numbers.
    public let width: Int

    /// The numbers of a feature (`width` of them an example), normalized.
    public static func numeric(_ feature: String, width: Int = 1, normalizer: Normalizer? = nil) -> FeatureColumn {
        FeatureColumn(kind: .numeric(feature: feature, width: width, normalizer), name: feature, width: width)
    }

    /// 1 for the bucket of the example, 0 for all others.
    public static func indicator(_ column: CategoricalColumn) -> FeatureColumn {
        FeatureColumn(kind: .indicator(column), name: column.name, width: column.count)
    }

    /// `dimension` numbers for each bucket, which training finds; zeros for none.
    public static func embedding(
        _ column: CategoricalColumn, dimension: Int, initializer: Initializer? = nil, file: String = #fileID,
        line: Int = #line
    ) -> FeatureColumn {
        let table = Parameter(
            shape: [column.count, dimension],
            initializer: initializer ?? .normal(standardDeviation: 1 / Double(max(1, dimension)).squareRoot()),
            name: "\(column.name)_embedding", file: file, line: line)
        return FeatureColumn(
            kind: .embedding(column, dimension: dimension, table), name: column.name, width: dimension)
    }

    /// The numbers, f32 [B, width].
    public func dense(_ features: Features) -> Tensor {
        switch kind {
        case .numeric(let feature, let width, let normalizer):
            return scope(name) {
                let numbers = features[feature, file: "", line: 0].cast(to: .f32, file: "", line: 0)
                if numbers.isFailed { return numbers }
                guard width > 0, Dim.product(numbers.shape.dropFirst()) == Dim(width) else {
                    return .misfit(
                        "feature '\(feature)' is \(numbers.type), the column takes \(width) number\(width == 1 ? "" : "s") an "
                            + "example", remedy: "give the column the feature's width")
                }
                let rows = numbers.viewed([numbers.dim(0), Dim(width)])
                return normalizer?.apply(rows) ?? rows
            }
        case .indicator(let column): return column.oneHot(features)
        case .embedding(let column, let dimension, let table):
            guard dimension > 0 else {
                return scope(name) { .misfit("the embedding has dimension \(dimension)", remedy: "give at least 1") }
            }
            let bucket = column.bucket(features)
            return scope(name) { GraphTracing.embedding(table.value, bucket, file: "", line: 0) }
        }
    }

    /// The embedding's table, where there is one.
    var parameter: Parameter? {
        if case .embedding(_, _, let table) = kind { return table }
        return nil
    }
}

/// Columns as the input of a network: their numbers side by side.
struct DenseInput: Sendable {
    let columns: [FeatureColumn]
    /// The embeddings' tables, by column, so that they are found as parameters.
    let tables: [Parameter]

    init(_ columns: [FeatureColumn]) {
        self.columns = columns
        tables = columns.compactMap(\.parameter)
    }

    /// The numbers of all columns, f32 [B, sum of widths].
    func callAsFunction(_ features: Features) -> Tensor {
        scope("input") {
            guard !columns.isEmpty else {
                return .misfit("a model needs at least one feature column", remedy: "give columns")
            }
            return concat(columns.map { $0.dense(features) }, axis: 1, file: "", line: 0)
        }
    }
}
