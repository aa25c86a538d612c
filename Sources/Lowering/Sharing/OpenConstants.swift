import GraphIR
import KernelIR

/// The constants of a kernel that may be left open, in the order of its text, and the kernel without them.
struct OpenConstants {
    /// The kernel.
    let kernel: Kernel
    /// The constants; of floating-point numbers the bits.
    private(set) var values: [Int] = []
    /// The kernel with a symbol in their places, and without name, origin and chunk.
    private(set) var skeleton: Kernel

    /// Finds the constants of a kernel.
    init(of kernel: Kernel) {
        self.kernel = kernel
        skeleton = kernel
        var values: [Int] = []
        skeleton = rewritten { value in
            values.append(value)
            return Dim(symbol: "open")
        }
        self.values = values
        skeleton.name = ""
        skeleton.origin = ""
        // Tasks of iterations in order are whole; in a chain they need not be.
        if skeleton.parallel?.ordered == 1 { skeleton.parallel?.chunk = 0 }
    }

    /// The kernel with some constants, by their numbers, replaced.
    func replacing(_ replacement: (Int) -> Dim?) -> Kernel {
        var at = -1
        return rewritten { _ in
            at += 1
            return replacement(at)
        }
    }

    /// The kernel with each constant replaced by what `replace` gives for it; nil leaves it.
    private func rewritten(_ replace: (Int) -> Dim?) -> Kernel {
        var result = kernel
        if let loop = kernel.elementLoop {
            result.body[0] = result.body[0].mappingExpressions { $0.openingPlaces(of: loop.variable, replace) }
        }
        if let loop = kernel.elementLoop, case .count(let extent) = loop.extent, let length = extent.constant,
            length > 1
        {
            let open = replace(length) ?? Dim(length)
            for at in result.buffers.indices where result.buffers[at].count == Dim(length) {
                result.buffers[at].count = open
            }
            if result.parallel != nil { result.parallel?.extent = open }
            if case .loop(var loop) = result.body[0] {
                loop.extent = .count(open)
                result.body[0] = .loop(loop)
            }
        }
        if kernel.body.contains(where: \.drawsNumbers) {
            result.body = result.body.map { $0.mappingExpressions { $0.openingConstants(replace) } }
        }
        return result
    }
}

extension Kernel {
    /// The kernel's loop, where it is the only one and does the same for each element, one after another.
    fileprivate var elementLoop: KernelLoop? {
        guard body.count == 1, accumulators.isEmpty, case .loop(let loop) = body[0], case .vector = loop.kind,
            loop.body.allSatisfy({ $0.accessesElements(by: loop.variable) })
        else { return nil }
        return loop
    }
}

extension KernelStatement {
    /// Whether it only defines and stores values, at the element of a loop or at one that is always the same.
    fileprivate func accessesElements(by variable: String) -> Bool {
        switch self {
        case .define(_, let expression): expression.accessesElements(by: variable)
        case .store(_, let index, let expression):
            index == Dim(symbol: variable) && expression.accessesElements(by: variable)
        case .loop, .set, .reduce, .tile, .prefetch, .position: false
        }
    }

    /// The statement with the expressions it defines and stores replaced.
    fileprivate func mappingExpressions(_ change: (KernelExpression) -> KernelExpression) -> KernelStatement {
        switch self {
        case .loop(var loop):
            loop.body = loop.body.map { $0.mappingExpressions(change) }
            return .loop(loop)
        case .define(let name, let expression): return .define(name, change(expression))
        case .store(let buffer, let index, let expression): return .store(buffer, index, change(expression))
        case .set, .reduce, .tile, .prefetch, .position: return self
        }
    }
}

extension KernelExpression {
    fileprivate func accessesElements(by variable: String) -> Bool {
        switch self {
        case .number, .local, .index: true
        case .bits(let value, _): value.accessesElements(by: variable)
        case .load(_, let index): !index.symbols.contains(variable) || index.split(by: variable)?.factor == 1
        case .apply(_, let operands, _): operands.allSatisfy { $0.accessesElements(by: variable) }
        case .random(let seed, let step, _, _):
            seed.accessesElements(by: variable) && step.accessesElements(by: variable)
        case .loadWhere, .accumulator: false
        }
    }

    /// Opens the factor of what is added to a loop's variable where elements are loaded: the place that a copy begins at.
    fileprivate func openingPlaces(of variable: String, _ replace: (Int) -> Dim?) -> KernelExpression {
        switch self {
        case .load(let buffer, let index):
            let start = index - Dim(symbol: variable)
            guard index.symbols.contains(variable), start.terms.count == 1 else { return self }
            let term = start.terms[0]
            guard let factor = replace(term.coefficient) else { return self }
            return .load(
                buffer, Dim(symbol: variable) + factor * Dim(terms: [Dim.Term(coefficient: 1, symbols: term.symbols)]))
        case .apply(let op, let operands, let dtype):
            return .apply(op, operands.map { $0.openingPlaces(of: variable, replace) }, dtype)
        default: return self
        }
    }

    fileprivate func openingConstants(_ replace: (Int) -> Dim?) -> KernelExpression {
        switch self {
        case .number(let bits, .f32):
            replace(Int(Float(Double(bitPattern: bits)).bitPattern)).map { .bits(.index($0, .u32), .f32) } ?? self
        case .apply(let op, let operands, let dtype):
            .apply(op, operands.map { $0.openingConstants(replace) }, dtype)
        case .random(let seed, let step, let stream, let index):
            .random(
                seed: seed, step: step, stream: stream.constant.map { replace($0) ?? stream } ?? stream, index: index)
        default: self
        }
    }
}
