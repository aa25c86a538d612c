import Execution
import FoundationEssentials
import Glibc
import HostTensors

/// Keeps a second process from training in a model directory while this value lives.
final class ModelDirectoryLock {
    private let descriptor: Int32

    /// Makes the directory if needed and locks it; throws when another process trains in it.
    init(directory: String) throws {
        var obstacle = ENOENT
        do { try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true) } catch {
            if errno != EEXIST { obstacle = errno }
        }
        descriptor = open("\(directory)/.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            // A folder that is not there is no news: what matters is why it could not be made.
            throw ExecutionError(
                place: directory, expected: "a model directory that can be written",
                actual: "\"\(String(cString: strerror(errno == ENOENT ? obstacle : errno)))\"",
                remedy: "check the path and its permissions")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            close(descriptor)
            guard reason == EWOULDBLOCK else {
                throw ExecutionError(
                    place: directory, expected: "a file system on which files can be locked",
                    actual: "\"\(String(cString: strerror(reason)))\"", remedy: "use a model directory on another")
            }
            throw ExecutionError(
                place: directory, expected: "one training in a model directory at a time", actual: "a second one",
                remedy: "wait for the other to end, or use another model directory")
        }
    }

    deinit {
        // A process that is just being started has a copy of the descriptor for a moment, which would hold the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
