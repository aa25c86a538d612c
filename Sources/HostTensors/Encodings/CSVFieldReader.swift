/// What the fields of a table say: texts, numbers, or nothing.
struct CSVFieldReader: Sendable {
    private let missing: [[UInt8]]

    /// `missing` are the fields that stand for a missing value.
    init(missing: [String]) { self.missing = missing.map { Array($0.utf8) } }

    /// A field's text, nil where it is missing: a text in quotes is one, even an empty one. Throws what `error` makes of a field that is
    /// not UTF-8.
    func text(
        _ field: CSVSource.Field, in bytes: [UInt8],
        error: (_ expected: String, _ actual: String, _ remedy: String) -> FileError
    ) throws -> String? {
        if !field.isQuoted && isMissing(field, in: bytes) { return nil }
        if let text = CSVSource.validText(field, in: bytes) { return text }
        throw error(
            "UTF-8 text", "\"\(CSVSource.text(field, in: bytes))\"",
            "convert the file, for instance by iconv -f latin1 -t utf-8")
    }

    /// A field's number, `missing` where it is missing, in quotes or not: many programs put every field in quotes.
    ///
    /// With `make`, the number is what that makes of the text. Throws what `error` makes of a field that gives no number of the type.
    func number<Scalar: HostScalar>(
        _ field: CSVSource.Field, in bytes: [UInt8], from make: ((String) -> Double?)? = nil,
        missing: () throws -> Scalar, error: (_ expected: String, _ actual: String, _ remedy: String) -> FileError
    ) throws -> Scalar {
        if isMissing(field, in: bytes) { return try missing() }
        if let make {
            let text = CSVSource.text(field, in: bytes)
            if let number = make(text), let value = Scalar(rounding: number) { return value }
            throw error(
                "a text that gives a number that is \(Scalar.dtype)", "\"\(text)\"",
                "mend the field, have the column's function make a number of it, or list it in the format's missingFields"
            )
        }
        if let value = Scalar(csvBytes: bytes[field.begin..<field.end]) { return value }
        throw error(
            Scalar.dtype == .bool ? "0, 1, true or false" : "a number that is \(Scalar.dtype)",
            "\"\(CSVSource.text(field, in: bytes))\"",
            "mend the field, choose another dtype, or list it in the format's missingFields")
    }

    private func isMissing(_ field: CSVSource.Field, in bytes: [UInt8]) -> Bool {
        let count = field.end - field.begin
        return missing.contains { $0.count == count && bytes[field.begin..<field.end].elementsEqual($0) }
    }
}
