extension HostTensor: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
    /// An `f32` scalar.
    public init(floatLiteral value: Float) { self.init(scalar: value) }

    /// An `f32` scalar.
    public init(integerLiteral value: Int64) { self.init(scalar: Float(value)) }

    /// An `f32` tensor whose first axis runs over the elements; `[]` has shape `[0]`.
    ///
    /// It is a mistake in the program to write rows of different shapes, and ends it; `Tensor` takes them as an error that
    /// it carries. For numbers that come from outside there are `init(rows:)` and `init(stacking:)`, which throw.
    public init(arrayLiteral elements: HostTensor...) {
        guard let first = elements.first else {
            self.init([Float]())
            return
        }
        precondition(
            elements.allSatisfy { $0.shape == first.shape && $0.dtype == first.dtype },
            "rows of a tensor literal differ in shape: \(elements.map(\.typeText).joined(separator: ", "))")
        self.init(dtype: first.dtype, shape: [elements.count] + first.shape, storage: Self.joinedBytes(elements))
    }

    /// A tensor of two axes; throws if the rows differ in length. Without rows it has the shape `[0, 0]`.
    public init<Scalar: HostScalar>(rows: [[Scalar]]) throws {
        let width = rows.first?.count ?? 0
        if let at = rows.firstIndex(where: { $0.count != width }) {
            throw TensorError(
                operation: "tensor of \(rows.count) rows", expected: "\(width) elements in row \(at), as in row 0",
                actual: "\(rows[at].count)", remedy: "give all rows as many elements")
        }
        try self.init(Array(rows.joined()), shape: [rows.count, width])
    }

    /// One tensor whose first axis runs over `parts`; throws if there are none or their types differ.
    public init(stacking parts: [HostTensor]) throws {
        let operation = "stack \(parts.count) tensors"
        guard let first = parts.first else {
            throw TensorError(
                operation: operation, expected: "at least one tensor", actual: "none",
                remedy: "make an empty tensor with HostTensor(zeros:dtype:)")
        }
        if let other = parts.first(where: { $0.dtype != first.dtype || $0.shape != first.shape }) {
            throw TensorError(
                operation: operation, expected: first.typeText, actual: other.typeText,
                remedy: "convert or reshape the parts to one type")
        }
        self.init(dtype: first.dtype, shape: [parts.count] + first.shape, storage: Self.joinedBytes(parts))
    }

    private static func joinedBytes(_ parts: [HostTensor]) -> TensorStorage {
        let storage = TensorStorage(uninitialized: parts.reduce(0) { $0 + $1.byteCount })
        var offset = 0
        for part in parts {
            part.withUnsafeBytes { bytes in
                guard let source = bytes.baseAddress else { return }
                storage.base.advanced(by: offset).copyMemory(from: source, byteCount: bytes.count)
            }
            offset += part.byteCount
        }
        return storage
    }
}
