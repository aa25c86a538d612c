import GraphIR
import HostTensors

/// Checks passes by execution: the function before and after a pass must compute the same.
public struct PassChecker: Sendable {
    /// The module whose functions are checked.
    public var module: GraphModule
    /// Which random data; each seed is one more check.
    public var seeds: [UInt64]

    /// Makes a checker for functions of a module.
    public init(_ module: GraphModule, seeds: [UInt64] = [1, 2]) {
        self.module = module
        self.seeds = seeds
    }

    /// Interprets a function before and after a pass on the same random inputs and states.
    ///
    /// Throws a `PassFailure` that names the pass, the output or update that changed and the operation that is to
    /// blame, with the smallest graph that shows it.
    public func check(_ pass: GraphPass, before: GraphFunction, after: GraphFunction) throws {
        for seed in seeds {
            guard let change = try change(from: before, to: after, seed: seed) else { continue }
            var culprit = module
            culprit.functions = [before]
            let context = PassContext(module)
            let reduced = RandomGraph.shrink(culprit, attempts: 300) { candidate in
                guard var function = candidate.functions.first else { return false }
                let original = function
                let checker = PassChecker(candidate, seeds: [seed])
                guard (try? pass.run(&function, PassContext(candidate, options: context.options))) != nil else {
                    return false
                }
                return ((try? checker.change(from: original, to: function, seed: seed)) ?? nil) != nil
            }
            throw PassFailure(pass: pass.name, function: before.name, change: change, reduced: reduced)
        }
    }

    /// The first output or update that differs beyond rounding, nil if none does.
    public func change(from before: GraphFunction, to after: GraphFunction, seed: UInt64) throws -> PassFailure.Change?
    {
        let bindings = self.bindings(seed: seed)
        let inputs = try RandomGraph.inputs(of: before, bindings: bindings, seed: seed)
        let states = try RandomGraph.states(of: module, seed: seed)
        let old = try run(before, inputs, states)
        let new = try run(after, inputs, states)
        for (at, (one, other)) in zip(old.results, new.results).enumerated() {
            guard !one.isNear(other) else { continue }
            let value = after.liveOut[at]
            let name =
                at < before.outputs.count
                ? "output '\(before.outputs[at].name)'"
                : "update of '\(module.states[before.updates[at - before.outputs.count].state].path)'"
            let op = firstNewOp(old, new, leadingTo: value)
            return PassFailure.Change(
                value: name, difference: one.maxAbsoluteDifference(to: other), op: op.map { new.function.ops[$0] })
        }
        return nil
    }

    private struct Trace {
        var function: GraphFunction
        var results: [HostTensor]
        var values: [ValueID: HostTensor]
    }

    private func run(_ function: GraphFunction, _ inputs: [HostTensor], _ states: [HostTensor]) throws -> Trace {
        let expanded = try function.expandingComposites(states: module.states)
        var probe = expanded
        // Every value becomes an output, so that values can be compared one by one.
        let made = expanded.ops.flatMap(\.results)
        probe.outputs =
            expanded.liveOut.enumerated().map { NamedValue("live \($0)", $1) }
            + made.map { NamedValue("value \($0.index)", $0) }
        probe.updates = []
        var alone = module
        alone.functions = [probe]
        var unchanged = states
        let named = Dictionary(zip(function.inputs.map(\.name), inputs), uniquingKeysWith: { first, _ in first })
        let outputs = Array(
            try Interpreter(module: alone).run(function.name, inputs: named, states: &unchanged).values)
        let count = expanded.liveOut.count
        let values = Dictionary(zip(made, outputs[count...]), uniquingKeysWith: { first, _ in first })
        return Trace(function: expanded, results: Array(outputs[..<count]), values: values)
    }

    /// The first operation of the new function whose operands were all computed before the pass too, but not its result.
    private func firstNewOp(_ old: Trace, _ new: Trace, leadingTo value: ValueID) -> Int? {
        var needed = Set([value])
        var chain: [Int] = []
        for (at, op) in new.function.ops.enumerated().reversed() where op.results.contains(where: needed.contains) {
            needed.formUnion(op.operands)
            chain.append(at)
        }
        let known = Array(old.values.values)
        func wasKnown(_ value: ValueID) -> Bool {
            guard let tensor = new.values[value] else { return true }
            return known.contains { $0.dtype == tensor.dtype && $0.shape == tensor.shape && $0.isNear(tensor) }
        }
        return chain.reversed().first { at in
            let op = new.function.ops[at]
            return op.operands.allSatisfy(wasKnown) && !op.results.allSatisfy(wasKnown)
        } ?? chain.first
    }

    /// Small sizes for the named dimensions, within their ranges.
    private func bindings(seed: UInt64) -> [String: Int] {
        var sizes: [String: Int] = [:]
        for (at, dim) in module.dims.enumerated() {
            let wanted = max(dim.range.lowerBound, 3 + (Int(seed % 7) + at) % 4)
            let size = (wanted + dim.multiple - 1) / dim.multiple * dim.multiple
            sizes[dim.name] = size <= dim.range.upperBound ? size : dim.range.upperBound / dim.multiple * dim.multiple
        }
        return sizes
    }
}

/// A pass that changed what a function computes.
public struct PassFailure: Error, Sendable, CustomStringConvertible {
    /// What changed.
    public struct Change: Sendable {
        /// The output or update.
        public var value: String
        /// The largest difference of an element.
        public var difference: Double
        /// The operation after the pass that first computed something new.
        public var op: GraphOp?
    }

    /// The pass.
    public var pass: String
    /// The function.
    public var function: String
    /// What changed.
    public var change: Change
    /// The smallest graph found on which the pass still changes a value.
    public var reduced: GraphModule

    /// `pass 'fold' changed output 'y' of 'train' by 0.5, first at mul (layer 'hidden'):` and the reduced graph.
    public var description: String {
        let place = change.op?.place.map { " (\($0))" } ?? ""
        let op = change.op.map { ", first at \($0.name)\(place)" } ?? ""
        return "pass '\(pass)' changed \(change.value) of '\(function)' by \(change.difference)\(op); reduced graph:\n"
            + reduced.text()
    }
}

extension HostTensor {
    /// Whether elements agree up to the rounding that an exact rewrite may change; whole numbers and truth values agree exactly.
    fileprivate func isNear(_ other: HostTensor) -> Bool {
        guard dtype == other.dtype, shape == other.shape else { return false }
        guard dtype.isFloat else { return self == other }
        let tolerance = dtype == .f64 ? 1e-11 : dtype == .f32 ? 1e-5 : dtype == .f16 ? 1e-2 : 5e-2
        return isClose(to: other, relative: tolerance, absolute: tolerance)
    }
}
