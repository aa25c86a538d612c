import GraphIR
import HostTensors
import Synchronization

/// A graph run by the reference interpreter.
public final class InterpretedModel: ModelEngine {
    /// What the model takes, gives and keeps.
    public let signature: ModelSignature
    /// Always 1.
    public var threads: Int { 1 }
    /// Always `interpreted`.
    public var variant: String { "interpreted" }
    private let interpreter: Interpreter
    private let values: Mutex<[HostTensor]>

    /// Makes a model whose states are all zero; the graph must be valid.
    public init(_ module: GraphModule) throws {
        interpreter = try Interpreter(module: module)
        signature = ModelSignature(of: module)
        let bytes = try module.states.reduce(0) { $0 + (try $1.type.byteCount.value([:])) }
        try HostTensor.requireMemory(byteCount: bytes, for: "states of module '\(module.name)'")
        values = Mutex(
            try module.states.map { HostTensor(zeros: try $0.type.shape([:]), dtype: $0.type.dtype) })
    }

    /// Calls a function: checks the inputs, updates the states, gives the outputs in the function's order; `sizes` are those
    /// of named dimensions that no input gives.
    public func run(_ function: String, _ inputs: NamedTensors, sizes: [String: Int]) throws -> NamedTensors {
        _ = try signature.bind(function, inputs, sizes: sizes)
        let byName = Dictionary(inputs.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
        return try values.withLock { try interpreter.run(function, inputs: byName, sizes: sizes, states: &$0) }
    }

    /// The value of a state, by path.
    public func state(_ path: String) throws -> HostTensor {
        let index = try signature.stateIndex(path: path)
        return values.withLock { $0[index] }
    }

    /// Replaces the value of a state.
    public func setState(_ path: String, to value: HostTensor) throws {
        try signature.check(value, forState: path)
        let index = try signature.stateIndex(path: path)
        values.withLock { $0[index] = value }
    }
}
