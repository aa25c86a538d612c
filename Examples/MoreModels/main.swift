import Glibc
import GraphIR
import GraphTracing
import Layers
import Training

// Writes training steps of models that the repository's recipes do not have, for Benchmarks/training:
// `swift run MoreModels FOLDER`.

func module(
    _ name: String, _ model: some Layer, _ loss: Loss, _ optimizer: Optimizer, _ input: FeatureSpec
) throws -> GraphModule {
    try TrainingModule.build(model: model, loss: loss, optimizer: optimizer, input: input, name: name)
}

let folder = CommandLine.arguments.dropFirst().first ?? "."
let momentum = Optimizer.momentum(learningRate: 0.1, momentum: 0.9)
do {
    let models = try [
        module("resnet18", ResNet18(), .softmaxCrossEntropy, momentum, FeatureSpec("image", .f32, [32, 32, 3])),
        module("mobilenet", MobileNetV2(), .softmaxCrossEntropy, momentum, FeatureSpec("image", .f32, [96, 96, 3])),
        module("unet", UNet(), .sigmoidCrossEntropy, .adam(), FeatureSpec("image", .f32, [64, 64, 3])),
        module("reader", Reader(), .softmaxCrossEntropy, .adam(), FeatureSpec("text", .i32, [128])),
        module("table", TableRegressor(), .meanSquaredError, .adam(), FeatureSpec("features", .f32, [64])),
    ]
    for model in models { try GraphFile.write(model, path: "\(folder)/\(model.name).graph") }
} catch {
    print("error: \(error)")
    exit(1)
}
