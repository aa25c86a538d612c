import GraphIR

/// A function as expressions: what `ModuleTracer` collects before it writes graphs.
struct TracedFunction {
    let name: String
    private(set) var inputs: [(name: String, placeholder: Tensor)]
    let outputs: [(name: String, value: Tensor)]
    let updates: [(variable: Variable, value: Tensor)]

    /// What the function computes.
    var results: [Tensor] { outputs.map(\.value) + updates.map(\.value) }

    /// The variables it reads or assigns, in order of appearance.
    var variables: [Variable] {
        var found: [Variable] = []
        var seen: Set<ObjectIdentifier> = []
        for expression in Expression.ordered(from: results) {
            if case .variable(let variable) = expression.source, seen.insert(ObjectIdentifier(variable)).inserted {
                found.append(variable)
            }
        }
        for (variable, _) in updates where seen.insert(ObjectIdentifier(variable)).inserted { found.append(variable) }
        return found
    }

    /// Leaves out inputs that no result depends on.
    mutating func dropUnusedInputs() {
        let used = Set(Expression.ordered(from: results).map(ObjectIdentifier.init))
        inputs.removeAll { !used.contains(ObjectIdentifier($0.placeholder.expression)) }
    }

    /// The function in graph form; `indices` are the places of variables among the states.
    func graph(states: [StateDeclaration], indices: [ObjectIdentifier: Int]) throws -> GraphFunction {
        var builder = FunctionBuilder(name: name, states: states)
        let inputValues = inputs.map { builder.input($0.name, $0.placeholder.type) }
        var emitter = ExpressionEmitter(builder) { builder, expression in
            if case .variable(let variable) = expression.source, let index = indices[ObjectIdentifier(variable)] {
                return builder.state(index)
            }
            throw TraceError([
                GraphError(
                    "function '\(name)' uses an input of another function",
                    remedy: "use only the tensors that the closure is given")
            ])
        }
        for (input, value) in zip(inputs, inputValues) { emitter.define(input.placeholder, as: value) }
        let values = try emitter.emit(results)
        for (output, value) in zip(outputs, values) { emitter.builder.output(output.name, value) }
        let updated = zip(updates, values.dropFirst(outputs.count)).map { update, value in
            (state: indices[ObjectIdentifier(update.variable)] ?? -1, value: value)
        }
        for (state, value) in updated.sorted(by: { $0.state < $1.state }) { emitter.builder.update(state, value) }
        return emitter.builder.function
    }
}
