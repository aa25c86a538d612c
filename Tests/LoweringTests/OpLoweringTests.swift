import GraphIR
import GraphPasses
import HostTensors
import KernelIR
import Lowering
import OpCases
import Testing

/// A case of every operation as kernels, run by the kernels' own interpreter.
@Suite struct OpLoweringTests {
    static let cases: [OpCase] = {
        var tried: Set<String> = []
        return opCases.filter { tried.insert($0.op).inserted || ["gather", "scatter", "cumulative"].contains($0.op) }
    }()

    @Test("kernels are well formed, stay in bounds, and mean what the operation means", arguments: cases)
    func kernels(of opCase: OpCase) throws {
        let module = try opCase.module()
        let (optimized, plans) = try optimize(module)
        let target = LoweredMeaningTests.targets[opCase.description.utf8.count % LoweredMeaningTests.targets.count]
        let lowered = try lower(optimized, plans: plans, target: target)
        for kernel in lowered.kernels {
            let found = kernel.verify(dims: module.dims)
            #expect(found.problems == [], "\(kernel)")
            #expect(found.unproved == [], "\(kernel)")
            #expect(try Kernel(text: kernel.text, codes: lowered.customCodes) == kernel)
        }
        let inputs = try opCase.tensors()
        let named = Dictionary(uniqueKeysWithValues: inputs.enumerated().map { ("x\($0)", $1) })
        let wanted = try Interpreter(module: module).run("main", inputs: named)
        var states: [HostTensor] = []
        let found = try LoweredInterpreter(lowered).run("main", inputs: inputs, states: &states)
        for (found, wanted) in zip(found, wanted.values) {
            #expect(found.isClose(to: wanted, relative: 1e-9, absolute: 1e-9), "\(found) for \(wanted)")
        }
    }
}
