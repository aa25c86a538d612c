// The C library declares its streams as variables.
@preconcurrency import Glibc

/// What the program prints.
enum Standard {
    /// Prints text that already ends its lines.
    static func output(_ text: String) { print(text, terminator: "") }

    /// Opens the standard streams that the program was started without, so that none of its own files takes their numbers and
    /// gets what is printed.
    static func openClosed() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// Why not all that was printed could be written; nil if it was, or if its reader has gone and wants no more.
    static func outputFailure() -> String? {
        let isFlushed = fflush(stdout) == 0
        // What was written before that failed for a reason that nobody has kept.
        let reason = isFlushed ? "is the disk full?" : String(cString: strerror(errno))
        guard !isFlushed || ferror(stdout) != 0 else { return nil }
        var output = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        let hasReader = poll(&output, 1, 0) < 0 || Int32(output.revents) & POLLERR == 0
        return hasReader ? reason : nil
    }

    /// Prints a line for people that are not programs, after all that was printed before it.
    static func error(_ line: String) {
        fflush(nil)
        var text = line + "\n"
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = write(STDERR_FILENO, rest.baseAddress, rest.count)
                if count <= 0 { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }
}

/// Why a command could not do what it was asked.
struct Failure: Error, CustomStringConvertible {
    /// What is wrong and how to mend it.
    let description: String

    init(_ description: String) { self.description = description }
}
