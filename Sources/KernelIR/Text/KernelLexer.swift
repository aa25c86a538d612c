/// One word of kernel text.
struct KernelToken {
    /// What sort of word it is.
    enum Kind {
        /// `tile`, `acc`, `add.f32`.
        case word
        /// `%x`; its text is `x`.
        case buffer
        /// `@dense`; its text is `dense`.
        case symbol
        /// Digits, possibly with a fraction and an exponent.
        case number
        /// What quotes hold.
        case string
        /// One character, or `..<`.
        case mark
        /// The end of the text.
        case end
    }

    let kind: Kind
    let text: String
    /// The byte it begins at.
    let start: Int

    var shown: String {
        switch kind {
        case .buffer: "'%\(text)'"
        case .symbol: "'@\(text)'"
        case .string: "a string"
        case .end: "the end of the text"
        case .word, .number, .mark: "'\(text)'"
        }
    }
}

/// Splits kernel text into words; blanks and `//` comments separate them.
struct KernelLexer {
    let source: String
    let bytes: [UInt8]
    private var at = 0

    init(_ text: String, source: String) {
        self.source = source
        self.bytes = Array(text.utf8)
    }

    /// All words, the last one the end.
    static func tokens(_ text: String, source: String) throws -> [KernelToken] {
        var lexer = KernelLexer(text, source: source)
        var tokens: [KernelToken] = []
        repeat { tokens.append(try lexer.next()) } while tokens[tokens.count - 1].kind != .end
        return tokens
    }

    func error(at start: Int, _ message: String) -> KernelTextError {
        let newline = UInt8(ascii: "\n")
        let lineStart = bytes[..<start].lastIndex(of: newline).map { $0 + 1 } ?? 0
        let lineEnd = bytes[start...].firstIndex(of: newline) ?? bytes.count
        return KernelTextError(
            source: source, line: 1 + bytes[..<start].count { $0 == newline }, column: start - lineStart + 1,
            sourceLine: String(decoding: bytes[lineStart..<lineEnd], as: UTF8.self), message: message)
    }

    private func byte(_ ahead: Int = 0) -> UInt8 { at + ahead < bytes.count ? bytes[at + ahead] : 0 }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isHead(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_")
    }

    private mutating func next() throws -> KernelToken {
        skipBlanks()
        let start = at
        guard at < bytes.count else { return KernelToken(kind: .end, text: "", start: start) }
        let first = bytes[at]
        if Self.isHead(first) { return word(.word, from: start) }
        if Self.isDigit(first) { return number() }
        if first == UInt8(ascii: "\"") { return try string() }
        if first == UInt8(ascii: "%") || first == UInt8(ascii: "@") {
            at += 1
            let named = word(first == UInt8(ascii: "%") ? .buffer : .symbol, from: start)
            guard !named.text.isEmpty else {
                throw error(at: start, "expected a name after '\(Character(Unicode.Scalar(first)))'")
            }
            return named
        }
        if bytes[at...].starts(with: "..<".utf8) {
            at += 3
            return KernelToken(kind: .mark, text: "..<", start: start)
        }
        guard "{}()[],:=*+-<".utf8.contains(first) else {
            throw error(at: start, "unexpected character")
        }
        at += 1
        return KernelToken(kind: .mark, text: String(Character(Unicode.Scalar(first))), start: start)
    }

    private mutating func skipBlanks() {
        while at < bytes.count {
            if " \t\r\n".utf8.contains(bytes[at]) {
                at += 1
            } else if byte() == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "/") {
                while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { at += 1 }
            } else {
                return
            }
        }
    }

    private mutating func word(_ kind: KernelToken.Kind, from start: Int) -> KernelToken {
        let textStart = at
        while Self.isHead(byte()) || Self.isDigit(byte())
            || (byte() == UInt8(ascii: ".") && (Self.isHead(byte(1)) || Self.isDigit(byte(1))))
        { at += 1 }
        return KernelToken(kind: kind, text: String(decoding: bytes[textStart..<at], as: UTF8.self), start: start)
    }

    private mutating func number() -> KernelToken {
        let start = at
        while Self.isDigit(byte()) || (byte() == UInt8(ascii: ".") && Self.isDigit(byte(1))) { at += 1 }
        if byte() | 0x20 == UInt8(ascii: "e") {
            let sign = byte(1) == UInt8(ascii: "-") || byte(1) == UInt8(ascii: "+")
            if Self.isDigit(byte(sign ? 2 : 1)) {
                at += sign ? 2 : 1
                while Self.isDigit(byte()) { at += 1 }
            }
        }
        return KernelToken(kind: .number, text: String(decoding: bytes[start..<at], as: UTF8.self), start: start)
    }

    private mutating func string() throws -> KernelToken {
        let start = at
        at += 1
        var text: [UInt8] = []
        while at < bytes.count, byte() != UInt8(ascii: "\n") {
            let next = byte()
            at += 1
            if next == UInt8(ascii: "\"") {
                return KernelToken(kind: .string, text: String(decoding: text, as: UTF8.self), start: start)
            }
            guard next == UInt8(ascii: "\\") else {
                text.append(next)
                continue
            }
            switch byte() {
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append(byte())
            default: throw error(at: at - 1, "unknown escape in the string")
            }
            at += 1
        }
        throw error(at: start, "the string is not closed on its line")
    }
}
