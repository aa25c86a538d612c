extension GraphModule {
    /// The module with only the functions of those names, in the module's order, and the states and dimensions they use.
    ///
    /// Throws a `GraphError` that lists the functions there are when one of that name is not among them.
    public func keeping(functions names: some Collection<String>) throws -> GraphModule {
        for name in names { _ = try function(named: name) }
        var module = self
        module.functions = functions.filter { names.contains($0.name) }
        return module.withoutUnusedStatesAndDims()
    }

    /// The same module without states that no function reads or updates, and without dims that no type uses.
    func withoutUnusedStatesAndDims() -> GraphModule {
        var used = Set(functions.flatMap { $0.updates.map(\.state) })
        for function in functions {
            for case .state(let state) in function.values.map(\.origin) { used.insert(state) }
        }
        let kept = states.indices.filter(used.contains)
        let numbers = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
        var module = self
        module.states = kept.map { states[$0] }
        for at in functions.indices {
            for value in functions[at].values.indices {
                if case .state(let state) = functions[at].values[value].origin {
                    module.functions[at].values[value].origin = .state(numbers[state] ?? state)
                }
            }
            for update in functions[at].updates.indices {
                let state = functions[at].updates[update].state
                module.functions[at].updates[update].state = numbers[state] ?? state
            }
        }
        let symbols = Set(functions.flatMap { $0.values.flatMap { $0.type.shape.flatMap(\.symbols) } })
        module.dims = dims.filter { symbols.contains($0.name) }
        return module
    }
}
