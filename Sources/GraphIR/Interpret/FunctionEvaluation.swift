import HostTensors

/// One run of one function with its symbols bound: operations in order, values freed after their last reader.
struct FunctionEvaluation {
    let function: GraphFunction
    let bindings: [String: Int]
    var freesEarly = true
    var observe: Interpreter.Observer?

    /// Outputs and updates in the function's order.
    func run(inputs: [HostTensor], states: [HostTensor]) throws -> (outputs: [HostTensor], updates: [HostTensor]) {
        var values = [HostTensor?](repeating: nil, count: function.values.count)
        for (at, value) in function.values.enumerated() {
            switch value.origin {
            case .input(let index): values[at] = inputs[index]
            case .state(let index): values[at] = states[index]
            case .operation: break
            }
        }
        let lastReaders = freesEarly ? lastReaders() : []
        for (at, op) in function.ops.enumerated() {
            let results = try evaluate(op, values)
            try observe?(at, op, results)
            for (value, result) in zip(op.results, results) { values[value.index] = result }
            if freesEarly {
                for value in op.operands + op.results where lastReaders[value.index] <= at { values[value.index] = nil }
            }
        }
        return (
            try function.outputs.map { try known($0.value, values) },
            try function.updates.map { try known($0.value, values) }
        )
    }

    private func evaluate(_ op: GraphOp, _ values: [HostTensor?]) throws -> [HostTensor] {
        do {
            let definition = try OpTable.definition(of: op.name)
            let operands = try op.operands.map { try known($0, values) }
            let results = try op.results.map { value -> TensorType in
                let type = function.type(of: value)
                return TensorType(type.dtype, try type.shape(bindings).map { Dim($0) })
            }
            let bytes = try results.reduce(0) { $0 + (try $1.byteCount.value([:])) }
            try HostTensor.requireMemory(byteCount: bytes, for: op.results.count == 1 ? "\(results[0])" : "results")
            return try definition.evaluate(
                EvaluationInput(operands: operands, attributes: bound(op.attributes), results: results))
        } catch let error as GraphError {
            throw error.at(op.place?.description)
        } catch let error as TensorError {
            throw GraphError("\(op.name): \(error)", place: op.place?.description)
        }
    }

    private func bound(_ attributes: Attributes) throws -> Attributes {
        if bindings.isEmpty { return attributes }
        return try attributes.mapValues { try $0.bound(to: bindings) }
    }

    private func known(_ value: ValueID, _ values: [HostTensor?]) throws -> HostTensor {
        guard let tensor = values[value.index] else {
            throw GraphError(
                "function '\(function.name)' reads value \(value.index) before it is made",
                remedy: "operations must come in an order in which each reads only what came before")
        }
        return tensor
    }

    /// For every value the index of the last operation that reads it: -1 if none does, past the end if it lives on.
    private func lastReaders() -> [Int] {
        var last = [Int](repeating: -1, count: function.values.count)
        for (at, op) in function.ops.enumerated() { for operand in op.operands { last[operand.index] = at } }
        for value in function.liveOut { last[value.index] = function.ops.count }
        return last
    }
}
