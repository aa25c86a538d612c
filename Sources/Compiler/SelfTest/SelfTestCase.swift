import Artifacts
import GraphIR
import HostTensors
import KernelIR

/// The choice of one case's random numbers: such that what comes out is finite, and does not hinge on rounding.
struct SelfTestCase {
    let function: GraphFunction
    /// Where the function is in the module.
    let number: Int
    /// The indices of the dimensions that callers give.
    let dims: [Int]
    let module: GraphModule
    let sizes: [String: Int]
    let limits: IndexLimits
    let states: [TestFilling]
    /// Values of states that the library has.
    let embedded: [String: HostTensor]
    /// The error allowed of reals; nil where there are none.
    let bound: Double?
    /// How far what goes in is moved, relative to each number, to see what hinges on rounding: once for each.
    let noises: [Double]
    /// The part of a state that a change counts as where it is smaller: what is next to nothing beside the state is lost in rounding.
    let leastChange: Double

    /// Integers that choose from nothing known are below this.
    private static let plainIntegers = 10

    /// What is tried in turn: real inputs in (-1, 1), and then, for functions that want them positive, in (0, 1).
    private static let attempts: [(seed: UInt64, low: Double)] = [(1, -1), (2, -1), (3, 0), (4, 0)]

    /// The first attempt whose results are finite, and move by less than half their bounds when all that goes in is a little off; else
    /// the one with the fewest that do not, whose bounds are wider.
    func best(_ interpreter: Interpreter) throws -> TestCase {
        var best: (tested: TestCase, faults: Int)?
        for (seed, low) in Self.attempts {
            let (tested, faults) = try attempt(interpreter, seed: seed, low: low)
            if faults == 0 { return tested }
            if best.map({ faults < $0.faults }) ?? true { best = (tested, faults) }
        }
        guard let best else { throw GraphError("function '\(function.name)' can't be tested") }
        return best.tested
    }

    /// The case of one seed, and how many of its results are not fit for a comparison.
    private func attempt(_ interpreter: Interpreter, seed: UInt64, low: Double) throws -> (TestCase, Int) {
        let inputs = try function.inputs.map { try filling(of: $0.value, low: low) }
        let tensors = try inputs.enumerated().map { try $1.tensor(seed: seed, stream: .input($0)) }
        let before = try zip(module.states, states.enumerated()).map { state, filling in
            let known = filling.element.keeps ? embedded[state.path] : nil
            return try known ?? filling.element.tensor(seed: seed, stream: .state(filling.offset))
        }
        let wanted = try results(interpreter, tensors, before)
        let moved = try noises.map { noise in
            try results(
                interpreter, tensors.enumerated().map { disturbed($1, by: noise, stream: UInt32($0)) },
                before.enumerated().map { disturbed($1, by: noise, stream: (1 << 16) + UInt32($0)) })
        }
        var faults = 0
        let goldens = wanted.enumerated().map { at, one in
            let previous = one.place.state.map { before[$0] }
            func golden(_ bound: Double) -> TestGolden {
                TestGolden(
                    name: one.name, place: one.place, tensor: one.tensor, previous: previous,
                    leastChange: one.tensor.dtype.byteCount < 4 ? 1 : leastChange, bound: bound, seed: seed,
                    number: at)
            }
            let promised = one.tensor.dtype.isFloat ? bound ?? 0 : 0
            let kept = golden(promised)
            let movement = moved.map { kept.largestDifference(one.tensor, $0[at].tensor) }.max() ?? 0
            if movement > promised / 2 || !one.tensor.doubles().allSatisfy(\.isFinite) { faults += 1 }
            return movement > promised / 2 ? golden(max(promised, min(4 * movement, 1))) : kept
        }
        let named = dims.map { module.dims[$0].name }
        let tested = TestCase(
            function: number, dims: named.map { sizes[$0] ?? 0 },
            sizes: named.map { "\($0)=\(sizes[$0] ?? 0)" }.joined(separator: ", "), seed: seed, inputs: inputs,
            goldens: goldens)
        return (tested, faults)
    }

    private func filling(of value: ValueID, low: Double) throws -> TestFilling {
        let type = function.type(of: value)
        let shape = try type.shape(sizes)
        if type.dtype.isFloat { return TestFilling(dtype: type.dtype, shape: shape, low: low, high: 1) }
        let count = type.dtype == .bool ? 2 : limits.limit(of: value, sizes: sizes) ?? Self.plainIntegers
        let most = type.dtype.byteCount == 1 ? (type.dtype.isSigned ? 128 : 256) : 1 << 31
        return TestFilling(dtype: type.dtype, shape: shape, low: 0, high: Double(max(1, min(count, most)) - 1))
    }

    private typealias Result = (name: String, place: TestGolden.Place, tensor: HostTensor)

    /// All outputs, then all states that are updated.
    private func results(
        _ interpreter: Interpreter, _ inputs: [HostTensor], _ before: [HostTensor]
    ) throws -> [Result] {
        var after = before
        let named = Dictionary(zip(function.inputs.map(\.name), inputs), uniquingKeysWith: { first, _ in first })
        let outputs = try interpreter.run(function.name, inputs: named, sizes: sizes, states: &after)
        let updated = Set(function.updates.map(\.state)).sorted()
        return outputs.enumerated().map { ($1.key, .output($0), $1.value) }
            + updated.map { (module.states[$0].path, .state($0), after[$0]) }
    }

    /// The tensor with every real number off by up to the noise.
    private func disturbed(_ tensor: HostTensor, by noise: Double, stream: UInt32) -> HostTensor {
        guard tensor.dtype.isFloat else { return tensor }
        let uniform = RandomStream.uniform(seed: 0, stream: stream, step: 0, count: tensor.count)
        let values = zip(tensor.doubles(), uniform).map { $0 * (1 + noise * (2 * Double($1) - 1)) }
        return (try? HostTensor(values, shape: tensor.shape).converted(to: tensor.dtype)) ?? tensor
    }
}

extension TestGolden.Place {
    /// The number of the state, if it is one.
    fileprivate var state: Int? { if case .state(let index) = self { index } else { nil } }
}

extension TestGolden {
    /// The largest |difference| of two tensors' elements, relative to the scale.
    fileprivate func largestDifference(_ one: HostTensor, _ other: HostTensor) -> Double {
        zip(one.doubles(), other.doubles()).reduce(0) { largest, pair in
            if pair.0 == pair.1 || (pair.0.isNaN && pair.1.isNaN) { return largest }
            let difference = abs(pair.0 - pair.1)
            return difference.isFinite ? max(largest, difference / scale) : .infinity
        }
    }
}
