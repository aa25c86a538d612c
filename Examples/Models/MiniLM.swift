import GraphIR
import GraphTracing
import Layers

/// An encoder of sentences of the shape of MiniLM-L6 (Wang et al., 2020): embeddings of words, positions and the first kind
/// of text, normalized; then six blocks of attention and feed-forward layers that normalize what comes out.
public struct MiniLM: Layer {
    static let length = 128
    private static let width = 384

    let words = Embedding(vocabulary: 30_522, size: width, initializer: .truncatedNormal(standardDeviation: 0.02))
    let positions = Parameter(shape: [512, width], initializer: .truncatedNormal(standardDeviation: 0.02))
    let kinds = Parameter(shape: [2, width], initializer: .truncatedNormal(standardDeviation: 0.02))
    let norm = LayerNorm()
    let blocks = (0..<6).map { _ in
        TransformerEncoder(heads: 12, size: 32, units: 4 * width, norm: .after, activation: .gelu)
    }

    /// Makes the model.
    public init() {}

    /// The words [B, 128] in the light of each other, [B, 128, 384].
    public func callAsFunction(_ ids: Tensor) -> Tensor {
        let embedded = scope("embedding") {
            words(ids) + (positions.value[0..<Self.length] + kinds.value[0])
        }
        return blocks.reduce(norm(embedded)) { $1($0) }
    }

    /// The model, to be initialized and used.
    public static func module() throws -> GraphModule {
        try predicting(
            MiniLM(), name: "minilm", input: ("ids", TensorType(.i32, [Dim(symbol: "B"), Dim(length)])),
            output: "states")
    }
}
