extension GraphModule {
    /// One function as JSON: inputs, states, operations with attributes, types and places, outputs, updates; throws when
    /// there is no such function.
    ///
    /// Values are named as in the text form; attributes are their text form too, with large constants by hash.
    public func json(function name: String) throws -> String {
        let function = try function(named: name).canonicalized()
        let names = ValueNames(function, states: states)
        let members: [(String, JSONText)] = [
            ("module", .string(self.name)), ("function", .string(function.name)),
            ("dims", .list(dims.map(json))),
            ("states", .list(states.map(json))),
            (
                "inputs",
                .list(
                    function.inputs.map {
                        .object([("name", .string($0.name))] + json(of: $0.value, function, names))
                    })
            ),
            ("ops", .list(function.ops.map { json(of: $0, function, names) })),
            (
                "outputs",
                .list(
                    function.outputs.map {
                        .object([("name", .string($0.name))] + json(of: $0.value, function, names))
                    })
            ),
            (
                "updates",
                .list(
                    function.updates.map { update in
                        let state = states.indices.contains(update.state) ? states[update.state].path : ""
                        return .object([("state", .string(state))] + json(of: update.value, function, names))
                    })
            ),
        ]
        return JSONText.object(members).text() + "\n"
    }

    private func json(_ dim: DimSymbol) -> JSONText {
        .object([
            ("name", .string(dim.name)), ("least", .number(dim.range.lowerBound)),
            ("most", .number(dim.range.upperBound)), ("multiple", .number(dim.multiple)),
        ])
    }

    private func json(_ state: StateDeclaration) -> JSONText {
        .object([
            ("path", .string(state.path)), ("value", .string("%\(state.identifier)")),
            ("type", .string(state.type.description)), ("role", .string(state.role.rawValue)),
        ])
    }

    private func json(of value: ValueID, _ function: GraphFunction, _ names: ValueNames) -> [(String, JSONText)] {
        let isKnown = function.values.indices.contains(value.index)
        return [
            ("value", .string(names[value])),
            ("type", .string(isKnown ? function.type(of: value).description : "?")),
        ]
    }

    private func json(of op: GraphOp, _ function: GraphFunction, _ names: ValueNames) -> JSONText {
        var members: [(String, JSONText)] = [
            ("op", .string(op.name)),
            ("operands", .list(op.operands.map { .string(names[$0]) })),
            ("attributes", .object(op.attributes.map { ($0.key, .string($0.value.text(constants: .sideFile))) })),
            ("results", .list(op.results.map { .object(json(of: $0, function, names)) })),
        ]
        if let place = op.place {
            members.append(
                (
                    "place",
                    .object([
                        ("layer", .string(place.layer)), ("file", .string(place.file)), ("line", .number(place.line)),
                    ])
                ))
        }
        return .object(members)
    }
}
