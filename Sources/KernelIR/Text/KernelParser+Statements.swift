import GraphIR
import HostTensors

extension KernelParser {
    /// Statements up to the closing brace, which is taken.
    mutating func statements(isOutermost: Bool = false) throws -> [KernelStatement] {
        var statements: [KernelStatement] = []
        while !takes("}") {
            guard !isAtEnd else { throw expected("a statement or '}'") }
            statements.append(try statement(isOutermost: isOutermost))
        }
        return statements
    }

    private mutating func statement(isOutermost: Bool) throws -> KernelStatement {
        if next.kind == .buffer {
            let (buffer, index) = try element()
            try need("=")
            return .store(buffer, index, try expression())
        }
        let following = tokens[min(at + 1, tokens.count - 1)]
        guard following.text == "[", following.kind == .mark else { return try keyword(isOutermost: isOutermost) }
        let name = try take(.word, "a statement")
        let axes = try axes()
        if takes("=") { return .set(name, axes: axes, try expression()) }
        guard next.kind == .word, let kind = ReductionKind(rawValue: next.text) else {
            throw expected("'=' or a reduction such as 'sum='")
        }
        at += 1
        try need("=")
        return .reduce(name, axes: axes, kind, try expression())
    }

    private mutating func keyword(isOutermost: Bool) throws -> KernelStatement {
        if takes("let") {
            let name = try take(.word, "a name")
            try need("=")
            return .define(name, try expression())
        }
        if next.kind == .word, next.text.hasPrefix("tile.") { return .tile(try tileOperation()) }
        if takes("prefetch") {
            let level: CacheLevel = takes("first") ? .first : .second
            let (buffer, index) = try element()
            return .prefetch(buffer, index, to: level)
        }
        if takes("position") {
            let name = try take(.word, "a name")
            try need("in")
            let extent = try range()
            try need("=")
            return .position(name, extent: extent, try expression())
        }
        let isParallel = isOutermost && parallel == nil && takes("parallel")
        let kind = next
        guard kind.kind == .word, ["serial", "tile", "unroll", "vector"].contains(kind.text) else {
            throw expected("a statement: a loop, 'let', 'position', 'prefetch', a store or an accumulator")
        }
        at += 1
        return .loop(try loop(kind.text, isParallel: isParallel))
    }

    private mutating func tileOperation() throws -> TileOperation {
        let start = next.start
        let word = try take(.word, "a tile operation")
        let register = try integer("a tile register's number")
        switch word {
        case "tile.clear": return .clear(register)
        case "tile.multiply.bf16", "tile.multiply.i8":
            try need(",")
            let left = try integer("a tile register's number")
            try need(",")
            let right = try integer("a tile register's number")
            return .multiply(word.hasSuffix("i8") ? .i8 : .bf16, into: register, left: left, right: right)
        case "tile.load", "tile.store":
            try need(",")
            let (buffer, index) = try element()
            try need("stride")
            let stride = try integer("a stride")
            return word == "tile.load"
                ? .load(register, buffer: buffer, index, stride: stride)
                : .store(register, buffer: buffer, index, stride: stride)
        default: throw lexer.error(at: start, "unknown tile operation '\(word)'")
        }
    }

    private mutating func loop(_ word: String, isParallel: Bool) throws -> KernelLoop {
        let variable = try take(.word, "a loop variable")
        try need("in")
        let extent: LoopExtent = takes("tile") ? .tile(try take(.word, "a tile loop's variable")) : .count(try range())
        let window = try window()
        let kind: LoopKind
        switch word {
        case "tile":
            try need("step")
            kind = .tile(step: try integer("a step"))
        case "unroll": kind = .unroll
        case "vector": kind = .vector(unroll: takes("unroll") ? try integer("a number of vectors") : 1)
        default: kind = .serial(unroll: takes("unroll") ? try integer("a number of rounds") : 1)
        }
        if isParallel {
            guard case .count(let count) = extent else { throw expected("a parallel loop with a range '0..<count'") }
            parallel = try tasks(of: variable, count)
        }
        try need("{")
        return KernelLoop(variable, extent, window: window, kind, try nested { try $0.statements() })
    }

