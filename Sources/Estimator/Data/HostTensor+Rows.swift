import Execution
import HostTensors

extension HostTensor {
    /// The rows of all parts one after another; the parts must differ in nothing but the size of axis 0.
    static func concatenated(rowsOf parts: [HostTensor]) throws -> HostTensor {
        guard let first = parts.first else { return HostTensor(zeros: [0], dtype: .f32) }
        if parts.count == 1 { return first }
        let rowShape = Array(first.shape.dropFirst())
        for part in parts where part.rank == 0 || part.dtype != first.dtype || Array(part.shape.dropFirst()) != rowShape
        {
            throw ExecutionError(
                place: "function 'predict'", expected: "an output with one row an example", actual: part.typeText,
                remedy: "let the first axis of every output be the batch")
        }
        let shape = [parts.reduce(0) { $0 + $1.shape[0] }] + rowShape
        var whole = HostTensor(zeros: shape, dtype: first.dtype)
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
        return whole
    }
}
