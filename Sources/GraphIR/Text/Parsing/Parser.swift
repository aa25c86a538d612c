import CustomCode
import HostTensors

/// Reads graph text by recursive descent: one word ahead, the first error is thrown.
struct Parser {
    let source: SourceText
    let constants: ConstantStore
    private var lexer: Lexer
    /// The word that comes next.
    private(set) var token: Token
    /// What has been read so far.
    var module = GraphModule(name: "")
    /// The places that operations name, to be resolved at the end of the module.
    var placeUses: [Token] = []
    var stateIndices: [String: Int] = [:]
    /// The user's code, by name.
    var codes: [String: CustomCode] = [:]
    /// How many bodies are open.
    var depth = 0

    init(text: String, source name: String, constants: ConstantStore) throws {
        source = SourceText(name: name, text: text)
        self.constants = constants
        lexer = Lexer(source)
        token = try lexer.next()
    }

    /// Takes the next word.
    @discardableResult
    mutating func advance() throws -> Token {
        let taken = token
        token = try lexer.next()
        return taken
    }

    /// An error at a word, or at the next one.
    func failure(_ message: String, at place: Token? = nil, remedy: String? = nil) -> ParseError {
        source.error(at: (place ?? token).range, message, remedy: remedy)
    }

    /// `expected …, found …`, at the next word.
    func unexpected(_ expected: String, remedy: String? = nil) -> ParseError {
        failure("expected \(expected), found \(token.description)", remedy: remedy)
    }

    /// Whether the next word is this punctuation.
    func isAt(_ punctuation: String) -> Bool { token.kind == .punctuation && token.text == punctuation }

    /// Whether the next word is this keyword.
    func isAt(keyword: String) -> Bool { token.kind == .identifier && token.text == keyword }

    /// Takes this punctuation if it comes next.
    mutating func take(_ punctuation: String) throws -> Bool {
        guard isAt(punctuation) else { return false }
        try advance()
        return true
    }

    /// Takes this keyword if it comes next.
    mutating func take(keyword: String) throws -> Bool {
        guard isAt(keyword: keyword) else { return false }
        try advance()
        return true
    }

    /// Takes this punctuation, which must come next.
    @discardableResult
    mutating func expect(_ punctuation: String, _ purpose: String = "") throws -> Token {
        guard isAt(punctuation) else { throw unexpected("'\(punctuation)'" + (purpose.isEmpty ? "" : " " + purpose)) }
        return try advance()
    }

    /// Takes this keyword, which must come next.
    mutating func expect(keyword: String) throws {
        guard isAt(keyword: keyword) else {
            let isNear = token.kind == .identifier && Spelling.closest(to: token.text, among: [keyword]) != nil
            throw unexpected("'\(keyword)'", remedy: isNear ? "did you mean '\(keyword)'?" : nil)
        }
        try advance()
    }

    /// Takes a word of this kind, which must come next.
    mutating func expect(_ kind: Token.Kind, _ what: String) throws -> Token {
        guard token.kind == kind else { throw unexpected(what) }
        return try advance()
    }

    /// Items between brackets, separated by commas; the opening bracket has been taken.
    mutating func list<Item>(until close: String, _ item: (inout Parser) throws -> Item) throws -> [Item] {
        var items: [Item] = []
        if try take(close) { return items }
        repeat { items.append(try item(&self)) } while try take(",")
        guard isAt(close) else { throw unexpected("',' or '\(close)'") }
        try advance()
        return items
    }
}

/// What graph text may ask for at most, so that size arithmetic never overflows.
enum TextLimits {
    /// The largest magnitude of a number in a list, of a size, and of the end of a dimension's range.
    static let number = Int(Int32.max)
    /// The most symbols multiplied in one term of a dimension.
    static let degree = 8
}
