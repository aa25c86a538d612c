/// Texts as words of a shell.
public enum ShellText {
    /// A text that a POSIX shell reads as one word, whatever is in it.
    public static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            LaunchJob.isLetter(byte) || LaunchJob.isDigit(byte) || "_-./:=,+@%".utf8.contains(byte)
        }
        if isPlain, !text.isEmpty { return text }
        return "'" + text.replacing("'", with: #"'\''"#) + "'"
    }

    /// A command line of words.
    public static func quoted(_ words: [String]) -> String { words.map(quoted).joined(separator: " ") }
}

/// Texts as scalars of YAML.
package enum YAMLText {
    /// A text in double quotes, on one line, in which all that YAML or a terminal could take for something else is escaped.
    package static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += #"\""#
            case "\\": result += #"\\"#
            case "\n": result += #"\n"#
            case "\t": result += #"\t"#
            default:
                if isPlain(scalar) { result.unicodeScalars.append(scalar) } else { result += escaped(scalar) }
            }
        }
        return result + "\""
    }

    /// Whether a character may stand for itself: neither control, nor a line's or a page's end, nor a mark of byte order.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
