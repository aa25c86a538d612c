import CustomCode
import GraphIR
import HostTensors

extension Kernel {
    /// Reads one kernel, which may call some of the user's code; throws `KernelTextError` with line, column and what was expected.
    public init(text: String, source: String = "text", codes: [CustomCode] = []) throws {
        let all = try Kernel.parse(text, source: source, codes: codes)
        guard all.count == 1, let only = all.first else {
            throw KernelTextError(
                source: source, line: 1, column: 1, sourceLine: "", message: "expected one kernel, got \(all.count)")
        }
        self = only
    }

    /// Reads kernels one after another, which may call some of the user's code; throws `KernelTextError` with line, column and what was expected.
    public static func parse(
        _ text: String, source: String = "text", codes: [CustomCode] = []
    ) throws -> [Kernel] {
        var parser = KernelParser(
            lexer: KernelLexer(text, source: source), tokens: try KernelLexer.tokens(text, source: source), codes: codes
        )
        var kernels: [Kernel] = []
        while !parser.isAtEnd { kernels.append(try parser.kernel()) }
        return kernels
    }
}

/// Reads kernels from words by recursive descent.
struct KernelParser {
    let lexer: KernelLexer
    let tokens: [KernelToken]
    let codes: [CustomCode]
    var at = 0
    var buffers: [String: Int] = [:]
    var parallel: ParallelLoop?
    private var depth = 0

    init(lexer: KernelLexer, tokens: [KernelToken], codes: [CustomCode]) {
        self.lexer = lexer
        self.codes = codes
        self.tokens = tokens
    }

    var isAtEnd: Bool { tokens[at].kind == .end }
    var next: KernelToken { tokens[at] }

    func expected(_ what: String) -> KernelTextError {
        lexer.error(at: next.start, "expected \(what), got \(next.shown)")
    }

    /// Reads a nested part; text nested deeper than any kernel is an error, not a full stack.
    mutating func nested<Part>(_ part: (inout KernelParser) throws -> Part) throws -> Part {
        guard depth < 200 else { throw lexer.error(at: next.start, "the text is nested deeper than 200 levels") }
        depth += 1
        defer { depth -= 1 }
        return try part(&self)
    }

    /// Takes the next word if it is `text`.
    mutating func takes(_ text: String) -> Bool {
        guard next.text == text, next.kind == .word || next.kind == .mark else { return false }
        at += 1
        return true
    }

    mutating func need(_ text: String) throws {
        guard takes(text) else { throw expected("'\(text)'") }
    }

    mutating func take(_ kind: KernelToken.Kind, _ what: String) throws -> String {
        guard next.kind == kind else { throw expected(what) }
        at += 1
        return tokens[at - 1].text
    }

    mutating func integer(_ what: String) throws -> Int {
        guard next.kind == .number, let value = Int(next.text) else { throw expected(what) }
        at += 1
        return value
    }

    mutating func dtype() throws -> DType {
        guard next.kind == .word, let dtype = DType(rawValue: next.text) else { throw expected("an element type") }
        at += 1
        return dtype
    }

    mutating func kernel() throws -> Kernel {
        try need("kernel")
        let name = try take(.symbol, "the kernel's name, such as '@dense'")
        try need("{")
        buffers = [:]
        parallel = nil
        let origin = takes("origin") ? try take(.string, "a string") : ""
        var kernel = Kernel(name: name, buffers: [], accumulators: [], parallel: nil, body: [], origin: origin)
        if takes("tileRows") { kernel.tileRows = try integer("a number of rows") }
        while takes("buffer") { kernel.buffers.append(try buffer()) }
        while takes("number") {
            let name = try take(.word, "the number's name")
            try need("from")
            kernel.numbers.append(KernelNumber(name, in: try numberRange()))
        }
        while takes("accumulator") {
            let name = try take(.word, "the accumulator's name")
            try need(":")
            kernel.accumulators.append(Accumulator(name, dtype: try dtype()))
        }
        if takes("split") {
            let variable = try take(.word, "a loop variable")
            try need("in")
            let extent = try range()
            parallel = try tasks(of: variable, extent)
        }
        if takes("call") {
            kernel.call = try call()
            try need("}")
        } else {
            kernel.body = try statements(isOutermost: true)
        }
        kernel.parallel = parallel
        return kernel
    }

