import GraphIR
import HostTensors

/// Runs `body` for every element along the first axis of `sequences`, or `length` times, and hands on what it carries.
///
/// The body is given the carries, at first `initial`, and the sequences' elements; it gives the new carries, of the same
/// types, and outputs, which are stacked along a new first axis. `reverse` begins at the end, and stacks accordingly. The
/// body may use other tensors and variables as they are, but not assign variables. Gradients flow to `initial`, sequences
/// and everything else the body uses.
public func scan(
    _ initial: [Tensor], over sequences: [Tensor] = [], length: Int? = nil, reverse: Bool = false,
    file: String = #fileID, line: Int = #line,
    body: (_ carries: [Tensor], _ elements: [Tensor]) throws -> (carries: [Tensor], outputs: [Tensor])
) rethrows -> (carries: [Tensor], outputs: [Tensor]) {
    let place = PlaceScope.call(file, line)
    let elements = sequences.map { TensorType($0.dtype, Array($0.shape.dropFirst())) }
    var trace = BodyTrace(initial.map(\.type) + elements)
    let made = try trace.run { try body(Array($0.prefix(initial.count)), Array($0.dropFirst(initial.count))) }
    let count = length ?? sequences.first?.shape.first?.constant ?? 0
    let operands = initial + sequences
    let results = BodyTrace.catching(
        operands + made.carries + made.outputs, made.carries.count + made.outputs.count, place
    ) {
        let function = try trace.function(made.carries + made.outputs)
        guard made.carries.map(\.type) == initial.map(\.type) else {
            throw GraphError(
                "scan: the body carries on \(made.carries.map(\.type)), it began with \(initial.map(\.type))")
        }
        guard count > 0 else {
            throw GraphError(
                "scan: the number of steps is not known", remedy: "give a length, or sequences of constant size")
        }
        return Tensor.applyMany(
            "scan", operands + trace.captured,
            [
                "carries": .int(initial.count), "sequences": .int(sequences.count), "length": .int(count),
                "reverse": .bool(reverse), "body": .function(function),
            ], resultCount: made.carries.count + made.outputs.count, place: place)
    }
    return (Array(results.prefix(made.carries.count)), Array(results.dropFirst(made.carries.count)))
}

/// What one of two closures gives: `then` where the predicate, a `bool` of rank 0, holds, else `otherwise`.
///
/// Both give tensors of the same types, and may use any other tensors. Compiled code computes both and takes one.
public func conditional(
    _ predicate: Tensor, file: String = #fileID, line: Int = #line, then: () throws -> [Tensor],
    otherwise: () throws -> [Tensor]
) rethrows -> [Tensor] {
    let place = PlaceScope.call(file, line)
    var trace = BodyTrace([])
    let (one, other) = (try trace.run { _ in try then() }, try trace.run { _ in try otherwise() })
    return BodyTrace.catching([predicate] + one + other, one.count, place) {
        let bodies = try trace.functions([one, other])
        return Tensor.applyMany(
            "cond", [predicate] + trace.captured, ["then": .function(bodies[0]), "else": .function(bodies[1])],
            resultCount: one.count, place: place)
    }
}

/// Runs `body` as long as `condition` holds for what is carried, at first `initial`, but at most `limit` times.
///
/// The condition gives a `bool` of rank 0, the body the new carries, of the same types; both may use any other tensors.
/// `limit` steps are computed, whatever the condition says, which makes the loop differentiable.
public func loop(
    _ initial: [Tensor], limit: Int, file: String = #fileID, line: Int = #line,
    while condition: (_ carries: [Tensor]) throws -> Tensor, body: (_ carries: [Tensor]) throws -> [Tensor]
) rethrows -> [Tensor] {
    let place = PlaceScope.call(file, line)
    var trace = BodyTrace(initial.map(\.type))
    let goesOn = try trace.run(condition)
    let next = try trace.run(body)
    return BodyTrace.catching(initial + [goesOn] + next, initial.count, place) {
        let functions = try trace.functions([[goesOn], next])
        return Tensor.applyMany(
            "loop", initial + trace.captured,
            [
                "carries": .int(initial.count), "limit": .int(limit), "condition": .function(functions[0]),
                "body": .function(functions[1]),
            ], resultCount: initial.count, place: place)
    }
}

/// How deep in the bodies of other operations the program is.
enum BodyDepth {
    @TaskLocal static var current = 0
}

/// Bodies in the making: placeholders for what they are given, and what they use of the world around them.
private struct BodyTrace {
    let placeholders: [Tensor]
    /// What the bodies use that was made outside, in order of first use; more inputs of the bodies.
    private(set) var captured: [Tensor] = []
    /// The depth at which the bodies' own expressions are made.
    private let depth = BodyDepth.current + 1

    init(_ types: [TensorType]) {
        placeholders = types.enumerated().map { Tensor(input: "v\($0)", type: $1) }
    }

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
            if case .operation = expression.source { return expression.depth >= depth }
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
