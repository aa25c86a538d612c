/// Tables of comma-separated values (RFC 4180), with any one-byte separator.
public enum CSV {
    /// How a file is laid out.
    public struct Format: Sendable, Equatable {
        /// What stands between two fields; an ASCII character.
        public var separator: Character
        /// Whether the first record names the columns; else they are named "0", "1" and so on.
        public var hasHeader: Bool
        /// The fields that stand for a missing value; in quotes they are texts, but still no numbers.
        public var missingFields: [String]

        /// A format; by default that of RFC 4180 with a header.
        public init(
            separator: Character = ",", hasHeader: Bool = true,
            missingFields: [String] = ["", "NA", "N/A", "NaN", "nan", "null", "?"]
        ) {
            self.separator = separator
            self.hasHeader = hasHeader
            self.missingFields = missingFields
        }
    }

    /// The table in the file at `path`.
    public static func read(path: String, format: Format = Format()) throws -> CSVTable {
        try decode(WholeFile.read(path: path), path: path, format: format)
    }

    /// The table in the bytes of a file; `path` names them in errors.
    public static func decode(
        _ bytes: [UInt8], path: String = "bytes", format: Format = Format()
    ) throws -> CSVTable {
        let separator = try format.separatorByte(path: path)
        var scanner = CSVScanner(bytes: bytes, separator: separator, path: path)
        return CSVTable(source: try scanner.scan(hasHeader: format.hasHeader), missingFields: format.missingFields)
    }
}

extension CSV.Format {
    /// The separator as a byte; throws a `FileError` when it is none, or a quote.
    func separatorByte(path: String) throws -> UInt8 {
        guard let byte = separator.asciiValue, byte != CSVScanner.quote, byte >= 0x20 || byte == 0x09 else {
            throw FileError(
                path: path, place: .wholeFile, expected: "an ASCII character as separator, other than a quote",
                actual: "\"\(separator)\"", remedy: "give another separator in the format")
        }
        return byte
    }
}
