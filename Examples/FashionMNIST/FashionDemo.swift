// Trains a small convolutional classifier on Fashion-MNIST, measures it, and exports it.
// usage: FashionDemo FOLDER [STEPS] [interpreted]
//
// FOLDER/model keeps the checkpoints: a second run goes on from the newest. FOLDER/exported gets the libraries.

import ExampleModels
import Foundation
import Strata

@main
enum FashionDemo {
    static func main() {
        do {
            try run(Array(CommandLine.arguments.dropFirst()))
        } catch {
            FileHandle.standardError.write(Data("FashionDemo: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func run(_ arguments: [String]) throws {
        let folder = arguments.first ?? "demo-output"
        let steps = arguments.dropFirst().first.flatMap { Int($0) } ?? 1500
        let engine: EngineKind = arguments.contains("interpreted") ? .interpreted : .compiled

        let (training, test) = try FashionMNIST.load()
        let estimator = try Estimator(
            model: FashionClassifier(), loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 1e-3),
            metrics: [.accuracy],
            config: RunConfig(
                modelDirectory: "\(folder)/model", seed: 1, engine: engine,
                checkpoints: CheckpointPolicy(everySteps: 500)),
            name: "fashion")
        let summary = try estimator.train(on: training.shuffled(seed: 1).batched(128), maxSteps: steps)
        print("trained to step \(summary.lastStep) in \(Int(summary.seconds.rounded())) s")

        let metrics = try estimator.evaluate(on: test.batched(250))
        print("test \(metrics)")
        if engine == .compiled {
            for files in try estimator.export(to: "\(folder)/exported", targets: [.host, .aarch64Linux]) {
                print("exported \(files.library)")
            }
        }
    }
}
