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
    /// - Parameters:
    ///   - module: the module of the function, in whose order `states` are.
    ///   - tolerance: how far a sum may be off, relative to the largest of its tensor; by an eighth of that, relative to the sum of what
    ///     is added without signs, which is what it comes to where much cancels.
    public init(
        of function: GraphFunction, in module: GraphModule, inputs: NamedTensors, sizes: [String: Int],
        states: [HostTensor], tolerance: Double
    ) throws {
        let ends = try UpdateEnds(of: function, in: module)
        let sums = try ends.sums(inputs: inputs, sizes: sizes, states: states)
        let errors = sums.map { sum, magnitude in
            let values = sum.doubles()
            let largest = values.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
            let all = magnitude?.doubles() ?? values
            return all.map { tolerance * (largest + abs($0) / 8) }
        }
        var ranges: [String: Range] = [:]
        for part in Self.parts {
            let moved = try zip(sums, errors).map { try $0.sum.moved(by: $1, part) }
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

    /// The parts of their errors that all sums are off by in turn.
    private static let parts = [0, -1, -0.5, 0.5, 1]
}

extension HostTensor {
    /// The tensor with a part of an error added to each real element; others stay.
    fileprivate func moved(by errors: [Double], _ part: Double) throws -> HostTensor {
        guard dtype.isFloat, part != 0 else { return self }
        let values = zip(doubles(), errors).map { $0 + part * $1 }
        return try HostTensor(values, shape: shape).converted(to: dtype)
    }
}
