import GraphTracing
import Layers

/// A classifier of texts [B, 128] of 1,000 words: embeddings, a long short-term memory of 128 units, two classes.
struct Reader: Layer {
    let words = Embedding(vocabulary: 1_000, size: 128)
    let memory = LSTM(units: 128)
    let head = Dense(units: 2)

    func callAsFunction(_ text: Tensor) -> Tensor { head(memory(words(text))) }
}
