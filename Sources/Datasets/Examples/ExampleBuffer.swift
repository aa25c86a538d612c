import HostTensors

/// Room for examples side by side, one row an example, filled in place.
///
/// Columns of one shape lie in one tensor each, `[capacity] + shape`; the values of others are kept one by one.
final class ExampleBuffer {
    let columns: [Column]
    let capacity: Int
    /// One tensor a column; empty where the shape varies.
    private(set) var tensors: [HostTensor]
    private var varying: [[HostTensor?]]

    init(columns: [Column], capacity: Int) {
        self.columns = columns
        self.capacity = capacity
        tensors = columns.map { column in
            HostTensor(zeros: [column.shape == nil ? 0 : capacity] + (column.shape ?? []), dtype: column.dtype)
        }
        varying = columns.map { $0.shape == nil ? Array(repeating: nil, count: capacity) : [] }
    }

    /// Gives `body` the rows of a column of one shape, to write.
    func withRows(
        of column: Int, from row: Int, _ body: (UnsafeMutableRawPointer) throws -> Void
    ) rethrows {
        let rowBytes = columns[column].rowBytes
        try tensors[column].withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            try body(base + row * rowBytes)
        }
    }

    /// Writes one value; throws when it is not of the column's type.
    func set(_ value: HostTensor, row: Int, column: Int) throws {
        let declared = columns[column]
        guard value.dtype == declared.dtype, declared.shape == nil || declared.shape == value.shape else {
            throw ExecutionError(
                place: "dataset, column '\(declared.name)'", expected: "\(declared)", actual: value.typeText,
                remedy: "give every example the same element type and shape, or name the column in varying: and pad it")
        }
        guard declared.shape != nil else {
            varying[column][row] = value
            return
        }
        withRows(of: column, from: row) { target in
            value.withUnsafeBytes { source in
                if let base = source.baseAddress { target.copyMemory(from: base, byteCount: source.count) }
            }
        }
    }

    /// The value of a column in a row.
    func value(row: Int, column: Int) -> HostTensor {
        if columns[column].shape == nil { return varying[column][row] ?? HostTensor(zeros: [0], dtype: .f32) }
        let tensor = tensors[column]
        // A row has the shape of its column, so the reshape cannot fail.
        return (try? tensor[rows: row..<row + 1].reshaped(columns[column].shape ?? [])) ?? tensor
    }

    /// A row as an example.
    func example(row: Int, firstColumn: Int = 0, count: Int? = nil, epoch: Int, index: Int) -> Example {
        var values: NamedTensors = [:]
        for column in firstColumn..<firstColumn + (count ?? columns.count) {
            values[columns[column].name] = value(row: row, column: column)
        }
        return Example(epoch: epoch, index: index, tensors: values)
    }

    /// Copies a row of a buffer of the same columns, which stand in this one from `slot.column` on.
    func copyRow(_ row: Int, of other: ExampleBuffer, to slot: Slot) throws {
        for (at, column) in other.columns.enumerated() {
            guard column.shape != nil else {
                varying[slot.column + at][slot.row] = other.varying[at][row]
                continue
            }
            let count = column.rowBytes
            withRows(of: slot.column + at, from: slot.row) { target in
                other.tensors[at].withUnsafeBytes { source in
                    if let base = source.baseAddress { target.copyMemory(from: base + row * count, byteCount: count) }
                }
            }
        }
    }

    /// A place in a buffer: the row and the first of the columns that are written.
    struct Slot {
        let buffer: ExampleBuffer
        var row: Int
        var column: Int

        /// The place some rows further down.
        func advanced(by rows: Int) -> Slot { Slot(buffer: buffer, row: row + rows, column: column) }
        /// The place some columns further right.
        func beside(_ columns: Int) -> Slot { Slot(buffer: buffer, row: row, column: column + columns) }
    }
}
