import HostTensors

extension HostTensor {
    /// The rows of all parts one after another; throws when they differ in more than the size of axis 0.
    public init(joiningRowsOf parts: [HostTensor]) throws {
        guard let first = parts.first else {
            self = HostTensor(zeros: [0], dtype: .f32)
            return
        }
        let rowShape = Array(first.shape.dropFirst())
        for part in parts where part.rank == 0 || part.dtype != first.dtype || Array(part.shape.dropFirst()) != rowShape
        {
            throw ExecutionError(
                place: "rows of tensors", expected: "one row an example, of one type", actual: part.typeText,
                remedy: "let the first axis of every output be the batch")
        }
        var whole = HostTensor(
            zeros: [parts.reduce(0) { $0 + $1.shape[0] }] + rowShape, dtype: first.dtype)
        whole.withUnsafeMutableBytes { target in
            var offset = 0
            for part in parts {
                part.withUnsafeBytes { source in
                    UnsafeMutableRawBufferPointer(rebasing: target[offset..<offset + source.count]).copyMemory(
                        from: source)
                }
                offset += part.byteCount
            }
        }
        self = whole
    }
}
