import Datasets
import Execution
import GraphIR
import HostTensors
import Training

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

        /// The type of a dataset's column, whose shape does not vary.
        init(_ column: Column) {
            name = column.name
            dtype = column.dtype.rawValue
            shape = column.shape ?? []
        }

        /// The type of a batch: the shape with an axis `B` before it.
        public func type() throws -> TensorType { try spec().type(batch: ExampleTypes.batch) }

        /// What one example gives.
        public func spec() throws -> FeatureSpec {
            guard let known = DType(rawValue: dtype) else {
                throw ExecutionError(
                    place: "checkpoint manifest, inputs", expected: "an element type", actual: "'\(dtype)'",
                    remedy: "the checkpoint was written by another version, or changed")
            }
            return FeatureSpec(name, known, shape)
        }

        /// `f32[B,28,28,1]`.
        var text: String { "\(dtype)[\(([ExampleTypes.batch.name] + shape.map(String.init)).joined(separator: ","))]" }
    }

    /// The batch dimension of models that an estimator makes.
    public static let batch = DimSymbol("B", range: 1...65536)

    /// What the model is given.
    public var features: [Input]
    /// What it should answer.
    public var labels: [Input]

    /// The types of a dataset's columns; throws when it has no labels.
    public init(_ dataset: Dataset) throws {
        try dataset.checkBatches()
        guard !dataset.labelNames.isEmpty else {
            throw ExecutionError(
                place: "dataset", expected: "labels", actual: "features only",
                remedy: "make it with Dataset(features:labels:), or say which columns are labels")
        }
        features = dataset.featureColumns.map(Input.init)
        labels = dataset.labelColumns.map(Input.init)
    }

    /// Where a function's inputs are among the columns of a dataset.
    ///
    /// Inputs are found by name; a model of one feature takes the only feature of a dataset under any name.
    /// Throws an `ExecutionError` when one is missing or of another type, or batches, of which so many processes have a part each, are
    /// larger than models take.
    func places(of inputs: [TensorSignature], in dataset: Dataset, parts: Int = 1) throws -> [Int] {
        try dataset.checkBatches()
        // Where only reading tells how many examples there are, the call of the model says it.
        let largest = min(dataset.batchSize, dataset.count ?? 1)
        guard largest / parts + (largest % parts == 0 ? 0 : 1) <= Self.batch.range.upperBound else {
            throw ExecutionError(
                place: "dataset", expected: "batches of at most \(Self.batch.range.upperBound * parts) examples",
                actual: "\(largest)",
                remedy:
                    "call batched(_:) with fewer; Optimizer.accumulating(batches:) makes one training step of several")
        }
        return try inputs.map { input in
            let isLabel = labels.contains { $0.name == input.name }
            let own = (isLabel ? labels : features).first { $0.name == input.name }
            let candidates = isLabel ? dataset.labelColumns : dataset.featureColumns
            let known = isLabel ? labels : features
            let column =
                dataset.column(named: input.name)
                ?? (known.count == 1 && candidates.count == 1 ? candidates.first : nil)
            guard let column else {
                throw ExecutionError(
                    place: "dataset", expected: "a column '\(input.name)', which the model was made for",
                    actual: "columns \(dataset.columns.map(\.name).joined(separator: ", "))",
                    remedy: isLabel ? "give examples with labels" : "give all features of the model")
            }
            let given = Input(column)
            if let own, given.dtype != own.dtype || given.shape != own.shape {
                throw ExecutionError(
                    place: "dataset, column '\(column.name)'", expected: "\(own.text), which the model was made for",
                    actual: given.text, remedy: "give examples of the same type, or use another estimator")
            }
            return dataset.place(of: column)
        }
    }
}
