/// What is wrong with kernel text, and where: shown with the line and a caret under the place.
public struct KernelTextError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file, or a name for text that came from elsewhere.
    public let source: String
    /// The line, from 1.
    public let line: Int
    /// The column, in bytes from 1.
    public let column: Int
    /// The text of that line.
    public let sourceLine: String
    /// What was expected and what was found.
    public let message: String

    /// `source:line:column: message`, the line, and a caret under the place.
    public var description: String {
        let caret = String(repeating: " ", count: column - 1) + "^"
        return "\(source):\(line):\(column): \(message)\n\(sourceLine)\n\(caret)"
    }
}
