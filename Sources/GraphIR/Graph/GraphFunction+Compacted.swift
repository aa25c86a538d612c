extension GraphFunction {
    /// The same function with an arena of only the values it names, in order of appearance: inputs, then as they are made.
    public func compacted() -> GraphFunction {
        var compact = self
        compact.values = []
        var places = [ValueID?](repeating: nil, count: values.count)
        func place(_ value: ValueID) -> ValueID {
            if let known = places[value.index] { return known }
            compact.values.append(values[value.index])
            let new = ValueID(compact.values.count - 1)
            places[value.index] = new
            return new
        }
        compact.inputs = inputs.map { NamedValue($0.name, place($0.value)) }
        compact.ops = ops.map { op in
            var op = op
            op.operands = op.operands.map(place)
            op.results = op.results.map(place)
            return op
        }
        compact.outputs = outputs.map { NamedValue($0.name, place($0.value)) }
        compact.updates = updates.map { StateUpdate(state: $0.state, value: place($0.value)) }
        return compact
    }
}
