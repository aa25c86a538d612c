import Execution
import HostTensors

/// Examples in memory, in an order that is a pure function of seed and epoch, given out in batches.
///
/// Any batch can be reached directly, at the cost of copying its rows: nothing before it needs to be visited.
public struct Dataset: Sendable {
    /// What a model is given: one row of the first axis an example.
    public let features: HostTensor
    /// What it should answer, one row an example; nil where there are only features.
    public let labels: HostTensor?
    /// The name a model's functions and its exported library give the features.
    public let featureName: String
    /// The name a model's functions and its exported library give the labels.
    public let labelName: String
    /// The seed of the order; nil for the order of the rows.
    public private(set) var shuffleSeed: UInt64?
    /// The number of examples in a batch; the last batch of an epoch may have fewer.
    public private(set) var batchSize = 1

    /// Examples with labels; throws when the two do not have the same number of rows.
    public init(
        features: HostTensor, labels: HostTensor, featureName: String = "features", labelName: String = "label"
    ) throws {
        let (featureRows, labelRows) = (try Self.rows(features, "features"), try Self.rows(labels, "labels"))
        guard featureRows == labelRows else {
            throw ExecutionError(
                place: "dataset", expected: "as many labels as features, \(featureRows)", actual: "\(labelRows)",
                remedy: "features are \(features.typeText), labels \(labels.typeText): rows of axis 0 must pair")
        }
        self.features = features
        self.labels = labels
        self.featureName = featureName
        self.labelName = labelName
    }

    /// Examples without labels, to predict.
    public init(features: HostTensor, featureName: String = "features") throws {
        _ = try Self.rows(features, "features")
        self.features = features
        labels = nil
        self.featureName = featureName
        labelName = "label"
    }

    private static func rows(_ tensor: HostTensor, _ name: String) throws -> Int {
        guard let rows = tensor.shape.first, rows > 0 else {
            throw ExecutionError(
                place: "dataset, \(name)", expected: "one row of axis 0 an example, at least one",
                actual: tensor.typeText, remedy: "give at least one example")
        }
        return rows
    }

    /// The number of examples.
    public var count: Int { features.shape[0] }
    /// The number of batches in one pass over the examples.
    public var batchesPerEpoch: Int { batchSize < 1 ? 0 : (count + batchSize - 1) / batchSize }

    /// The same examples in a pseudorandom order, another one each epoch.
    public func shuffled(seed: UInt64) -> Dataset {
        var copy = self
        copy.shuffleSeed = seed
        return copy
    }

    /// The same examples in batches of `size`; a size below 1 is an error when the dataset is used.
    public func batched(_ size: Int) -> Dataset {
        var copy = self
        copy.batchSize = size
        return copy
    }

    /// The first `limit` examples in row order, or all if there are fewer; `limit` must be at least 1.
    public func prefix(_ limit: Int) throws -> Dataset {
        let rows = 0..<min(max(limit, 0), count)
        var copy =
            if let labels {
                try Dataset(
                    features: features[rows: rows], labels: labels[rows: rows], featureName: featureName,
                    labelName: labelName)
            } else { try Dataset(features: features[rows: rows], featureName: featureName) }
        (copy.shuffleSeed, copy.batchSize) = (shuffleSeed, batchSize)
        return copy
    }
}

/// A few examples of a dataset.
public struct Batch: Sendable {
    /// The pass over the data, from 0.
    public let epoch: Int
    /// The batch within the pass, from 0.
    public let index: Int
    /// The rows of the features.
    public let features: HostTensor
    /// The rows of the labels, where there are labels.
    public let labels: HostTensor?
    /// The number of examples.
    public var count: Int { features.shape[0] }
}

extension Dataset {
    /// Throws an `ExecutionError` when the batch size is not at least 1.
    public func checkBatchSize() throws {
        guard batchSize >= 1 else {
            throw ExecutionError(
                place: "dataset", expected: "a batch size of at least 1", actual: "\(batchSize)",
                remedy: "call batched(_:) with the number of examples in a batch")
        }
    }

    /// Batch number `position` counted over all epochs from 0.
    public func batch(at position: Int) throws -> Batch {
        try checkBatchSize()
        precondition(position >= 0, "a negative position")
        let (epoch, index) = position.quotientAndRemainder(dividingBy: batchesPerEpoch)
        let places = index * batchSize..<min((index + 1) * batchSize, count)
        guard let shuffleSeed else {
            return Batch(epoch: epoch, index: index, features: features[rows: places], labels: labels?[rows: places])
        }
        let order = Permutation(count: count, seed: shuffleSeed, epoch: epoch)
        let rows = places.map { order[$0] }
        return Batch(
            epoch: epoch, index: index, features: try features.rows(at: rows), labels: try labels?.rows(at: rows))
    }

    /// What must agree for a position in one dataset to mean the same in another: count, batch size and order.
    var positionIdentity: String {
        "\(count) examples, batches of \(batchSize), \(shuffleSeed.map { "shuffled by seed \($0)" } ?? "in row order")"
    }
}
