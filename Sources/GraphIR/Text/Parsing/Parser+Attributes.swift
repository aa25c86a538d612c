import HostTensors

extension Parser {
    /// `name value name value …`, up to the colon; complete but for defaults.
    mutating func parseAttributes(of definition: OpDefinition) throws -> Attributes {
        var attributes: Attributes = [:]
        while token.kind == .identifier {
            let name = try advance()
            guard let schema = definition.attributes.first(where: { $0.name == name.text }) else {
                let names = definition.attributes.map(\.name)
                let all = names.isEmpty ? "it takes none" : "it takes: \(names.joined(separator: ", "))"
                throw failure(
                    "unknown attribute '\(name.text)' of \(definition.name)", at: name,
                    remedy: Spelling.suggestion(for: name.text, among: names) ?? all)
            }
            guard attributes[name.text] == nil else {
                throw failure("duplicate attribute '\(name.text)'", at: name, remedy: "give it once")
            }
            attributes[name.text] = try parseValue(schema)
        }
        return attributes
    }

    private mutating func parseValue(_ schema: AttributeSchema) throws -> Attribute {
        let what = "attribute '\(schema.name)': \(schema.kind)"
        switch schema.kind {
        case .int: return .int(try parseInteger(what))
        case .float: return .float(try parseNumber(Double.self))
        case .bool: return .bool(try parseElement(Bool.self))
        case .string: return .string(try expect(.string, what).text)
        case .dtype: return .dtype(try parseDType())
        case .ints: return .ints(try parseIntegers(what))
        case .intLists: return .intLists(try parseIntegerLists(what))
        case .dims:
            guard isAt("[") else { throw unexpected(what) }
            let start = token
            let shape = try parseShape()
            if let problem = ShapeCheck.overflow(of: shape, dims: module.dims) {
                throw failure(problem.message, at: start, remedy: problem.remedy)
            }
            return .dims(shape)
        case .types:
            guard try take("[") else { throw unexpected(what) }
            return .types(try list(until: "]") { try $0.parseType() })
        case .tensor: return .tensor(try parseTensor())
        case .code: return .code(try parseCodeName(what))
        case .function: return .function(try parseBody())
        case .keyword(let words):
            guard token.kind == .identifier, words.contains(token.text) else {
                throw unexpected(
                    what,
                    remedy: token.kind == .identifier ? Spelling.suggestion(for: token.text, among: words) : nil)
            }
            return .keyword(try advance().text)
        }
    }

    /// `[0,1]`.
    private mutating func parseIntegers(_ what: String) throws -> [Int] {
        guard try take("[") else { throw unexpected(what) }
        return try list(until: "]") { parser in
            let start = parser.token
            let value = try parser.parseInteger()
            guard abs(value) <= TextLimits.number else {
                throw parser.failure(
                    "the number \(value) is too large", at: start,
                    remedy: "numbers in lists are at most \(TextLimits.number)")
            }
            return value
        }
    }

    /// `[1],[0]`, or `none`.
    private mutating func parseIntegerLists(_ what: String) throws -> [[Int]] {
        if try take(keyword: "none") { return [] }
        var lists: [[Int]] = []
        repeat { lists.append(try parseIntegers(what)) } while try take(",")
        return lists
    }
}
