import GraphIR
import HostTensors
import Testing

/// What two ways of running a function may differ by: relative to the largest element, with room for reassociated sums.
func difference(_ compiled: HostTensor, _ interpreted: HostTensor) -> Double {
    let (a, b) = (compiled.doubles(), interpreted.doubles())
    guard a.count == b.count, compiled.dtype == interpreted.dtype else { return .infinity }
    let scale = max(1, b.lazy.filter(\.isFinite).map(abs).max() ?? 0)
    var worst = 0.0
    for (x, y) in zip(a, b) {
        if x == y || (x.isNaN && y.isNaN) { continue }
        let gap = abs(x - y) / scale
        worst = max(worst, gap.isNaN ? .infinity : gap)
    }
    return worst
}

/// Runs a module's function both ways on the same data; gives the worst difference and where it is.
func compare(_ module: GraphModule, seed: UInt64, batch: Int) throws -> (worst: Double, place: String) {
    let harness = try PlanHarness(module)
    let interpreter = try Interpreter(module: module)
    var worst = (0.0, "")
    for function in module.functions {
        let bindings = Dictionary(
            uniqueKeysWithValues: module.dims.map {
                ($0.name, min(max(batch, $0.range.lowerBound), $0.range.upperBound))
            })
        let inputs = try RandomGraph.inputs(of: function, bindings: bindings, seed: seed)
        var expectedStates = try RandomGraph.states(of: module, seed: seed)
        var states = expectedStates
        let named = Dictionary(uniqueKeysWithValues: zip(function.inputs.map(\.name), inputs))
        let expected = try interpreter.run(function.name, inputs: named, states: &expectedStates)
        let outputs = try harness.run(function.name, inputs: inputs, states: &states)
        for (output, tensor) in zip(function.outputs, outputs) {
            let gap = difference(tensor, expected[output.name]!)
            if gap > worst.0 { worst = (gap, "\(function.name).\(output.name)") }
        }
        for (at, state) in module.states.enumerated() {
            let gap = difference(states[at], expectedStates[at])
            if gap > worst.0 { worst = (gap, "\(function.name) state \(state.path)") }
        }
    }
    return worst
}

@Suite struct CompiledAgainstInterpretedTests {
    @Test(arguments: 0..<300 as Range<UInt64>) func randomGraph(seed: UInt64) throws {
        let module = RandomGraph.module(seed: seed)
        let (worst, place) = try compare(module, seed: seed, batch: 1 + Int(seed % 13))
        let bound = module.functions.contains { $0.values.contains { $0.type.dtype == .f64 } } ? 2e-5 : 2e-5
        #expect(worst <= bound, "\(place) differs by \(worst) of the largest element\n\(module.text())")
    }
}
