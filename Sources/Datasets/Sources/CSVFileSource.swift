import HostTensors
import Synchronization

/// A column that is taken from a CSV file.
public struct CSVColumn: Sendable {
    /// How fields become elements.
    enum Kind: Sendable {
        case number(DType, missing: Double?, from: (@Sendable (String) -> Double?)?)
        case text
        case category([String])
    }

    /// The name in the file and in the dataset.
    public let name: String
    let kind: Kind

    /// Numbers of a type; `missing` stands where the file has none, and without it a missing number is an error.
    public static func number(_ name: String, _ dtype: DType = .f32, missing: Double? = nil) -> CSVColumn {
        CSVColumn(name: name, kind: .number(dtype, missing: missing, from: nil))
    }

    /// Numbers that a function makes of texts, such as the days of a date; where it gives nil is an error, and where the file has no text it is
    /// not asked: there stands `missing`, and without it that is an error too.
    public static func number(
        _ name: String, _ dtype: DType = .f32, missing: Double? = nil,
        from make: @escaping @Sendable (String) -> Double?
    ) -> CSVColumn {
        CSVColumn(name: name, kind: .number(dtype, missing: missing, from: make))
    }

    /// Texts as their `TextFingerprint`, i64; 0 where the file has none. Feature columns take them from there.
    public static func text(_ name: String) -> CSVColumn { CSVColumn(name: name, kind: .text) }

    /// Texts as their place among `values`, i32 from 0; -1 for others and where the file has none.
    public static func category(_ name: String, of values: [String]) -> CSVColumn {
        CSVColumn(name: name, kind: .category(values))
    }

    /// What stands where the file has no number; nil where that is an error or does not happen.
    var missing: Double? {
        switch kind {
        case .number(_, let missing, _): missing
        case .text, .category: nil
        }
    }

    var column: Column {
        switch kind {
        case .number(let dtype, _, _): Column(name, dtype)
        case .text: Column(name, .i64)
        case .category: Column(name, .i32)
        }
    }
}

/// The records of a CSV file.
final class CSVFileSource: ExampleSource {
    let columns: [Column]
    let count: Int? = nil
    private let path: String
    private let format: CSV.Format
    private let header: [CSVColumn]
    private let places: [Int]
    /// Places in the file that were seen, by record, a piece of the file apart.
    private let marks = Mutex<[CSVRecordReader.Mark]>([])

    var identity: String { "CSV records of \(header.map(\.name).joined(separator: ", "))" }

    /// Opens the file to find the columns; throws a `FileError` when one is missing, an `ExecutionError` for a replacement that its
    /// type does not have.
    init(path: String, header: [CSVColumn], format: CSV.Format) throws {
        let names = try CSVRecordReader(path: path, format: format).columnNames
        places = try header.map { column in
            if let place = names.firstIndex(of: column.name) { return place }
            throw FileError(
                path: path, place: .line(1, column: 1),
                expected: "a column of \(names.map { "\"\($0)\"" }.joined(separator: ", "))",
                actual: "\"\(column.name)\"", remedy: "ask for a column the file has")
        }
        for column in header {
            guard let missing = column.missing, try !column.column.dtype.accept(Holds(number: missing)) else {
                continue
            }
            let dtype = column.column.dtype
            throw ExecutionError(
                place: "CSV column '\(column.name)'", expected: "a replacement for missing numbers that is \(dtype)",
                actual: "\(missing)", remedy: "choose another replacement or a float dtype")
        }
        self.path = path
        self.format = format
        self.header = header
        columns = header.map(\.column)
    }

    func reader(epoch: Int, from index: Int) throws -> any ExampleReader {
        let start = marks.withLock { marks in marks.last { $0.record <= index } }
        let records = try CSVRecordReader(path: path, format: format, from: start)
        while records.nextRecord < index, try next(records) {}
        return Reader(self, records)
    }

    /// Goes on by a record and remembers where pieces of the file begin.
    private func next(_ records: CSVRecordReader) throws -> Bool {
        guard try records.next() else { return false }
        marks.withLock { marks in
            if marks.last.map({ $0.record < records.mark.record }) ?? true { marks.append(records.mark) }
        }
        return true
    }

    private final class Reader: ExampleReader {
        private let source: CSVFileSource
        private let records: CSVRecordReader
        private let categories: [[String: Int32]]

        init(_ source: CSVFileSource, _ records: CSVRecordReader) {
            self.source = source
            self.records = records
            categories = source.header.map { column in
                guard case .category(let values) = column.kind else { return [:] }
                return Dictionary(
                    zip(values, values.indices.map(Int32.init)), uniquingKeysWith: { first, _ in first })
            }
        }

        func read(_ limit: Int, into slot: ExampleBuffer.Slot) throws -> Int {
            for row in 0..<limit {
                guard try source.next(records) else { return row }
                for at in source.header.indices { try write(at, slot.advanced(by: row)) }
            }
            return limit
        }

        private func write(_ at: Int, _ slot: ExampleBuffer.Slot) throws {
            let place = source.places[at]
            switch source.header[at].kind {
            case .number(let dtype, let missing, let make):
                try dtype.accept(
                    NumberWriter(
                        records: records, place: place, missing: missing, make: make, slot: slot.beside(at)))
            case .text:
                try slot.buffer.store(TextFingerprint.of(records.text(place)), at: slot.beside(at))
            case .category:
                try slot.buffer.store(records.text(place).flatMap { categories[at][$0] } ?? -1, at: slot.beside(at))
            }
        }
    }

    /// Whether a type has a number, rounded where it is a float.
    private struct Holds: DTypeVisitor {
        let number: Double
        func visit<Scalar: HostScalar>(_ type: Scalar.Type) -> Bool {
            let held: Double = Scalar(cast: number).cast(to: Double.self)
            return Scalar.dtype.isFloat ? held.isFinite == number.isFinite : held == number
        }
    }

    private struct NumberWriter: DTypeVisitor {
        let records: CSVRecordReader
        let place: Int
        let missing: Double?
        let make: (@Sendable (String) -> Double?)?
        let slot: ExampleBuffer.Slot

        func visit<Scalar: HostScalar>(_ type: Scalar.Type) throws {
            try slot.buffer.store(records.number(place, as: Scalar.self, missing: missing, from: make), at: slot)
        }
    }
}

extension ExampleBuffer {
    /// Writes the only element of a value.
    func store<Scalar: HostScalar>(_ value: Scalar, at slot: Slot) throws {
        withRows(of: slot.column, from: slot.row) { $0.storeBytes(of: value, as: Scalar.self) }
    }
}
