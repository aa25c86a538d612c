import GraphIR

/// The models that the repository's text graphs are made of.
public struct ExampleModel: Sendable {
    /// The name of the graph file, without its extension.
    public let name: String
    /// What it is, in a sentence.
    public let summary: String
    private let make: @Sendable () throws -> GraphModule

    /// The traced module; the same every time.
    public func module() throws -> GraphModule { try make() }
}

extension ExampleModel {
    /// All examples, in alphabetical order.
    public static let all: [ExampleModel] = [
        ExampleModel(name: "autoencoder", summary: "Perceptron 784-128-32-128-784, trained with AdamW and a schedule.")
        {
            try Autoencoder.module()
        },
        ExampleModel(name: "dense", summary: "One dense layer with relu.") { try DenseLayer.module() },
        ExampleModel(name: "fashion", summary: "Small convolutional classifier of 28×28 images, channels last.") {
            try FashionClassifier.module()
        },
        ExampleModel(name: "gpt", summary: "Language model of bytes: four blocks of causal attention.") {
            try GPT.module()
        },
        ExampleModel(name: "increment", summary: "y = x + 1: the cost of a call.") { try Elementary.increment() },
        ExampleModel(name: "lenet", summary: "Convolutional classifier of 28×28 images, channels first.") {
            try LeNet.module()
        },
        ExampleModel(name: "logistic", summary: "Logistic regression of 784 features to 10 classes.") {
            try Logistic.module()
        },
        ExampleModel(name: "longtext", summary: "The language model of bytes for texts of 2048.") {
            try GPT.module(length: 2048, name: "longtext")
        },
        ExampleModel(name: "matmul1024", summary: "The product of two 1024×1024 matrices.") {
            try Elementary.matrixProduct(1024)
        },
        ExampleModel(name: "matmul512", summary: "The product of two 512×512 matrices.") {
            try Elementary.matrixProduct(512)
        },
        ExampleModel(name: "minilm", summary: "Encoder of sentences of the shape of MiniLM-L6.") {
            try MiniLM.module()
        },
        ExampleModel(name: "mlp", summary: "Perceptron 784-512-256-10.") { try Perceptron.module() },
        ExampleModel(name: "resnet50", summary: "ResNet-50 v1.5 for 224×224 images, channels first.") {
            try ResNet50.module()
        },
        ExampleModel(name: "rowchain", summary: "A chain of elementwise and row-wise operations.") {
            try Elementary.rowChain()
        },
        ExampleModel(name: "text", summary: "Classifier of texts with a memory in both directions.") {
            try TextClassifier.module()
        },
        ExampleModel(name: "wideanddeep", summary: "Regressor of two inputs, linear and perceptron.") {
            try WideAndDeep.module()
        },
    ]
}
