import GraphIR
import HostTensors

/// Rebuilds a function operation by operation: each is copied or replaced, and values nothing names any more are gone.
struct GraphRewriter {
    /// The new function.
    var builder: FunctionBuilder
    private var mapped: [ValueID?]
    private let old: GraphFunction
    private var makers: [Int?] = []
    private var makersKnown = 0

    private init(_ function: GraphFunction, states: [StateDeclaration]) {
        old = function
        builder = FunctionBuilder(name: function.name, states: states)
        mapped = Array(repeating: nil, count: function.values.count)
        for input in function.inputs {
            mapped[input.value.index] = builder.input(input.name, function.type(of: input.value))
        }
    }

    /// Rebuilds `function`. `replace` is given each operation with its new operands and gives the values that stand for
    /// its results, or nil to copy it; a function for which it always gives nil stays as it is.
    static func rebuild(
        _ function: inout GraphFunction, _ context: PassContext,
        replace: (GraphOp, inout GraphRewriter) throws -> [ValueID]?
    ) throws -> Bool {
        var rewriter = GraphRewriter(function, states: context.states)
        var changed = false
        for op in function.ops {
            var copy = op
            copy.operands = try op.operands.map { try rewriter.new($0) }
            rewriter.builder.place = op.place
            let results: [ValueID]
            if let replacement = try replace(copy, &rewriter) {
                changed = true
                results = replacement
            } else {
                results = try rewriter.builder.emit(op.name, copy.operands, op.attributes)
            }
            try rewriter.bind(op, to: results)
        }
        guard changed else { return false }
        for output in function.outputs { rewriter.builder.output(output.name, try rewriter.new(output.value)) }
        for update in function.updates { rewriter.builder.update(update.state, try rewriter.new(update.value)) }
        function = rewriter.builder.function
        return true
    }

    private mutating func bind(_ op: GraphOp, to results: [ValueID]) throws {
        guard results.count == op.results.count else {
            throw GraphError("\(op.name): \(results.count) values stand for its \(op.results.count) results")
        }
        for (result, value) in zip(op.results, results) {
            guard builder.type(value) == old.type(of: result) else {
                throw GraphError(
                    "\(op.name) of type \(old.type(of: result)) was replaced by a value of type \(builder.type(value))",
                    place: op.place?.description)
            }
            mapped[result.index] = value
        }
    }

    /// The value of the new function that stands for a value of the old one.
    mutating func new(_ value: ValueID) throws -> ValueID {
        if let known = mapped[value.index] { return known }
        guard case .state(let state) = old.values[value.index].origin else {
            throw GraphError("function '\(old.name)' reads %\(value.index), which nothing made before")
        }
        let made = builder.state(state)
        mapped[value.index] = made
        return made
    }

    /// The operation of the new function that makes a value, nil for inputs and states.
    mutating func maker(_ value: ValueID) -> GraphOp? {
        makers += Array(repeating: nil, count: builder.function.values.count - makers.count)
        while makersKnown < builder.function.ops.count {
            for result in builder.function.ops[makersKnown].results { makers[result.index] = makersKnown }
            makersKnown += 1
        }
        return makers[value.index].map { builder.function.ops[$0] }
    }

    /// The operation that makes a value, if it has that name.
    mutating func maker(_ value: ValueID, named name: String) -> GraphOp? {
        guard let op = maker(value), op.name == name else { return nil }
        return op
    }

    /// The rank-0 value that `value` repeats, if it is a broadcast of one (or is one itself).
    mutating func repeatedScalar(_ value: ValueID) -> ValueID? {
        if builder.type(value).rank == 0 { return value }
        guard let op = maker(value, named: "broadcast") else { return nil }
        return repeatedScalar(op.operands[0])
    }

    /// The number that every element of `value` is, if it is a repeated constant.
    mutating func splat(_ value: ValueID) -> Double? {
        guard let scalar = repeatedScalar(value), let op = maker(scalar, named: "constant") else { return nil }
        return op.attributes.tensor("value")?.doubles().first
    }
}
