import CCustomCode
import Glibc
import HostTensors
import Programs

/// Memory that code works on, as a tensor.
package struct RawTensor {
    package var data: UnsafeMutableRawPointer
    package var shape: [Int]
    package var dtype: DType

    /// A tensor in memory that is there.
    package init(data: UnsafeMutableRawPointer, shape: [Int], dtype: DType) {
        (self.data, self.shape, self.dtype) = (data, shape, dtype)
    }

    /// A copy of a tensor, aligned as those of compiled functions are.
    init(copying tensor: HostTensor) {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, tensor.byteCount), alignment: 64)
        tensor.withUnsafeBytes { bytes.copyMemory(from: $0) }
        self.init(data: bytes.baseAddress.unsafelyUnwrapped, shape: tensor.shape, dtype: tensor.dtype)
    }

    func read(into tensor: inout HostTensor) {
        tensor.withUnsafeMutableBytes { $0.copyMemory(from: UnsafeRawBufferPointer(start: data, count: $0.count)) }
    }

    func deallocate() { data.deallocate() }
}

/// The code of an operation in this process. It is never unloaded.
struct LoadedCode: @unchecked Sendable {
    private typealias Function =
        @convention(c) (
            UnsafePointer<strata_tensor>?, UnsafePointer<strata_tensor>?, Int64, Int64
        ) -> Void
    private let function: Function

    /// Compiles and loads code; throws `CustomCodeError`.
    init(_ code: CustomCode) throws {
        let compiler = try CCompiler.locate(for: code.name)
        function = try TemporaryFolder.with { folder in
            let path = "\(folder)/\(code.name).so"
            try compiler.library(of: code, output: path)
            guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
                let reason = dlerror().map { String(cString: $0) } ?? "an unknown failure"
                throw CustomCodeError.notLoaded(
                    operation: code.name, reason: reason.replacing("\(folder)/", with: ""))
            }
            guard let address = dlsym(handle, code.name) else {
                dlclose(handle)
                throw CustomCodeError.undefined(operation: code.name)
            }
            return unsafeBitCast(address, to: Function.self)
        }
    }

    func call(_ operands: [RawTensor], _ results: [RawTensor], _ rows: Range<Int>) {
        let all = operands + results
        let sizes = all.flatMap { $0.shape.map(Int64.init) }
        sizes.withUnsafeBufferPointer { sizes in
            var at = 0
            let tensors = all.map { tensor in
                defer { at += tensor.shape.count }
                return strata_tensor(
                    data: tensor.data, shape: sizes.baseAddress.map { $0 + at }, rank: Int32(tensor.shape.count),
                    dtype: tensor.dtype.operationCode)
            }
            tensors.withUnsafeBufferPointer { tensors in
                let first = tensors.baseAddress
                function(first, first.map { $0 + operands.count }, Int64(rows.lowerBound), Int64(rows.upperBound))
            }
        }
    }
}

extension DType {
    /// Its number in `strata_operation.h`.
    package var operationCode: Int32 { Int32(DType.allCases.firstIndex(of: self) ?? 0) }
}
