/// Reads the records of a CSV file one after another, a piece of the file at a time: the file may be larger than memory.
public final class CSVRecordReader {
    /// A record that reading can begin with.
    public struct Mark: Sendable, Hashable {
        /// The number of the record, from 0, the header not counted.
        public let record: Int
        let byte: Int
        let line: Int
    }

    /// The names of the columns, from left to right.
    public let columnNames: [String]
    /// The record that the present piece of the file begins with.
    public private(set) var mark: Mark
    /// The number of the next record.
    public private(set) var nextRecord: Int

    private let file: FileWindow
    private let path: String
    private let separator: UInt8
    private let fieldReader: CSVFieldReader
    private let pieceBytes: Int
    private var scanner: CSVScanner
    private var fields: [CSVSource.Field] = []
    private var endByte: Int
    private var endLine: Int

    /// Opens a file at its first record, or at one where a reader of it was before.
    ///
    /// Throws a `FileError` when the file cannot be read or has no header where the format says so.
    public init(path: String, format: CSV.Format = CSV.Format(), from start: Mark? = nil, pieceBytes: Int = 1 << 20)
        throws
    {
        let separator = try format.separatorByte(path: path)
        let file = try FileWindow(path: path)
        let head = try Self.piece(of: file, from: 0, bytes: pieceBytes)
        var scanner = CSVScanner(bytes: head, separator: separator, path: path)
        let names = try scanner.header(hasHeader: format.hasHeader)
        let headBytes = names.endByte
        self.file = file
        self.path = path
        self.separator = separator
        self.pieceBytes = pieceBytes
        fieldReader = CSVFieldReader(missing: format.missingFields)
        columnNames = names.names
        if let start {
            mark = start
            (endByte, endLine) = (start.byte, start.line)
            self.scanner = CSVScanner(bytes: [], separator: separator, path: path)
        } else {
            let line = 1 + head[..<headBytes].count { $0 == CSVScanner.lineFeed }
            mark = Mark(record: 0, byte: headBytes, line: line)
            (endByte, endLine) = (headBytes, line)
            self.scanner = CSVScanner(bytes: [], separator: separator, path: path)
        }
        nextRecord = mark.record
    }

    /// Goes to the next record; false at the end of the file.
    public func next() throws -> Bool {
        while true {
            if try scanner.nextRecord(of: columnNames.count, into: &fields) {
                nextRecord += 1
                return true
            }
            let bytes = try Self.piece(of: file, from: endByte, bytes: pieceBytes)
            if bytes.isEmpty { return false }
            mark = Mark(record: nextRecord, byte: endByte, line: endLine)
            scanner = CSVScanner(bytes: bytes, separator: separator, path: path, firstLine: endLine)
            endByte += bytes.count
            endLine += bytes.count { $0 == CSVScanner.lineFeed }
        }
    }

    /// The whole records from a byte on, as many as fit; more where not even one does.
    private static func piece(of file: FileWindow, from start: Int, bytes count: Int) throws -> [UInt8] {
        var wanted = count
        while true {
            let bytes = try file.read(at: start, count: wanted)
            if bytes.count < wanted { return bytes }
            // The last line feed outside quotes ends the last whole record.
            var isQuoted = false
            var end = 0
            for at in bytes.indices {
                if bytes[at] == CSVScanner.quote { isQuoted.toggle() }
                if bytes[at] == CSVScanner.lineFeed, !isQuoted { end = at + 1 }
            }
            if end > 0 { return Array(bytes[..<end]) }
            wanted *= 2
        }
    }
}

extension CSVRecordReader {
    /// The present record's field of a column, quotes removed; nil where the value is missing.
    ///
    /// Throws a `FileError` that names line and column when it is not UTF-8.
    public func text(_ column: Int) throws -> String? {
        try fieldReader.text(fields[column], in: scanner.bytes) { error(column, expected: $0, actual: $1, remedy: $2) }
    }

    /// The present record's number of a column, or what `make` makes of its text; `missing` where there is none.
    ///
    /// Throws a `FileError` that names line and column when the field is, or gives, no number of the type, or is missing without
    /// replacement.
    public func number<Scalar: HostScalar>(
        _ column: Int, as type: Scalar.Type, missing: Double?, from make: ((String) -> Double?)? = nil
    ) throws -> Scalar {
        try fieldReader.number(fields[column], in: scanner.bytes, from: make) {
            if let missing { return Scalar(cast: missing) }
            throw error(
                column, expected: "a value", actual: "a missing one",
                remedy: "fill the field, or give the column a value for missing ones")
        } error: {
            error(column, expected: $0, actual: $1, remedy: $2)
        }
    }

    private func error(_ column: Int, expected: String, actual: String, remedy: String) -> FileError {
        FileError(
            path: path,
            place: CSVSource.place(of: fields[column].begin, in: scanner.bytes, firstLine: scanner.firstLine),
            expected: "\(expected) in column \"\(columnNames[column])\"", actual: actual, remedy: remedy)
    }
}
