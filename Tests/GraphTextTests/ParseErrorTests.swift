import GraphIR
import Testing

/// A wrong text and what is said about it.
struct WrongText: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    let message: String
    var testDescription: String { name }

    init(_ name: String, _ text: String, _ message: String) {
        self.name = name
        self.text = text
        self.message = message
    }

    static let all: [WrongText] = [
        WrongText(
            "unknown op", Sample.function("%0 = nge %x : f32[B,4]"),
            """
            bad.graph:5:10: unknown op 'nge'; did you mean 'neg'?
            5 |     %0 = nge %x : f32[B,4]
              |          ^~~
            """),
        WrongText(
            "unknown attribute", Sample.function("%0 = reduce %x kind sum axis [0] : f32[4]"),
            """
            bad.graph:5:29: unknown attribute 'axis' of reduce; did you mean 'axes'?
            5 |     %0 = reduce %x kind sum axis [0] : f32[4]
              |                             ^~~~
            """),
        WrongText(
            "unknown keyword", Sample.function("%0 = reduce %x kind summ axes [0] : f32[4]"),
            """
            bad.graph:5:25: expected attribute 'kind': one of sum, prod, max, min, and, or, found 'summ'; did you mean 'sum'?
            5 |     %0 = reduce %x kind summ axes [0] : f32[4]
              |                         ^~~~
            """),
        WrongText(
            "type mismatch", Sample.function("%0 = dot %x, %w contract [1],[0] : f32[B,5]"),
            """
            bad.graph:5:40: type mismatch: dot gives f32[B,4], the text says f32[B,5]; write f32[B,4], or change the operands
            5 |     %0 = dot %x, %w contract [1],[0] : f32[B,5]
              |                                        ^~~
            """),
        WrongText(
            "undefined value", Sample.function("%0 = add %x, %1 : f32[B,4]"),
            """
            bad.graph:5:18: undefined value '%1'; an operation reads inputs, states and results of operations before it
            5 |     %0 = add %x, %1 : f32[B,4]
              |                  ^~
            """),
        WrongText(
            "duplicate value", Sample.function("%x = neg %x : f32[B,4]"),
            """
            bad.graph:5:5: duplicate value '%x'; each value is made once; give it a new number
            5 |     %x = neg %x : f32[B,4]
              |     ^~
            """),
        WrongText(
            "duplicate function", "module v1 @m {\n  func @f() { }\n  func @f() { }\n}",
            """
            bad.graph:3:8: duplicate function '@f'; give each function its own name
            3 |   func @f() { }
              |        ^~
            """),
        WrongText(
            "unterminated module", "module v1 @m {\n  dim B in 1...4\n",
            """
            bad.graph:3:1: the module is not closed; end it with '}'; it begins in line 1
            3 |\u{20}
              | ^
            """),
        WrongText(
            "unterminated string", "module v1 @m {\n  func @f(%x: f32[2] \"x) { }\n}",
            """
            bad.graph:2:22: the string is not closed; end it with '"' on the same line
            2 |   func @f(%x: f32[2] "x) { }
              |                      ^~~~~~~
            """),
        WrongText(
            "undeclared dim", Sample.function("%0 = reshape %x shape [4*N] : f32[4*B]"),
            """
            bad.graph:5:30: undeclared dim 'N'; declare it at the start of the module: dim N in 1...1024
            5 |     %0 = reshape %x shape [4*N] : f32[4*B]
              |                              ^
            """),
        WrongText(
            "bad dim", Sample.function("%0 = reshape %x shape [,4] : f32[4]"),
            """
            bad.graph:5:28: expected a size: a number or a dim, found ','
            5 |     %0 = reshape %x shape [,4] : f32[4]
              |                            ^
            """),
        WrongText(
            "bad number", Sample.function("%0 = constant value f32[2]{1, 2..5} : f32[2]"),
            """
            bad.graph:5:36: unexpected character '.'
            5 |     %0 = constant value f32[2]{1, 2..5} : f32[2]
              |                                    ^
            """),
        WrongText(
            "glued number", Sample.function("%0 = constant value f32[2]{1, 2x5} : f32[2]"),
            """
            bad.graph:5:35: bad number '2x5'; write digits such as 0.5 or 1e-05 within the range of f32, inf or nan
            5 |     %0 = constant value f32[2]{1, 2x5} : f32[2]
              |                                   ^~~
            """),
        WrongText(
            "number out of range", Sample.function("%0 = constant value u8[2]{1, 256} : u8[2]"),
            """
            bad.graph:5:34: bad number '256': expected a whole number of type u8; it is outside the range of u8
            5 |     %0 = constant value u8[2]{1, 256} : u8[2]
              |                                  ^~~
            """),
        WrongText(
            "too few elements", Sample.function("%0 = constant value f32[3]{1, 2} : f32[3]"),
            """
            bad.graph:5:25: f32[3] has 3 elements, 2 are written
            5 |     %0 = constant value f32[3]{1, 2} : f32[3]
              |                         ^~~
            """),
        WrongText(
            "unknown element type", "module v1 @m {\n  state %w : f23[2] parameter \"w\"\n}",
            """
            bad.graph:2:14: unknown element type 'f23'; did you mean 'f32'?
            2 |   state %w : f23[2] parameter "w"
              |              ^~~
            """),
        WrongText(
            "symbolic state", "module v1 @m {\n  dim B in 1...2\n  state %w : f32[B] parameter \"w\"\n}",
            """
            bad.graph:3:14: state '%w' has the symbolic shape f32[B]; a state lives across calls, so its sizes must be numbers
            3 |   state %w : f32[B] parameter "w"
              |              ^~~
            """),
        WrongText(
            "undefined place", Sample.function("%0 = neg %x : f32[B,4]   #hidden"),
            """
            bad.graph:5:30: undefined place '#hidden'; define it at the end of the module: #hidden = layer "…"
            5 |     %0 = neg %x : f32[B,4]   #hidden
              |                              ^~~~~~~
            """),
        WrongText(
            "what inference refuses", Sample.function("%0 = dot %x, %w contract [0],[0] : f32[4,4]"),
            """
            bad.graph:5:10: dot: 'contract' pairs axis 0 of x f32[B,4], which is B, with axis 0 of y f32[4,4], which is 4; paired axes must have one size
            5 |     %0 = dot %x, %w contract [0],[0] : f32[4,4]
              |          ^~~
            """),
        WrongText(
            "unknown version", "module v2 @m {}",
            """
            bad.graph:1:8: unknown version 'v2' of graph text; write 'v1'
            1 | module v2 @m {}
              |        ^~
            """),
        WrongText(
            "size below one", "module v1 @m {\n  dim B in 1...9\n  func @f(%x: f32[B-2] \"x\") { }\n}",
            """
            bad.graph:3:15: axis 0 of f32[B-2] can have the size -1; raise the smallest size of B
            3 |   func @f(%x: f32[B-2] "x") { }
              |               ^~~
            """),
    ]
}

@Suite struct ParseErrorTests {
    @Test(arguments: WrongText.all)
    func saysWhatIsWrongAndWhere(_ wrong: WrongText) throws {
        let error = try #require(throws: ParseError.self) { try GraphModule(text: wrong.text, source: "bad.graph") }
        #expect("\(error)" == wrong.message)
    }

    @Test func longLinesAreCutAroundThePlace() throws {
        let zeros = String(repeating: "0, ", count: 500)
        let text = Sample.function("%0 = constant value f32[1000]{\(zeros)oops} : f32[1000]")
        let error = try #require(throws: ParseError.self) { try GraphModule(text: text) }
        let lines = "\(error)".split(separator: "\n")
        #expect(lines.allSatisfy { $0.count < 160 })
        let caret = try #require(lines[2].firstIndex(of: "^"))
        #expect(lines[1].dropFirst(lines[2].distance(from: lines[2].startIndex, to: caret)).hasPrefix("oops"))
    }
}
