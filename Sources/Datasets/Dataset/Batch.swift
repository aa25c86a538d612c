import HostTensors

/// A place in the batches of a dataset.
public struct DataPosition: Sendable, Codable, Hashable {
    /// The pass over the data, from 0.
    public var epoch: Int
    /// The batch within the pass, from 0.
    public var batch: Int

    /// Names a batch; by default the first.
    public init(epoch: Int = 0, batch: Int = 0) {
        self.epoch = epoch
        self.batch = batch
    }

    /// The largest number of a pass or an example: all computing with positions stays far from overflow.
    static let largest = 1 << 53
}

/// A few examples of a dataset, one row an example.
public struct Batch: Sendable {
    /// Which batch it is.
    public let position: DataPosition
    /// The position after it.
    public let next: DataPosition
    /// Which examples of the whole batch these are: all, unless a part of each batch was asked for.
    public let rows: Range<Int>
    /// The number of examples in the whole batch.
    public let wholeCount: Int
    /// The columns, as the dataset's source has them.
    public let columns: [Column]
    /// One tensor a column.
    public let tensors: [HostTensor]

    /// The number of examples here.
    public var count: Int { rows.count }

    /// The tensor of a column, nil if there is none of that name.
    public subscript(name: String) -> HostTensor? {
        columns.firstIndex { $0.name == name }.map { tensors[$0] }
    }

    /// The tensors by column.
    public var named: NamedTensors {
        NamedTensors(zip(columns.map(\.name), tensors), uniquingKeysWith: { first, _ in first })
    }
}

/// One of the parts that each batch is divided into, as equal as can be.
public struct BatchPart: Sendable, Hashable {
    /// Which part, from 0.
    public let index: Int
    /// How many parts there are.
    public let count: Int

    /// Names a part; `index` is below `count`.
    public init(_ index: Int, of count: Int) {
        self.index = index
        self.count = count
    }

    /// The whole batch.
    public static let whole = BatchPart(0, of: 1)

    /// Which examples of a batch of a size are in the part.
    public func rows(of size: Int) -> Range<Int> { (size * index / count)..<(size * (index + 1) / count) }
}
