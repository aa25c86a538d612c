/// What is wrong with graph text, and where: shown with the line and a caret under the place.
public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file, or a name for text that came from elsewhere.
    public var source: String
    /// The line, from 1.
    public var line: Int
    /// The column, in characters from 1.
    public var column: Int
    /// How many characters the place covers, at least 1.
    public var length: Int
    /// The text of that line.
    public var sourceLine: String
    /// What is wrong: what was expected and what was found.
    public var message: String
    /// How to mend it.
    public var remedy: String?

    /// `source:line:column: message; remedy`, the line, and a caret line under it.
    public var description: String {
        let number = String(line)
        let margin = String(repeating: " ", count: number.count)
        let (shown, offset) = window()
        let pad = String(shown.prefix(offset).map { $0 == "\t" ? "\t" : " " })
        let caret = "^" + String(repeating: "~", count: max(0, min(length, shown.count - offset) - 1))
        return """
            \(source):\(line):\(column): \(message)\(remedy.map { "; \($0)" } ?? "")
            \(number) | \(shown)
            \(margin) | \(pad)\(caret)
            """
    }

    /// The part of the line that fits on a screen, and where the place is in it.
    private func window() -> (text: String, offset: Int) {
        let characters = Array(sourceLine)
        let offset = min(column - 1, characters.count)
        guard characters.count > 160 else { return (sourceLine, offset) }
        let start = max(0, min(offset - 60, characters.count - 120))
        let end = min(characters.count, start + 120)
        let head = start > 0 ? "…" : ""
        let tail = end < characters.count ? "…" : ""
        return (head + String(characters[start..<end]) + tail, offset - start + head.count)
    }
}

/// Graph text with the means to say where in it something is.
struct SourceText: Sendable {
    /// The file's name.
    let name: String
    /// The UTF-8 bytes.
    let bytes: [UInt8]

    init(name: String, text: String) {
        self.name = name
        self.bytes = Array(text.utf8)
    }

    /// The text of a byte range.
    subscript(range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// An error at a byte range.
    func error(at range: Range<Int>, _ message: String, remedy: String? = nil) -> ParseError {
        let newline = UInt8(ascii: "\n")
        let at = min(range.lowerBound, bytes.count)
        let start = bytes[..<at].lastIndex(of: newline).map { $0 + 1 } ?? 0
        let end = bytes[at...].firstIndex(of: newline) ?? bytes.count
        let line = 1 + bytes[..<at].count { $0 == newline }
        return ParseError(
            source: name, line: line, column: self[start..<at].count + 1,
            length: max(1, self[at..<max(at, min(range.upperBound, end))].count),
            sourceLine: self[start..<end].filter { $0 != "\r" && $0 != "\r\n" }, message: message, remedy: remedy)
    }
}
