import Glibc

/// Reads and replaces files as a whole.
public enum WholeFile {
    /// All bytes of the file at `path`.
    public static func read(path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw failure(path, expected: "a readable file", remedy: "check the path and its permissions")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw failure(path, expected: "a readable file", remedy: "check the file system")
        }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw FileError(
                path: path, place: .wholeFile, expected: "a file", actual: "a folder",
                remedy: "name a file in the folder")
        }
        return try readAll(descriptor, expectedCount: Int(status.st_size), path: path)
    }

    /// Replaces the file at `path` by `bytes`, as `write(path:_:)` does.
    public static func write(_ bytes: [UInt8], path: String) throws {
        try write(path: path) { append in try bytes.withUnsafeBytes { try append($0) } }
    }

    /// Replaces the file at `path` by what `body` appends: readers see the old file or the new one, never a part.
    ///
    /// The bytes go to a new file in the same folder, which is flushed to the disk and then renamed; on an error the
    /// old file stays as it was. A link stays, and its file is replaced; a device or a pipe is written into.
    public static func write(
        path: String, _ body: (_ append: (UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        guard let target = try replacedPath(path) else { return try writeInto(path, body) }
        guard let (descriptor, partial) = PartialFile.create(beside: target, permissions: 0o666) else {
            throw failure(
                path, expected: "a folder to write to",
                remedy: "create \(Self.folder(of: path)) or check its permissions")
        }
        defer { close(descriptor) }
        do {
            try body { try writeAll(descriptor, $0, path: path) }
            guard fsync(descriptor) == 0 else {
                throw failure(path, expected: "the bytes to reach the disk", remedy: "check free space")
            }
            guard rename(partial, target) == 0 else {
                throw failure(path, expected: "a replaceable file", remedy: "check the permissions of its folder")
            }
        } catch {
            unlink(partial)
            throw error
        }
        // The new name reaches the disk with the folder; a file system that cannot do this still has the file.
        let folder = open(Self.folder(of: target), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    /// Where a new file has to be moved to take the place of what `path` names, links followed; nil where that is a device, a
    /// pipe or the like, which would be gone then.
    ///
    /// Throws a `FileError` for a folder.
    public static func replacedPath(_ path: String) throws -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return path }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            guard let resolved = realpath(path, nil) else { return path }
            defer { free(resolved) }
            return String(cString: resolved)
        case S_IFDIR:
            throw FileError(
                path: path, place: .wholeFile, expected: "a file to write", actual: "a folder",
                remedy: "name a file in the folder")
        default: return nil
        }
    }

    /// Writes into a device or a pipe what `body` appends.
    private static func writeInto(
        _ path: String, _ body: (_ append: (UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw failure(path, expected: "a device or pipe to write into", remedy: "check its permissions")
        }
        defer { close(descriptor) }
        try body { try writeAll(descriptor, $0, path: path) }
    }

    private static func readAll(_ descriptor: Int32, expectedCount: Int, path: String) throws -> [UInt8] {
        try requireMemory(expectedCount, path: path)
        // One byte more than expected, so that the end is seen without growing.
        var bytes = [UInt8](repeating: 0, count: expectedCount + 1)
        var count = 0
        while true {
            if count == bytes.count {
                // The bytes are there twice while they grow to twice as many.
                try requireMemory(3 * count, path: path)
                bytes.append(contentsOf: repeatElement(0, count: count))
            }
            let received = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
            }
            if received == 0 { break }
            if received < 0 {
                if errno == EINTR { continue }
                throw failure(path, expected: "a readable file", remedy: "check the disk")
            }
            count += received
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    private static func requireMemory(_ byteCount: Int, path: String) throws {
        guard HostTensor.hasMemory(byteCount: byteCount) else {
            throw FileError(
                path: path, place: .wholeFile, expected: "memory for \(byteCount) bytes", actual: "less",
                remedy: "name a smaller file")
        }
    }

    private static func writeAll(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, path: String) throws {
        var remaining = bytes
        while !remaining.isEmpty {
            let written = Glibc.write(descriptor, remaining.baseAddress, remaining.count)
            if written < 0 {
                if errno == EINTR { continue }
                throw failure(path, expected: "room for \(remaining.count) more bytes", remedy: "free disk space")
            }
            remaining = UnsafeRawBufferPointer(rebasing: remaining.dropFirst(written))
        }
    }

    /// The folder that a path names a file in.
    package static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The error that the last system call left in `errno`.
    private static func failure(_ path: String, expected: String, remedy: String) -> FileError {
        let reason = String(cString: strerror(errno))
        return FileError(path: path, place: .wholeFile, expected: expected, actual: "\"\(reason)\"", remedy: remedy)
    }
}
