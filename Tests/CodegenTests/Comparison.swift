import GraphIR
import HostTensors
import KernelIR
import Lowering
import OrderedCollections
import Testing
import Toolchain

/// A random graph with the data it is run on: the same for every way of running it.
struct RandomCase {
    let module: GraphModule
    let bindings: [String: Int]
    let inputs: [HostTensor]
    let states: [HostTensor]

    var function: GraphFunction { module.functions[0] }

    /// The data of a module (a shrunk one too) for a seed.
    init(_ module: GraphModule, seed: UInt64, numbers: RandomGraph.Numbers = .moderate) throws {
        self.module = module
        let batch = 1 + Int(seed % 13)
        bindings = Dictionary(
            uniqueKeysWithValues: module.dims.map {
                ($0.name, min(max(batch, $0.range.lowerBound), $0.range.upperBound))
            })
        inputs = try RandomGraph.inputs(of: module.functions[0], bindings: bindings, seed: seed, numbers: numbers)
        states = try RandomGraph.states(of: module, seed: seed, numbers: numbers)
    }

    /// Whether the inputs say what every named size is, as those of a graph that was made too small need not.
    var isCallable: Bool { (try? module.bindings(for: function, inputs: inputs)) != nil }

    /// A module without states and its inputs.
    init(_ module: GraphModule, inputs: [HostTensor]) throws {
        self.module = module
        self.inputs = inputs
        bindings = try module.bindings(for: module.functions[0], inputs: inputs)
        states = []
    }

    /// Outputs, then states, by the reference meaning.
    func expected() throws -> [(place: String, tensor: HostTensor)] {
        var states = states
        let named = Dictionary(uniqueKeysWithValues: zip(function.inputs.map(\.name), inputs))
        let outputs = try Interpreter(module: module).run(function.name, inputs: named, states: &states)
        return function.outputs.map { ("output \($0.name)", outputs[$0.name]!) }
            + zip(module.states, states).map { ("state \($0.path)", $1) }
    }

    /// Outputs, then states, by code compiled for a level of this machine; throws if one thread gives other bits than two.
    func compiled(_ target: Target, precision: Precision = .float32) throws -> [HostTensor] {
        let harness = try PlanHarness(module, target: target, precision: precision)
        func run(alone: Bool) throws -> [HostTensor] {
            var states = states
            let outputs = try harness.run(function.name, inputs: inputs, states: &states, alone: alone)
            return outputs + states
        }
        let (together, alone) = (try run(alone: false), try run(alone: true))
        guard together == alone else { throw GraphError("one thread gives other bits than two") }
        return together
    }

    /// The first element that is not the one right number, nil if all are: NaN is NaN, and 0 either zero.
    func firstMismatch(in computed: [HostTensor]) throws -> String? {
        for ((place, expected), found) in zip(try expected(), computed) {
            guard found.dtype == expected.dtype, found.shape == expected.shape else {
                return "\(place) has another type"
            }
            guard expected.dtype.isFloat else {
                if found != expected { return "\(place) is \(found), not \(expected)" }
                continue
            }
            for (at, (x, y)) in zip(found.doubles(), expected.doubles()).enumerated() where x != y {
                if !(x.isNaN && y.isNaN) { return "\(place)[\(at)] is \(x), not \(y)" }
            }
        }
        return nil
    }

    /// Where what was computed differs most from what was expected, and by how much.
    func worst(of computed: [HostTensor]) throws -> (gap: Double, place: String) {
        zip(try expected(), computed)
            .map { (gap: difference($1, $0.tensor), place: $0.place) }
            .max { $0.gap < $1.gap } ?? (0, "")
    }

    /// The same of a lowered module without states, run by the kernels' own interpreter.
    func worst(ofKernels lowered: LoweredModule) throws -> (gap: Double, place: String) {
        var states: [HostTensor] = []
        return try worst(of: LoweredInterpreter(lowered).run(function.name, inputs: inputs, states: &states))
    }
}

/// Expects sound kernels that give what the interpreter gives for some batches, relative to the largest element: as machine code where
/// this machine can run it, and, for the batches in `interpreted`, by the kernels' own interpreter, which takes a microsecond for a product.
func expectMeaning(
    of module: GraphModule, _ lowered: LoweredModule, batches: [Int], interpreted: [Int], bound: Double
) throws {
    try expectSoundKernels(lowered)
    let (target, host) = (lowered.target, Target.host)
    let isHere = host.architecture == target.architecture && host.level.rank >= target.level.rank
    let harness = isHere ? try PlanHarness(lowered) : nil
    for batch in batches {
        let inputs = try RandomGraph.inputs(of: module.functions[0], bindings: ["B": batch], seed: 5)
        var states = try RandomGraph.states(of: module, seed: 5)
        let named = Dictionary(uniqueKeysWithValues: zip(module.functions[0].inputs.map(\.name), inputs))
        let wanted = try Interpreter(module: module).run("main", inputs: named, states: &states).values[0]
        var found = try harness.map { [try $0.run("main", inputs: inputs, states: &states)[0]] } ?? []
        if interpreted.contains(batch) {
            found.append(try LoweredInterpreter(lowered).run("main", inputs: inputs, states: &states)[0])
        }
        for result in found {
            let gap = difference(result, wanted)
            #expect(gap <= bound, "batch \(batch) differs by \(gap)")
        }
    }
}

/// The largest difference relative to the largest element: sums may be made in another order.
func difference(_ computed: HostTensor, _ expected: HostTensor) -> Double {
    let (a, b) = (computed.doubles(), expected.doubles())
    guard computed.dtype == expected.dtype, computed.shape == expected.shape else { return .infinity }
    let scale = max(1, b.lazy.filter(\.isFinite).map(\.magnitude).max() ?? 0)
    var worst = 0.0
    for (x, y) in zip(a, b) where x != y && !(x.isNaN && y.isNaN) {
        let gap = (x - y).magnitude / scale
        worst = max(worst, gap.isNaN ? .infinity : gap)
    }
    return worst
}

extension HostTensor {
    /// A copy with 0.5 added to every element: a wrong result.
    func shifted() throws -> HostTensor {
        try HostTensor(doubles().map { $0 + 0.5 }, shape: shape).converted(to: dtype)
    }
}

/// Records what is wrong with a random graph, if `failure` finds anything, with the graph as small as it still fails.
func expectNoFailure(
    of module: GraphModule, _ seed: UInt64, _ target: Target, _ failure: (GraphModule) -> String?
) {
    guard let first = failure(module) else { return }
    let small = RandomGraph.shrink(module, attempts: 300) { failure($0) != nil }
    let last = failure(small) ?? first
    Issue.record("seed \(seed), \(target.level): \(first); made smaller: \(last)\n\(small.text())")
}
