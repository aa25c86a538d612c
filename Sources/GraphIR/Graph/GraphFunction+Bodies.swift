extension GraphOp {
    /// The bodies in its attributes; one that gives nothing stands for none.
    public var bodies: [GraphFunction] {
        attributes.values.compactMap { attribute in
            if case .function(let body) = attribute, !body.outputs.isEmpty { body } else { nil }
        }
    }
}

extension GraphOp {
    /// What people know it as: its name, or that of the user's code.
    public var shownName: String { attributes.code("code")?.name ?? name }
}

extension GraphFunction {
    /// The types of the inputs, in order.
    public var inputTypes: [TensorType] { inputs.map { type(of: $0.value) } }
    /// The types of the outputs, in order.
    public var outputTypes: [TensorType] { outputs.map { type(of: $0.value) } }

    /// The function with numbers in place of named dimensions; throws when one has no number.
    public func bound(to sizes: [String: Int]) throws -> GraphFunction {
        var bound = self
        for at in values.indices {
            bound.values[at].type.shape = try values[at].type.shape.map { Dim(try $0.value(sizes)) }
        }
        for at in ops.indices {
            bound.ops[at].attributes = try ops[at].attributes.mapValues { try $0.bound(to: sizes) }
        }
        return bound
    }
}

extension FunctionBuilder {
    /// Appends the operations of a body with `arguments` in place of its inputs; gives its outputs.
    public mutating func inline(_ body: GraphFunction, _ arguments: [ValueID]) throws -> [ValueID] {
        guard body.inputs.count == arguments.count else {
            throw GraphError("a body takes \(body.inputs.count) inputs, got \(arguments.count)")
        }
        let outer = place
        defer { place = outer }
        var values: [ValueID: ValueID] = [:]
        for (input, argument) in zip(body.inputs, arguments) { values[input.value] = argument }
        func known(_ value: ValueID) throws -> ValueID {
            guard let known = values[value] else {
                throw GraphError("a body reads value \(value.index), which is neither made in it nor an input")
            }
            return known
        }
        for op in body.ops {
            place = op.place ?? outer
            let results = try emit(op.name, op.operands.map(known), op.attributes)
            for (inner, result) in zip(op.results, results) { values[inner] = result }
        }
        return try body.outputs.map { try known($0.value) }
    }
}
