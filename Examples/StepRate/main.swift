// Measures what a training step costs besides the compiled function: a perceptron 32-64-1, so small that all else shows.
// Prints the fastest of ten rounds of everything.
// usage: StepRate [BATCH] [STEPS]

import Foundation
import Strata

struct SmallPerceptron: Layer {
    let hidden = Dense(units: 64, activation: .relu)
    let output = Dense(units: 1)
    func callAsFunction(_ x: Tensor) -> Tensor { output(hidden(x)) }
}

/// The seconds that a piece of work takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    let time = (ContinuousClock.now - start).components
    return Double(time.seconds) + Double(time.attoseconds) / 1e18
}

/// The fewest seconds of several rounds: what other programs take on the same processor is no part of it.
struct Fastest {
    var seconds = Double.infinity
    mutating func add(_ round: Double) { seconds = min(seconds, round) }
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

    // The same step without the loop: the library's C function alone, on one batch.
    let module = try TrainingModule.build(
        model: SmallPerceptron(), loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.01),
        input: FeatureSpec("features", .f32, [32]), label: FeatureSpec("label", .f32, [1]))
    let model = try Model.compiled(module, threads: 1)
    _ = try model.run("init", ["seed": HostTensor(scalar: Int64(0))])
    guard let batch = try examples.reader().next() else { exit(1) }
    let train = try model.prepare("train", batch.named)
    try train.run(times: 1_000)
    let reader = try examples.reader()

    let rounds = 10
    let count = max(1, steps / rounds)
    var (whole, alone, reading) = (Fastest(), Fastest(), Fastest())
    for _ in 0..<rounds {
        whole.add(try seconds { try estimator.train(on: examples, steps: count) })
        alone.add(try seconds { try train.run(times: count) })
        reading.add(try seconds { for _ in 0..<count { _ = try reader.next() } })
    }

    func microseconds(_ time: Double) -> String { "\((time / Double(count) * 1e8).rounded() / 100) µs" }
    print("batch of \(batchSize): \(Int(Double(count) / whole.seconds)) steps/s, \(microseconds(whole.seconds)) a step")
    print("  the compiled function alone: \(microseconds(alone.seconds))")
    print("  making a batch: \(microseconds(reading.seconds))")
    print("  outside the compiled function: \(microseconds(whole.seconds - alone.seconds))")
} catch {
    FileHandle.standardError.write(Data("StepRate: \(error)\n".utf8))
    exit(1)
}
