import Execution
import GraphIR
import HostTensors

/// The types of the examples a model is made for, the batch left open.
public struct ExampleTypes: Sendable, Codable, Equatable {
    /// One input: its name, its element type and the shape of one example.
    public struct Input: Sendable, Codable, Equatable {
        /// The name that functions give it.
        public var name: String
        /// The name of the element type, such as `f32`.
        public var dtype: String
        /// The shape of one example.
        public var shape: [Int]

        /// The type of a tensor's rows.
        public init(_ name: String, rowsOf tensor: HostTensor) {
            self.name = name
            dtype = tensor.dtype.rawValue
            shape = Array(tensor.shape.dropFirst())
        }

        /// The type of a batch: the shape with an axis `B` before it.
        public func type() throws -> TensorType {
            guard let known = DType(rawValue: dtype) else {
                throw ExecutionError(
                    place: "checkpoint manifest, inputs", expected: "an element type", actual: "'\(dtype)'",
                    remedy: "the checkpoint was written by another version, or changed")
            }
            return TensorType(known, [Dim(symbol: ExampleTypes.batch.name)] + shape.map { Dim($0) })
        }

        /// `f32[B,28,28,1]`.
        var text: String { "\(dtype)[\(([ExampleTypes.batch.name] + shape.map(String.init)).joined(separator: ","))]" }
    }

    /// The batch dimension of models that an estimator makes.
    public static let batch = DimSymbol("B", range: 1...65536)

    /// What the model is given.
    public var features: Input
    /// What it should answer.
    public var labels: Input

    /// The types of a dataset's rows; throws when it has no labels.
    public init(_ dataset: Dataset) throws {
        guard let labels = dataset.labels else {
            throw ExecutionError(
                place: "dataset", expected: "labels", actual: "features only",
                remedy: "make it with Dataset(features:labels:)")
        }
        self.features = Input(dataset.featureName, rowsOf: dataset.features)
        self.labels = Input(dataset.labelName, rowsOf: labels)
    }

    /// Throws when a dataset's rows are not what the model was made for.
    func check(_ dataset: Dataset) throws {
        try check(Input(dataset.featureName, rowsOf: dataset.features), features, "features")
        if let given = dataset.labels { try check(Input(dataset.labelName, rowsOf: given), labels, "labels") }
    }

    private func check(_ given: Input, _ own: Input, _ name: String) throws {
        guard given.dtype == own.dtype, given.shape == own.shape else {
            throw ExecutionError(
                place: "dataset, \(name)", expected: "\(own.text), which the model was made for", actual: given.text,
                remedy: "give examples of the same type, or use another estimator")
        }
    }
}
