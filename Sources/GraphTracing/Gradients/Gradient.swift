import GraphIR

/// The derivatives of a rank-0 floating-point tensor, and tensors recomputed from the same operations.
public struct Derivatives: Sendable {
    /// For each tensor to differentiate by, the derivative, of its type.
    public var gradients: [Tensor]
    /// The tensors that were to be kept, as the derivatives' operations see them: nothing is computed twice.
    public var kept: [Tensor]
}

/// The derivatives of `loss` with respect to `tensors` (inputs, variables' values, or anything in between).
///
/// `kept` are tensors that the caller goes on using beside the derivatives, such as the loss itself. What the traced call
/// has assigned to variables so far is kept as well. Errors are carried by the results.
public func derivatives(
    of loss: Tensor, withRespectTo tensors: [Tensor], keeping kept: [Tensor] = [], file: String = #fileID,
    line: Int = #line
) -> Derivatives {
    do {
        try TraceError.check([loss] + tensors + kept)
        guard loss.rank == 0 else {
            throw GraphError(
                "gradient: the loss must be one number, got \(loss.type)",
                place: PlaceScope.call(file, line).description, remedy: "take its mean() or sum()")
        }
        let recorder = TraceRecorder.current
        let assigned = recorder?.assignments ?? []
        var derivatives = try Differentiation(loss: loss, tensors: tensors, kept: kept + assigned.map(\.value)).run()
        for (update, value) in zip(assigned, derivatives.kept.suffix(assigned.count)) {
            recorder?.assign(value, to: update.variable)
        }
        derivatives.kept.removeLast(assigned.count)
        return derivatives
    } catch {
        let errors = (error as? TraceError)?.errors ?? [error as? GraphError ?? GraphError("\(error)")]
        let failures = errors.map { Tensor(failure: $0) }
        let failed = Tensor(
            Expression(.operation("gradient", [:]), operands: failures, types: [TensorType(.f32)], place: nil))
        return Derivatives(gradients: tensors.map { _ in failed }, kept: kept.map { _ in failed })
    }
}

/// The derivatives of `loss` with respect to `tensors`.
public func gradients(
    of loss: Tensor, withRespectTo tensors: [Tensor], file: String = #fileID, line: Int = #line
) -> [Tensor] {
    derivatives(of: loss, withRespectTo: tensors, file: file, line: line).gradients
}

/// The derivative of a function of one tensor that gives one number.
public func gradient(
    of function: @escaping (Tensor) -> Tensor, file: String = #fileID, line: Int = #line
) -> (Tensor) -> Tensor {
    { x in
        // A tensor of its own, so that other uses of `x` inside `function` count as constants.
        let own = x.isFailed ? x : x.copied()
        return gradients(of: function(own), withRespectTo: [own], file: file, line: line)[0]
    }
}

/// The derivatives of a function of two tensors that gives one number.
public func gradient(
    of function: @escaping (Tensor, Tensor) -> Tensor, file: String = #fileID, line: Int = #line
) -> (Tensor, Tensor) -> (Tensor, Tensor) {
    { x, y in
        let own = [x, y].map { $0.isFailed ? $0 : $0.copied() }
        let parts = gradients(of: function(own[0], own[1]), withRespectTo: own, file: file, line: line)
        return (parts[0], parts[1])
    }
}

extension Tensor {
    /// The same value as an expression of its own.
    fileprivate func copied() -> Tensor {
        Tensor.apply("reshape", [self], ["shape": .dims(shape)], place: place)
    }
}

/// One gradient: expressions are written as a graph, differentiated there, and read back.
private struct Differentiation {
    let loss: Tensor
    let tensors: [Tensor]
    let kept: [Tensor]

    func run() throws -> Derivatives {
        var leaves: [Tensor] = []
        let leafTensors = Expression.ordered(from: [loss] + tensors + kept).filter(\.isLeaf).map { Tensor($0) }
        var emitter = ExpressionEmitter(FunctionBuilder(name: "gradient")) { _, _ in
            throw GraphError("gradient: a leaf was not declared")
        }
        for leaf in leafTensors {
            let value = emitter.builder.input("\(leaves.count)", leaf.type)
            leaves.append(leaf)
            emitter.define(leaf, as: value)
        }
        let values = try emitter.emit([loss] + tensors + kept)
        // Differentiation may replace composites by their bodies; outputs follow.
        for value in values { emitter.builder.output("", value) }
        let wanted = Array(values[1..<(1 + tensors.count)])
        let gradients = try emitter.builder.gradients(of: values[0], withRespectTo: wanted)
        let function = emitter.builder.function
        let reader = try ExpressionReader(function, leaves: leaves, written: emitter.written)
        return Derivatives(
            gradients: try gradients.map(reader.tensor),
            kept: try function.outputs.suffix(kept.count).map { try reader.tensor($0.value) })
    }
}

extension Expression {
    fileprivate var isLeaf: Bool {
        switch source {
        case .input, .variable: true
        default: false
        }
    }
}

/// Reads a function's operations back as expressions, as the very ones they were written from where nothing has changed.
private struct ExpressionReader {
    private var tensors: [ValueID: Tensor] = [:]

    init(_ function: GraphFunction, leaves: [Tensor], written: [ValueID: Expression]) throws {
        for (input, leaf) in zip(function.inputs, leaves) { tensors[input.value] = leaf }
        for op in function.ops {
            let operands = try op.operands.map(tensor)
            var expression = op.results.first.flatMap { written[$0] }
            if expression?.isOperation(op.name, on: operands) != true {
                expression = Expression(
                    .operation(op.name, op.attributes), operands: operands,
                    types: op.results.map { function.type(of: $0) }, place: op.place)
            }
            for (at, value) in op.results.enumerated() { tensors[value] = expression.map { Tensor($0, result: at) } }
        }
    }

    func tensor(_ value: ValueID) throws -> Tensor {
        guard let tensor = tensors[value] else { throw GraphError("gradient: value \(value.index) is not made") }
        return tensor
    }
}

extension Expression {
    /// Whether it is this operation on these very operands.
    fileprivate func isOperation(_ name: String, on tensors: [Tensor]) -> Bool {
        guard case .operation(name, _) = source, operands.count == tensors.count else { return false }
        return zip(operands, tensors).allSatisfy { $0.expression === $1.expression && $0.resultIndex == $1.resultIndex }
    }
}
