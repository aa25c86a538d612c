import CustomCode

extension GraphFunction {
    /// The user's code that operations call, in bodies too, in order of first use.
    func customCodes() -> [CustomCode] {
        var codes: [CustomCode] = []
        for op in ops {
            for attribute in op.attributes.values {
                switch attribute {
                case .code(let code): codes.append(code)
                case .function(let body): codes += body.customCodes()
                default: continue
                }
            }
        }
        return codes
    }
}

extension GraphModule {
    /// The user's code that operations call, in order of first use, each once.
    public var customCodes: [CustomCode] {
        var codes: [CustomCode] = []
        for code in functions.flatMap({ $0.customCodes() }) where !codes.contains(code) { codes.append(code) }
        return codes
    }

    /// An error for each name that two different codes have: text and libraries could not tell them apart.
    var clashingCodes: [GraphError] {
        let names = customCodes.map(\.name)
        return Set(names).sorted().filter { name in names.count { $0 == name } > 1 }.map { name in
            GraphError(
                "there are two custom operations called '\(name)' whose code differs", place: "module @\(self.name)",
                remedy: "give each its own name")
        }
    }
}

extension CustomCode {
    /// The text of its declaration:
    ///
    ///     code @twice c divided {
    ///       | #include <strata_operation.h>
    ///       …
    ///     }
    func declaration(indent: String) -> String {
        var text = "\(indent)code @\(name) \(language.rawValue)"
        if isDividedByRows { text += " divided" }
        if !flags.isEmpty { text += " flags " + flags.map(StringText.quoted).joined(separator: ", ") }
        text += " {\n"
        for line in source.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
            text += "\(indent)  |" + (line.isEmpty ? "" : " \(Substring(line))") + "\n"
        }
        return text + "\(indent)}\n"
    }
}

extension Parser {
    /// `code @twice c divided flags "-I/usr/include" { | … }`.
    mutating func parseCode() throws {
        try advance()
        let name = try expect(.symbol, "the name of the code such as '@softclip'")
        guard codes[name.text] == nil else {
            throw failure("duplicate code '@\(name.text)'", at: name, remedy: "give each its own name")
        }
        guard Identifier.isValid(name.text) else {
            throw failure(
                "'@\(name.text)' cannot name code", at: name, remedy: "use letters, digits and underscores")
        }
        let languages = CustomCode.Language.allCases.map(\.rawValue)
        guard token.kind == .identifier, let language = CustomCode.Language(rawValue: token.text) else {
            throw unexpected("the language of the code (\(languages.joined(separator: ", ")))")
        }
        try advance()
        let isDivided = try take(keyword: "divided")
        var flags: [String] = []
        if try take(keyword: "flags") {
            repeat {
                flags.append(try expect(.string, "an argument of the compiler in quotes").text)
            } while try take(",")
        }
        let opening = try expect("{", "and the lines of the code, each after '|'")
        var source = ""
        while token.kind == .line { source += try advance().text + "\n" }
        guard token.kind != .end else { throw notClosed("code", opening) }
        try expect("}", "or another line after '|'")
        codes[name.text] = CustomCode(
            name: name.text, language: language, source: source, flags: flags, isDividedByRows: isDivided)
    }

    /// `@softclip`, declared before.
    mutating func parseCodeName(_ what: String) throws -> CustomCode {
        let name = try expect(.symbol, what)
        guard let code = codes[name.text] else {
            throw failure(
                "undefined code '@\(name.text)'", at: name,
                remedy: Spelling.suggestion(for: name.text, among: codes.keys.sorted())
                    ?? "declare it before the function: code @\(name.text) c { … }")
        }
        return code
    }
}
