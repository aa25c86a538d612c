import CLLVM

/// Files that a result depends on, each known by its path, size and time of change.
public struct FileIdentity: Sendable, Hashable {
    /// Path, size and time in one line.
    public let text: String

    /// The file at `path`, as it is now; throws a `ProgramError` when it can't be read.
    public init(path: String) throws { text = try FileBytes.identity(of: path) }

    /// A file as it was when its `text` was written.
    public init(text: String) { self.text = text }

    /// Whether the file is still that one.
    public var isCurrent: Bool {
        let path = text.split(separator: " ").dropLast(2).joined(separator: " ")
        return (try? FileBytes.identity(of: path)) == text
    }

    /// The code that runs now: the program, and the library or test bundle that Strata is part of.
    public static func ofThisProgram() throws -> [FileIdentity] {
        let paths = ["/proc/self/exe"] + (strata_file_of_code(#dsohandle).map { [String(cString: $0)] } ?? [])
        return try paths.map(FileIdentity.init(path:))
    }
}
