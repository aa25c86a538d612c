import HostTensors

extension GraphFunction {
    /// The function with composites replaced by their bodies, wherever `shouldExpand` says so, also inside bodies.
    ///
    /// Operations of a body carry the composite's place. Values keep their IDs: a composite's result is made by the body's
    /// operation, except where the body hands an operand through, whose readers then read that operand.
    public func expandingComposites(
        states: [StateDeclaration] = [], where shouldExpand: (GraphOp) -> Bool = { _ in true }
    ) throws -> GraphFunction {
        try expansion(states: states, where: shouldExpand).function
    }

    /// The expanded function, and for values that are no longer made what stands for them.
    func expansion(
        states: [StateDeclaration], where shouldExpand: (GraphOp) -> Bool
    ) throws -> (function: GraphFunction, replacements: [ValueID: ValueID]) {
        var bare = self
        bare.ops = []
        var expander = CompositeExpander(builder: FunctionBuilder(continuing: bare, states: states))
        for op in ops { try expander.add(op, where: shouldExpand) }
        var expanded = expander.builder.function
        for index in expanded.outputs.indices {
            expanded.outputs[index].value = expander.current(expanded.outputs[index].value)
        }
        for index in expanded.updates.indices {
            expanded.updates[index].value = expander.current(expanded.updates[index].value)
        }
        return (expanded, expander.replacements)
    }
}

/// Copies operations into a function, bodies in place of composites.
private struct CompositeExpander {
    var builder: FunctionBuilder
    var replacements: [ValueID: ValueID] = [:]

    func current(_ value: ValueID) -> ValueID { replacements[value] ?? value }

    mutating func add(_ op: GraphOp, where shouldExpand: (GraphOp) -> Bool) throws {
        var op = op
        op.operands = op.operands.map(current)
        guard case .composite(let body) = try OpTable.definition(of: op.name).meaning, shouldExpand(op) else {
            builder.function.ops.append(op)
            return
        }
        let outer = builder.function.ops
        builder.function.ops = []
        builder.place = op.place
        let bodyResults: [ValueID]
        do { bodyResults = try body(&builder, op) } catch let error as GraphError {
            throw error.at(op.place?.description)
        }
        let bodyOps = builder.function.ops
        builder.function.ops = outer
        let renamed = try rename(bodyResults, of: op, madeBy: bodyOps)
        for inner in bodyOps {
            var inner = inner
            inner.operands = inner.operands.map { renamed[$0] ?? $0 }
            inner.results = inner.results.map { renamed[$0] ?? $0 }
            try add(inner, where: shouldExpand)
        }
    }

    /// New names for the body's results: the composite's own, as far as the body makes each of them once.
    private mutating func rename(
        _ bodyResults: [ValueID], of op: GraphOp, madeBy bodyOps: [GraphOp]
    ) throws -> [ValueID: ValueID] {
        guard bodyResults.count == op.results.count else {
            throw GraphError("\(op.name): its body gives \(bodyResults.count) results, the op has \(op.results.count)")
        }
        let made = Set(bodyOps.flatMap(\.results))
        var renamed: [ValueID: ValueID] = [:]
        for (inner, result) in zip(bodyResults, op.results) {
            guard builder.type(inner) == builder.type(result) else {
                throw GraphError(
                    "\(op.name): its body gives \(builder.type(inner)), its shape rule says \(builder.type(result))")
            }
            if made.contains(inner), renamed[inner] == nil {
                renamed[inner] = result
            } else {
                replacements[result] = renamed[inner] ?? current(inner)
            }
        }
        return renamed
    }
}
