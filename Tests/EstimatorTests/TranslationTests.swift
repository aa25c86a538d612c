import Datasets
import Estimator
import GraphTracing
import HostTensors
import Layers
import Testing
import Training

/// A small encoder and decoder, trained on padded sentences. The losses expected are PyTorch 2.13's in float64, of the same first
/// weights, with `scaled_dot_product_attention`, `layer_norm`, `cross_entropy` of smoothed labels, `clip_grad_norm_` and `AdamW`
/// with groups of parameters.
@Suite struct TranslationTests {
    private struct Translator: Sendable {
        let source = Embedding(vocabulary: 20, size: 16, initializer: .normal(standardDeviation: 0.5))
        let target = Embedding(vocabulary: 20, size: 16, initializer: .normal(standardDeviation: 0.5))
        let encoder = TransformerEncoder(heads: 2, size: 8, units: 32, norm: .after, activation: .relu)
        let decoder = TransformerDecoder(heads: 2, size: 8, units: 32, norm: .after, activation: .relu)
        let out = Dense(units: 20)

        func callAsFunction(_ question: Tensor, _ begun: Tensor) -> Tensor {
            let known = question .!= 0
            let memory = encoder(source(question), mask: known)
            return out(decoder(target(begun), memory: memory, memoryMask: known))
        }
    }

    private final class LossKeeper: TrainingHook {
        var losses: [Double] = []
        func afterStep(_ progress: TrainingProgress) { losses.append(progress.loss) }
    }

    /// Eight sentences of differing length, padded with 0.
    private static func sentences() throws -> Dataset {
        func table(_ steps: Int, _ word: (_ sentence: Int, _ step: Int) -> Int) throws -> HostTensor {
            let words = (0..<8).flatMap { sentence in (0..<steps).map { Int32(word(sentence, $0)) } }
            return try HostTensor(words, shape: [8, steps])
        }
        func answer(_ sentence: Int, _ step: Int) -> Int { 1 + (sentence * 3 + step * 11) % 19 }
        return try Dataset(
            [
                "question": table(9) { $1 < 3 + $0 % 6 ? 1 + ($0 * 7 + $1 * 5) % 19 : 0 },
                "begun": table(7) { $1 < 2 + $0 % 5 ? answer($0, $1) : 0 },
                "answer": table(7) { $1 < 2 + $0 % 5 ? answer($0, $1 + 1) : 0 },
            ], labels: "answer")
    }

    @Test func tenStepsAreThoseOfPyTorch() throws {
        let model = Translator()
        let function = ModelFunction(model) { features, labels, _ in
            let logits = model(features["question"], features["begun"])
            let loss = Loss.softmaxCrossEntropy(labelSmoothing: 0.1).ignoring(label: 0)
            let values = loss.values(outputs: logits, labels: labels["answer"])
            return ModelOutputs(
                predictions: [("logits", logits)],
                loss: loss.reduced(values, weights: loss.weights(labels: labels["answer"])))
        }
        let optimizer = Optimizer.adamW(
            learningRate: .cosine(1e-2, over: 20).warmedUp(over: 4), weightDecay: 0.1,
            excluding: ["*bias", "*scale", "*offset", "*table"]
        ).clipping(.globalNorm(0.5))
        let estimator = try Estimator(
            function, optimizer: optimizer, config: RunConfig(seed: 1, showsProgress: false))
        let keeper = LossKeeper()
        try estimator.train(on: Self.sentences().batched(8), steps: 10, hooks: [keeper])
        let expected = [
            3.272561840412965, 3.272561840412965, 3.0764471959992306, 2.7291413652668437, 2.329775619937165,
            1.9984180858683909, 1.8168648860209389, 1.6658495769232626, 1.52860645890993, 1.4027187542863615,
        ]
        #expect(keeper.losses.count == expected.count)
        for (found, expected) in zip(keeper.losses, expected) { #expect(abs(found - expected) < 1e-5) }
    }
}
