import HostTensors

/// The memory a compiled model needs beside its callers' inputs and outputs, in bytes: known before it runs.
public struct PlannedMemory: Sendable, Hashable {
    /// All states of the model, each on cache lines of its own.
    public let states: Int
    /// Constant data inside the library.
    public let constants: Int
    /// Values that live during a call, and what the function keeps between calls; the context keeps the largest that any call
    /// needed.
    public let workspace: Int

    /// All of it.
    public var total: Int { states + constants + workspace }

    /// Joins the parts.
    public init(states: Int, constants: Int, workspace: Int) {
        (self.states, self.constants, self.workspace) = (states, constants, workspace)
    }
}

extension CompiledModel {
    /// The memory of this model when a function is called with named dimensions of these sizes.
    ///
    /// Throws an `ExecutionError` for a function or size that the model does not have.
    public func plannedMemory(of function: String, sizes: [String: Int] = [:]) throws -> PlannedMemory {
        let declared = try signature.function(named: function)
        let used = declared.dims
        for dim in signature.dims where used.contains(dim.name) && sizes[dim.name] == nil {
            throw ExecutionError(
                place: "function '\(function)'", expected: "a size of dimension \(dim.name)", actual: "none",
                remedy: "give every named dimension of the function a size")
        }
        let states = try signature.states.reduce(0) { sum, state in
            let bytes = try state.type.shape([:]).reduce(state.type.dtype.byteCount, *)
            return sum + (bytes + 63) / 64 * 64
        }
        return PlannedMemory(
            states: states, constants: try constantByteCount(),
            workspace: try workspaceBytes(function, dims: sizes.filter { used.contains($0.key) }))
    }
}

extension Model {
    /// The memory of a compiled model when a function is called with named dimensions of these sizes; nil when it is
    /// interpreted, which plans none.
    ///
    /// Throws an `ExecutionError` for a function or size that the model does not have.
    public func plannedMemory(of function: String, sizes: [String: Int] = [:]) throws -> PlannedMemory? {
        try (engine as? CompiledModel)?.plannedMemory(of: function, sizes: sizes)
    }
}
