import HostTensors
import Synchronization

/// The records of TFRecord files, each a `tf.train.Example`: `features { feature { key: "x" value { float_list … } } }`.
final class RecordFileSource: ExampleSource {
    let columns: [Column]
    let count: Int? = nil
    private let paths: [String]
    /// Where records begin, one in `spacing`, in the order of reading; a file and a byte of it.
    private let marks = Mutex<[(file: Int, byte: Int)]>([])
    private static let spacing = 256

    var identity: String { "records of \(columns.map(\.name).joined(separator: ", "))" }

    init(paths: [String], columns: [Column]) throws {
        guard !paths.isEmpty else {
            throw ExecutionError(
                place: "dataset", expected: "at least one record file", actual: "none", remedy: "give a path")
        }
        for path in paths { _ = try FileWindow(path: path) }
        self.paths = paths
        self.columns = columns
    }

    func reader(epoch: Int, from index: Int) throws -> any ExampleReader {
        let known = marks.withLock { marks -> (mark: (file: Int, byte: Int), record: Int) in
            let at = min(index / Self.spacing, marks.count - 1)
            guard at >= 0 else { return (mark: (file: 0, byte: 0), record: 0) }
            return (mark: marks[at], record: at * Self.spacing)
        }
        let reader = try Reader(self, file: known.mark.file, byte: known.mark.byte, next: known.record)
        try reader.advance(to: index)
        return reader
    }

    private func remember(record: Int, file: Int, byte: Int) {
        guard record % Self.spacing == 0 else { return }
        marks.withLock { marks in
            if marks.count == record / Self.spacing { marks.append((file, byte)) }
        }
    }

    private final class Reader: ExampleReader {
        private let source: RecordFileSource
        private var file: Int
        private var records: TFRecord.Reader
        private var next: Int

        init(_ source: RecordFileSource, file: Int, byte: Int, next: Int) throws {
            self.source = source
            self.file = file
            self.next = next
            records = try TFRecord.Reader(path: source.paths[file], offset: byte)
        }

        func advance(to index: Int) throws {
            while next < index {
                source.remember(record: next, file: file, byte: records.offset)
                if try records.skip() { next += 1 } else if try !openNext() { return }
            }
        }

        func read(_ limit: Int, into slot: ExampleBuffer.Slot) throws -> Int {
            var count = 0
            while count < limit {
                source.remember(record: next, file: file, byte: records.offset)
                guard let record = try records.next() else {
                    if try openNext() { continue }
                    break
                }
                try write(record, slot.advanced(by: count))
                next += 1
                count += 1
            }
            return count
        }

        private func openNext() throws -> Bool {
            guard file + 1 < source.paths.count else { return false }
            file += 1
            records = try TFRecord.Reader(path: source.paths[file])
            return true
        }

        private func write(_ record: [UInt8], _ slot: ExampleBuffer.Slot) throws {
            guard let features = TrainExample.features(of: record) else {
                throw error("a tf.train.Example", "other bytes")
            }
            for (at, column) in source.columns.enumerated() {
                guard let feature = features[column.name] else {
                    throw error("a feature '\(column.name)'", "features \(features.keys.sorted())")
                }
                guard let value = try feature.tensor(column) else {
                    throw error("\(column)", "a feature of other values")
                }
                try slot.buffer.set(value, row: slot.row, column: slot.column + at)
            }
        }

        private func error(_ expected: String, _ actual: String) -> ExecutionError {
            ExecutionError(
                place: "\(source.paths[file]), record \(next)", expected: expected, actual: actual,
                remedy: "correct the header, or write the records again")
        }
    }
}

/// The values of `tf.train.Example`: a map from names to lists of bytes, f32 or i64.
public enum TrainExample {
    /// The values of one feature.
    public enum Feature: Sendable, Hashable {
        /// Texts or raw elements (`bytes_list`).
        case bytes([[UInt8]])
        /// Numbers (`float_list`).
        case floats([Float])
        /// Whole numbers (`int64_list`).
        case integers([Int64])

        /// The values as a tensor of the column's type; nil when they do not fit it.
        ///
        /// One list element of bytes is read as raw little-endian elements; for i64 columns texts become fingerprints.
        func tensor(_ column: Column) throws -> HostTensor? {
            let values: HostTensor
            switch self {
            case .floats(let floats): values = HostTensor(floats).converted(to: column.dtype)
            case .integers(let integers): values = HostTensor(integers).converted(to: column.dtype)
            case .bytes(let lists):
                if column.dtype == .i64 {
                    values = HostTensor(lists.map { TextFingerprint.of(String(decoding: $0, as: UTF8.self)) })
                } else {
                    let raw = lists.flatMap { $0 }
                    guard raw.count % column.dtype.byteCount == 0 else { return nil }
                    values = try HostTensor(
                        bytes: raw, dtype: column.dtype, shape: [raw.count / column.dtype.byteCount])
                }
            }
            guard let shape = column.shape else { return values }
            return shape.reduce(1, *) == values.count ? try values.reshaped(shape) : nil
        }
    }

    /// The bytes of an example: features in the order of their names.
    public static func encode(_ features: [String: Feature]) -> [UInt8] {
        var example = ProtobufWriter()
        example.add(1) { map in
            for (name, feature) in features.sorted(by: { $0.key < $1.key }) {
                map.add(1) { entry in
                    entry.add(1, text: name)
                    entry.add(2) { value in
                        switch feature {
                        case .bytes(let lists):
                            value.add(1) { list in for bytes in lists { list.add(1, bytes: bytes) } }
                        case .floats(let floats): value.add(2) { list in for x in floats { list.add(1, float: x) } }
                        case .integers(let integers):
                            value.add(3) { list in
                                for x in integers { list.add(1, varint: UInt64(bitPattern: x)) }
                            }
                        }
                    }
                }
            }
        }
        return example.bytes
    }

    /// The features of an example; nil when the bytes are none.
    public static func features(of bytes: [UInt8]) -> [String: Feature]? {
        guard let example = ProtobufField.fields(of: bytes[...]) else { return nil }
        var features: [String: Feature] = [:]
        for map in example where map.number == 1 {
            guard let entries = ProtobufField.fields(of: map.bytes) else { return nil }
            for entry in entries where entry.number == 1 {
                guard let parts = ProtobufField.fields(of: entry.bytes),
                    let name = parts.first(where: { $0.number == 1 })?.text,
                    let value = parts.first(where: { $0.number == 2 }).flatMap({ ProtobufField.fields(of: $0.bytes) }),
                    let list = value.first, let items = ProtobufField.fields(of: list.bytes)
                else { return nil }
                switch list.number {
                case 1: features[name] = .bytes(items.map { Array($0.bytes) })
                case 2: features[name] = .floats(items.flatMap(\.floats))
                case 3: features[name] = .integers(items.flatMap { $0.integers ?? [] })
                default: return nil
                }
            }
        }
        return features
    }
}
