import GraphIR
import HostTensors
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
