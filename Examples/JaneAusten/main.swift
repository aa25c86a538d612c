// Trains a language model of characters on Jane Austen's novels, and has it write: `swift run -c release JaneAusten`.
// usage: JaneAusten [--directory MODEL-DIRECTORY] [--steps N] [--precision float32|tensorfloat|bfloat16]
//
// A tenth of the text is held out and judged at the end, in nats a character; the program ends with code 1 when these are more
// than 1.45. Run again with the same directory it goes on where it was interrupted.

import ExampleModels
import Foundation
import Strata

let length = 128

/// The text that the model goes on with, a character at a time, drawn at a temperature.
func continuation(
    of opening: [Int32], _ count: Int, temperature: Double, _ estimator: Estimator
) throws -> [Int32] {
    var ids = opening
    let draws = RandomStream.uniform(seed: 3, stream: 0, step: 0, count: count)
    for draw in draws {
        let window = try HostTensor(Array(ids.suffix(length)), shape: [1, length])
        let output = try estimator.predict(on: Dataset(features: window, featureName: "ids"))
        let logits = output.elements.first?.value.doubles() ?? []
        let classes = logits.count / length
        let last = logits.suffix(classes).map { $0 / temperature }
        let weights = last.map { exp($0 - (last.max() ?? 0)) }
        var left = Double(draw) * weights.reduce(0, +)
        let chosen = weights.firstIndex { weight in
            left -= weight
            return left < 0
        }
        ids.append(Int32(chosen ?? classes - 1))
    }
    return Array(ids.dropFirst(opening.count))
}

exit(
    TrainingProgram.run { stop in
        var arguments = Array(CommandLine.arguments.dropFirst())
        func option(_ name: String) -> String? {
            guard let at = arguments.firstIndex(of: name), at + 1 < arguments.count else { return nil }
            defer { arguments.removeSubrange(at...at + 1) }
            return arguments[at + 1]
        }
        let steps = option("--steps").flatMap { Int($0) } ?? 6_000
        let precision = option("--precision").flatMap { Precision(rawValue: $0) } ?? .bfloat16
        let novels = try Novels(path: "Examples/JaneAusten/Data/austen.txt", length: length)

        let estimator = try Estimator(
            model: GPT(vocabulary: novels.characters.count, length: length), loss: .softmaxCrossEntropy,
            optimizer: .adamW(
                learningRate: LearningRate.cosine(1.5e-3, to: 1e-4, over: steps - 200).warmedUp(over: 200), beta2: 0.98,
                weightDecay: 0.1, excluding: ["*bias", "*scale", "*offset", "*table", "*positions"]
            ).clipping(.globalNorm(1)),
            metrics: [.perplexity],
            config: RunConfig(
                modelDirectory: option("--directory"), seed: 1, precision: precision,
                checkpoints: CheckpointPolicy(everySteps: 1000), stopRequest: stop),
            name: "austen")
        let start = ContinuousClock.now
        try estimator.train(on: novels.training.shuffled(seed: 1).batched(16).prefetched(2), maxSteps: steps)
        print("trained to step \(estimator.step) in \((ContinuousClock.now - start).components.seconds) s")

        let metrics = try estimator.evaluate(on: novels.heldOut.batched(16))
        let nats = metrics["loss"] ?? .infinity
        print("held out: \((nats * 1e4).rounded() / 1e4) nats a character, \(metrics)")
        print("--- opening, held out\n\(novels.text(novels.opening))")
        for temperature in [0.6, 0.9] {
            let written = try continuation(of: novels.opening, 500, temperature: temperature, estimator)
            print("--- written at temperature \(temperature)\n\(novels.text(written))")
        }
        guard nats <= 1.45 else { exit(1) }
    })
