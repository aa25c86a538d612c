import GraphIR
import HostTensors
import OpCases
import Testing

/// What holds for every row of the table.
@Suite struct TableTests {
    @Test("every op has a case", arguments: OpTable.rows.keys)
    func isCovered(name: String) {
        #expect(opCases.contains { $0.op == name })
    }

    @Test("every row documents itself", arguments: OpTable.rows.values)
    func isDocumented(row: OpDefinition) {
        #expect(row.summary.hasSuffix("."))
        #expect(!row.formula.isEmpty)
        if case .nonDifferentiable(let reason) = row.gradient { #expect(!reason.isEmpty) }
        if row.isComposite { #expect(row.fusion == .opaque) }
    }

    @Test("evaluation has the shape the rule says, also with a symbolic batch", arguments: opCases)
    func shapes(of opCase: OpCase) throws {
        let module = try opCase.module()
        try verify(module)
        let inputs = try opCase.tensors()
        let named = Dictionary(uniqueKeysWithValues: inputs.enumerated().map { ("x\($0)", $1) })
        let outputs = try Interpreter(module: module).run("main", inputs: named)
        let function = module.functions[0]
        for output in function.outputs {
            let expected = try function.type(of: output.value).shape(["B": OpCase.batch])
            #expect(outputs[output.name]?.shape == expected)
        }
        let direct = try OpTable.definition(of: opCase.op).evaluate(
            operands: inputs, attributes: opCase.bound().attributes)
        #expect(direct == Array(outputs.values))
    }

    @Test("an operation takes the element types it says, and no others", arguments: opCases)
    func elementTypes(of opCase: OpCase) throws {
        let definition = try OpTable.definition(of: opCase.op)
        let hasBody = opCase.attributes.values.contains { if case .function = $0 { true } else { false } }
        guard opCase.operands.contains(where: { $0.0.dtype == .f64 }), !hasBody else { return }
        for dtype in DType.allCases {
            // Sums and products of truth values are no operations; `and` and `or` are of nothing else.
            if opCase.op == "reduce", dtype == .bool { continue }
            let retyped = opCase.retyped(to: dtype)
            let isTaken =
                (try? definition.applied(to: retyped.operands.map(\.0), attributes: retyped.attributes)) != nil
            #expect(isTaken == definition.elements.contains(dtype), "\(opCase) of \(dtype)")
        }
    }

    @Test("every op with operands of some shape is tried with a named size")
    func namedSizes() throws {
        for name in OpTable.rows.keys where !["constant", "iota", "random", "randomNormal"].contains(name) {
            let isTried = try opCases.contains { opCase in
                guard opCase.op == name else { return false }
                let function = try opCase.module().functions[0]
                return function.values.contains { $0.type.constantShape == nil }
            }
            #expect(isTried, "\(name)")
        }
    }

    @Test("text says it all", arguments: opCases)
    func text(of opCase: OpCase) throws {
        let module = try opCase.module().canonicalized()
        #expect(try GraphModule(text: module.text()).text() == module.text())
    }

    @Test("expanding changes no number", arguments: opCases.filter { OpTable.rows[$0.op]?.isComposite == true })
    func expansion(of opCase: OpCase) throws {
        var module = try opCase.module()
        let original = module.functions[0]
        module.functions[0] = try original.expandingComposites()
        try verify(module)
        for op in module.functions[0].ops { #expect(OpTable.rows[op.name]?.isComposite == false) }
        let tensors = try opCase.tensors()
        let named = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ("x\($0)", $1) })
        let outputs = try Interpreter(module: module).run("main", inputs: named)
        let direct = try OpTable.definition(of: opCase.op).evaluate(
            operands: tensors, attributes: opCase.bound().attributes)
        #expect(direct == Array(outputs.values))
    }

    @Test("a close spelling is offered")
    func spelling() {
        #expect(
            message { _ = try OpTable.definition(of: "crossEntopy") }
                == "unknown op 'crossEntopy' (did you mean 'crossEntropy'?)")
        #expect(
            message { _ = try OpTable.definition(of: "fourier") } == "unknown op 'fourier' (docs/ops.md lists every op)"
        )
    }
}

/// The text of the error that `body` throws.
func message(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "no error"
    } catch { return String(describing: error) }
}
