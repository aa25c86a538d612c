// Trains a classifier of Fashion-MNIST images in several processes, each on its part of every batch:
//
//     mpirun -n 4 .build/release/ClusterTraining runs/cluster 2000
//
// usage: ClusterTraining [MODEL-DIRECTORY] [STEPS]
//
// Started by Slurm's `srun --mpi=pmix`, or without any engine, it is the same program; run again with the same directory it goes on
// where it ended, with any number of processes.

import Foundation
import Strata

struct Classifier: Layer {
    let edges = Conv2D(filters: 32, kernelSize: 3, activation: .relu)
    let pool = MaxPool2D(size: 2)
    let flatten = Flatten()
    let hidden = Dense(units: 128, activation: .relu)
    let dropout = Dropout(rate: 0.3)
    let logits = Dense(units: 10)
    func callAsFunction(_ image: Tensor) -> Tensor { logits(dropout(hidden(flatten(pool(edges(image)))))) }
}

exit(
    TrainingProgram.run { stop in
        let cluster = try Cluster.mpi()
        let arguments = Array(CommandLine.arguments.dropFirst())
        let steps = arguments.dropFirst().first.flatMap { Int($0) } ?? 2_000
        let (training, test) = try FashionMNIST.load()
        let estimator = try Estimator(
            model: Classifier(), loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 1e-3),
            metrics: [.accuracy],
            config: RunConfig(modelDirectory: arguments.first, seed: 1, cluster: cluster, stopRequest: stop),
            name: "classifier")
        let summary = try estimator.train(on: training.shuffled(seed: 1).batched(128), maxSteps: steps)
        let metrics = try estimator.evaluate(on: test.batched(250))
        guard cluster.isFirst else { return }
        let speed = Int(summary.stepsPerSecond)
        print("\(cluster.count) processes: step \(summary.lastStep), \(speed) steps/s; test \(metrics)")
    })
