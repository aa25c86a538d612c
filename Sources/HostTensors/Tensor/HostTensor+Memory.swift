import Glibc

extension HostTensor {
    /// Throws a `TensorError` where there is no memory for tensors of so many bytes: to make them would end the process.
    public static func requireMemory(byteCount: Int, for operation: String) throws {
        guard hasMemory(byteCount: byteCount) else {
            throw TensorError(
                operation: operation, expected: "memory for \(byteCount) bytes", actual: "less",
                remedy: "choose smaller sizes")
        }
    }

    /// Whether the system would give so many bytes. It is not asked for small numbers.
    static func hasMemory(byteCount: Int) -> Bool {
        guard byteCount >= 1 << 28 else { return true }
        let pages = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let pages, pages != MAP_FAILED else { return false }
        munmap(pages, byteCount)
        return true
    }
}
