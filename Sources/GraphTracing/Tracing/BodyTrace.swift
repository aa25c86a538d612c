import GraphIR
import HostTensors

/// How deep in the bodies of other operations the program is.
enum BodyDepth {
    @TaskLocal static var current = 0
}

/// Bodies in the making: placeholders for what they are given, and what they use of the world around them.
struct BodyTrace {
    let placeholders: [Tensor]
    /// What the bodies use that was made outside, in order of first use; more inputs of the bodies.
    private(set) var captured: [Tensor] = []
    /// The depth at which the bodies' own expressions are made.
    private let depth = BodyDepth.current + 1

    init(_ types: [TensorType]) {
        placeholders = types.enumerated().map { Tensor(input: "v\($0)", type: $1) }
    }

    /// Whether what was made outside of constants alone is made again inside, instead of being captured.
    var copiesConstants = false

    /// Runs a body's closure.
    func run<Result>(_ closure: ([Tensor]) throws -> Result) rethrows -> Result {
        try BodyDepth.$current.withValue(depth) { try closure(placeholders) }
    }

    /// One body that gives these tensors.
    mutating func function(_ results: [Tensor]) throws -> GraphFunction { try functions([results])[0] }

    /// Bodies with the same inputs: the placeholders and what any of the bodies captures.
    mutating func functions(_ results: [[Tensor]]) throws -> [GraphFunction] {
        let given = Set(placeholders.map { ObjectIdentifier($0.expression) })
        func isInside(_ expression: Expression) -> Bool {
            if case .operation = expression.source {
                return expression.depth >= depth || (copiesConstants && expression.isConstant)
            }
            return given.contains(ObjectIdentifier(expression))
        }
        var outside: [Expression] = []
        func use(_ expression: Expression) {
            if isInside(expression) || outside.contains(where: { $0 === expression }) { return }
            outside.append(expression)
        }
        for expression in Expression.ordered(from: results.flatMap { $0 }, where: isInside) {
            for operand in expression.operands { use(operand.expression) }
        }
        for result in results.joined() { use(result.expression) }
        captured = outside.flatMap { expression in
            expression.types.indices.map { Tensor(expression, result: $0) }
        }
        return try results.map { try Self.body(placeholders, outside, $0) }
    }

    private static func body(
        _ placeholders: [Tensor], _ outside: [Expression], _ results: [Tensor]
    ) throws -> GraphFunction {
        var emitter = ExpressionEmitter(FunctionBuilder(name: "body")) { _, _ in
            throw GraphError("a body uses an input that it is not given")
        }
        for (at, placeholder) in placeholders.enumerated() {
            emitter.define(placeholder, as: emitter.builder.input("v\(at)", placeholder.type))
        }
        var number = placeholders.count
        for expression in outside {
            let inputs = expression.types.map { type in
                number += 1
                return emitter.builder.input("v\(number - 1)", type)
            }
            emitter.define(expression, as: inputs)
        }
        for (at, value) in try emitter.emit(results).enumerated() { emitter.builder.output("r\(at)", value) }
        return emitter.builder.function
    }

    /// What `body` gives, or as many tensors that carry the error it throws or the operands carry.
    static func catching(_ operands: [Tensor], _ count: Int, _ place: Place?, _ body: () throws -> [Tensor]) -> [Tensor]
    {
        var results: [Tensor] = []
        let failed = Tensor.catching(operands, place: place) {
            results = try body()
            return results.first ?? Tensor.zeros(TensorType(.f32))
        }
        return results.isEmpty ? Array(repeating: failed, count: count) : results
    }
}

extension Expression {
    /// Whether neither an input nor a variable is among what it is made of.
    fileprivate var isConstant: Bool {
        Expression.ordered(from: [Tensor(self)]).allSatisfy { if case .operation = $0.source { true } else { false } }
    }
}
