/// Where the fields of a table lie in the bytes of its file.
struct CSVSource: Sendable {
    /// One field's bytes, without its quotes.
    struct Field: Sendable {
        var begin: Int
        var end: Int
        var isQuoted: Bool
    }

    let path: String
    let bytes: [UInt8]
    var columnNames: [String]
    /// All fields but the header's, a record after the other.
    var fields: [Field]

    /// A field's text, doubled quotes made one; nil where its bytes are not UTF-8.
    static func validText(_ field: Field, in bytes: [UInt8]) -> String? {
        guard let text = String(validating: bytes[field.begin..<field.end], as: UTF8.self) else { return nil }
        guard field.isQuoted, text.utf8.contains(CSVScanner.quote) else { return text }
        // By scalars: a mark that follows a quote makes one character with it.
        var result = ""
        var isFirstOfPair = false
        for scalar in text.unicodeScalars {
            isFirstOfPair = scalar == "\"" && !isFirstOfPair
            if !isFirstOfPair { result.unicodeScalars.append(scalar) }
        }
        return result
    }

    /// A field's text, what is not UTF-8 replaced by U+FFFD.
    static func text(_ field: Field, in bytes: [UInt8]) -> String {
        validText(field, in: bytes) ?? String(decoding: bytes[field.begin..<field.end], as: UTF8.self)
    }

    /// The line and column of a byte; the bytes begin with line `firstLine` of the file.
    static func place(of offset: Int, in bytes: [UInt8], firstLine: Int = 1) -> FileError.Place {
        var line = firstLine
        var lineStart = 0
        for index in 0..<min(offset, bytes.count) where bytes[index] == 0x0a {
            line += 1
            lineStart = index + 1
        }
        return .line(line, column: offset - lineStart + 1)
    }
}

/// Finds the fields of a table.
struct CSVScanner {
    static let quote = UInt8(ascii: "\"")
    static let lineFeed: UInt8 = 0x0a
    private static let carriageReturn: UInt8 = 0x0d

    let bytes: [UInt8]
    let separator: UInt8
    let path: String
    /// The number of the line that the bytes begin with.
    let firstLine: Int
    private(set) var position = 0

    init(bytes: [UInt8], separator: UInt8, path: String, firstLine: Int = 1, position: Int = 0) {
        self.bytes = bytes
        self.separator = separator
        self.path = path
        self.firstLine = firstLine
        self.position = position
    }

    /// Reads the fields of the next record that is no blank line; false at the end.
    ///
    /// Throws when it does not have `count` fields.
    mutating func nextRecord(of count: Int, into record: inout [CSVSource.Field]) throws -> Bool {
        while position < bytes.count {
            let start = position
            record.removeAll(keepingCapacity: true)
            try scanRecord(into: &record)
            let isBlankLine = record.count == 1 && record[0].begin == record[0].end && !record[0].isQuoted
            if isBlankLine && count > 1 { continue }
            guard record.count == count else {
                throw error(
                    at: start, expected: "\(count) fields, as in the first record", actual: "\(record.count)",
                    remedy: "add or remove fields; put fields that contain separators in quotes")
            }
            return true
        }
        return false
    }

    mutating func scan(hasHeader: Bool) throws -> CSVSource {
        let header = try header(hasHeader: hasHeader)
        var source = CSVSource(path: path, bytes: bytes, columnNames: header.names, fields: [])
        if !hasHeader { position = header.endByte }
        var record: [CSVSource.Field] = []
        while try nextRecord(of: header.names.count, into: &record) { source.fields += record }
        return source
    }

    /// The names of the columns, and where the first record begins.
    mutating func header(hasHeader: Bool) throws -> (names: [String], endByte: Int) {
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
        let start = position
        if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) {
            throw error(
                at: 0, expected: "UTF-8", actual: "the mark of UTF-16", remedy: "save or convert the file as UTF-8")
        }
        guard position < bytes.count else {
            throw error(
                at: position, expected: hasHeader ? "a header" : "a record", actual: "an empty file",
                remedy: "give a file with at least one record")
        }
        var record: [CSVSource.Field] = []
        try scanRecord(into: &record)
        if let place = bytes[start..<position].firstIndex(where: { $0 < 0x09 }) {
            throw error(
                at: place, expected: "text", actual: "byte 0x\(String(bytes[place], radix: 16))",
                remedy: "name a file of text")
        }
        guard hasHeader else { return (record.indices.map(String.init), start) }
        let names = record.map { CSVSource.text($0, in: bytes) }
        try checkNames(names, record)
        return (names, position)
    }

    func checkNames(_ names: [String], _ record: [CSVSource.Field]) throws {
        var seen: Set<String> = []
        for (name, field) in zip(names, record) where !seen.insert(name).inserted {
            throw error(
                at: field.begin, expected: "different column names", actual: "\"\(name)\" again",
                remedy: "rename the column, or read the file without a header")
        }
    }

    mutating func scanRecord(into record: inout [CSVSource.Field]) throws {
        while true {
            record.append(try scanField())
            guard position < bytes.count else { return }
            if bytes[position] == separator {
                position += 1
                continue
            }
            if bytes[position] == Self.carriageReturn { position += 1 }
            if position < bytes.count, bytes[position] == Self.lineFeed { position += 1 }
            return
        }
    }

    /// Whether a line ends at `index`: at a line feed, alone or after a carriage return, or at the end of the file.
    private func endsLine(_ index: Int) -> Bool {
        if index == bytes.count || bytes[index] == Self.lineFeed { return true }
        return bytes[index] == Self.carriageReturn && (index + 1 == bytes.count || bytes[index + 1] == Self.lineFeed)
    }

    private mutating func scanField() throws -> CSVSource.Field {
        let begin = position
        if begin < bytes.count, bytes[begin] == Self.quote { return try scanQuotedField() }
        while !endsLine(position), bytes[position] != separator {
            guard bytes[position] != Self.quote else {
                throw error(
                    at: position, expected: "quotes around the whole field", actual: "a quote inside it",
                    remedy: "put the field in quotes and double those inside")
            }
            position += 1
        }
        return CSVSource.Field(begin: begin, end: position, isQuoted: false)
    }

    private mutating func scanQuotedField() throws -> CSVSource.Field {
        let opening = position
        position += 1
        while position < bytes.count {
            guard bytes[position] == Self.quote else {
                position += 1
                continue
            }
            if position + 1 < bytes.count, bytes[position + 1] == Self.quote {
                position += 2
                continue
            }
            let field = CSVSource.Field(begin: opening + 1, end: position, isQuoted: true)
            position += 1
            guard endsLine(position) || bytes[position] == separator else {
                throw error(
                    at: position, expected: "a separator or a line end after the closing quote",
                    actual: "byte 0x\(String(bytes[position], radix: 16))",
                    remedy: "double the quotes that belong to the field")
            }
            return field
        }
        throw error(
            at: opening, expected: "a closing quote for this one", actual: "the end of the file",
            remedy: "close the field; the file may be truncated")
    }

    func error(at offset: Int, expected: String, actual: String, remedy: String) -> FileError {
        FileError(
            path: path, place: CSVSource.place(of: offset, in: bytes, firstLine: firstLine), expected: expected,
            actual: actual,
            remedy: remedy)
    }
}
