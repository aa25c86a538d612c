import GraphIR
import GraphTracing
import HostTensors
import Training

/// A feature that says to which of a number of buckets an example belongs; everything is computed in the graph.
public struct CategoricalColumn: Sendable {
    /// A name for parameters and messages.
    public let name: String
    /// The number of buckets.
    public let count: Int
    private let place: @Sendable (Features) -> Tensor

    /// Makes a column of what gives each example's bucket: i32 [B], -1 for none.
    public init(_ name: String, count: Int, bucket: @escaping @Sendable (Features) -> Tensor) {
        self.name = name
        self.count = count
        place = bucket
    }

    /// The bucket of each example, i32 [B]; -1 for none.
    public func bucket(_ features: Features) -> Tensor {
        scope(name) {
            guard count > 0 else {
                return .misfit("the column has no buckets", remedy: "give at least one bucket, word or count")
            }
            return place(features)
        }
    }

    /// 1 at the bucket of each example, f32 [B, count]; all 0 for none.
    public func oneHot(_ features: Features) -> Tensor {
        let bucket = bucket(features)
        if bucket.isFailed { return bucket }
        return scope(name) {
            let all = Tensor.iota(shape: [Dim(count)], dtype: .i32)
            return (bucket.viewed([bucket.dim(0), 1]) .== all).cast(to: .f32, file: "", line: 0)
        }
    }
}

extension CategoricalColumn {
    /// A whole number 0 ..< `count` is its own bucket; others have none.
    public static func identity(_ feature: String, count: Int) -> CategoricalColumn {
        CategoricalColumn(feature, count: count) { features in
            let number = features[feature, file: "", line: 0].cast(to: .i32, file: "", line: 0).flat
            return select(
                (number .>= 0) .& (number .< Double(count)), number, .full(-1, number.type), file: "", line: 0)
        }
    }

    /// A number is in the bucket of how many `boundaries`, ascending, it reaches: bounds.count + 1 buckets.
    public static func bucketized(_ feature: String, boundaries: [Double]) -> CategoricalColumn {
        CategoricalColumn("\(feature)_bucketized", count: boundaries.count + 1) { features in
            let number = features[feature, file: "", line: 0].cast(to: .f32, file: "", line: 0).flat
            if number.isFailed { return number }
            guard zip(boundaries, boundaries.dropFirst()).allSatisfy({ $0 < $1 }) else {
                return .misfit("boundaries \(boundaries) are not ascending", remedy: "sort them, each once")
            }
            let bounds = Tensor(HostTensor(boundaries.map { Float($0) }))
            return (number.viewed([number.dim(0), 1]) .>= bounds).cast(to: .i32, file: "", line: 0)
                .sum(axes: [1], file: "", line: 0)
        }
    }

    /// A text (as a dataset's `text` column has it) is in the bucket of its place among `words`.
    ///
    /// Others are shared out among `otherBuckets` further buckets by their fingerprint, or have none.
    public static func vocabulary(
        _ feature: String, _ words: [String], otherBuckets: Int = 0
    ) -> CategoricalColumn {
        let prints = words.map { TextFingerprint.of($0) }
        return CategoricalColumn(feature, count: words.count + otherBuckets) { features in
            let text = features[feature, file: "", line: 0].flat
            if text.isFailed { return text }
            guard text.dtype == .i64 else {
                return .misfit(
                    "'\(feature)' is \(text.type), a vocabulary takes texts as fingerprints of i64",
                    remedy: "read texts with CSVColumn.text or TextFingerprint; identity takes numbers of categories")
            }
            if let twice = Dictionary(grouping: words, by: { $0 }).filter({ $1.count > 1 }).keys.min() {
                return .misfit("'\(twice)' is a word more than once", remedy: "give each word once")
            }
            guard otherBuckets >= 0 else {
                return .misfit("there are \(otherBuckets) buckets for others", remedy: "give 0 or more")
            }
            let isWord = (text.viewed([text.dim(0), 1]) .== Tensor(HostTensor(prints))).cast(
                to: .i32, file: "", line: 0)
            // Places count from 1, so that 0 means none of the words.
            let places = Tensor.iota(shape: [Dim(words.count)], dtype: .i32) + 1
            let found = (isWord * places).sum(axes: [1], file: "", line: 0) - 1
            guard otherBuckets > 0 else { return found }
            let other = text.hashed(into: otherBuckets) + Double(words.count)
            return select((found .< 0) .& (text .!= 0), other, found, file: "", line: 0)
        }
    }

    /// A text or whole number is in a bucket that its hash decides.
    public static func hashed(_ feature: String, buckets: Int) -> CategoricalColumn {
        CategoricalColumn("\(feature)_hashed", count: buckets) { features in
            features[feature, file: "", line: 0].cast(to: .i64, file: "", line: 0).flat.hashed(into: buckets)
        }
    }

    /// Each combination of other columns' buckets is in a bucket that its hash decides; none where one of them has none.
    public static func crossed(_ columns: [CategoricalColumn], buckets: Int) -> CategoricalColumn {
        CategoricalColumn(columns.map(\.name).joined(separator: "_x_"), count: buckets) { features in
            let parts = columns.map { $0.bucket(features) }
            guard var lowest = parts.first else {
                return .misfit("a crossed column needs columns to cross", remedy: "give at least one")
            }
            var key = Tensor.zeros(TensorType(.i64, lowest.shape))
            for (column, part) in zip(columns, parts) {
                key = key * Double(column.count + 1) + (part.cast(to: .i64, file: "", line: 0) + 1)
                lowest = minimum(lowest, part, file: "", line: 0)
            }
            return select(lowest .< 0, .full(-1, lowest.type), key.hashed(into: buckets), file: "", line: 0)
        }
    }
}

extension Tensor {
    /// A tensor that carries an error at the present place.
    static func misfit(_ message: String, remedy: String) -> Tensor {
        Tensor(failure: GraphError(message, place: PlaceScope.current?.description, remedy: remedy))
    }

    /// Each i64's place among `buckets`, i32: (x · 0x9e3779b97f4a7c15 mod 2⁶⁴, as a signed number) mod buckets, 0 or more.
    func hashed(into buckets: Int) -> Tensor {
        if isFailed { return self }
        let factor = Tensor(HostTensor(scalar: Int64(bitPattern: 0x9e37_79b9_7f4a_7c15)))
        let rest = remainder(self * factor, Double(buckets), file: "", line: 0)
        return remainder(rest + Double(buckets), Double(buckets), file: "", line: 0).cast(to: .i32, file: "", line: 0)
    }
}
