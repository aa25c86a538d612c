import Foundation
import GraphIR
import GraphTracing
import HostTensors
import Layers
import Testing
import Training

/// Models of texts trained for ten steps as PyTorch trains them. The losses expected are those of PyTorch 2.13 in float64, from the same
/// weights: `nn.Conv1d`, `nn.LSTM` and `nn.GRU` over packed sequences (with one bias trained), `nn.TransformerEncoderLayer`, and its
/// optimizers.
@Suite struct TextModelTests {
    private static let texts: [Int32] = [
        1, 6, 11, 16, 2, 7, 4, 10, 16, 3, 9, 15, 7, 14, 2, 9, 16, 4, 10, 18, 7, 15, 4, 12,
    ]
    private static let padded: [Int32] = [
        1, 6, 11, 16, 2, 7, 4, 10, 16, 3, 0, 0, 7, 14, 2, 9, 16, 0, 10, 18, 0, 0, 0, 0,
    ]
    /// Tokens that are hidden from the model, which says what they are.
    private static let hidden: Set = [1, 4, 8, 12, 15, 19]

    /// Weights that both programs make: waves, of another phase for each path.
    private static func weight(_ path: String, _ type: TensorType) throws -> HostTensor {
        let shape = try type.shape([:])
        let phase = Double(path.utf8.reduce(0) { $0 + Int($1) } % 17)
        let isScale = path.hasSuffix("scale")
        let numbers = (0..<shape.reduce(1, *)).map { at -> Double in
            let wave = 0.4 * Foundation.sin(1.3 * Double(at) + phase)
            return isScale ? 1 + 0.5 * wave : wave
        }
        return try HostTensor(numbers, shape: shape).converted(to: type.dtype)
    }

    private func train(
        _ model: some Layer, _ loss: Loss, _ optimizer: Optimizer, texts: [Int32], labels: HostTensor,
        losses: [Double]
    ) throws {
        let module = try TrainingModule.build(
            model: model, loss: loss, optimizer: optimizer, input: FeatureSpec("ids", .i32, [6]))
        try verify(module)
        let interpreter = try Interpreter(module: module)
        var states = module.states.map { HostTensor(zeros: $0.type.constantShape ?? [], dtype: $0.type.dtype) }
        _ = try interpreter.run("init", inputs: ["seed": HostTensor(scalar: Int64(1))], states: &states)
        for (at, state) in module.states.enumerated() where state.role == .parameter {
            states[at] = try Self.weight(state.path, state.type)
        }
        let inputs = try ["ids": HostTensor(texts, shape: [4, 6]), "label": labels]
        let found = try (0..<losses.count).map { _ in
            try #require(interpreter.run("train", inputs: inputs, states: &states)["loss"]).doubles()[0]
        }
        try Tensor(found).expectClose(to: HostTensor(losses), 2e-5)
    }

    /// Filters of two widths over a text, the one pooled by its largest, the other by its mean.
    private struct TextCNN: Layer {
        let words = Embedding(vocabulary: 20, size: 5)
        let three = Conv1D(filters: 4, kernelSize: 3, activation: .relu)
        let two = Conv1D(filters: 3, kernelSize: 2, dilation: 2, activation: .relu)
        let largest = GlobalMaxPool()
        let mean = GlobalAveragePool()
        let verdict = Dense(units: 3)
        func callAsFunction(_ ids: Tensor) -> Tensor {
            let text = words(ids)
            return verdict(concat([largest(three(text)), mean(two(text))], axis: 1))
        }
    }

    @Test func aClassifierOfConvolutions() throws {
        try train(
            TextCNN(), .softmaxCrossEntropy, .adam(learningRate: 0.05), texts: Self.texts,
            labels: HostTensor([0, 2, 1, 2] as [Int32]),
            losses: [
                1.212499124, 1.046062548, 0.939522855, 0.889445877, 0.855153934, 0.799462943, 0.738510265, 0.666022311,
                0.579422569, 0.506620858,
            ])
    }

