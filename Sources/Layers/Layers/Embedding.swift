import GraphIR
import GraphTracing
import HostTensors

/// A vector for each whole number: row i of `table`, [vocabulary, size].
///
/// A number outside 0..<vocabulary, a negative one too, gets zeros, and trains no row: -1 may stand for padding. It is no error.
public struct Embedding: ScopedLayer {
    /// How many numbers have a vector.
    public let vocabulary: Int
    /// The length of the vectors.
    public let size: Int
    /// The vectors, [vocabulary, size].
    public let table: Parameter
    /// The layer's identity.
    public let scope: LayerScope

    /// Makes a layer of `vocabulary` vectors of `dtype`.
    public init(
        vocabulary: Int, size: Int, dtype: DType = .f32, initializer: Initializer = .uniform(), file: String = #fileID,
        line: Int = #line
    ) {
        self.vocabulary = vocabulary
        self.size = size
        table = Parameter(
            shape: [vocabulary, size], dtype: dtype, initializer: initializer, name: "table", file: file, line: line)
        scope = LayerScope("Embedding", file: file, line: line)
    }

    /// The vectors of integers: one more axis, of `size`.
    public func apply(_ input: Tensor) -> Tensor {
        if input.isFailed { return input }
        let sizes: KeyValuePairs = ["vocabulary": [vocabulary], "size": [size]]
        if let failed = Tensor.tooSmall("Embedding", sizes) { return failed }
        guard input.dtype.isInteger else {
            return Tensor(
                failure: GraphError(
                    "Embedding needs whole numbers, got \(input.type)", place: PlaceScope.current?.description,
                    remedy: "cast the input to i32"))
        }
        return embedding(table.value, input)
    }
}
