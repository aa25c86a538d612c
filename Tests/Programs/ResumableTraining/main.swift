// Trains a small classifier with random layers and shuffled data, evaluating checkpoints on the way: a program to be killed.
// usage: ResumableTraining DIRECTORY STEPS [compiled] [pause=MICROSECONDS]
//
// It says `step N` on standard output after each step, and exits as `TrainingProgram` says.

import Datasets
import Estimator
import Execution
import Glibc
import GraphTracing
import HostTensors
import Layers
import Logging
import Training

struct Classifier: Layer {
    let hidden = Dense(units: 16, activation: .relu)
    let dropout = Dropout(rate: 0.2)
    let logits = Dense(units: 3)
    func callAsFunction(_ point: Tensor) -> Tensor { logits(dropout(hidden(point))) }
}

/// Says which step was made.
final class Announcer: TrainingHook {
    let pause: UInt32
    init(pause: UInt32) { self.pause = pause }

    func afterStep(_ progress: TrainingProgress) {
        let line = "step \(progress.step)\n"
        _ = Glibc.write(STDOUT_FILENO, line, line.utf8.count)
        if pause > 0 { usleep(pause) }
    }
}

func points(_ count: Int, seed: UInt64) throws -> Dataset {
    let places = RandomStream.uniform(seed: seed, stream: 0, step: 0, count: count * 2)
    let labels = (0..<count).map { Int32((places[2 * $0] + places[2 * $0 + 1]) * 1.49) }
    return try Dataset(features: HostTensor(places, shape: [count, 2]), labels: HostTensor(labels))
}

let arguments = CommandLine.arguments
let pause = arguments.compactMap { $0.hasPrefix("pause=") ? UInt32($0.dropFirst(6)) : nil }.first ?? 0
exit(
    TrainingProgram.run { stop in
        guard arguments.count >= 3, let steps = Int(arguments[2]) else {
            throw ExecutionError(
                place: "arguments", expected: "DIRECTORY STEPS", actual: "\(arguments.dropFirst())", remedy: "give both"
            )
        }
        let estimator = try Estimator(
            model: Classifier(), loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.02), metrics: [.accuracy],
            config: RunConfig(
                modelDirectory: arguments[1], seed: 3,
                engine: arguments.contains("compiled") ? .compiled : .interpreted,
                checkpoints: CheckpointPolicy(everySteps: 7, keepBest: .largest("accuracy")),
                summaries: SummaryPolicy(everySteps: 5), showsProgress: false,
                logger: Logger(label: "training") { _ in SwiftLogNoOpLogHandler() }, stopRequest: stop))
        let training = try points(150, seed: 1).shuffled(seed: 2).batched(16)
        try estimator.trainAndEvaluate(
            TrainSpec(
                training.mapped { $0.tensors }, maxSteps: steps,
                earlyStopping: EarlyStopping(.smallest("loss"), patience: 50), hooks: [Announcer(pause: pause)]),
            EvalSpec(points(40, seed: 9).batched(16)))
    })
