extension GraphModule {
    /// The same module with each function's arena in the order its text implies.
    public func canonicalized() -> GraphModule {
        var module = self
        module.functions = functions.map { $0.canonicalized() }
        return module
    }
}

extension GraphFunction {
    /// The same function with values in canonical order: inputs, states by first use, results; values that nothing
    /// uses or makes are left out, attributes are in their definition's order, updates in state order.
    ///
    /// A function that is not well formed (an operand that nothing makes) is given back unchanged.
    public func canonicalized() -> GraphFunction {
        guard let order = canonicalOrder() else { return self }
        var numbers = [Int](repeating: -1, count: values.count)
        for (number, value) in order.enumerated() { numbers[value.index] = number }
        func renamed(_ value: ValueID) -> ValueID { ValueID(numbers[value.index]) }

        var function = self
        function.values = order.map { values[$0.index] }
        function.inputs = inputs.map { NamedValue($0.name, renamed($0.value)) }
        function.outputs = outputs.map { NamedValue($0.name, renamed($0.value)) }
        function.updates = updates.enumerated()
            .sorted { ($0.element.state, $0.offset) < ($1.element.state, $1.offset) }
            .map { StateUpdate(state: $0.element.state, value: renamed($0.element.value)) }
        function.ops = ops.map { op in
            let complete = (try? OpTable.rows[op.name]?.complete(op.attributes)) ?? op.attributes
            let attributes = complete.mapValues { attribute in
                if case .function(let body) = attribute { Attribute.function(body.canonicalized()) } else { attribute }
            }
            return GraphOp(
                op.name, op.operands.map(renamed), attributes, results: op.results.map(renamed),
                place: op.place)
        }
        return function
    }

    /// The values in canonical order, or nil if a value is read before it is made, or made twice.
    private func canonicalOrder() -> [ValueID]? {
        var isPlaced = [Bool](repeating: false, count: values.count)
        func place(_ value: ValueID, _ order: inout [ValueID]) -> Bool {
            guard values.indices.contains(value.index), !isPlaced[value.index] else { return false }
            isPlaced[value.index] = true
            order.append(value)
            return true
        }
        var sources: [ValueID] = []
        for input in inputs { guard place(input.value, &sources) else { return nil } }
        var results: [ValueID] = []
        func read(_ value: ValueID) -> Bool {
            guard values.indices.contains(value.index) else { return false }
            if isPlaced[value.index] { return true }
            guard case .state = values[value.index].origin else { return false }
            return place(value, &sources)
        }
        for op in ops {
            guard op.operands.allSatisfy(read) else { return nil }
            for result in op.results { guard place(result, &results) else { return nil } }
        }
        guard (updates.map(\.value) + outputs.map(\.value)).allSatisfy(read) else { return nil }
        return sources + results
    }
}
