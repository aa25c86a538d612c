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
    private let fieldReader: CSVFieldReader

    init(source: CSVSource, missingFields: [String]) {
        self.source = source
        fieldReader = CSVFieldReader(missing: missingFields)
    }

    /// The names of the columns, from left to right.
    public var columnNames: [String] { source.columnNames }

    /// The number of records, the header not counted.
    public var rowCount: Int { columnNames.isEmpty ? 0 : source.fields.count / columnNames.count }

    /// The fields of a column, quotes removed; nil where the value is missing.
    ///
    /// Throws a `FileError` that names line and column when one is not UTF-8, or there is no such column.
    public func texts(column: String) throws -> [String?] {
        let index = try columnIndex(column)
        return try (0..<rowCount).map { row in
            let field = field(row: row, column: index)
            return try fieldReader.text(field, in: source.bytes) {
                error(field, index, expected: $0, actual: $1, remedy: $2)
            }
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

    private func error(
        _ field: CSVSource.Field, _ column: Int, expected: String, actual: String, remedy: String
    ) -> FileError {
        FileError(
            path: source.path, place: CSVSource.place(of: field.begin, in: source.bytes),
            expected: "\(expected) in column \"\(columnNames[column])\"", actual: actual, remedy: remedy)
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
            try table.fieldReader.number(field, in: table.source.bytes) {
                try replacement(field, column)
            } error: {
                table.error(field, column, expected: $0, actual: $1, remedy: $2)
            }
        }

        private func replacement<Scalar: HostScalar>(_ field: CSVSource.Field, _ column: Int) throws -> Scalar {
            guard case .filled(let value) = missing else {
                throw table.error(
                    field, column, expected: "a value", actual: "a missing one",
                    remedy: "fill the field, or pass missing: .filled(…)")
            }
            let converted = Scalar(cast: value)
            guard Scalar.dtype.isFloat || converted.cast(to: Double.self) == value else {
                throw table.error(
                    field, column, expected: "a replacement for the missing value that is \(Scalar.dtype)",
                    actual: "\(value)", remedy: "choose another replacement or a float dtype")
            }
            return converted
        }
    }
}
