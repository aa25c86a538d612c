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

    /// Updates that share a value, new or a state's old one.
    @Test(arguments: [
        "%0 = exp %a : f32[5]\n update %a = %0\n update %b = %0\n update %c = %0",
        "%0 = exp %a : f32[5]\n update %c = %0\n update %a = %0\n output %0 : f32[5] \"y\"",
        "%0 = constant value f32[]{1} : f32[]\n %1 = broadcast %0 axes [] shape [5] : f32[5]\n"
            + "update %a = %1\n update %c = %1",
        "%0 = exp %a : f32[5]\n update %a = %0\n update %b = %a\n update %c = %0",
        "update %a = %b\n update %b = %c\n update %c = %a",
        "update %b = %a\n update %c = %a",
    ])
    func statesTakeOneValue(body: String) throws {
        let states = ["a", "b", "c"].map { "state %\($0) : f32[5] parameter \"\($0)\"" }.joined(separator: "\n")
        let module = try GraphModule(text: "module v1 @shared {\n\(states)\nfunc @main() {\n\(body)\n}\n}\n")
        let (optimized, plans) = try optimize(module)
        for target in Self.targets {
            try compare(module, try lower(optimized, plans: plans, target: target), batch: 1, seed: 1)
        }
    }

    /// A chain of more operations than the stack has room for at once, and a line whose steps, its length squared, are nearly the most there may be.
    @Test func longChainsAndLinesAreLowered() throws {
        let chain = (0..<5000).map { "%\($0) = tanh %\($0 == 0 ? "x" : "\($0 - 1)") : f32[2]" }.joined(separator: "\n")
        for (type, body, result) in [
            ("f32[2]", chain, "%4999 : f32[2]"),
            ("f32[536870911]", "%0 = argsort %x axis 0 : i32[536870911]", "%0 : i32[536870911]"),
        ] {
            let text = "module v1 @long {\nfunc @main(%x: \(type) \"x\") {\n\(body)\noutput \(result) \"y\"\n}\n}\n"
            let (optimized, plans) = try optimize(GraphModule(text: text))
            #expect(try lower(optimized, plans: plans, target: Self.targets[1]).kernels.count == 1)
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
