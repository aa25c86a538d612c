/// A pattern for the paths of parameters: `*` stands for any characters, `/` included; all others for themselves.
///
/// `"*bias"` matches every bias, `"encoder/*"` all that is below the property `encoder`.
public struct NamePattern: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The pattern's text.
    public let description: String

    /// Makes a pattern.
    public init(_ text: String) { description = text }

    /// Makes a pattern.
    public init(stringLiteral text: String) { description = text }

    /// Whether the whole path fits the pattern.
    public func matches(_ path: String) -> Bool {
        let (pattern, text) = (Array(description.utf8), Array(path.utf8))
        let star = UInt8(ascii: "*")
        var (at, position) = (0, 0)
        // Where to go on when the text that the last star stands for has to grow.
        var retry: (pattern: Int, text: Int)?
        while position < text.count {
            if at < pattern.count, pattern[at] == star {
                retry = (at + 1, position)
                at += 1
            } else if at < pattern.count, pattern[at] == text[position] {
                at += 1
                position += 1
            } else if let last = retry {
                retry = (last.pattern, last.text + 1)
                (at, position) = (last.pattern, last.text + 1)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == star }
    }
}

extension Collection where Element == NamePattern {
    /// Whether the path fits one of the patterns.
    public func matches(_ path: String) -> Bool { contains { $0.matches(path) } }
}
