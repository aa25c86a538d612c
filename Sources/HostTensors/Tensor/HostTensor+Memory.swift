import Glibc

extension HostTensor {
    /// Throws a `TensorError` where there is no memory for tensors of so many bytes: to make them would end the process.
    ///
    /// Small ones are not asked for.
    public static func requireMemory(byteCount: Int, for operation: String) throws {
        guard byteCount >= 1 << 28 else { return }
        let pages = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let pages, pages != MAP_FAILED else {
            throw TensorError(
                operation: operation, expected: "memory for \(byteCount) bytes", actual: "less",
                remedy: "choose smaller sizes")
        }
        munmap(pages, byteCount)
    }
}
