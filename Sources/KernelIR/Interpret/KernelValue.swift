import GraphIR
import HostTensors

/// One element of a dtype: a tensor of rank 0, so that scalar operations have their one meaning.
typealias KernelValue = HostTensor

extension HostTensor {
    /// The number as an element of a dtype.
    static func kernelConstant(_ value: Double, _ dtype: DType) -> KernelValue {
        HostTensor(scalar: value).converted(to: dtype)
    }

    /// An integer as an element of a dtype.
    static func kernelInteger(_ value: Int, _ dtype: DType) -> KernelValue {
        HostTensor(scalar: Int64(value)).converted(to: dtype)
    }

    /// The element as 64 bits, sign-extended.
    var kernelBits: UInt64 {
        (dtype == .u64 ? self : converted(to: .i64)).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
    }

    /// The element's bytes as those of another dtype of the same size.
    func reinterpreted(as dtype: DType) -> KernelValue {
        var value = HostTensor(zeros: [], dtype: dtype)
        withUnsafeBytes { bytes in value.withUnsafeMutableBytes { $0.copyMemory(from: bytes) } }
        return value
    }

    /// Whether a bool element is true.
    var isTrue: Bool { withUnsafeBytes { $0[0] != 0 } }
}

/// A buffer's elements while a kernel runs.
struct KernelMemory {
    let buffer: KernelBuffer
    /// Those that are there; the bytes begin with the first of them.
    let elements: Range<Int>
    let bytes: UnsafeMutableRawBufferPointer

    /// Bytes of an element.
    var size: Int { buffer.stored.byteCount }

    func load(_ index: Int) throws -> KernelValue {
        let start = try place(of: index)
        var value = HostTensor(zeros: [], dtype: buffer.stored)
        value.withUnsafeMutableBytes {
            $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<start + size]))
        }
        return value.converted(to: buffer.dtype)
    }

    func store(_ value: KernelValue, at index: Int) throws {
        let start = try place(of: index)
        value.converted(to: buffer.stored).withUnsafeBytes {
            UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + size]).copyMemory(from: $0)
        }
    }

    /// The byte at which an element begins; throws `GraphError` where it is not there.
    func place(of index: Int) throws -> Int {
        guard elements.contains(index) else {
            let which = elements.lowerBound == 0 ? "\(elements.count) elements" : "which only \(elements) are there"
            throw GraphError("index \(index) is outside buffer '%\(buffer.name)' of \(which)")
        }
        return (index - elements.lowerBound) * size
    }
}
