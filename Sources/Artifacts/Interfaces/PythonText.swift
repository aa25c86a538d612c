/// Text as Python takes it.
enum PythonText {
    /// A string literal.
    static func literal(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar -> String in
            switch scalar {
            case "\\": "\\\\"
            case "\"": "\\\""
            case _ where scalar.value < 32 || scalar.value == 127:
                "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }
        return "\"" + escaped.joined() + "\""
    }

    /// Free text as a part of a line in a documentation string.
    static func comment(_ text: String) -> String {
        String(text.map { $0.isNewline || $0 == "\\" || $0 == "\"" ? " " : $0 })
    }

    /// An extent: a number, a dimension's name, or a tuple of terms, each a factor and names.
    static func extent(_ text: Substring) -> String {
        if let number = Int(text) { return "\(number)" }
        if CIdentifier.isWord(String(text)) { return literal(String(text)) }
        let terms = text.replacing("-", with: "+-").split(separator: "+").map { term -> String in
            var (factor, names) = (1, [String]())
            for part in term.split(separator: "*") {
                if let number = Int(part) {
                    factor *= number
                } else if part.hasPrefix("-") {
                    factor = -factor
                    names.append(literal(String(part.dropFirst())))
                } else {
                    names.append(literal(String(part)))
                }
            }
            return "(" + (["\(factor)"] + names).map { $0 + "," }.joined(separator: " ") + ")"
        }
        return "(" + terms.map { $0 + "," }.joined(separator: " ") + ")"
    }

    /// Names of parameters: distinct identifiers.
    static func parameters(_ names: [String]) -> [String] { identifiers(names, taken: ["self", "sizes"]) }

    /// Distinct identifiers as near to the names as can be; a taken one gets an underscore.
    static func identifiers(_ names: [String], taken: [String]) -> [String] {
        CIdentifier.distinct(names, underscoring: taken + keywords)
    }

    private static let keywords =
        """
        False None True and as assert async await break class continue def del elif else except finally for from global if \
        import in is lambda match nonlocal not or pass raise return try while with yield
        """.split(separator: " ").map(String.init)
}
