import Glibc

/// What the program prints.
enum Standard {
    /// Prints text that already ends its lines.
    static func output(_ text: String) { print(text, terminator: "") }

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
