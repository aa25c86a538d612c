/// Checks one function of a module.
struct FunctionChecker {
    let function: GraphFunction
    let module: GraphModule
    private let names: ValueNames
    private var isDefined: [Bool]
    private var found: [GraphError] = []
    private let place: String

    /// A checker of a function of a module, or of a body in an operation at `place`.
    init(function: GraphFunction, module: GraphModule, place: String? = nil) {
        self.function = function
        self.module = module
        self.place = place ?? "func @\(function.name)"
        names = ValueNames(function, states: module.states)
        isDefined = [Bool](repeating: false, count: function.values.count)
    }

    /// All findings.
    mutating func run() -> [GraphError] {
        checkSources()
        for op in function.ops { check(op) }
        checkEnds()
        return found
    }

    private func place(of op: GraphOp) -> String {
        let results = op.results.map { names[$0] }.joined(separator: ", ")
        let source = op.place.map { ", \($0)" } ?? ""
        return "\(place), \(results) = \(op.name)\(source)"
    }

    private mutating func report(_ message: String, at place: String? = nil, remedy: String? = nil) {
        found.append(GraphError(message, place: place ?? self.place, remedy: remedy))
    }

    private func exists(_ value: ValueID) -> Bool { function.values.indices.contains(value.index) }

    private mutating func checkSources() {
        found += Duplicates.errors(function.inputs.map(\.name), "input", place: place) { "\"\($0)\"" }
        for (at, input) in function.inputs.enumerated() {
            guard exists(input.value) else {
                report("input \"\(input.name)\" has no value")
                continue
            }
            if function.values[input.value.index].origin != .input(at) {
                report("the value of input \"\(input.name)\" does not originate in input \(at)")
            }
            if isDefined[input.value.index] { report("two inputs have one value, \(names[input.value])") }
            isDefined[input.value.index] = true
        }
        var seen: Set<Int> = []
        for (at, value) in function.values.enumerated() {
            if let problem = ShapeCheck.problem(with: value.type, dims: module.dims),
                value.origin != .operation
            {
                found.append(problem.at("\(place), \(names[ValueID(at)])"))
            }
            guard case .state(let state) = value.origin else { continue }
            isDefined[at] = true
            guard module.states.indices.contains(state) else {
                report("there is no state \(state)", remedy: "the module has \(module.states.count)")
                continue
            }
            if !seen.insert(state).inserted {
                report("state %\(module.states[state].identifier) has two values", remedy: "read one of them")
            }
            if module.states[state].type != value.type {
                report(
                    "type mismatch: state %\(module.states[state].identifier) is \(module.states[state].type), "
                        + "its value is \(value.type)")
            }
        }
    }

    private mutating func check(_ op: GraphOp) {
        let place = place(of: op)
        var isReadable = true
        for operand in op.operands where !exists(operand) || !isDefined[operand.index] {
            isReadable = false
            report(
                "operand \(names[operand]) is read before it is made", at: place,
                remedy: "order operations so that each reads only what came before")
        }
        for result in op.results {
            guard exists(result), function.values[result.index].origin == .operation else {
                report("result \(names[result]) is not a value that an operation makes", at: place)
                continue
            }
            if isDefined[result.index] { report("\(names[result]) is made twice", at: place) }
            isDefined[result.index] = true
        }
        if isReadable { checkDefinition(of: op, place) }
    }

    private mutating func checkDefinition(of op: GraphOp, _ place: String) {
        guard let definition = OpTable.rows[op.name] else {
            report(
                "unknown op '\(op.name)'", at: place,
                remedy: Spelling.suggestion(for: op.name, among: OpTable.rows.keys) ?? "docs/ops.md lists every op")
            return
        }
        do {
            for (name, attribute) in op.attributes {
                guard case .function(let body) = attribute else { continue }
                // A body sees no states.
                var outside = module
                outside.states = []
                var checker = FunctionChecker(function: body, module: outside, place: "\(place), '\(name)'")
                found += checker.run()
            }
            try definition.checkOperandCount(op.operands.count)
            let complete = try definition.complete(op.attributes)
            if complete.count != op.attributes.count {
                report("attributes are not complete", at: place, remedy: "fill in the defaults")
            } else if Array(complete.keys) != Array(op.attributes.keys) {
                report("attributes are not in their definition's order", at: place)
            }
            let inferred = try definition.infer(
                InferenceInput(
                    opName: op.name, operands: op.operands.map { function.type(of: $0) }, attributes: complete))
            checkResults(of: op, inferred, place)
        } catch let error as GraphError {
            found.append(error.at(place))
        } catch {
            report("\(error)", at: place)
        }
    }

    private mutating func checkResults(of op: GraphOp, _ inferred: [TensorType], _ place: String) {
        guard inferred.count == op.results.count, !inferred.isEmpty else {
            report("\(op.name) gives \(inferred.count) results, \(op.results.count) are named", at: place)
            return
        }
        for (type, result) in zip(inferred, op.results) where exists(result) {
            let stated = function.type(of: result)
            if stated != type {
                report("type mismatch: \(op.name) gives \(type), \(names[result]) is \(stated)", at: place)
            } else if let problem = ShapeCheck.problem(with: type, dims: module.dims) {
                found.append(problem.at(place))
            } else if let problem = ShapeCheck.problem(with: op, in: function) {
                found.append(problem.at(place))
            }
        }
    }

    private mutating func checkEnds() {
        found += Duplicates.errors(function.outputs.map(\.name), "output", place: place) { "\"\($0)\"" }
        for output in function.outputs where !exists(output.value) || !isDefined[output.value.index] {
            report("output \"\(output.name)\" is \(names[output.value]), which nothing makes")
        }
        var updated: Set<Int> = []
        for update in function.updates {
            guard module.states.indices.contains(update.state) else {
                report("update of state \(update.state): there are \(module.states.count) states")
                continue
            }
            let state = module.states[update.state]
            if !updated.insert(update.state).inserted {
                report("state %\(state.identifier) is updated twice", remedy: "bind its new value once")
            }
            guard exists(update.value), isDefined[update.value.index] else {
                report("update of state %\(state.identifier) to \(names[update.value]), which nothing makes")
                continue
            }
            let type = function.type(of: update.value)
            if type != state.type {
                report(
                    "type mismatch: state %\(state.identifier) is \(state.type), its new value is \(type)",
                    remedy: "a state keeps its type")
            }
        }
    }
}
