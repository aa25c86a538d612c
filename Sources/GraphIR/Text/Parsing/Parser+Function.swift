import HostTensors

extension Parser {
    /// What is known while one function is read.
    struct FunctionScope {
        var builder: FunctionBuilder
        var values: [String: ValueID] = [:]
        var outputs: Set<String> = []
        var updated: Set<Int> = []
    }

    /// `func @train(%x: f32[B,784] "image") { … }`.
    mutating func parseFunction() throws {
        try advance()
        let name = try expect(.symbol, "the function's name such as '@predict'")
        guard !module.functions.contains(where: { $0.name == name.text }) else {
            throw failure(
                "duplicate function '@\(name.text)'", at: name, remedy: "give each function its own name")
        }
        var scope = FunctionScope(builder: FunctionBuilder(name: name.text, states: module.states))
        try parseContents(&scope)
        module.functions.append(scope.builder.function.canonicalized())
    }

    /// `(%x: f32[3] "x") { … }`: a function in an operation; it sees only its inputs.
    mutating func parseBody() throws -> GraphFunction {
        guard depth < 20 else { throw failure("bodies are nested deeper than 20 levels") }
        var scope = FunctionScope(builder: FunctionBuilder(name: "body"))
        let states = (stateIndices, module.states)
        (stateIndices, module.states) = ([:], [])
        depth += 1
        defer {
            (stateIndices, module.states) = states
            depth -= 1
        }
        try parseContents(&scope)
        return scope.builder.function.canonicalized()
    }

    /// Inputs, operations, updates and outputs.
    private mutating func parseContents(_ scope: inout FunctionScope) throws {
        try expect("(", "and the inputs")
        var inputNames: Set<String> = []
        _ = try list(until: ")") { try $0.parseInput(&scope, &inputNames) }
        let opening = try expect("{")
        while !isAt("}") {
            switch (token.kind, token.text) {
            case (.value, _): try parseOp(&scope)
            case (.identifier, "update"): try parseUpdate(&scope)
            case (.identifier, "output"): try parseOutput(&scope)
            case (.end, _): throw notClosed("function", opening)
            default:
                throw unexpected(
                    "an operation such as '%0 = …', 'update', 'output' or '}'",
                    remedy: token.kind == .identifier
                        ? Spelling.suggestion(for: token.text, among: ["update", "output"]) : nil)
            }
        }
        try advance()
    }

    /// `%x: f32[B,784] "image"`.
    private mutating func parseInput(_ scope: inout FunctionScope, _ names: inout Set<String>) throws {
        let value = try expect(.value, "an input such as '%x'")
        try checkNew(value, scope)
        try expect(":", "and the input's type")
        let type = try parseType()
        let name = try expect(.string, "the input's name in quotes")
        guard names.insert(name.text).inserted else {
            throw failure("duplicate input name \"\(name.text)\"", at: name, remedy: "give each input its own name")
        }
        scope.values[value.text] = scope.builder.input(name.text, type)
    }

    private func checkNew(_ value: Token, _ scope: FunctionScope) throws {
        if stateIndices[value.text] != nil {
            throw failure(
                "duplicate value '%\(value.text)': a state has this identifier", at: value,
                remedy: "give it another identifier")
        }
        if scope.values[value.text] != nil {
            throw failure(
                "duplicate value '%\(value.text)'", at: value, remedy: "each value is made once; give it a new number")
        }
    }

    /// A value or state that is read.
    private mutating func parseOperand(_ scope: inout FunctionScope) throws -> ValueID {
        let name = try expect(.value, "a value such as '%0'")
        if let known = scope.values[name.text] { return known }
        if let state = stateIndices[name.text] { return scope.builder.state(state) }
        let candidates = (Array(scope.values.keys) + Array(stateIndices.keys)).sorted()
            .filter { $0.first?.isNumber == false }
        throw failure(
            "undefined value '%\(name.text)'", at: name,
            remedy: (name.text.first?.isNumber == false
                ? Spelling.suggestion(for: name.text, among: candidates) : nil)
                ?? "an operation reads inputs, states and results of operations before it")
    }

