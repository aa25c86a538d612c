/// A JSON value (RFC 8259) that keeps the order of its members and where each value begins.
package struct JSON {
    /// A member of an object.
    package typealias Member = (name: String, nameOffset: Int, value: JSON)

    package enum Content {
        case null
        case boolean(Bool)
        /// The digits as written.
        case number(String)
        case string(String)
        case array([JSON])
        case object([Member])
        /// A value that was not looked into, at these bytes of the text: it may be no JSON.
        case unread(Range<Int>)
    }

    package var content: Content
    /// The value's first byte in the text.
    package var offset: Int

    /// The value's kind in words.
    package var kind: String {
        switch content {
        case .null: "null"
        case .boolean: "a boolean"
        case .number(let digits): "the number \(digits)"
        case .string(let text): "the string \"\(text)\""
        case .array: "an array"
        case .object: "an object"
        case .unread: "a value"
        }
    }

    /// The integer this value is; nil if it is none, or does not fit.
    package var integer: Int? {
        if case .number(let digits) = content { Int(digits) } else { nil }
    }

    /// `text` as a JSON string with its quotes.
    package static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{8}": result += "\\b"
            case "\u{c}": result += "\\f"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

/// Why a text is not JSON.
package struct JSONFailure: Error {
    package let offset: Int
    package let expected: String
    package let actual: String
}

/// Reads one JSON text: strict, with a bound on nesting and no duplicate names.
package struct JSONParser {
    private static let deepestNesting = 64

    private let text: UnsafeRawBufferPointer
    private var position = 0
    private var depth = 0

    /// Names of members whose values are passed over.
    private let unread: Set<String>

    /// The value that `text` holds, with nothing but blanks around it; members of the names in `unread` are left to the caller.
    package static func parse(
        _ text: UnsafeRawBufferPointer, unread: Set<String> = []
    ) throws(JSONFailure) -> JSON {
        var parser = JSONParser(text: text, unread: unread)
        let value = try parser.value()
        if let byte = parser.next() { throw parser.unexpected(byte, expected: "the end of the text") }
        return value
    }

    private init(text: UnsafeRawBufferPointer, unread: Set<String>) { (self.text, self.unread) = (text, unread) }

    private func unexpected(_ byte: UInt8?, expected: String) -> JSONFailure {
        let actual =
            switch byte {
            case nil: "the end of the text"
            case .some(let byte) where (0x20..<0x7f).contains(byte): "'\(Character(UnicodeScalar(byte)))'"
            case .some(let byte): "byte 0x\(String(byte, radix: 16))"
            }
        return JSONFailure(offset: position, expected: expected, actual: actual)
    }

    /// The next byte that is not blank, still to be read; nil at the end.
    private mutating func next() -> UInt8? {
        while position < text.count {
            switch text[position] {
            case 0x20, 0x09, 0x0a, 0x0d: position += 1
            default: return text[position]
            }
        }
        return nil
    }

    private mutating func value() throws(JSONFailure) -> JSON {
        let first = next()
        let offset = position
        let content: JSON.Content
        switch first {
        case UInt8(ascii: "{"): content = .object(try object())
        case UInt8(ascii: "["): content = .array(try array())
        case UInt8(ascii: "\""): content = .string(try string())
        case UInt8(ascii: "t"): content = try word("true", .boolean(true))
        case UInt8(ascii: "f"): content = try word("false", .boolean(false))
        case UInt8(ascii: "n"): content = try word("null", .null)
        case UInt8(ascii: "-"), .some(0x30...0x39): content = .number(try number())
        default: throw unexpected(first, expected: "a value")
        }
        return JSON(content: content, offset: offset)
    }

    private mutating func word(_ word: StaticString, _ content: JSON.Content) throws(JSONFailure) -> JSON.Content {
        for index in 0..<word.utf8CodeUnitCount {
            guard position < text.count, text[position] == word.utf8Start[index] else {
                throw unexpected(position < text.count ? text[position] : nil, expected: "\(word)")
            }
            position += 1
        }
        return content
    }

    private mutating func number() throws(JSONFailure) -> String {
        let start = position
        if text[position] == UInt8(ascii: "-") { position += 1 }
        let firstDigit = position
        try digits()
        if text[firstDigit] == UInt8(ascii: "0"), position > firstDigit + 1 {
            position = firstDigit + 1
            throw unexpected(text[position], expected: "no digit after a leading 0")
        }
        if position < text.count, text[position] == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if position < text.count, text[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < text.count, text[position] == UInt8(ascii: "+") || text[position] == UInt8(ascii: "-") {
                position += 1
            }
            try digits()
        }
        return String(decoding: text[start..<position], as: UTF8.self)
    }

    private mutating func digits() throws(JSONFailure) {
        let start = position
        while position < text.count, (0x30...0x39).contains(text[position]) { position += 1 }
        if position == start {
            throw unexpected(position < text.count ? text[position] : nil, expected: "a digit")
        }
    }

    private mutating func enter() throws(JSONFailure) {
        guard depth < Self.deepestNesting else {
            throw JSONFailure(
                offset: position, expected: "at most \(Self.deepestNesting) nested values", actual: "more")
        }
        depth += 1
        position += 1
    }

    private mutating func array() throws(JSONFailure) -> [JSON] {
        try enter()
        defer { depth -= 1 }
        var elements: [JSON] = []
        if next() == UInt8(ascii: "]") {
            position += 1
            return elements
        }
        while true {
            elements.append(try value())
            let separator = next()
            switch separator {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "]"):
                position += 1
                return elements
            default: throw unexpected(separator, expected: "',' or ']'")
            }
        }
    }

    private mutating func object() throws(JSONFailure) -> [JSON.Member] {
        try enter()
        defer { depth -= 1 }
        var members: [JSON.Member] = []
        var names: Set<String> = []
        if next() == UInt8(ascii: "}") {
            position += 1
            return members
        }
        while true {
            let quote = next()
            guard quote == UInt8(ascii: "\"") else { throw unexpected(quote, expected: "a name in quotes") }
            let nameOffset = position
            let name = try string()
            guard names.insert(name).inserted else {
                throw JSONFailure(offset: nameOffset, expected: "each name once", actual: "\"\(name)\" again")
            }
            let colon = next()
            guard colon == UInt8(ascii: ":") else { throw unexpected(colon, expected: "':'") }
            position += 1
            members.append((name, nameOffset, unread.contains(name) ? try unreadValue() : try value()))
            let separator = next()
            switch separator {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "}"):
                position += 1
                return members
            default: throw unexpected(separator, expected: "',' or '}'")
            }
        }
    }

    /// Passes over a value by its brackets and quotes.
    private mutating func unreadValue() throws(JSONFailure) -> JSON {
        guard let first = next() else { throw unexpected(nil, expected: "a value") }
        guard first == UInt8(ascii: "[") || first == UInt8(ascii: "{") else { return try value() }
        let start = position
        var open = 0
        var isInString = false
        while position < text.count {
            let byte = text[position]
            position += 1
            if isInString {
                if byte == UInt8(ascii: "\\") { position += 1 }
                if byte == UInt8(ascii: "\"") { isInString = false }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "["), UInt8(ascii: "{"): open += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                open -= 1
                if open == 0 { return JSON(content: .unread(start..<position), offset: start) }
            default: break
            }
        }
        position = text.count
        throw unexpected(nil, expected: "the end of the value that begins at byte \(start)")
    }

    private mutating func string() throws(JSONFailure) -> String {
        let start = position
        position += 1
        var bytes: [UInt8] = []
        while true {
            guard position < text.count else { throw unexpected(nil, expected: "a closing quote") }
            let byte = text[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                guard let string = String(validating: bytes, as: UTF8.self) else {
                    throw JSONFailure(offset: start, expected: "UTF-8", actual: "other bytes")
                }
                return string
            case UInt8(ascii: "\\"):
                position += 1
                bytes += try escape()
            case 0..<0x20: throw unexpected(byte, expected: "an escape for a control character")
            default:
                bytes.append(byte)
                position += 1
            }
        }
    }

    /// The UTF-8 bytes of the escape whose backslash has been read.
    private mutating func escape() throws(JSONFailure) -> [UInt8] {
        guard position < text.count else { throw unexpected(nil, expected: "an escape") }
        let byte = text[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0c]
        case UInt8(ascii: "n"): return [0x0a]
        case UInt8(ascii: "r"): return [0x0d]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return try unicodeEscape()
        default:
            position -= 1
            throw unexpected(byte, expected: "one of \" \\ / b f n r t u after a backslash")
        }
    }

    private mutating func unicodeEscape() throws(JSONFailure) -> [UInt8] {
        let start = position - 2  // the backslash
        var code = try fourHexadecimalDigits()
        if (0xd800..<0xdc00).contains(code), position + 1 < text.count, text[position] == UInt8(ascii: "\\"),
            text[position + 1] == UInt8(ascii: "u")
        {
            position += 2
            let low = try fourHexadecimalDigits()
            guard (0xdc00..<0xe000).contains(low) else {
                throw JSONFailure(offset: start, expected: "a pair of surrogates", actual: "a single one")
            }
            code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
        }
        guard let scalar = UnicodeScalar(code) else {
            throw JSONFailure(offset: start, expected: "a pair of surrogates", actual: "a single one")
        }
        return Array(String(Character(scalar)).utf8)
    }

    private mutating func fourHexadecimalDigits() throws(JSONFailure) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            let byte = position < text.count ? text[position] : nil
            guard let byte, let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
                throw unexpected(byte, expected: "four hexadecimal digits")
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }
}
