import Glibc

/// Reads parts of a file by their place.
public final class FileWindow: Sendable {
    /// The path of the file.
    public let path: String
    /// The size in bytes when it was opened.
    public let byteCount: Int
    private let descriptor: Int32

    /// Opens the file at `path`; throws a `FileError` when it cannot be read.
    public init(path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            close(descriptor)
            throw FileError(
                path: path, place: .wholeFile, expected: "a file", actual: "a folder", remedy: "name a file")
        }
        byteCount = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// The bytes from a place on, at most `count`; fewer only at the end of the file.
    public func read(at offset: Int, count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            while initialized < count {
                let received = pread(
                    descriptor, buffer.baseAddress.map { $0 + initialized }, count - initialized,
                    off_t(offset + initialized))
                if received == 0 { return }
                if received < 0 {
                    if errno == EINTR { continue }
                    throw Self.failure(path)
                }
                initialized += received
            }
        }
    }

    private static func failure(_ path: String) -> FileError {
        FileError(
            path: path, place: .wholeFile, expected: "a readable file",
            actual: "\"\(String(cString: strerror(errno)))\"", remedy: "check the path and its permissions")
    }
}
