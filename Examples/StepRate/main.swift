// Measures what a training step costs besides the compiled function: a perceptron 32-64-1, so small that all else shows.
// usage: StepRate [BATCH] [STEPS]

import Foundation
import Strata

struct SmallPerceptron: Layer {
    let hidden = Dense(units: 64, activation: .relu)
    let output = Dense(units: 1)
    func callAsFunction(_ x: Tensor) -> Tensor { output(hidden(x)) }
}

func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    let time = (ContinuousClock.now - start).components
    return Double(time.seconds) + Double(time.attoseconds) / 1e18
}

do {
    let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
    let batchSize = arguments.first ?? 32
    let steps = arguments.dropFirst().first ?? 200_000
    let numbers = RandomStream.uniform(seed: 1, stream: 0, step: 0, count: 4096 * 33)
    let examples = try Dataset(
        features: HostTensor(Array(numbers[..<(4096 * 32)]), shape: [4096, 32]),
        labels: HostTensor(Array(numbers[(4096 * 32)...]), shape: [4096, 1])
    ).shuffled(seed: 1).batched(batchSize)
    let estimator = try Estimator(
        model: SmallPerceptron(), loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.01),
        config: RunConfig(threads: 1, checkpoints: CheckpointPolicy(everySteps: 1_000_000), showsProgress: false))
    try estimator.train(on: examples, steps: 1_000)
    let whole = try seconds { try estimator.train(on: examples, steps: steps) }

    // The same steps without the loop: the library alone, on one batch.
    let module = try TrainingModule.build(
        model: SmallPerceptron(), loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.01),
        input: FeatureSpec("features", .f32, [32]), label: FeatureSpec("label", .f32, [1]))
    let model = try Model(module, threads: 1)
    try model.run("init", ["seed": HostTensor(scalar: Int64(0))])
    let train = try model.prepare("train")
    guard let batch = try examples.reader().next() else { exit(1) }
    for _ in 0..<1_000 { try train(batch.tensors) }
    let alone = try seconds { for _ in 0..<steps { try train(batch.tensors) } }
    let reader = try examples.reader()
    let reading = try seconds { for _ in 0..<steps { _ = try reader.next() } }

    func microseconds(_ time: Double) -> String { "\((time / Double(steps) * 1e8).rounded() / 100) µs" }
    print("batch of \(batchSize): \(Int(Double(steps) / whole)) steps/s, \(microseconds(whole)) a step")
    print("  the call alone on one batch: \(microseconds(alone)); making a batch: \(microseconds(reading))")
    print("  outside the compiled function: \(microseconds(whole - alone))")
} catch {
    FileHandle.standardError.write(Data("StepRate: \(error)\n".utf8))
    exit(1)
}