    /// `@softclip(%x[B, 10]) to (%y[B, 10])`.
    private mutating func call() throws -> CustomCall {
        let start = next.start
        let name = try take(.symbol, "the name of the code")
        guard let code = codes.first(where: { $0.name == name }) else {
            throw lexer.error(at: start, "there is no code '@\(name)'")
        }
        let operands = try tensors()
        try need("to")
        return CustomCall(code, operands: operands, results: try tensors())
    }

    private mutating func tensors() throws -> [CustomCall.Tensor] {
        try need("(")
        var tensors: [CustomCall.Tensor] = []
        while !takes(")") {
            if !tensors.isEmpty { try need(",") }
            let start = next.start
            let name = try take(.buffer, "a buffer")
            guard let buffer = buffers[name] else { throw lexer.error(at: start, "there is no buffer '%\(name)'") }
            try need("[")
            var shape: [Dim] = []
            while !takes("]") {
                if !shape.isEmpty { try need(",") }
                shape.append(try index())
            }
            tensors.append(CustomCall.Tensor(buffer: buffer, shape: shape))
        }
        return tensors
    }

    /// `chunk 2`, `chunk 16 ordered 16`.
    mutating func tasks(of variable: String, _ extent: Dim) throws -> ParallelLoop {
        try need("chunk")
        let chunk = try integer("a chunk size")
        let ordered = takes("ordered") ? try integer("a number of iterations") : 1
        return ParallelLoop(variable: variable, extent: extent, chunk: chunk, ordered: ordered)
    }

    private mutating func buffer() throws -> KernelBuffer {
        let start = next.start
        let name = try take(.buffer, "the buffer's name, such as '%x'")
        guard buffers[name] == nil else { throw lexer.error(at: start, "buffer '%\(name)' is declared twice") }
        buffers[name] = buffers.count
        try need(":")
        let dtype = try dtype()
        let stored = takes("as") ? try self.dtype() : dtype
        try need("[")
        let count = try index()
        try need("]")
        guard next.kind == .word, let access = KernelSpelling.access(named: next.text) else {
            throw expected("'read', 'write', 'readwrite' or 'local'")
        }
        at += 1
        return KernelBuffer(name, dtype: dtype, stored: stored, count: count, access: access)
    }

    /// `1 to 65536`; either end may be negative.
    private mutating func numberRange() throws -> ClosedRange<Int> {
        let start = next.start
        let lower = try signedInteger()
        try need("to")
        let upper = try signedInteger()
        guard lower <= upper else { throw lexer.error(at: start, "nothing is from \(lower) to \(upper)") }
        return lower...upper
    }

    private mutating func signedInteger() throws -> Int {
        takes("-") ? -(try integer("a whole number")) : try integer("a whole number")
    }

    /// `0..<count`.
    mutating func range() throws -> Dim {
        guard next.kind == .number, next.text == "0" else { throw expected("'0..<' and a count") }
        at += 1
        try need("..<")
        return try index()
    }

    /// A polynomial: sums of products of integers, names and bracketed polynomials.
    mutating func index() throws -> IndexExpression {
        var sum = takes("-") ? try product() * Dim(-1) : try product()
        while true {
            if takes("+") {
                sum = try sum + product()
            } else if takes("-") {
                sum = try sum - product()
            } else {
                return sum
            }
        }
    }

    private mutating func product() throws -> IndexExpression {
        var result = try factor()
        while takes("*") { result = try result * factor() }
        return result
    }

    private mutating func factor() throws -> IndexExpression {
        if next.kind == .number { return Dim(try integer("an integer")) }
        if takes("(") {
            let inner = try nested { try $0.index() }
            try need(")")
            return inner
        }
        return Dim(symbol: try take(.word, "an integer, a loop variable or a dimension"))
    }
}
