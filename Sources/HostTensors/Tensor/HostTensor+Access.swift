extension HostTensor {
    /// Gives `body` all bytes to read; they are valid only during the call.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(storage) { try body(storage.bytes) }
    }

    /// Gives `body` all bytes to write, copied first if another tensor shares them; a `bool` byte must stay 0 or 1.
    public mutating func withUnsafeMutableBytes<Result>(
        _ body: (UnsafeMutableRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        if !isKnownUniquelyReferenced(&storage) { storage = TensorStorage(copying: storage.bytes) }
        return try withExtendedLifetime(storage) {
            try body(UnsafeMutableRawBufferPointer(start: storage.base, count: storage.byteCount))
        }
    }

    /// Gives `body` all elements to read; throws if they are not of type `Scalar`.
    public func withScalars<Scalar: HostScalar, Result>(
        as type: Scalar.Type, _ body: (UnsafeBufferPointer<Scalar>) throws -> Result
    ) throws -> Result {
        try requireDType(Scalar.dtype)
        return try withUnsafeBytes { try body($0.bindMemory(to: Scalar.self)) }
    }

    /// Gives `body` all elements to write; throws if they are not of type `Scalar`.
    public mutating func withMutableScalars<Scalar: HostScalar, Result>(
        as type: Scalar.Type, _ body: (UnsafeMutableBufferPointer<Scalar>) throws -> Result
    ) throws -> Result {
        try requireDType(Scalar.dtype)
        return try withUnsafeMutableBytes { try body($0.bindMemory(to: Scalar.self)) }
    }

    /// All elements in row-major order; throws if they are not of type `Scalar`.
    @inlinable
    public func scalars<Scalar: HostScalar>(as type: Scalar.Type) throws -> [Scalar] {
        try withScalars(as: type) { Array($0) }
    }

    /// All bytes, little-endian elements in row-major order.
    public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    private func requireDType(_ requested: DType) throws {
        guard dtype == requested else {
            throw TensorError(
                operation: "access elements of \(typeText)", expected: "\(dtype)", actual: "\(requested)",
                remedy: "ask for \(dtype), or convert with converted(to: .\(requested))")
        }
    }
}

extension HostTensor {
    /// Rows `range` of the first axis, copied.
    ///
    /// It is a mistake in the program to ask for rows that are not there, as with an array, and ends it: `rows(_:)` takes
    /// numbers that come from outside, and throws.
    public subscript(rows range: Range<Int>) -> HostTensor {
        do { return try rows(range) } catch { preconditionFailure("\(error): rows(_:) throws") }
    }

    /// Rows `range` of the first axis, copied; throws if one is out of range.
    public func rows(_ range: Range<Int>) throws -> HostTensor {
        let rowCount = try rowCount()
        guard range.lowerBound >= 0, range.upperBound <= rowCount else {
            throw TensorError(
                operation: "rows of \(typeText)", expected: "a range within 0..<\(rowCount)", actual: "\(range)",
                remedy: "count rows from 0")
        }
        let rowBytes = rowCount == 0 ? 0 : byteCount / rowCount
        let slice = UnsafeRawBufferPointer(
            rebasing: storage.bytes[range.lowerBound * rowBytes..<range.upperBound * rowBytes])
        let copy = withExtendedLifetime(storage) { TensorStorage(copying: slice) }
        return HostTensor(dtype: dtype, shape: [range.count] + shape.dropFirst(), storage: copy)
    }

    /// The rows of the first axis with these indices, in this order; throws if one is out of range.
    public func rows(at indices: [Int]) throws -> HostTensor {
        let rowCount = try rowCount()
        if let index = indices.first(where: { $0 < 0 || $0 >= rowCount }) {
            throw TensorError(
                operation: "rows of \(typeText)", expected: "indices from 0 up to \(rowCount)", actual: "\(index)",
                remedy: "count rows from 0")
        }
        let rowBytes = rowCount == 0 ? 0 : byteCount / rowCount
        let copy = TensorStorage(uninitialized: rowBytes * indices.count)
        withUnsafeBytes { source in
            guard let base = source.baseAddress else { return }
            for (place, index) in indices.enumerated() {
                copy.base.advanced(by: place * rowBytes)
                    .copyMemory(from: base.advanced(by: index * rowBytes), byteCount: rowBytes)
            }
        }
        return HostTensor(dtype: dtype, shape: [indices.count] + shape.dropFirst(), storage: copy)
    }
    /// The extent of the first axis; throws if there is none.
    private func rowCount() throws -> Int {
        guard let rowCount = shape.first else {
            throw TensorError(
                operation: "rows of \(typeText)", expected: "at least one axis", actual: "none",
                remedy: "reshape the scalar to [1]")
        }
        return rowCount
    }
}
