import GraphIR

/// Writes expressions into a function, each once, operands first.
struct ExpressionEmitter {
    var builder: FunctionBuilder
    /// The value of a leaf (an input or a variable) that is not known yet; throws if there can be none.
    var leaf: (inout FunctionBuilder, Expression) throws -> ValueID
    private var values: [ObjectIdentifier: [ValueID]] = [:]
    /// Expressions whose identity is a key in `values` must stay alive.
    private var held: [Expression] = []

    init(_ builder: FunctionBuilder, leaf: @escaping (inout FunctionBuilder, Expression) throws -> ValueID) {
        self.builder = builder
        self.leaf = leaf
    }

    /// Says which value an expression already is.
    mutating func define(_ tensor: Tensor, as value: ValueID) { define(tensor.expression, as: [value]) }

    /// Says which values the results of an expression already are; what it is made of is not written.
    mutating func define(_ expression: Expression, as results: [ValueID]) {
        held.append(expression)
        values[ObjectIdentifier(expression)] = results
    }

    /// What each value was written from, by its first result.
    var written: [ValueID: Expression] {
        var written: [ValueID: Expression] = [:]
        for expression in held {
            if let first = values[ObjectIdentifier(expression)]?.first { written[first] = expression }
        }
        return written
    }

    /// The values of tensors, after writing all they depend on.
    mutating func emit(_ tensors: [Tensor]) throws -> [ValueID] {
        for expression in Expression.ordered(from: tensors, where: { values[ObjectIdentifier($0)] == nil }) {
            values[ObjectIdentifier(expression)] = try results(of: expression)
            held.append(expression)
        }
        return tensors.map(value)
    }

    private func value(of tensor: Tensor) -> ValueID {
        guard let known = values[ObjectIdentifier(tensor.expression)] else {
            preconditionFailure("operands are written before what reads them")
        }
        return known[tensor.resultIndex]
    }

    private mutating func results(of expression: Expression) throws -> [ValueID] {
        switch expression.source {
        case .operation(let name, let attributes):
            builder.place = expression.place
            return try builder.emit(name, expression.operands.map(value), attributes)
        case .input, .variable: return [try leaf(&builder, expression)]
        case .failure(let error): throw TraceError([error])
        }
    }
}
