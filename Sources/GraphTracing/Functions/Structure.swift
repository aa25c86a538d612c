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