    /// The part of a loop that is run: `from` an index, `below` another, or both.
    private mutating func window() throws -> LoopWindow? {
        let from = takes("from") ? try index() : nil
        let below = takes("below") ? try index() : nil
        return from == nil && below == nil ? nil : LoopWindow(from: from ?? 0, below: below)
    }

    private mutating func axes() throws -> [String] {
        try need("[")
        var axes: [String] = []
        while !takes("]") {
            if !axes.isEmpty { try need(",") }
            axes.append(try take(.word, "a loop variable or ']'"))
        }
        return axes
    }

    private mutating func element() throws -> (Int, IndexExpression) {
        let start = next.start
        let name = try take(.buffer, "a buffer")
        guard let number = buffers[name] else {
            throw lexer.error(at: start, "there is no buffer '%\(name)' in this kernel")
        }
        try need("[")
        let index = try index()
        try need("]")
        return (number, index)
    }

    /// A value for one iteration.
    mutating func expression() throws -> KernelExpression {
        if next.kind == .buffer {
            let (buffer, index) = try element()
            return .load(buffer, index)
        }
        let start = next.start
        let word = try take(.word, "a value")
        if next.kind == .mark, next.text == "[" { return .accumulator(word, try axes()) }
        guard next.kind == .mark, next.text == "(" else { return .local(word) }
        if let dtype = DType(rawValue: word) { return .constant(try constant(), dtype) }
        if word == "random" { return try random() }
        if word == "where" { return try loadWhere() }
        guard let dot = word.lastIndex(of: "."), let dtype = DType(rawValue: String(word[word.index(after: dot)...]))
        else {
            throw lexer.error(
                at: start, "expected an operation with its element type, such as 'add.f32', got '\(word)'")
        }
        let name = String(word[..<dot])
        try need("(")
        if name == "index" {
            let index = try index()
            try need(")")
            return .index(index, dtype)
        }
        if name == "bits" {
            let value = try nested { try $0.expression() }
            try need(")")
            return .bits(value, dtype)
        }
        guard let op = ScalarOp(rawValue: name) else { throw lexer.error(at: start, "unknown operation '\(name)'") }
        let operands = try operands()
        guard operands.count == op.arity else {
            throw lexer.error(at: start, "'\(name)' takes \(op.arity) operands, got \(operands.count)")
        }
        return .apply(op, operands, dtype)
    }

    private mutating func operands() throws -> [KernelExpression] {
        var operands: [KernelExpression] = []
        while !takes(")") {
            if !operands.isEmpty { try need(",") }
            operands.append(try nested { try $0.expression() })
        }
        return operands
    }

    private mutating func loadWhere() throws -> KernelExpression {
        try need("(")
        var conditions: [IndexCondition] = []
        while next.kind != .buffer {
            let index = try index()
            try need("<")
            conditions.append(IndexCondition(index, below: try self.index()))
            try need(",")
        }
        let (buffer, index) = try element()
        try need(")")
        return .loadWhere(buffer, index, conditions)
    }

    private mutating func constant() throws -> Double {
        try need("(")
        let isNegative = takes("-")
        guard next.kind == .number || next.kind == .word, let value = Double(next.text) else {
            throw expected("a number")
        }
        at += 1
        try need(")")
        return isNegative ? -value : value
    }

    private mutating func random() throws -> KernelExpression {
        try need("(")
        try label("seed")
        let seed = try nested { try $0.expression() }
        try need(",")
        try label("step")
        let step = try nested { try $0.expression() }
        try need(",")
        try label("stream")
        let stream = try index()
        try need(",")
        try label("index")
        let index = try index()
        try need(")")
        return .random(seed: seed, step: step, stream: stream, index: index)
    }

    private mutating func label(_ name: String) throws {
        try need(name)
        try need(":")
    }
}
