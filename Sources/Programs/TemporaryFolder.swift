import Foundation

/// A folder of its own for the intermediate files of one call, removed with all that is in it: at the end of the call, or, where the
/// process was killed before, by a later one.
public enum TemporaryFolder {
    /// Makes a folder, gives its path to `body`, and removes it however `body` ends.
    ///
    /// Throws a `ProgramError` that names the folder of all temporary files when this one, or a file in it, can't be made.
    public static func with<Result>(_ body: (String) throws -> Result) throws -> Result {
        let place = FileManager.default.temporaryDirectory
        var name = Array(place.appendingPathComponent(prefix + "XXXXXX").path.utf8CString)
        let made = name.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        guard let path = made else {
            throw ProgramError.temporaryFailed(folder: place.path, reason: String(cString: strerror(errno)))
        }
        defer { try? FileManager.default.removeItem(atPath: path) }
        // Says for as long as this process lives that the folder is in use.
        let lock = lock(path)
        defer { if lock >= 0 { close(lock) } }
        _ = abandonedAreRemoved
        do { return try body(path) } catch ProgramError.fileFailed(let file, "written", let reason)
            where file.hasPrefix(path + "/")
        { throw ProgramError.temporaryFailed(folder: place.path, reason: reason) }
    }

    /// Removes, once in a process, what processes that were killed have left: folders with such a name that are this user's, an
    /// hour old and not in use.
    private static let abandonedAreRemoved: Void = {
        let place = FileManager.default.temporaryDirectory.path
        for name in (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? [] {
            let path = "\(place)/\(name)"
            var status = stat()
            guard name.hasPrefix(prefix), name.utf8.count == prefix.utf8.count + 6, lstat(path, &status) == 0,
                status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(), status.st_mtim.tv_sec < time(nil) - 3600
            else { continue }
            let lock = lock(path)
            guard lock >= 0 else { continue }
            try? FileManager.default.removeItem(atPath: path)
            close(lock)
        }
    }()

    private static let prefix = "strata-"

    /// A descriptor that locks a folder until it is closed; negative where another has locked it.
    private static func lock(_ folder: String) -> Int32 {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) != 0 else { return descriptor }
        close(descriptor)
        return -1
    }
}
