extension GraphModule {
    /// Reads a module from its text; throws `ParseError` for whatever is not well formed, typed and verified.
    ///
    /// `source` names the text in messages; `constants` holds the tensors that the text names by hash.
    public init(text: String, source: String = "graph", constants: ConstantStore = ConstantStore()) throws {
        var parser = try Parser(text: text, source: source, constants: constants)
        self = try parser.parseModule()
    }
}

extension Parser {
    private static let items = ["dim", "state", "code", "func"]

    /// `module v1 @name { … }` and nothing after it.
    mutating func parseModule() throws -> GraphModule {
        try expect(keyword: "module")
        let version = try expect(.identifier, "the version 'v1'")
        guard version.text == "v1" else {
            throw failure("unknown version '\(version.text)' of graph text", at: version, remedy: "write 'v1'")
        }
        module.name = try expect(.symbol, "the module's name such as '@mnist'").text
        let opening = try expect("{")
        var places: [String: Place] = [:]
        while !isAt("}") {
            switch (token.kind, token.text) {
            case (.identifier, "dim"): try parseDim()
            case (.identifier, "state"): try parseState()
            case (.identifier, "code"): try parseCode()
            case (.identifier, "func"): try parseFunction()
            case (.place, _): try parsePlace(&places)
            case (.end, _): throw notClosed("module", opening)
            default:
                throw unexpected(
                    "'dim', 'state', 'code', 'func', a place such as '#hidden', or '}'",
                    remedy: token.kind == .identifier
                        ? Spelling.suggestion(for: token.text, among: Parser.items) : nil)
            }
        }
        try advance()
        guard token.kind == .end else { throw unexpected("nothing after the module") }
        try resolvePlaces(places)
        return module
    }

    /// The error for a block whose end is missing.
    func notClosed(_ what: String, _ opening: Token) -> ParseError {
        let line = source.error(at: opening.range, "").line
        return failure("the \(what) is not closed", remedy: "end it with '}'; it begins in line \(line)")
    }

    /// `dim B in 1...4096 multiple 8`.
    private mutating func parseDim() throws {
        try advance()
        let name = try expect(.identifier, "the dimension's name")
        guard !module.dims.contains(where: { $0.name == name.text }) else {
            throw failure("duplicate dim '\(name.text)'", at: name, remedy: "declare it once")
        }
        try expect(keyword: "in")
        let first = token
        let low = try parseSize("the smallest size")
        try expect("...", "between the smallest and the largest size")
        let high = try parseSize("the largest size")
        guard low <= high else {
            throw failure(
                "the range of '\(name.text)' is empty: \(low)...\(high)", at: first,
                remedy: "write the smaller size first")
        }
        var dim = DimSymbol(name.text, range: low...high)
        if try take(keyword: "multiple") { dim.multiple = try parseSize("the divisor") }
        if let problem = ShapeCheck.problem(with: dim) {
            throw failure(problem.message, at: name, remedy: problem.remedy)
        }
        module.dims.append(dim)
    }

    /// `state %w1 : f32[784,128] parameter "hidden/weight"`.
    private mutating func parseState() throws {
        try advance()
        let name = try expect(.value, "the state's identifier such as '%w1'")
        guard Identifier.isValid(name.text) else {
            throw failure(
                "'%\(name.text)' cannot name a state", at: name, remedy: "begin it with a letter or underscore")
        }
        guard stateIndices[name.text] == nil else {
            throw failure("duplicate state '%\(name.text)'", at: name, remedy: "give each state its own identifier")
        }
        try expect(":", "and the state's type")
        let start = token
        let type = try parseType()
        guard type.constantShape != nil else {
            throw failure(
                "state '%\(name.text)' has the symbolic shape \(type)", at: start,
                remedy: "a state lives across calls, so its sizes must be numbers")
        }
        let roleNames = StateRole.allCases.map(\.rawValue)
        guard token.kind == .identifier, let role = StateRole(rawValue: token.text) else {
            throw unexpected(
                "the state's role (\(roleNames.joined(separator: ", ")))",
                remedy: token.kind == .identifier ? Spelling.suggestion(for: token.text, among: roleNames) : nil)
        }
        try advance()
        let path = try expect(.string, "the state's path such as \"hidden/weight\"")
        guard !module.states.contains(where: { $0.path == path.text }) else {
            throw failure(
                "duplicate state path \"\(path.text)\"", at: path, remedy: "give each state its own path")
        }
        stateIndices[name.text] = module.states.count
        module.states.append(StateDeclaration(name.text, type: type, role: role, path: path.text))
    }

    /// `#hidden = layer "hidden" at "Classifier.swift":14`.
    private mutating func parsePlace(_ places: inout [String: Place]) throws {
        let name = try advance()
        guard places[name.text] == nil else {
            throw failure("duplicate place '#\(name.text)'", at: name, remedy: "define each place once")
        }
        try expect("=")
        guard isAt(keyword: "layer") || isAt(keyword: "at") else {
            throw unexpected("'layer \"path\"' or 'at \"file\":line'")
        }
        var place = Place(layer: "", file: "", line: 0)
        if try take(keyword: "layer") { place.layer = try expect(.string, "the layer's path in quotes").text }
        if try take(keyword: "at") {
            place.file = try expect(.string, "the source file's name in quotes").text
            try expect(":", "and the line")
            let start = token
            place.line = try parseInteger("the line")
            guard place.line >= 0 else { throw failure("a line cannot be negative", at: start) }
        }
        places[name.text] = place
    }

    private mutating func resolvePlaces(_ places: [String: Place]) throws {
        let resolved = try placeUses.map { use in
            guard let place = places[use.text] else {
                throw failure(
                    "undefined place '#\(use.text)'", at: use,
                    remedy: Spelling.suggestion(for: use.text, among: places.keys.sorted())
                        ?? "define it at the end of the module: #\(use.text) = layer \"…\"")
            }
            return place
        }
        module.functions = module.functions.map { $0.placed(resolved) }
    }
}

extension GraphFunction {
    /// The function with the places that its operations have the numbers of.
    fileprivate func placed(_ places: [Place]) -> GraphFunction {
        var function = self
        for at in ops.indices {
            function.ops[at].place = ops[at].place.map { places[$0.line] }
            function.ops[at].attributes = ops[at].attributes.mapValues { attribute in
                if case .function(let body) = attribute { .function(body.placed(places)) } else { attribute }
            }
        }
        return function
    }
}
