/// One word of graph text.
struct Token: Sendable {
    /// What sort of word it is.
    enum Kind: Sendable, Equatable {
        /// `module`, `f32`, `dot`.
        case identifier
        /// `%image`; its text is `image`.
        case value
        /// `@train`; its text is `train`, or what the quotes hold.
        case symbol
        /// `#hidden`; its text is `hidden`.
        case place
        /// `12`, `1e-05`, `0x7fc0`; its text may turn out not to be a number.
        case number
        /// `"image"`; its text is what the quotes hold.
        case string
        /// `| int x;`, to the end of the line; its text is what follows the bar and a blank.
        case line
        /// One character, or `...`.
        case punctuation
        /// The end of the text.
        case end
    }

    var kind: Kind
    var text: String
    /// The bytes it takes in the source.
    var range: Range<Int>

    /// How it is named in messages.
    var description: String {
        switch kind {
        case .identifier, .number, .punctuation: "'\(text)'"
        case .value: "'%\(text)'"
        case .symbol: "'@\(text)'"
        case .place: "'#\(text)'"
        case .string: "a string"
        case .line: "a line of code"
        case .end: "the end of the text"
        }
    }
}

/// Splits graph text into words; blanks and `//` comments separate them.
struct Lexer: Sendable {
    let source: SourceText
    private var at = 0

    init(_ source: SourceText) { self.source = source }

    private func peek(_ ahead: Int = 0) -> UInt8? {
        at + ahead < source.bytes.count ? source.bytes[at + ahead] : nil
    }

    /// The next word.
    mutating func next() throws -> Token {
        skipBlanks()
        let start = at
        guard let byte = peek() else { return Token(kind: .end, text: "", range: start..<start) }
        switch byte {
        case _ where Identifier.isHead(byte): return word(.identifier, from: start)
        case _ where Identifier.isDigit(byte): return number()
        case UInt8(ascii: "%"): return try sigil(.value)
        case UInt8(ascii: "#"): return try sigil(.place)
        case UInt8(ascii: "@"):
            if peek(1) == UInt8(ascii: "\"") {
                at += 1
                return Token(kind: .symbol, text: try string(), range: start..<at)
            }
            return try sigil(.symbol)
        case UInt8(ascii: "\""): return Token(kind: .string, text: try string(), range: start..<at)
        case UInt8(ascii: "|"): return line()
        case UInt8(ascii: "."):
            guard peek(1) == byte, peek(2) == byte else { throw unexpected() }
            at += 3
            return Token(kind: .punctuation, text: "...", range: start..<at)
        case _ where "{}()[],:=*+-".utf8.contains(byte):
            at += 1
            return Token(kind: .punctuation, text: source[start..<at], range: start..<at)
        default: throw unexpected()
        }
    }

    private func unexpected() -> ParseError {
        var end = at + 1
        while end < source.bytes.count, source.bytes[end] & 0xc0 == 0x80 { end += 1 }
        return source.error(at: at..<end, "unexpected character '\(source[at..<end])'")
    }

    private mutating func skipBlanks() {
        while let byte = peek() {
            if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n")
                || byte == UInt8(ascii: "\r")
            {
                at += 1
            } else if byte == UInt8(ascii: "/"), peek(1) == byte {
                while let other = peek(), other != UInt8(ascii: "\n") { at += 1 }
            } else {
                return
            }
        }
    }

    private mutating func word(_ kind: Token.Kind, from start: Int, dots: Bool = false) -> Token {
        let textStart = at
        while let byte = peek(), Identifier.isBody(byte) || (dots && byte == UInt8(ascii: ".")) { at += 1 }
        return Token(kind: kind, text: source[textStart..<at], range: start..<at)
    }

    private mutating func sigil(_ kind: Token.Kind) throws -> Token {
        let start = at
        at += 1
        let token = word(kind, from: start, dots: kind == .place)
        guard !token.text.isEmpty else {
            throw source.error(at: start..<at, "expected a name after '\(source[start..<at])'")
        }
        return token
    }

    private mutating func number() -> Token {
        let start = at
        let isHexadecimal =
            peek() == UInt8(ascii: "0") && (peek(1) == UInt8(ascii: "x") || peek(1) == UInt8(ascii: "X"))
        while let byte = peek() {
            let isExponent = !isHexadecimal && (byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E"))
            if isExponent, let sign = peek(1), sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+"),
                let digit = peek(2), Identifier.isDigit(digit)
            {
                at += 2
            } else if Identifier.isBody(byte) {
                at += 1
            } else if byte == UInt8(ascii: "."), let digit = peek(1), Identifier.isDigit(digit) {
                at += 1
            } else {
                break
            }
        }
        return Token(kind: .number, text: source[start..<at], range: start..<at)
    }

    /// What stands behind a bar, to the end of the line.
    private mutating func line() -> Token {
        let start = at
        at += 1
        if peek() == UInt8(ascii: " ") { at += 1 }
        let textStart = at
        while let byte = peek(), byte != UInt8(ascii: "\n") { at += 1 }
        let end = at > textStart && source.bytes[at - 1] == UInt8(ascii: "\r") ? at - 1 : at
        return Token(kind: .line, text: source[textStart..<end], range: start..<at)
    }

    /// The contents of a quoted string.
    private mutating func string() throws -> String {
        let start = at
        at += 1
        var text: [UInt8] = []
        while let byte = peek(), byte != UInt8(ascii: "\n") {
            at += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
            if byte == UInt8(ascii: "\\") { text += try escape().utf8 } else { text.append(byte) }
        }
        throw source.error(
            at: start..<at, "the string is not closed", remedy: "end it with '\"' on the same line")
    }

    /// What a backslash and the characters after it stand for.
    private mutating func escape() throws -> String {
        let start = at - 1
        let byte = peek()
        at += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u") where peek() == UInt8(ascii: "{"):
            at += 1
            let digits = at
            while let byte = peek(), Identifier.isBody(byte) { at += 1 }
            let scalar = UInt32(source[digits..<at], radix: 16).flatMap(Unicode.Scalar.init)
            if peek() == UInt8(ascii: "}"), let scalar {
                at += 1
                return String(Character(scalar))
            }
        default: break
        }
        at = min(at, source.bytes.count)
        throw source.error(
            at: start..<at, "unknown escape in the string",
            remedy: "the escapes are \\\", \\\\, \\n, \\r, \\t and \\u{…} with hexadecimal digits")
    }
}
