import HostTensors

/// How a graph is run.
public enum EngineKind: String, CaseIterable, Sendable {
    /// As native code, compiled for this machine.
    case compiled
    /// By the reference interpreter: slow, and the meaning that compiled code is checked against.
    case interpreted
}

/// A model that can be called: functions over states that live in it.
///
/// Calls on one engine happen one after another; engines are independent of each other.
public protocol ModelEngine: AnyObject, Sendable {
    /// What the model takes, gives and keeps.
    var signature: ModelSignature { get }
    /// The number of threads a call uses.
    var threads: Int { get }
    /// The CPU level in use, such as `v4`; `interpreted` for the interpreter.
    var variant: String { get }

    /// Calls a function: checks the inputs, updates the states, gives the outputs in the function's order; `sizes` are those
    /// of named dimensions that no input gives.
    ///
    /// Throws an `ExecutionError` that names the input and axis when an input does not fit.
    func run(_ function: String, _ inputs: NamedTensors, sizes: [String: Int]) throws -> NamedTensors

    /// The function of that name, ready to be called many times; throws when there is none.
    func prepare(_ function: String) throws -> PreparedFunction

    /// The bytes of scratch memory that a call takes, for sizes of the named dimensions that it mentions; 0 where that
    /// cannot be told.
    func workspaceBytes(_ function: String, dims: [String: Int]) throws -> Int

    /// The value of a state, by path; throws when there is none of that path.
    func state(_ path: String) throws -> HostTensor

    /// Replaces the value of a state; throws when there is none of that path or the type differs.
    func setState(_ path: String, to value: HostTensor) throws
}

extension ModelEngine {
    /// 0: not planned ahead.
    public func workspaceBytes(_ function: String, dims: [String: Int]) throws -> Int { 0 }

    /// Calls a function whose inputs give every named dimension its size.
    @discardableResult
    public func run(_ function: String, _ inputs: NamedTensors) throws -> NamedTensors {
        try run(function, inputs, sizes: [:])
    }

    /// Calls a function without inputs.
    @discardableResult
    public func run(_ function: String) throws -> NamedTensors { try run(function, [:]) }

    /// All states by path, in declaration order.
    public func states() throws -> NamedTensors {
        var all: NamedTensors = [:]
        for declared in signature.states { all[declared.path] = try state(declared.path) }
        return all
    }

    /// Gives every state the value it has in another model, which may have more of them.
    public func takeStates(from other: some ModelEngine) throws {
        for declared in signature.states { try setState(declared.path, to: other.state(declared.path)) }
    }

    /// Replaces all states; throws when one is missing, is unknown, or has another type, and then changes none.
    public func setStates(_ values: NamedTensors) throws {
        for declared in signature.states where values[declared.path] == nil {
            throw ExecutionError(
                place: "model '\(signature.name)', state '\(declared.path)'", expected: "\(declared.type)",
                actual: "nothing", remedy: "give every state: the values may belong to another model")
        }
        for (path, value) in values { try signature.check(value, forState: path) }
        for (path, value) in values { try setState(path, to: value) }
    }
}
