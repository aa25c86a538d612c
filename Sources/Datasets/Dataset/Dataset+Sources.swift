import HostTensors

extension Dataset {
    /// Examples that are rows of tensors; throws when the tensors do not have the same number of rows.
    public init(_ tensors: NamedTensors, labels: String...) throws {
        try self.init(source: TensorSource(tensors), labels: labels)
    }

    /// Examples of one feature and one label; throws when the two do not have the same number of rows.
    public init(
        features: HostTensor, labels: HostTensor, featureName: String = "features", labelName: String = "label"
    ) throws {
        try self.init(source: TensorSource([featureName: features, labelName: labels]), labels: [labelName])
    }

    /// Examples without labels, to predict.
    public init(features: HostTensor, featureName: String = "features") throws {
        try self.init(source: TensorSource([featureName: features]), labels: [])
    }

    /// `count` examples that a function makes by number; the columns are those of the first.
    ///
    /// Those named in `varying` may have another shape in each example, and need padding before they can be batched.
    public static func generated(
        count: Int, varying: Set<String> = [], labels: String...,
        example: @escaping @Sendable (_ index: Int) throws -> NamedTensors
    ) throws -> Dataset {
        guard count > 0 else {
            throw ExecutionError(
                place: "dataset", expected: "at least one example", actual: "\(count)", remedy: "give a larger count")
        }
        let columns = try Column.of(example(0), varying: varying)
        let source = GeneratedSource(columns: columns, size: count, make: example)
        return try Dataset(source: source, labels: labels)
    }

    /// The rows of npy files, one file a column.
    public static func npy(_ paths: KeyValuePairs<String, String>, labels: String...) throws -> Dataset {
        var tensors: NamedTensors = [:]
        for (name, path) in paths { tensors[name] = try NPY.read(path: path) }
        return try Dataset(source: TensorSource(tensors), labels: labels)
    }

    /// The rows of an npz archive, an array a column.
    public static func npz(_ path: String, labels: String...) throws -> Dataset {
        let tensors = NamedTensors(
            try NPZ.read(path: path).map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
        return try Dataset(source: TensorSource(tensors), labels: labels)
    }

    /// The rows of IDX files, one file a column; gzip is unpacked.
    public static func idx(_ paths: KeyValuePairs<String, String>, labels: String...) throws -> Dataset {
        var tensors: NamedTensors = [:]
        for (name, path) in paths { tensors[name] = try IDX.read(path: path) }
        return try Dataset(source: TensorSource(tensors), labels: labels)
    }

    /// The records of a CSV file, read as they are needed: the file may be larger than memory.
    ///
    /// `header` is the columns to take, with their types; the file may have more.
    public static func csv(
        _ path: String, header: [CSVColumn], labels: String..., format: CSV.Format = CSV.Format()
    ) throws -> Dataset {
        try Dataset(source: CSVFileSource(path: path, header: header, format: format), labels: labels)
    }

    /// The records of TFRecord files, one file after another, each a `tf.train.Example`, read as they are needed.
    ///
    /// `header` is the features to take, with their types and shapes; a shape of nil varies from record to record.
    public static func tfRecords(
        _ paths: [String], header: [Column], labels: String...
    ) throws -> Dataset {
        try Dataset(source: RecordFileSource(paths: paths, columns: header), labels: labels)
    }
}
