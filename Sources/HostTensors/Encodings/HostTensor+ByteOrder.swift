extension HostTensor {
    /// The same bytes with those of each element reversed: from big-endian to little-endian or back.
    func withReversedByteOrder() -> HostTensor {
        if dtype.byteCount == 1 { return self }
        var result = self
        result.withUnsafeMutableBytes { bytes in
            switch dtype.byteCount {
            case 2: Self.swapBytes(bytes.bindMemory(to: UInt16.self))
            case 4: Self.swapBytes(bytes.bindMemory(to: UInt32.self))
            default: Self.swapBytes(bytes.bindMemory(to: UInt64.self))
            }
        }
        return result
    }

    /// The row-major tensor of `shape` whose elements this tensor holds in column-major order.
    func fromColumnMajor(shape: [Int]) -> HostTensor {
        if count == 0 { return self }
        let result = TensorStorage(uninitialized: byteCount)
        withUnsafeBytes { source in
            let destination = UnsafeMutableRawBufferPointer(start: result.base, count: result.byteCount)
            switch dtype.byteCount {
            case 1: Self.transpose(source, to: destination, shape: shape, as: UInt8.self)
            case 2: Self.transpose(source, to: destination, shape: shape, as: UInt16.self)
            case 4: Self.transpose(source, to: destination, shape: shape, as: UInt32.self)
            default: Self.transpose(source, to: destination, shape: shape, as: UInt64.self)
            }
        }
        return HostTensor(dtype: dtype, shape: shape, storage: result)
    }

    private static func swapBytes<Word: FixedWidthInteger>(_ words: UnsafeMutableBufferPointer<Word>) {
        for index in 0..<words.count { words[index] = words[index].byteSwapped }
    }

    private static func transpose<Word: FixedWidthInteger>(
        _ source: UnsafeRawBufferPointer, to destination: UnsafeMutableRawBufferPointer, shape: [Int],
        as type: Word.Type
    ) {
        let columnMajor = source.bindMemory(to: type)
        let rowMajor = destination.bindMemory(to: type)
        var strides = [Int](repeating: 1, count: shape.count)
        for axis in shape.indices.dropFirst() { strides[axis] = strides[axis - 1] * shape[axis - 1] }
        var indices = [Int](repeating: 0, count: shape.count)
        var sourceIndex = 0
        for place in 0..<rowMajor.count {
            rowMajor[place] = columnMajor[sourceIndex]
            for axis in shape.indices.reversed() {
                indices[axis] += 1
                sourceIndex += strides[axis]
                if indices[axis] < shape[axis] { break }
                sourceIndex -= strides[axis] * shape[axis]
                indices[axis] = 0
            }
        }
    }
}
