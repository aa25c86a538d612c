import GraphIR
import GraphTracing
import HostTensors

/// What training makes small: a number for each example (or element), whose mean is the loss of a batch.
public struct Loss: Sendable {
    /// Its name in messages.
    public let name: String
    /// What a model trained with it gives, as its outputs are named: `logits` or `prediction`.
    public let outputName: String
    private let labels: @Sendable (TensorType) -> TensorType
    private let measure: @Sendable (Tensor, Tensor) -> Tensor

    /// Makes a loss from the type of labels that outputs of a type call for, and its value for each example or element.
    public init(
        _ name: String, outputName: String = "logits", labels: @escaping @Sendable (TensorType) -> TensorType,
        measure: @escaping @Sendable (_ outputs: Tensor, _ labels: Tensor) -> Tensor
    ) {
        self.name = name
        self.outputName = outputName
        self.labels = labels
        self.measure = measure
    }

    /// The type of labels for outputs of a type.
    public func labelType(for outputs: TensorType) -> TensorType { labels(outputs) }

    /// The loss of each example or element.
    public func values(outputs: Tensor, labels: Tensor) -> Tensor { scope("loss") { measure(outputs, labels) } }

    /// The loss of a batch: the mean of `values`.
    public func callAsFunction(outputs: Tensor, labels: Tensor) -> Tensor {
        scope("loss") { measure(outputs, labels).mean(file: "", line: 0) }
    }
}

extension Loss {
    /// Negative log-likelihood of whole-number labels, `i32`, under softmax of the logits' last axis.
    public static let softmaxCrossEntropy = Loss(
        "softmaxCrossEntropy", labels: { TensorType(.i32, Array($0.shape.dropLast())) },
        measure: { Tensor.apply("crossEntropy", [$0, $1]) })

    /// Cross-entropy of independent targets in [0, 1], of the logits' type, under the logistic function.
    public static let sigmoidCrossEntropy = Loss(
        "sigmoidCrossEntropy", labels: { $0 }, measure: { Tensor.apply("sigmoidCrossEntropy", [$0, $1]) })

    /// The squared difference of prediction and target, of one type.
    public static let meanSquaredError = Loss(
        "meanSquaredError", outputName: "prediction", labels: { $0 },
        measure: { outputs, targets in
            let difference = outputs - targets
            return difference * difference
        })
}
