import GraphIR
import GraphPasses
import HostTensors
import KernelIR
import Lowering
import Testing

/// Kernels and memory plans, run by their own interpreter, against the graph's meaning.
@Suite struct LoweredMeaningTests {
    static let targets = [
        Target(architecture: .x86_64, level: .baseline), Target(architecture: .x86_64, level: .v3),
        Target(architecture: .x86_64, level: .v4), Target(architecture: .aarch64, level: .baseline),
    ]

    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func kernelsMeanWhatTheirGraphMeans(seed: UInt64) throws {
        var options = RandomGraph.Options()
        options.opCount = 3...12
        options.batchRange = 1...6
        let module = RandomGraph.module(seed: seed, options: options)
        let target = Self.targets[Int(seed) % Self.targets.count]
        let (optimized, plans) = try optimize(module)
        let lowered = try lower(optimized, plans: plans, target: target)
        for kernel in lowered.kernels { try check(kernel, dims: module.dims) }
        for batch in Set(module.dims.map(\.range.upperBound) + [1, 3]).sorted() {
            try compare(module, lowered, batch: batch, seed: seed)
        }
    }

    private func check(_ kernel: Kernel, dims: [DimSymbol]) throws {
        let found = kernel.verify(dims: dims)
        #expect(found.problems == [], "\(kernel)")
        #expect(found.unproved == [], "\(kernel)")
        #expect(try Kernel(text: kernel.text) == kernel)
    }

    private func compare(_ module: GraphModule, _ lowered: LoweredModule, batch: Int, seed: UInt64) throws {
        let bindings = Dictionary(
            uniqueKeysWithValues: module.dims.map {
                ($0.name, min(max(batch, $0.range.lowerBound), $0.range.upperBound))
            })
        for function in module.functions {
            let inputs = try RandomGraph.inputs(of: function, bindings: bindings, seed: seed)
            let states = try RandomGraph.states(of: module, seed: seed)
            var (wantedStates, foundStates) = (states, states)
            let named = Dictionary(uniqueKeysWithValues: zip(function.inputs.map(\.name), inputs))
            let wanted = try Interpreter(module: module).run(function.name, inputs: named, states: &wantedStates)
            let found = try LoweredInterpreter(lowered).run(function.name, inputs: inputs, states: &foundStates)
            for (output, pair) in zip(wanted.keys, zip(found, wanted.values)) {
                #expect(isClose(pair.0, pair.1), "output \(output) at \(bindings): \(pair.0) for \(pair.1)\n\(module)")
            }
            for (state, pair) in zip(module.states, zip(foundStates, wantedStates)) {
                #expect(isClose(pair.0, pair.1), "state \(state.path) at \(bindings)\n\(module)")
            }
        }
    }

    private func isClose(_ found: HostTensor, _ wanted: HostTensor) -> Bool {
        let tolerance: Double =
            switch wanted.dtype {
            case .f64: 1e-10
            case .f32: 1e-4
            case .f16: 2e-2
            case .bf16: 1e-1
            default: 0
            }
        return found.isClose(to: wanted, relative: tolerance, absolute: tolerance)
    }
}
