/// What counts as a name in graph text.
package enum Identifier {
    /// Whether `text` is a letter or underscore followed by letters, digits and underscores (ASCII).
    package static func isValid(_ text: String) -> Bool {
        guard let first = text.utf8.first, isHead(first) else { return false }
        return text.utf8.allSatisfy(isBody)
    }

    /// Whether a name may begin with this byte.
    static func isHead(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || byte == UInt8(ascii: "_")
    }

    /// Whether a name may go on with this byte.
    static func isBody(_ byte: UInt8) -> Bool { isHead(byte) || isDigit(byte) }

    /// Whether the byte is a decimal digit.
    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// `text` with every other character replaced by `_`, and slashes by dots: a place's name.
    static func sanitised(_ text: String) -> String {
        var name = ""
        for scalar in text.unicodeScalars {
            if scalar == "/" || scalar == "." {
                name += "."
            } else if scalar.isASCII, isBody(UInt8(scalar.value)) {
                name.unicodeScalars.append(scalar)
            } else {
                name += "_"
            }
        }
        return name
    }
}
