import Compiler
import Execution
import GraphIR
import HostTensors

/// Where a function's new states may lie: what the interpreter makes of them where every sum and product that they are made of is off by
/// what rounding does to it.
///
/// Between those and a state are operations on single elements, as of an optimizer, which are interpreted as they are. One may turn a
/// small error into a large one, but not into any: Adam's first step divides a gradient by its own size, so that a gradient near 0, which
/// rounding may move to the other side of it, moves a whole step either way.
public struct UpdateRanges: Sendable {
    /// The smallest and the largest value that each element of a state may have.
    public struct Range: Sendable, Hashable {
        /// The smallest values.
        public var low: [Double]
        /// The largest values.
        public var high: [Double]
    }

    /// The range of every state that the function updates, by path.
    public let ranges: [String: Range]

    /// Interprets a function.
    ///
    /// A sum may be off by the tolerance, relative to the largest of its tensor, and by an eighth of that, relative to the sum of what is
    /// added without signs, which is more where much cancels. Where products are rounded to less than f32, it may also be off by twice
    /// what it moves by when all that goes in moves by a quarter of the tolerance, there and back: a number that is rounded to the other
    /// side of 0 lets a gradient through, or holds it up.
    ///
    /// - Parameter module: the module of the function, in whose order `states` are.
    public init(
        of function: GraphFunction, in module: GraphModule, inputs: NamedTensors, sizes: [String: Int],
        states: [HostTensor], tolerance: Double
    ) throws {
        let ends = try UpdateEnds(of: function, in: module)
        let sums = try ends.sums(inputs: inputs, sizes: sizes, states: states)
        let noises = tolerance > ExpectedError.bound(of: .f32) ? [tolerance / 4, -tolerance / 4] : []
        let others = try noises.map { noise in
            try ends.sums(
                inputs: NamedTensors(
                    uniqueKeys: inputs.keys,
                    values: inputs.values.enumerated().map { try $1.disturbed(by: noise, stream: UInt32($0)) }),
                sizes: sizes,
                states: states.enumerated().map { try $1.disturbed(by: noise, stream: (1 << 16) + UInt32($0)) }
            ).map { $0.sum.doubles() }
        }
        let errors = sums.enumerated().map { at, sum in
            let values = sum.sum.doubles()
            let largest = values.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
            var errors = (sum.magnitude?.doubles() ?? values).map { tolerance * (largest + abs($0) / 8) }
            for place in values.indices {
                let movement = others.map { abs($0[at][place] - values[place]) }.filter(\.isFinite).max() ?? 0
                errors[place] += 2 * movement
            }
            return errors
        }
        var ranges: [String: Range] = [:]
        for move in Self.moves {
            let moved = try zip(sums, errors).map { try $0.sum.moved(by: $1, move) }
            for (path, state) in try ends.states(inputs: inputs, sizes: sizes, states: states, sums: moved) {
                let values = state.doubles()
                guard let known = ranges[path] else {
                    ranges[path] = Range(low: values, high: values)
                    continue
                }
                // A value that is not a number bounds nothing.
                ranges[path] = Range(
                    low: zip(known.low, values).map { $1 < $0 ? $1 : $0 },
                    high: zip(known.high, values).map { $1 > $0 ? $1 : $0 })
            }
        }
        self.ranges = ranges
    }

    /// What all sums become in turn, of themselves and their errors. Squares and absolute values are least where a sum is nearest to 0.
    private static let moves: [@Sendable (_ sum: Double, _ error: Double) -> Double] = [
        { sum, _ in sum }, { $0 - $1 }, { $0 - $1 / 2 }, { $0 + $1 / 2 }, { $0 + $1 },
        { $0 > 0 ? max(0, $0 - $1) : min(0, $0 + $1) },
    ]
}

extension HostTensor {
    /// The tensor with each real element moved, given its error; others stay.
    fileprivate func moved(by errors: [Double], _ move: (Double, Double) -> Double) throws -> HostTensor {
        guard dtype.isFloat else { return self }
        let values = zip(doubles(), errors).map { move($0, $1) }
        return try HostTensor(values, shape: shape).converted(to: dtype)
    }

    /// The tensor with every real element off by up to the noise, relative to it.
    fileprivate func disturbed(by noise: Double, stream: UInt32) throws -> HostTensor {
        guard dtype.isFloat else { return self }
        let uniform = RandomStream.uniform(seed: 0, stream: stream, step: 0, count: count).map(Double.init)
        return try moved(by: uniform) { $0 * (1 + noise * (2 * $1 - 1)) }
    }
}
