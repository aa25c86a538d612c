/// A table of text fields whose columns become tensors on request.
public struct CSVTable: Sendable {
    /// What to put in a tensor where the table has no value.
    public enum MissingValue: Sendable, Equatable {
        /// Nothing: a missing value is an error.
        case rejected
        /// This number.
        case filled(Double)
    }

    private let source: CSVSource
    private let missingFields: Set<String>

    init(source: CSVSource, missingFields: [String]) {
        self.source = source
        self.missingFields = Set(missingFields)
    }

    /// The names of the columns, from left to right.
    public var columnNames: [String] { source.columnNames }

    /// The number of records, the header not counted.
    public var rowCount: Int { columnNames.isEmpty ? 0 : source.fields.count / columnNames.count }

    /// The fields of a column, quotes removed; nil where the value is missing.
    public func texts(column: String) throws -> [String?] {
        let index = try columnIndex(column)
        return (0..<rowCount).map { row in
            let field = field(row: row, column: index)
            return isMissing(field) ? nil : source.text(field)
        }
    }

    /// The numbers of one column: shape [rows].
    ///
    /// Integers must fit `dtype`; a `bool` is 0, 1, true or false in any case.
    public func tensor(
        column: String, dtype: DType = .f32, missing: MissingValue = .rejected
    ) throws -> HostTensor {
        try tensor(columns: [column], dtype: dtype, missing: missing).reshaped([rowCount])
    }

    /// The numbers of some columns, or of all: shape [rows, columns].
    ///
    /// Integers must fit `dtype`; a `bool` is 0, 1, true or false in any case.
    public func tensor(
        columns: [String]? = nil, dtype: DType = .f32, missing: MissingValue = .rejected
    ) throws -> HostTensor {
        let indices = try columns.map { try $0.map(columnIndex) } ?? Array(columnNames.indices)
        return try dtype.accept(NumberColumns(table: self, columns: indices, missing: missing))
    }

    /// The different texts of a column, sorted, and for each row the index of its text: `i32` of shape [rows], -1 where
    /// the value is missing.
    public func categories(column: String) throws -> (names: [String], indices: HostTensor) {
        let texts = try texts(column: column)
        let names = Set(texts.compactMap { $0 }).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
        return (names, HostTensor(texts.map { $0.flatMap { places[$0] } ?? -1 }))
    }

    private func columnIndex(_ name: String) throws -> Int {
        if let index = columnNames.firstIndex(of: name) { return index }
        throw FileError(
            path: source.path, place: .line(1, column: 1),
            expected: "a column of \(columnNames.map { "\"\($0)\"" }.joined(separator: ", "))",
            actual: "\"\(name)\"", remedy: "ask for a column the file has")
    }

    private func field(row: Int, column: Int) -> CSVSource.Field {
        source.fields[row * columnNames.count + column]
    }

    private func isMissing(_ field: CSVSource.Field) -> Bool {
        !field.isQuoted && missingFields.contains(source.text(field))
    }

    /// Converts columns to one tensor.
    private struct NumberColumns: DTypeVisitor {
        let table: CSVTable
        let columns: [Int]
        let missing: MissingValue

        func visit<Scalar: HostScalar>(_ type: Scalar.Type) throws -> HostTensor {
            var scalars: [Scalar] = []
            scalars.reserveCapacity(table.rowCount * columns.count)
            for row in 0..<table.rowCount {
                for column in columns { scalars.append(try scalar(table.field(row: row, column: column), column)) }
            }
            return try HostTensor(scalars, shape: [table.rowCount, columns.count])
        }

        private func scalar<Scalar: HostScalar>(_ field: CSVSource.Field, _ column: Int) throws -> Scalar {
            let text = table.source.text(field)
            if !field.isQuoted && table.missingFields.contains(text) {
                return try replacement(field, column)
            }
            if let value = Scalar(csvText: text) { return value }
            throw error(
                field, expected: Scalar.dtype == .bool ? "0, 1, true or false" : "a number that is \(Scalar.dtype)",
                actual: "\"\(text)\"", column,
                remedy: "mend the field, choose another dtype, or list it in the format's missingFields")
        }

        private func replacement<Scalar: HostScalar>(_ field: CSVSource.Field, _ column: Int) throws -> Scalar {
            guard case .filled(let value) = missing else {
                throw error(
                    field, expected: "a value", actual: "a missing one", column,
                    remedy: "fill the field, or pass missing: .filled(…)")
            }
            let converted = Scalar(cast: value)
            guard Scalar.dtype.isFloat || converted.cast(to: Double.self) == value else {
                throw error(
                    field, expected: "a replacement for the missing value that is \(Scalar.dtype)", actual: "\(value)",
                    column, remedy: "choose another replacement or a float dtype")
            }
            return converted
        }

        private func error(
            _ field: CSVSource.Field, expected: String, actual: String, _ column: Int, remedy: String
        ) -> FileError {
            FileError(
                path: table.source.path, place: CSVSource.place(of: field.begin, in: table.source.bytes),
                expected: "\(expected) in column \"\(table.columnNames[column])\"", actual: actual, remedy: remedy)
        }
    }
}