    /// `%1, %2 = name %a, %b attribute value : type, type #place`.
    private mutating func parseOp(_ scope: inout FunctionScope) throws {
        var results: [Token] = []
        repeat {
            let value = try expect(.value, "a value such as '%0'")
            try checkNew(value, scope)
            guard !results.contains(where: { $0.text == value.text }) else {
                throw failure("duplicate value '%\(value.text)'", at: value, remedy: "give each result its own number")
            }
            results.append(value)
        } while try take(",")
        try expect("=", "and an operation")
        let name = try expect(.identifier, "an operation's name")
        guard let definition = OpTable.rows[name.text] else {
            throw failure(
                "unknown op '\(name.text)'", at: name,
                remedy: Spelling.suggestion(for: name.text, among: OpTable.rows.keys)
                    ?? "docs/ops.md lists every op")
        }
        var operands: [ValueID] = []
        if token.kind == .value {
            repeat { operands.append(try parseOperand(&scope)) } while try take(",")
        }
        let attributes = try parseAttributes(of: definition)
        let made: [ValueID]
        do {
            made = try scope.builder.emit(name.text, operands, attributes)
        } catch let error as GraphError {
            throw failure(error.message, at: name, remedy: error.remedy)
        }
        guard made.count == results.count else {
            throw failure(
                "\(name.text) gives \(made.count) results, but \(results.count) are named", at: results[0],
                remedy: "name each result")
        }
        try checkTypes(made, scope)
        for (token, value) in zip(results, made) { scope.values[token.text] = value }
        if token.kind == .place {
            // The place is known at the end of the module; until then the operation has the number of its mention.
            let last = scope.builder.function.ops.count - 1
            scope.builder.function.ops[last].place = Place(layer: "", file: "", line: placeUses.count)
            placeUses.append(try advance())
        }
    }

    /// `: f32[B,128], f32[]`, which must be what inference says.
    private mutating func checkTypes(_ values: [ValueID], _ scope: FunctionScope) throws {
        let made = scope.builder.function.ops[scope.builder.function.ops.count - 1]
        let op = made.name
        try expect(":", "and the result's type, or an attribute")
        for (at, value) in values.enumerated() {
            if at > 0 { try expect(",", "and the type of result \(at)") }
            let start = token
            let written = try parseType()
            let inferred = scope.builder.type(value)
            guard written == inferred else {
                throw failure(
                    "type mismatch: \(op) gives \(inferred), the text says \(written)", at: start,
                    remedy: "write \(inferred), or change the operands")
            }
            if let problem = ShapeCheck.problem(with: inferred, dims: module.dims) {
                throw failure("\(op): \(problem.message)", at: start, remedy: problem.remedy)
            }
            if at == 0, let problem = ShapeCheck.problem(with: made, in: scope.builder.function) {
                throw failure(problem.message, at: start, remedy: problem.remedy)
            }
        }
    }

    /// `update %w1 = %31`.
    private mutating func parseUpdate(_ scope: inout FunctionScope) throws {
        try advance()
        let name = try expect(.value, "a state such as '%w1'")
        guard let state = stateIndices[name.text] else {
            throw failure(
                "'%\(name.text)' is not a state", at: name,
                remedy: Spelling.suggestion(for: name.text, among: module.states.map(\.identifier))
                    ?? "only states can be updated")
        }
        guard scope.updated.insert(state).inserted else {
            throw failure(
                "state '%\(name.text)' is updated twice", at: name, remedy: "bind its new value once, at the end")
        }
        try expect("=", "and the state's new value")
        let start = token
        let value = try parseOperand(&scope)
        let expected = module.states[state].type
        guard scope.builder.type(value) == expected else {
            throw failure(
                "type mismatch: state '%\(name.text)' is \(expected), its new value is \(scope.builder.type(value))",
                at: start, remedy: "a state keeps its type")
        }
        scope.builder.update(state, value)
    }

    /// `output %30 : f32[] "loss"`.
    private mutating func parseOutput(_ scope: inout FunctionScope) throws {
        try advance()
        let value = try parseOperand(&scope)
        try expect(":", "and the output's type")
        let start = token
        let written = try parseType()
        guard written == scope.builder.type(value) else {
            throw failure(
                "type mismatch: the output is \(scope.builder.type(value)), the text says \(written)", at: start,
                remedy: "write \(scope.builder.type(value))")
        }
        let name = try expect(.string, "the output's name in quotes")
        guard scope.outputs.insert(name.text).inserted else {
            throw failure("duplicate output name \"\(name.text)\"", at: name, remedy: "give each output its own name")
        }
        scope.builder.output(name.text, value)
    }
}