    private struct Tagger: Layer {
        let words = Embedding(vocabulary: 20, size: 5)
        let reader = Bidirectional(LSTM(units: 3, returnsSequences: true))
        let again = Bidirectional(GRU(units: 2, returnsSequences: true))
        let tags = Dense(units: 4)
        func callAsFunction(_ ids: Tensor) -> Tensor {
            let mask = ids .!= 0
            return tags(again(reader(words(ids), mask: mask), mask: mask))
        }
    }

    @Test func aTaggerOfPaddedTexts() throws {
        try train(
            Tagger(), .softmaxCrossEntropy.ignoring(label: -1),
            .sgd(learningRate: 0.5, momentum: 0.9, nesterov: true), texts: Self.padded,
            labels: HostTensor(Self.padded.map { id -> Int32 in id == 0 ? -1 : id % 4 }, shape: [4, 6]),
            losses: [
                1.433039832, 1.345869695, 1.305057866, 1.305540184, 1.315060319, 1.315337036, 1.310731929, 1.306297650,
                1.302183800, 1.298366249,
            ])
    }

    private struct MaskedReader: Layer {
        let words = Embedding(vocabulary: 20, size: 8)
        let positions = LearnedPositions(length: 6)
        let norm = LayerNorm()
        let blocks = (0..<2).map { _ in TransformerEncoder(heads: 2, size: 4, units: 12, norm: .after) }
        let bias = Parameter(shape: [20], initializer: .zeros)
        func callAsFunction(_ ids: Tensor) -> Tensor {
            let begin = norm(positions(words(ids)))
            let steps = blocks.reduce(begin) { $1($0, mask: ids .!= 0) }
            return matmul(steps, words.table.value.transposed()) + bias.value
        }
    }

    private struct RelativeReader: Layer {
        let words = Embedding(vocabulary: 20, size: 8)
        let positions = RelativePositionBias(heads: 2, buckets: 8, farthest: 4)
        let norm = LayerNorm()
        let blocks = (0..<2).map { _ in TransformerEncoder(heads: 2, size: 4, units: 12) }
        let bias = Parameter(shape: [20], initializer: .zeros)
        func callAsFunction(_ ids: Tensor) -> Tensor {
            let begin = words(ids)
            let steps = blocks.reduce(begin) { $1($0, mask: ids .!= 0, bias: positions(begin)) }
            return matmul(norm(steps), words.table.value.transposed()) + bias.value
        }
    }

    private func trainMasked(_ model: some Layer, losses: [Double]) throws {
        let optimizer = Optimizer.adamW(
            learningRate: 0.01, weightDecay: 0.1, excluding: ["*bias", "*scale", "*offset", "*table"])
        let places = Self.padded.indices
        try train(
            model, .softmaxCrossEntropy.ignoring(label: -100), optimizer.clipping(.globalNorm(1)),
            texts: places.map { Self.hidden.contains($0) ? 19 : Self.padded[$0] },
            labels: HostTensor(
                places.map { at -> Int32 in Self.hidden.contains(at) ? Self.padded[at] : -100 }, shape: [4, 6]),
            losses: losses)
    }

    @Test func anEncoderOfMaskedTexts() throws {
        try trainMasked(
            MaskedReader(),
            losses: [
                4.264294572, 3.773731811, 3.302599571, 2.842832846, 2.467778741, 2.242736672, 2.135473748, 2.018655334,
                1.919313114, 1.826442136,
            ])
    }

    @Test func anEncoderWithRelativePositions() throws {
        try trainMasked(
            RelativeReader(),
            losses: [
                3.520209681, 3.548944503, 3.333064947, 3.129396728, 3.028096409, 2.954532276, 2.842454721, 2.732730090,
                2.649457770, 2.572076236,
            ])
    }
}
