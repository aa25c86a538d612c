import Glibc
import HostTensors

/// Whole files, replaced in one step: readers see the old content or the new one.
enum AtomicFile {
    /// Writes `bytes` to a neighbour of `path`, which then takes its name; into a device or a pipe as they are.
    ///
    /// - Throws: `ArtifactError.fileFailed`; a file that was at `path` before is then untouched. A `FileError` for a folder.
    static func write(_ bytes: [UInt8], to path: String) throws {
        guard let target = try WholeFile.replacedPath(path) else {
            return try write(bytes, into: path)
        }
        guard let (descriptor, partial) = PartialFile.create(beside: target, permissions: 0o644) else {
            throw failure(path, "written")
        }
        defer { close(descriptor) }
        do {
            try writeAll(bytes, to: descriptor, path: path)
            guard rename(partial, target) == 0 else { throw failure(path, "written") }
        } catch {
            unlink(partial)
            throw error
        }
    }

    /// The content of the file at `path`.
    static func read(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, "read") }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return content }
            if count < 0 && errno != EINTR { throw failure(path, "read") }
            if count > 0 { content.append(contentsOf: chunk[..<count]) }
        }
    }

    private static func write(_ bytes: [UInt8], into path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, "written") }
        defer { close(descriptor) }
        try writeAll(bytes, to: descriptor, path: path)
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno != EINTR { throw failure(path, "written") }
            if count > 0 { written += count }
        }
    }

    private static func failure(_ path: String, _ operation: String) -> ArtifactError {
        .fileFailed(path: path, operation: operation, reason: String(cString: strerror(errno)))
    }
}
