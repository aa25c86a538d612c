import Glibc

/// A dense array of numbers in memory: row-major, contiguous, 64-byte aligned, a value (copied when written).
///
/// Two tensors are equal when dtype, shape and every bit of every element are: NaN equals the same NaN, and 0 differs
/// from -0. For closeness use `isClose(to:relative:absolute:)`.
public struct HostTensor: Sendable {
    /// The type of the elements.
    public let dtype: DType
    /// The extent of each axis, outermost first; empty for a scalar.
    public let shape: [Int]
    /// The number of elements: the product of `shape`.
    public let count: Int
    var storage: TensorStorage

    /// The number of bytes of all elements.
    public var byteCount: Int { count * dtype.byteCount }

    /// The number of axes.
    public var rank: Int { shape.count }

    /// A tensor of zeros (`false` for `bool`).
    ///
    /// It is a mistake in the program to ask for a negative extent, or for more than fits in memory, and ends it: check a
    /// shape that comes from outside with `elementCount(of:dtype:)`, which throws.
    public init(zeros shape: [Int], dtype: DType) {
        guard let count = Self.checkedCount(of: shape, dtype: dtype) else {
            preconditionFailure(
                "\(Self.typeText(dtype, shape)) is not a valid tensor type: check shapes with elementCount(of:dtype:)")
        }
        self.init(dtype: dtype, shape: shape, storage: TensorStorage(zeros: count * dtype.byteCount))
    }

    /// A tensor of `scalars` in row-major order; throws if `shape` does not hold as many.
    public init<Scalar: HostScalar>(_ scalars: [Scalar], shape: [Int]) throws {
        let operation = "tensor \(Self.typeText(Scalar.dtype, shape))"
        let count = try Self.elementCount(of: shape, dtype: Scalar.dtype)
        guard count == scalars.count else {
            throw TensorError(
                operation: operation, expected: "\(count) elements", actual: "\(scalars.count)",
                remedy: "give one element for each place of the shape")
        }
        self.init(
            dtype: Scalar.dtype, shape: shape, storage: scalars.withUnsafeBytes { TensorStorage(copying: $0) })
    }

    /// A tensor of one axis.
    public init<Scalar: HostScalar>(_ scalars: [Scalar]) {
        self.init(
            dtype: Scalar.dtype, shape: [scalars.count],
            storage: scalars.withUnsafeBytes { TensorStorage(copying: $0) })
    }

    /// A tensor without axes that holds one number.
    public init<Scalar: HostScalar>(scalar: Scalar) {
        self.init(
            dtype: Scalar.dtype, shape: [], storage: Swift.withUnsafeBytes(of: scalar) { TensorStorage(copying: $0) })
    }

    /// A tensor of little-endian elements; throws if `shape` does not take exactly that many bytes.
    public init(bytes: [UInt8], dtype: DType, shape: [Int]) throws {
        self = try bytes.withUnsafeBytes { try HostTensor(copying: $0, dtype: dtype, shape: shape) }
    }

    /// A tensor of little-endian elements copied from memory; throws if `shape` does not take exactly that many bytes.
    public init(copying bytes: UnsafeRawBufferPointer, dtype: DType, shape: [Int]) throws {
        let expected = try Self.elementCount(of: shape, dtype: dtype) * dtype.byteCount
        guard expected == bytes.count else {
            throw TensorError(
                operation: "tensor \(Self.typeText(dtype, shape))", expected: "\(expected) bytes",
                actual: "\(bytes.count)", remedy: "give \(dtype.byteCount) bytes for each element")
        }
        self.init(dtype: dtype, shape: shape, storage: TensorStorage(copying: bytes))
        if dtype == .bool { storage.normalizeBooleans() }
    }

    /// The tensor that owns `storage`, which must have the right size.
    init(dtype: DType, shape: [Int], storage: TensorStorage) {
        self.dtype = dtype
        self.shape = shape
        self.count = storage.byteCount / dtype.byteCount
        self.storage = storage
    }

    /// The same elements in the same order with another shape; throws if the counts differ.
    public func reshaped(_ shape: [Int]) throws -> HostTensor {
        let newCount = try Self.elementCount(of: shape, dtype: dtype)
        guard newCount == count else {
            throw TensorError(
                operation: "reshape \(typeText) to \(shape)", expected: "\(count) elements", actual: "\(newCount)",
                remedy: "choose a shape whose extents multiply to \(count)")
        }
        return HostTensor(dtype: dtype, shape: shape, storage: storage)
    }
}

extension HostTensor {
    /// The number of elements of a shape; throws for a negative extent or a product too large for memory.
    public static func elementCount(of shape: [Int], dtype: DType) throws -> Int {
        if let count = checkedCount(of: shape, dtype: dtype) { return count }
        if let negative = shape.first(where: { $0 < 0 }) {
            throw TensorError(
                operation: "shape \(shape)", expected: "extents of at least 0", actual: "\(negative)",
                remedy: "compute the unknown extent first; a host tensor has no unknown dimensions")
        }
        throw TensorError(
            operation: "shape \(shape)", expected: "at most \(Int.max) bytes of \(dtype)", actual: "more",
            remedy: "check the extents, or split the data")
    }

    /// The number of elements of a shape, or nil for a negative extent or when the bytes overflow an `Int`.
    static func checkedCount(of shape: [Int], dtype: DType) -> Int? {
        guard shape.allSatisfy({ $0 >= 0 }) else { return nil }
        if shape.contains(0) { return 0 }
        var count = 1
        for extent in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            if overflow { return nil }
            count = product
        }
        return count.multipliedReportingOverflow(by: dtype.byteCount).overflow ? nil : count
    }

    /// The dtype and shape, such as `f32[2, 3]`.
    public var typeText: String { Self.typeText(dtype, shape) }

    static func typeText(_ dtype: DType, _ shape: [Int]) -> String {
        "\(dtype)[\(shape.map(String.init).joined(separator: ", "))]"
    }
}

extension HostTensor: Equatable {
    /// Whether dtype, shape and all bits are the same.
    public static func == (left: HostTensor, right: HostTensor) -> Bool {
        guard left.dtype == right.dtype, left.shape == right.shape else { return false }
        return left.storage === right.storage
            || memcmp(left.storage.base, right.storage.base, left.storage.byteCount) == 0
    }
}
