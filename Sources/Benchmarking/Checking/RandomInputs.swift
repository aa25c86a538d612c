import Execution
import GraphIR
import HostTensors

/// Inputs for functions whose data is of no matter: seeded, so that a run can be repeated.
public enum RandomInputs {
    /// A tensor for every input: reals uniform in (-1, 1), integers in 0..<10, truth values at random.
    public static func make(
        for function: FunctionSignature, sizes: [String: Int], seed: UInt64
    ) throws -> NamedTensors {
        var inputs: NamedTensors = [:]
        for (number, input) in function.inputs.enumerated() {
            let shape = try input.type.shape(sizes)
            // Numbers are made as other ones first.
            try HostTensor.requireMemory(byteCount: 16 * shape.reduce(1, *), for: "made-up input '\(input.name)'")
            inputs[input.name] = try tensor(input.type.dtype, shape, seed: seed, stream: UInt32(number))
        }
        return inputs
    }

    private static func tensor(_ dtype: DType, _ shape: [Int], seed: UInt64, stream: UInt32) throws -> HostTensor {
        let count = shape.reduce(1, *)
        if dtype.isFloat {
            let uniform = RandomStream.uniform(seed: seed, stream: stream, step: 0, count: count)
            return try HostTensor(uniform.map { 2 * $0 - 1 }, shape: shape).converted(to: dtype)
        }
        let words = RandomStream.words(seed: seed, stream: stream, step: 0, count: count)
        if dtype == .bool { return try HostTensor(words.map { $0 & 1 == 1 }, shape: shape) }
        return try HostTensor(words.map { Int64($0 % 10) }, shape: shape).converted(to: dtype)
    }
}
