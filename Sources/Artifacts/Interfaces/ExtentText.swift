/// Extents of a type as expressions of a programming language.
enum ExtentText {
    /// The extents in a type such as `f32[B, 2*B+1]`.
    static func extents(of type: String) -> [Substring] {
        guard let open = type.firstIndex(of: "["), let close = type.lastIndex(of: "]") else { return [] }
        return type[type.index(after: open)..<close].split { $0 == "," || $0 == " " }
    }

    /// The number of elements of a type, a product of its extents in which dimensions go by other names.
    ///
    /// `one` is what the product begins with where it must not be computed in a narrow type.
    static func count(of type: String, names: [String: String], one: String? = nil) -> String {
        let factors = (one.map { [$0] } ?? []) + extents(of: type).map { factor($0, names: names) }
        return factors.isEmpty ? "1" : factors.joined(separator: " * ")
    }

    /// An extent, in parentheses where it is more than a number or a name.
    private static func factor(_ extent: Substring, names: [String: String]) -> String {
        var text = ""
        var word = ""
        func flush() {
            text += names[word] ?? word
            word = ""
        }
        for character in extent {
            if character.isLetter || character.isNumber || character == "_" {
                word.append(character)
            } else {
                flush()
                text += " \(character) "
            }
        }
        flush()
        return text.contains(" ") ? "(\(text))" : text
    }
}
