extension HostTensor {
    /// The elements converted as in C: integers wrap, floats round to nearest even, float to integer truncates toward
    /// zero and saturates with NaN as 0, anything but 0 is `true`.
    public func converted(to target: DType) -> HostTensor {
        if target == dtype { return self }
        let result = TensorStorage(uninitialized: count * target.byteCount)
        convert(to: target, in: UnsafeMutableRawBufferPointer(start: result.base, count: result.byteCount))
        return HostTensor(dtype: target, shape: shape, storage: result)
    }

    /// All elements in row-major order as `Double`.
    public func doubles() -> [Double] {
        Array(unsafeUninitializedCapacity: count) { elements, initialized in
            convert(to: .f64, in: UnsafeMutableRawBufferPointer(elements))
            initialized = count
        }
    }

    /// Writes the elements as another dtype to memory that has room for them.
    private func convert(to target: DType, in destination: UnsafeMutableRawBufferPointer) {
        withUnsafeBytes { source in
            // The visitors do not throw.
            try? dtype.accept(ConvertFrom(source: source, destination: destination, target: target))
        }
    }
}

/// Chooses the source type of a conversion.
private struct ConvertFrom: DTypeVisitor {
    let source: UnsafeRawBufferPointer
    let destination: UnsafeMutableRawBufferPointer
    let target: DType

    func visit<Source: HostScalar>(_ type: Source.Type) throws {
        try target.accept(ConvertTo(source: source.bindMemory(to: Source.self), destination: destination))
    }
}

/// Chooses the target type of a conversion and runs it.
private struct ConvertTo<Source: HostScalar>: DTypeVisitor {
    let source: UnsafeBufferPointer<Source>
    let destination: UnsafeMutableRawBufferPointer

    func visit<Target: HostScalar>(_ type: Target.Type) throws {
        let elements = destination.bindMemory(to: Target.self)
        for index in 0..<source.count { elements[index] = source[index].cast(to: Target.self) }
    }
}
