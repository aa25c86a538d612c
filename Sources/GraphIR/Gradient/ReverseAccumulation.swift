import HostTensors

extension FunctionBuilder {
    /// Appends the gradient of the sum of `output`'s elements with respect to each of `values`: one value of the same type
    /// each, zeros where nothing flows.
    ///
    /// Reverse accumulation: every operation between `values` and `output` gets its rule applied to the cotangents of its
    /// results, in reverse order. Composites without a rule of their own are expanded first. What is emitted are ordinary
    /// operations, so the gradient of a gradient works. Throws `GraphError` if `output` or a value is not floating-point, or if
    /// an operation in between has no gradient for these operands.
    public mutating func gradients(of output: ValueID, withRespectTo values: [ValueID]) throws -> [ValueID] {
        for (value, name) in [(output, "the output")] + values.map({ ($0, "a value to differentiate by") })
        where !type(value).dtype.isFloat {
            throw GraphError(
                "gradient: \(name) is \(type(value)), expected floating-point elements", remedy: "cast it first")
        }
        let savedPlace = place
        defer { place = savedPlace }
        place = function.producer(of: output)?.place ?? place
        return try cotangents(of: values, given: [(output, nil)])
    }

    /// Appends what flows from the cotangents of `outputs` (ones, where none is given) back to each of `values`: zeros where
    /// nothing does.
    mutating func cotangents(
        of values: [ValueID], given outputs: [(value: ValueID, cotangent: ValueID?)]
    ) throws -> [ValueID] {
        let savedPlace = place
        defer { place = savedPlace }
        let (ends, values) = try expandBodies(between: values, and: outputs.map(\.value))
        let flowing = function.valuesReached(from: values)
        var cotangents = [ValueID?](repeating: nil, count: function.values.count)
        let ops = function.ops
        for (end, output) in zip(ends, outputs) {
            let given = try output.cotangent ?? splat(1, like: end)
            cotangents[end.index] = try cotangents[end.index].map { try add($0, given) } ?? given
        }
        for op in ops.reversed() {
            guard op.results.contains(where: { $0.index < cotangents.count && cotangents[$0.index] != nil }),
                op.results.contains(where: { flowing[$0.index] })
            else { continue }
            try propagate(through: op, flowing: flowing, &cotangents)
        }
        return try values.map { value in try cotangents[value.index] ?? splat(0, like: value) }
    }

    /// Adds what flows through one operation to its operands' cotangents.
    private mutating func propagate(
        through op: GraphOp, flowing: [Bool], _ cotangents: inout [ValueID?]
    ) throws {
        let wanted = op.operands.map { flowing[$0.index] && type($0).dtype.isFloat }
        guard wanted.contains(true) else { return }
        place = op.place
        guard case .rule(let rule) = try OpTable.definition(of: op.name).gradient else { return }
        do {
            let parts = try rule(
                &self, GradientInput(op: op, cotangents: op.results.map { cotangents[$0.index] }, wanted: wanted))
            for (at, part) in parts.enumerated() where wanted[at] {
                guard let part else { continue }
                let operand = op.operands[at]
                guard type(part) == type(operand) else {
                    throw GraphError(
                        "\(op.name): its gradient rule gives \(type(part)) for operand \(at) of \(type(operand))")
                }
                cotangents[operand.index] = try cotangents[operand.index].map { try add($0, part) } ?? part
            }
        } catch let error as GraphError {
            throw error.at(op.place?.description)
        }
    }

    /// Expands composites without an own rule that lie between `values` and `outputs`; gives both as they are called now.
    private mutating func expandBodies(
        between values: [ValueID], and outputs: [ValueID]
    ) throws -> (outputs: [ValueID], values: [ValueID]) {
        let reached = function.valuesReached(from: values)
        let needed = function.valuesNeeded(by: outputs)
        let known = function.values.count
        let (expanded, replacements) = try function.expansion(states: states) { op in
            guard case .fromBody? = OpTable.rows[op.name]?.gradient else { return false }
            return op.results.contains { $0.index >= known || (reached[$0.index] && needed[$0.index]) }
        }
        function = expanded
        return (outputs.map { replacements[$0] ?? $0 }, values.map { replacements[$0] ?? $0 })
    }
}

extension GraphFunction {
    /// For every value whether it depends on one of `sources` (or is one).
    func valuesReached(from sources: [ValueID]) -> [Bool] {
        var reached = [Bool](repeating: false, count: values.count)
        for source in sources { reached[source.index] = true }
        for op in ops where op.operands.contains(where: { reached[$0.index] }) {
            for result in op.results { reached[result.index] = true }
        }
        return reached
    }

    /// For every value whether one of `targets` depends on it (or is it).
    func valuesNeeded(by targets: [ValueID]) -> [Bool] {
        var needed = [Bool](repeating: false, count: values.count)
        for target in targets { needed[target.index] = true }
        for op in ops.reversed() where op.results.contains(where: { needed[$0.index] }) {
            for operand in op.operands { needed[operand.index] = true }
        }
        return needed
    }

    /// The operation that makes a value.
    func producer(of value: ValueID) -> GraphOp? { ops.first { $0.results.contains(value) } }
}
