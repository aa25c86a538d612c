// Trains a residual network on Fashion-MNIST as far as it gets: `swift run -c release FashionTraining`.
// usage: FashionTraining [MODEL-DIRECTORY] [EPOCHS]
//
// Of the 60,000 training images 5,000 are kept for validation: they decide which checkpoint is the best and when to stop.
// The test images are looked at once, at the end; the program ends with code 1 when their accuracy is below 0.925. Run
// again with the same directory it goes on where it was interrupted.

import Foundation
import Strata

/// Two convolutions beside a shortcut.
struct Block: Layer {
    let first: Conv2D
    let second: Conv2D
    init(_ filters: Int) {
        first = Conv2D(
            filters: filters, kernelSize: 3, padding: .same, activation: .relu, kernelInitializer: .heUniform)
        // Zeros make the block pass its input on at first.
        second = Conv2D(filters: filters, kernelSize: 3, padding: .same, kernelInitializer: .zeros)
    }
    func callAsFunction(_ image: Tensor) -> Tensor { relu(image + second(first(image))) }
}

/// A small residual network for images of 28 × 28 pixels.
struct Network: Layer {
    let edges = Conv2D(
        filters: 32, kernelSize: 3, padding: .same, activation: .relu, kernelInitializer: .heUniform)
    let parts = Conv2D(
        filters: 64, kernelSize: 3, padding: .same, activation: .relu, kernelInitializer: .heUniform)
    let block = Block(64)
    let pool = MaxPool2D(size: 2)
    let flatten = Flatten()
    let hidden = Dense(units: 128, activation: .relu, kernelInitializer: .heUniform)
    let dropout = Dropout(rate: 0.3)
    let logits = Dense(units: 10)

    func callAsFunction(_ image: Tensor) -> Tensor {
        let features = block(pool(parts(pool(edges(image)))))
        return logits(dropout(hidden(dropout(flatten(features)))))
    }
}

/// The image moved by up to one pixel each way, every other one mirrored: a pure function of the example and its epoch.
func varied(_ example: Example) throws -> NamedTensors {
    var values = example.tensors
    let draws = RandomStream.uniform(
        seed: 7, stream: UInt32(example.epoch), step: UInt64(example.index), count: 3)
    let (down, right, isMirrored) = (Int(draws[0] * 3) - 1, Int(draws[1] * 3) - 1, draws[2] < 0.5)
    let image = try example["image"]
    var moved = HostTensor(zeros: image.shape, dtype: .f32)
    try image.withScalars(as: Float.self) { old in
        try moved.withMutableScalars(as: Float.self) { new in
            for row in max(0, down)..<min(28, 28 + down) {
                for column in max(0, right)..<min(28, 28 + right) {
                    let from = column - right
                    new[row * 28 + column] = old[(row - down) * 28 + (isMirrored ? 27 - from : from)]
                }
            }
        }
    }
    values["image"] = moved
    return values
}

exit(
    TrainingProgram.run { stop in
        let arguments = Array(CommandLine.arguments.dropFirst())
        let epochs = arguments.dropFirst().first.flatMap { Int($0) } ?? 12
        let (images, test) = try FashionMNIST.load()
        let (training, validation) = (images.taking(55_000), images.skipping(55_000))
        let steps = epochs * 55_000 / 128

        let estimator = try Estimator(
            model: Network(), loss: .softmaxCrossEntropy,
            optimizer: .adamW(learningRate: LearningRate.oneCycle(peak: 2e-3, over: steps), weightDecay: 0.02),
            metrics: [.accuracy],
            config: RunConfig(
                modelDirectory: arguments.first, seed: 1,
                checkpoints: CheckpointPolicy(everySteps: 430, keepBest: .largest("accuracy")), stopRequest: stop),
            name: "fashion")
        let start = ContinuousClock.now
        try estimator.trainAndEvaluate(
            TrainSpec(
                training.mapped(varied).shuffled(seed: 1).batched(128).prefetched(2), maxSteps: steps,
                earlyStopping: EarlyStopping(.largest("accuracy"), patience: 8)),
            EvalSpec(validation.batched(250)))
        print("trained to step \(estimator.step) in \((ContinuousClock.now - start).components.seconds) s")
        if let best = try estimator.restoreBest(by: .largest("accuracy")) {
            print("best on validation at step \(best.step): \(best.metrics)")
        }
        let metrics = try estimator.evaluate(on: test.batched(250))
        print("test \(metrics)")
        guard (metrics["accuracy"] ?? 0) >= 0.925 else { exit(1) }
    })
