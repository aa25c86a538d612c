import Execution
import GraphIR
import HostTensors

/// What a function does to rows that are joined, found out by calling it on made-up rows, joined and each alone.
///
/// A signature does not say whether a row of the results depends on other rows of the batch, as with an average over the batch: such
/// requests must not be joined.
enum BatchTrial {
    /// What was found.
    enum Outcome: Sendable {
        /// Rows are what they are alone, but for rounding.
        case independent
        /// A row depends on others.
        case mixed
        /// The dimension allows no batch of several requests.
        case tooFewRows
    }

    /// The rows that are tried together.
    private static let parts = 3
    /// The least difference, in proportion to the largest number, that isn't taken for rounding.
    private static let tolerance = 0.01

    /// Calls the function with each of a few requests, so that it has computed all that it keeps, and with all of them at once.
    ///
    /// Throws what a call throws.
    static func run(_ model: Model, _ function: FunctionSignature, along dim: BatchDim, limit: Int) throws -> Outcome {
        let sizes = smallestSizes(of: function, dims: model.signature.dims)
        let rows = sizes[dim.symbol.name] ?? 1
        guard rows * parts <= limit else { return .tooFewRows }
        var calls: [BoundCall] = []
        for part in 0..<parts {
            var inputs = try madeUpInputs(of: function, sizes: sizes, seed: UInt64(part))
            for (at, input) in function.inputs.enumerated() where !dim.isInInput[at] {
                inputs[input.name] = calls.first?.inputs[at] ?? inputs[input.name]
            }
            calls.append(try model.signature.bind(function.name, inputs))
        }
        let joined = try dim.split(try model.run(function.name, try dim.join(calls)), for: calls)
        for (call, results) in zip(calls, joined) {
            let alone = try model.run(function.name, try dim.join([call]))
            for (name, expected) in alone {
                guard let found = results[name], found != expected else { continue }
                let scale = expected.doubles().reduce(0) { $1.isFinite ? max($0, $1.magnitude) : $0 }
                if found.maxAbsoluteDifference(to: expected) > tolerance * scale { return .mixed }
            }
        }
        return .independent
    }

    /// Made-up inputs of one call: numbers in 0..<1, whole numbers that are 0 or 1.
    static func madeUpInputs(of function: FunctionSignature, sizes: [String: Int], seed: UInt64) throws -> NamedTensors
    {
        var inputs: NamedTensors = [:]
        for (at, input) in function.inputs.enumerated() {
            let shape = try input.type.shape(sizes)
            let count = try HostTensor.elementCount(of: shape, dtype: input.type.dtype)
            try HostTensor.requireMemory(byteCount: count * 4, for: "made-up rows of input '\(input.name)'")
            var numbers = RandomStream.uniform(seed: seed, stream: UInt32(at), step: 0, count: count)
            if !input.type.dtype.isFloat { numbers = numbers.map { $0.rounded() } }
            inputs[input.name] = try HostTensor(numbers, shape: shape).converted(to: input.type.dtype)
        }
        return inputs
    }

    /// The least size from 1 that each named dimension of a function may have.
    static func smallestSizes(of function: FunctionSignature, dims: [DimSymbol]) -> [String: Int] {
        var sizes: [String: Int] = [:]
        for dim in dims where function.dims.contains(dim.name) {
            let least = max(1, dim.range.lowerBound)
            sizes[dim.name] = (least + dim.multiple - 1) / dim.multiple * dim.multiple
        }
        return sizes
    }
}
