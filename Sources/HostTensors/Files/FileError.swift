/// What is wrong with a file, where, and how to mend it.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Where in a file something is wrong.
    public enum Place: Sendable, Equatable, CustomStringConvertible {
        /// The file as a whole.
        case wholeFile
        /// A byte of the file, counted from 0.
        case byte(Int)
        /// A line, and a column of it in bytes, both counted from 1.
        case line(Int, column: Int)
        /// A named field, such as a header entry, that begins at a byte of the file.
        case field(String, byte: Int)
        /// A byte of a part that is stored packed, such as an archive member, counted in its unpacked bytes.
        case unpacked(String, byte: Int)

        /// The place in words, such as `byte 8`.
        public var description: String {
            switch self {
            case .wholeFile: "the whole file"
            case .byte(let offset): "byte \(offset)"
            case .line(let line, let column): "line \(line), column \(column)"
            case .field(let name, let offset): "\(name) at byte \(offset)"
            case .unpacked(let name, let offset): "byte \(offset) of \(name)"
            }
        }
    }

    /// The file, or a name for bytes that came from elsewhere.
    public let path: String
    /// Where in the file.
    public let place: Place
    /// What would have been right.
    public let expected: String
    /// What was found.
    public let actual: String
    /// What the caller can do.
    public let remedy: String

    /// An error in the file at `path`.
    public init(path: String, place: Place, expected: String, actual: String, remedy: String) {
        self.path = path
        self.place = place
        self.expected = expected
        self.actual = actual
        self.remedy = remedy
    }

    /// `path: place: expected …, found …; remedy`.
    public var description: String { "\(path): \(place): expected \(expected), found \(actual); \(remedy)" }
}
