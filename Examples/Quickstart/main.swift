import Foundation
import Strata

struct Classifier: Layer {
    let flatten = Flatten()
    let hidden = Dense(units: 128, activation: .relu)
    let logits = Dense(units: 10)
    func callAsFunction(_ image: Tensor) -> Tensor { logits(hidden(flatten(image))) }
}

exit(
    TrainingProgram.run { stop in
        let (training, test) = try FashionMNIST.load()
        let estimator = try Estimator(
            model: Classifier(), loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 1e-3),
            metrics: [.accuracy], config: RunConfig(modelDirectory: "runs/quickstart", stopRequest: stop),
            name: "classifier")
        try estimator.train(on: training.shuffled(seed: 1).batched(128), maxSteps: 5_000)
        print(try estimator.evaluate(on: test.batched(250)))
        try estimator.export(to: "exported/quickstart", targets: [.host, .aarch64Linux])
    })
