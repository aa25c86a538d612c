import GraphIR
import HostTensors

/// An input or output of a function, as its caller sees it.
public struct TensorSignature: Hashable, Sendable {
    /// The caller's name of it.
    public let name: String
    /// Element type and shape, possibly in named dimensions.
    public let type: TensorType

    /// Declares an input or output.
    public init(_ name: String, _ type: TensorType) {
        self.name = name
        self.type = type
    }
}

/// What one function takes and gives.
public struct FunctionSignature: Hashable, Sendable, CustomStringConvertible {
    /// The name: `predict`, `train`.
    public let name: String
    /// The inputs, in order.
    public let inputs: [TensorSignature]
    /// The outputs, in order.
    public let outputs: [TensorSignature]

    /// Declares a function.
    public init(name: String, inputs: [TensorSignature], outputs: [TensorSignature]) {
        self.name = name
        self.inputs = inputs
        self.outputs = outputs
    }

    /// The named dimensions that its inputs and outputs mention.
    public var dims: Set<String> { Set((inputs + outputs).flatMap { $0.type.shape.flatMap(\.symbols) }) }

    /// `predict(image: f32[B,784]) -> (logits: f32[B,10])`.
    public var description: String {
        func list(_ tensors: [TensorSignature]) -> String {
            tensors.map { "\($0.name): \($0.type)" }.joined(separator: ", ")
        }
        return "\(name)(\(list(inputs))) -> (\(list(outputs)))"
    }
}

/// What a model offers: its named dimensions, states and functions.
public struct ModelSignature: Hashable, Sendable, CustomStringConvertible {
    /// The model's name.
    public let name: String
    /// The named dimensions, with the sizes each accepts.
    public let dims: [DimSymbol]
    /// The states, in the order of a checkpoint.
    public let states: [StateDeclaration]
    /// The functions.
    public let functions: [FunctionSignature]

    /// Declares a model.
    public init(name: String, dims: [DimSymbol], states: [StateDeclaration], functions: [FunctionSignature]) {
        self.name = name
        self.dims = dims
        self.states = states
        self.functions = functions
    }

    /// The signature of a graph.
    public init(of module: GraphModule) {
        self.init(
            name: module.name, dims: module.dims, states: module.states,
            functions: module.functions.map { function in
                let tensors = { (values: [NamedValue]) in
                    values.map { TensorSignature($0.name, function.type(of: $0.value)) }
                }
                return FunctionSignature(
                    name: function.name, inputs: tensors(function.inputs), outputs: tensors(function.outputs))
            })
    }

    /// A line for the model and its dimensions, one for each function, and one for each state.
    public var description: String {
        let head = ["model '\(name)'"] + dims.map { "\($0.name) in \($0.range)" }
        let lines = functions.map { "  \($0)" } + states.map { "  \($0.role.rawValue) \($0.path): \($0.type)" }
        return ([head.joined(separator: ", ")] + lines).joined(separator: "\n")
    }

    /// Whether there is a function of that name.
    public func hasFunction(named name: String) -> Bool { functions.contains { $0.name == name } }

    /// The function of that name; throws an `ExecutionError` that lists those there are.
    public func function(named name: String) throws -> FunctionSignature {
        if let found = functions.first(where: { $0.name == name }) { return found }
        throw ExecutionError(
            place: "model '\(self.name)'", expected: "one of its functions", actual: "'\(name)'",
            remedy: "it has: \(functions.map(\.name).joined(separator: ", "))")
    }

    /// The index of the state of that path; throws an `ExecutionError` that lists those there are.
    public func stateIndex(path: String) throws -> Int {
        if let found = states.firstIndex(where: { $0.path == path }) { return found }
        throw ExecutionError(
            place: "model '\(name)'", expected: "the path of a state", actual: "'\(path)'",
            remedy: "it has: \(states.map(\.path).joined(separator: ", "))")
    }

    /// Throws an `ExecutionError` when a tensor does not have a state's type.
    public func check(_ tensor: HostTensor, forState path: String) throws {
        let type = states[try stateIndex(path: path)].type
        guard tensor.dtype == type.dtype, tensor.shape.map({ Dim($0) }) == type.shape else {
            throw ExecutionError(
                place: "model '\(name)', state '\(path)'", expected: "\(type)", actual: "\(tensor.typeText)",
                remedy: "give a tensor of the state's type")
        }
    }
}
