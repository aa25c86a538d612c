import HostTensors

extension Parser {
    /// `f32[B,784]`.
    mutating func parseType() throws -> TensorType {
        let start = token
        let dtype = try parseDType()
        let shape = try parseShape()
        let type = TensorType(dtype, shape)
        if let problem = ShapeCheck.problem(with: type, dims: module.dims) {
            throw failure(problem.message, at: start, remedy: problem.remedy)
        }
        return type
    }

    /// `f32`.
    mutating func parseDType() throws -> DType {
        guard token.kind == .identifier else { throw unexpected("an element type such as 'f32'") }
        guard let dtype = DType(rawValue: token.text) else {
            let names = DType.allCases.map(\.rawValue)
            throw failure(
                "unknown element type '\(token.text)'",
                remedy: Spelling.suggestion(for: token.text, among: names)
                    ?? "the element types are \(names.joined(separator: ", "))")
        }
        try advance()
        return dtype
    }

    /// `[B,784]`.
    mutating func parseShape() throws -> [Dim] {
        try expect("[", "and the sizes")
        return try list(until: "]") { try $0.parseDimension() }
    }

    /// `2*B*T-1`.
    private mutating func parseDimension() throws -> Dim {
        var terms: [Dim.Term] = []
        var sign = try take("-") ? -1 : 1
        repeat {
            terms.append(try parseTerm(sign))
            guard isAt("+") || isAt("-") else { break }
            sign = try advance().text == "-" ? -1 : 1
        } while true
        let dim = Dim(terms: terms)
        if dim.terms.contains(where: { abs($0.coefficient) > TextLimits.number }) {
            throw failure("the size \(dim) is too large", remedy: "sizes are at most \(TextLimits.number)")
        }
        return dim
    }

    private mutating func parseTerm(_ sign: Int) throws -> Dim.Term {
        var term = Dim.Term(coefficient: sign, symbols: [])
        repeat {
            if token.kind == .number {
                let factor = token
                let (product, overflow) = term.coefficient.multipliedReportingOverflow(by: try parseInteger("a size"))
                guard !overflow, abs(product) <= TextLimits.number else {
                    throw failure(
                        "the size is too large", at: factor, remedy: "sizes are at most \(TextLimits.number)")
                }
                term.coefficient = product
            } else {
                term.symbols.append(try parseSymbol())
                guard term.symbols.count <= TextLimits.degree else {
                    throw failure(
                        "a product of more than \(TextLimits.degree) dims", remedy: "name the product as a dim")
                }
            }
        } while try take("*")
        return term
    }

    private mutating func parseSymbol() throws -> String {
        guard token.kind == .identifier else { throw unexpected("a size: a number or a dim") }
        guard module.dims.contains(where: { $0.name == token.text }) else {
            throw failure(
                "undeclared dim '\(token.text)'",
                remedy: Spelling.suggestion(for: token.text, among: module.dims.map(\.name))
                    ?? "declare it at the start of the module: dim \(token.text) in 1...1024")
        }
        return try advance().text
    }

    /// A whole number from 1.
    mutating func parseSize(_ what: String) throws -> Int {
        let start = token
        let size = try parseInteger(what)
        guard (1...TextLimits.number).contains(size) else {
            throw failure("\(what) is \(size)", at: start, remedy: "sizes are from 1 to \(TextLimits.number)")
        }
        return size
    }

    /// A whole number, perhaps negative.
    mutating func parseInteger(_ what: String = "a whole number") throws -> Int {
        let isNegative = try take("-")
        guard token.kind == .number else { throw unexpected(what) }
        guard let value = Int((isNegative ? "-" : "") + token.text) else {
            let isWhole = token.text.allSatisfy(\.isNumber)
            throw failure(
                "bad number '\(token.text)': expected \(what)",
                remedy: isWhole ? "it does not fit in 64 bits" : "write decimal digits only")
        }
        try advance()
        return value
    }
}

extension TensorType {
    /// Reads a type such as `f32[B,784]`, whose symbols must be among `dims`; throws `ParseError` when it is not one.
    public init(text: String, dims: [DimSymbol] = [], source: String = "type") throws {
        var parser = try Parser(text: text, source: source, constants: ConstantStore())
        parser.module.dims = dims
        self = try parser.parseType()
        guard parser.token.kind == .end else { throw parser.unexpected("nothing after the type") }
    }
}
