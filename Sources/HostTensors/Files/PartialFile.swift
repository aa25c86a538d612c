import Glibc

/// Files `TARGET.partial-N`, in which what will be at `TARGET` is written.
///
/// Each has one writer, who keeps it locked. What a killed process has left of one is locked by nobody, and the next that
/// writes the same target removes it.
public enum PartialFile {
    /// Makes an empty one and opens it for writing; nil, with the reason in `errno`, where that can't be.
    ///
    /// It stays the caller's until the descriptor is closed, which is to be after it was renamed or removed.
    public static func create(
        beside target: String, permissions: mode_t
    ) -> (descriptor: Int32, path: String)? {
        for number in 0..<1000 {
            let path = name(target, number)
            removeAbandoned(path)
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions)
            guard descriptor >= 0 else {
                if errno == EEXIST { continue }
                return nil
            }
            // Between the two calls another may have found it unlocked, and have removed it.
            guard lock(descriptor), isThere(descriptor, path) else {
                close(descriptor)
                continue
            }
            var next = number + 1
            while removeAbandoned(name(target, next)) { next += 1 }
            return (descriptor, path)
        }
        errno = EEXIST
        return nil
    }

    private static func name(_ target: String, _ number: Int) -> String { "\(target).partial-\(number)" }

    /// Removes a file that nobody has locked; says whether there was one.
    @discardableResult
    private static func removeAbandoned(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, isThere(descriptor, path) else { return false }
        return unlink(path) == 0
    }

    /// Locks a file; a file system without locks has none that are removed either.
    private static func lock(_ descriptor: Int32) -> Bool {
        flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK
    }

    /// Whether a path names the regular file that is open.
    private static func isThere(_ descriptor: Int32, _ path: String) -> Bool {
        var (opened, named) = (stat(), stat())
        return fstat(descriptor, &opened) == 0 && lstat(path, &named) == 0 && opened.st_mode & S_IFMT == S_IFREG
            && opened.st_dev == named.st_dev && opened.st_ino == named.st_ino
    }
}
