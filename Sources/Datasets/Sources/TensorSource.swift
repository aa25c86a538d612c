import HostTensors

/// Examples that are rows of tensors in memory.
struct TensorSource: IndexedSource {
    let columns: [Column]
    let size: Int
    private let tensors: [HostTensor]

    var identity: String { "\(size) examples" }

    /// Throws when the tensors do not have the same number of rows, at least one.
    init(_ tensors: NamedTensors) throws {
        guard let first = tensors.elements.first else {
            throw ExecutionError(
                place: "dataset", expected: "at least one column", actual: "none", remedy: "give a tensor")
        }
        let size = try Self.rows(first.value, first.key)
        for (name, tensor) in tensors.elements.dropFirst() {
            let rows = try Self.rows(tensor, name)
            guard rows == size else {
                throw ExecutionError(
                    place: "dataset, \(name)", expected: "as many rows as '\(first.key)', \(size)", actual: "\(rows)",
                    remedy: "'\(first.key)' is \(first.value.typeText), '\(name)' \(tensor.typeText): "
                        + "rows of axis 0 must pair")
            }
        }
        self.size = size
        columns = tensors.map { Column($0.key, $0.value.dtype, Array($0.value.shape.dropFirst())) }
        self.tensors = Array(tensors.values)
    }

    private static func rows(_ tensor: HostTensor, _ name: String) throws -> Int {
        guard let rows = tensor.shape.first, rows > 0 else {
            throw ExecutionError(
                place: "dataset, \(name)", expected: "one row of axis 0 an example, at least one",
                actual: tensor.typeText, remedy: "give at least one example")
        }
        return rows
    }

    func gather(_ indices: UnsafeMutableBufferPointer<Int>, epoch: Int, into slot: ExampleBuffer.Slot) throws {
        for at in tensors.indices {
            let rowBytes = columns[at].rowBytes
            slot.buffer.withRows(of: slot.column + at, from: slot.row) { target in
                tensors[at].withUnsafeBytes { source in
                    guard let base = source.baseAddress else { return }
                    if rowBytes == 4 { return Self.copyWords(base, indices, target) }
                    for (row, index) in indices.enumerated() {
                        (target + row * rowBytes).copyMemory(from: base + index * rowBytes, byteCount: rowBytes)
                    }
                }
            }
        }
    }

    /// Copies rows of four bytes, the commonest small ones.
    private static func copyWords(
        _ base: UnsafeRawPointer, _ indices: UnsafeMutableBufferPointer<Int>, _ target: UnsafeMutableRawPointer
    ) {
        let source = base.assumingMemoryBound(to: UInt32.self)
        let words = target.assumingMemoryBound(to: UInt32.self)
        for (row, index) in indices.enumerated() { words[row] = source[index] }
    }
}

/// Examples that a function makes by number.
struct GeneratedSource: IndexedSource {
    let columns: [Column]
    let size: Int
    let make: @Sendable (Int) throws -> NamedTensors

    var identity: String { "\(size) generated examples" }

    func gather(_ indices: UnsafeMutableBufferPointer<Int>, epoch: Int, into slot: ExampleBuffer.Slot) throws {
        for (row, index) in indices.enumerated() {
            try slot.buffer.set(try make(index), columns: columns, at: slot.advanced(by: row))
        }
    }
}

extension ExampleBuffer {
    /// Writes the values of one example; throws when a column is missing or of another type.
    func set(_ values: NamedTensors, columns: [Column], at slot: Slot) throws {
        for (at, column) in columns.enumerated() {
            guard let value = values[column.name] else {
                throw ExecutionError(
                    place: "dataset, column '\(column.name)'", expected: "a value in every example", actual: "none",
                    remedy: "give the same columns for every example")
            }
            try set(value, row: slot.row, column: slot.column + at)
        }
    }
}

extension Column {
    /// The columns of one example's values; those named in `varying` have another shape in each example.
    static func of(_ values: NamedTensors, varying: Set<String>) -> [Column] {
        values.map { Column($0.key, $0.value.dtype, varying.contains($0.key) ? nil : $0.value.shape) }
    }
}
