import Foundation
import Synchronization

/// Runs other programs, and waits for them with what they print.
public enum Subprocess {
    /// How a program ended, and what it printed.
    public struct Outcome: Sendable, Hashable {
        /// The exit status, or nil when a signal ended the program.
        public let exitStatus: Int32?
        /// The signal that ended the program, or nil when it exited.
        public let signal: Int32?
        /// All that the program wrote to its standard output.
        public let standardOutput: [UInt8]
        /// All that the program wrote to its standard error, as text.
        public let standardError: String

        /// Whether the program exited with status 0.
        public var isSuccess: Bool { exitStatus == 0 }
        /// The standard output as text.
        public var output: String { String(decoding: standardOutput, as: UTF8.self) }
    }

    /// Runs the program at `path`, with no standard input, and waits for its end.
    ///
    /// - Parameters:
    ///   - path: the program's file; no search path is looked at.
    ///   - arguments: its arguments, without the program's own name.
    ///   - environment: its whole environment, or nil for this process's.
    /// - Throws: `ProgramError.cannotStart`. A program that starts and then fails is an outcome, not an error.
    public static func run(
        _ path: String, _ arguments: [String], environment: [String: String]? = nil
    ) throws -> Outcome {
        // One at a time, so that no other program starts while a pipe's ends can still be inherited.
        let (process, output, error) = try starting.withLock { _ in
            let output = try PipeEnds(for: path)
            let error = try PipeEnds(for: path)
            return (try spawn(path, arguments, environment, output: output, error: error), output, error)
        }
        output.closeWriteEnd()
        error.closeWriteEnd()
        let printed = withExtendedLifetime((output, error)) { readAll(output.readEnd, error.readEnd) }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        let signal = status & 0x7f
        return Outcome(
            exitStatus: signal == 0 ? (status >> 8) & 0xff : nil, signal: signal == 0 ? nil : signal,
            standardOutput: printed.0, standardError: String(decoding: printed.1, as: UTF8.self))
    }

    /// The first executable file called `name` in the folders of `searchPath`.
    public static func find(_ name: String, searchPath: [String] = standardSearchPath) -> String? {
        searchPath.lazy.map { $0 + "/" + name }.first(where: FileBytes.isExecutable)
    }

    /// The folders that a shell would look for programs in.
    public static var standardSearchPath: [String] {
        (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin")
            .split(separator: ":").map(String.init)
    }

    private static let starting = Mutex(())

    private static func spawn(
        _ path: String, _ arguments: [String], _ environment: [String: String]?, output: PipeEnds, error: PipeEnds
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.writeEnd, 1)
        posix_spawn_file_actions_adddup2(&actions, error.writeEnd, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        setDefaultSignals(&attributes)
        let variables = (environment ?? ProcessInfo.processInfo.environment).map { "\($0.key)=\($0.value)" }.sorted()
        var process: pid_t = 0
        let failure = withCStrings([path] + arguments) { arguments in
            withCStrings(variables) { posix_spawn(&process, path, &actions, &attributes, arguments, $0) }
        }
        guard failure == 0 else {
            throw ProgramError.cannotStart(program: path, reason: String(cString: strerror(failure)))
        }
        return process
    }

    /// Signals that this process blocks or ignores are as ever for the program.
    private static func setDefaultSignals(_ attributes: inout posix_spawnattr_t) {
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress.unsafelyUnwrapped) }
    }

    /// Reads two pipes by turns until both are closed, so that a program never waits for either to be emptied.
    private static func readAll(_ first: Int32, _ second: Int32) -> ([UInt8], [UInt8]) {
        var collected: [[UInt8]] = [[], []]
        var waiting = [first, second].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        var chunk = [UInt8](repeating: 0, count: 1 << 14)
        while waiting.contains(where: { $0.fd >= 0 }) {
            if poll(&waiting, nfds_t(waiting.count), -1) < 0 {
                if errno == EINTR { continue }
                break
            }
            for index in waiting.indices where waiting[index].fd >= 0 && waiting[index].revents != 0 {
                let count = read(waiting[index].fd, &chunk, chunk.count)
                if count > 0 {
                    collected[index].append(contentsOf: chunk[..<count])
                } else if count == 0 || errno != EINTR {
                    waiting[index].fd = -1
                }
            }
        }
        return (collected[0], collected[1])
    }
}

/// The two ends of a pipe.
private final class PipeEnds {
    let readEnd: Int32
    private(set) var writeEnd: Int32

    init(for program: String) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ProgramError.cannotStart(program: program, reason: String(cString: strerror(errno)))
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    func closeWriteEnd() {
        if writeEnd >= 0 { close(writeEnd) }
        writeEnd = -1
    }

    deinit {
        closeWriteEnd()
        close(readEnd)
    }
}
