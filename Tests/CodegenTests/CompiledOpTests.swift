import GraphIR
import HostTensors
import KernelIR
import OpCases
import Testing
import Toolchain

/// Every case of every operation, compiled for the levels of this machine and interpreted.
@Suite struct CompiledOpTests {
    /// Cases are compiled many at a time: a module a batch, a function a case.
    struct Batch: Sendable, CustomTestStringConvertible {
        var target: Target
        var dtype: DType
        var cases: [OpCase]
        var testDescription: String { "\(dtype) on \(target.level), \(cases[0].op) … \(cases[cases.count - 1].op)" }
    }

    /// All cases of f64 and f32 on every level, and a case of each operation of every other element type it takes: on the
    /// highest level, 16-bit floats also on the lowest, which lacks their conversions.
    static let batches: [Batch] = {
        let levels = CPULevel.levels(of: Target.host.architecture).filter { $0.rank <= Target.host.level.rank }
        var batches = levels.flatMap { level in
            [DType.f64, .f32].flatMap { Self.batches(of: opCases, level, $0) }
        }
        var tried: Set<String> = []
        let firstCases = opCases.filter { tried.insert($0.op).inserted }
        for dtype in DType.allCases where dtype != .f64 && dtype != .f32 {
            let some =
                dtype == .f16 || dtype == .bf16 ? [levels[0], levels[levels.count - 1]] : [levels[levels.count - 1]]
            for level in Set(some).sorted(by: { $0.rank < $1.rank }) {
                batches += Self.batches(of: firstCases, level, dtype)
            }
        }
        return batches
    }()

    private static func batches(of cases: [OpCase], _ level: CPULevel, _ dtype: DType) -> [Batch] {
        let fitting = cases.filter { opCase in
            guard dtype != .f64 else { return true }
            let isKindOfNumbers = opCase.op == "reduce" && dtype == .bool
            let changes = opCase.retyped(to: dtype).operands.map(\.0) != opCase.operands.map(\.0)
            return changes && !isKindOfNumbers && OpTable.rows[opCase.op]!.elements.contains(dtype)
        }
        return stride(from: 0, to: fitting.count, by: 25).map { first in
            Batch(
                target: Target(architecture: Target.host.architecture, level: level), dtype: dtype,
                cases: fitting[first..<min(first + 25, fitting.count)].map { $0.retyped(to: dtype) })
        }
    }

    @Test("compiled code gives what the interpreter gives", arguments: batches)
    func agrees(_ batch: Batch) throws {
        let module = try OpCase.module(of: batch.cases)
        let harness = try PlanHarness(module, target: batch.target)
        let interpreter = try Interpreter(module: module)
        for (opCase, function) in zip(batch.cases, module.functions) {
            let inputs = try opCase.tensors()
            let named = Dictionary(uniqueKeysWithValues: zip(function.inputs.map(\.name), inputs))
            let expected = try interpreter.run(function.name, inputs: named)
            var states: [HostTensor] = []
            let found = try harness.run(function.name, inputs: inputs, states: &states)
            for (name, pair) in zip(expected.keys, zip(found, expected.values)) {
                let gap = difference(pair.0, pair.1)
                #expect(gap <= Self.bound(pair.1.dtype), "\(opCase), \(name): \(pair.0) for \(pair.1)")
            }
        }
    }

    /// How far apart results may be, relative to the largest element.
    static func bound(_ dtype: DType) -> Double {
        switch dtype {
        case .f64: 1e-12
        case .f32: 2e-5
        case .f16: 1e-2
        case .bf16: 8e-2
        default: 0
        }
    }
}
