import Glibc

/// Whole files as bytes.
package enum FileBytes {
    /// The content of the file at `path`.
    package static func read(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, "read") }
        defer { close(descriptor) }
        var status = stat()
        var content: [UInt8] = []
        if fstat(descriptor, &status) == 0 { content.reserveCapacity(Int(status.st_size)) }
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return content }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure(path, "read")
            }
            content.append(contentsOf: chunk[..<count])
        }
    }

    /// Makes or replaces the file at `path`.
    package static func write(_ content: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(path, "written") }
        defer { close(descriptor) }
        try write(content, to: descriptor, path: path)
    }

    /// Writes to an open file, which `path` names in errors.
    package static func write(_ content: [UInt8], to descriptor: Int32, path: String) throws {
        var written = 0
        while written < content.count {
            let count = content[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure(path, "written")
            }
            written += count
        }
    }

    /// A text that differs when the file at `path` is another one: its path, size and time of change.
    package static func identity(of path: String) throws -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { throw failure(path, "read") }
        return "\(path) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    }

    /// Whether there is a file that this process may execute.
    package static func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 && !isDirectory(path) }

    /// Whether there is something at `path`.
    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func failure(_ path: String, _ operation: String) -> ProgramError {
        .fileFailed(path: path, operation: operation, reason: String(cString: strerror(errno)))
    }
}
