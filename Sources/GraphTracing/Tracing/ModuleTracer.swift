import GraphIR
import HostTensors

/// Builds a graph module out of Swift closures: each is called once with placeholders, and what its results depend on
/// becomes a function; the variables it meets become states.
public struct ModuleTracer {
    /// The module's name.
    public let name: String
    /// The named dimensions.
    public let dims: [DimSymbol]
    /// The seed and step behind random numbers inside functions, if there are any.
    public var random: (seed: Variable, step: Variable)?

    private var functions: [TracedFunction] = []
    private var states: [(path: String, variable: Variable)] = []
    private var names: [ObjectIdentifier: String] = [:]
    /// Layers are named by identity, so they must stay alive.
    private var layers: [LayerScope] = []

    /// Starts an empty module.
    public init(name: String, dims: [DimSymbol] = []) {
        self.name = name
        self.dims = dims
    }

    /// The states known so far, in their order in the module.
    public var variables: [(path: String, variable: Variable)] { states }

    /// Makes a variable a state of the module under a path, after those already there.
    public mutating func declare(_ variable: Variable, path: String) {
        guard names.updateValue(path, forKey: ObjectIdentifier(variable)) == nil else { return }
        states.append((path, variable))
    }

    /// Makes all variables of a model states, in declaration order, and names its layers.
    public mutating func declare(contentsOf model: Any) throws {
        let contents = try ModelContents(of: model)
        for (path, variable) in contents.variables { declare(variable, path: path) }
        for (path, layer) in contents.layers {
            names[ObjectIdentifier(layer)] = path
            layers.append(layer)
        }
    }

    /// The path of a state.
    public func path(of variable: Variable) -> String? { names[ObjectIdentifier(variable)] }

    /// Traces a function: `body` gets a placeholder for each input and gives the outputs.
    ///
    /// What the body assigns to variables becomes the function's updates. Inputs that nothing depends on stay inputs
    /// unless `keepsUnusedInputs` is false. Where the body reads a variable of `substitutes`, it reads the other of the
    /// pair. Throws a `TraceError` with every mistake found.
    public mutating func function(
        _ name: String, inputs: [(name: String, type: TensorType)] = [], keepsUnusedInputs: Bool = true,
        reading substitutes: [(Variable, Variable)] = [],
        body: ([Tensor]) throws -> [(name: String, value: Tensor)]
    ) throws {
        let placeholders = inputs.map { Tensor(input: $0.name, type: $0.type) }
        var others: [ObjectIdentifier: Variable] = [:]
        for (variable, other) in substitutes { others[ObjectIdentifier(variable)] = other }
        let recorder = TraceRecorder(names: names, random: random, substitutes: others)
        let outputs = try TraceRecorder.$current.withValue(recorder) { try body(placeholders) }
        var function = TracedFunction(
            name: name, inputs: Array(zip(inputs.map(\.name), placeholders)), outputs: outputs,
            updates: recorder.assignments)
        try TraceRecorder.$current.withValue(recorder) { try TraceError.check(function.results) }
        if !keepsUnusedInputs { function.dropUnusedInputs() }
        for variable in function.variables { declareFound(variable) }
        functions.append(function)
    }

    /// What the traced call has assigned to variables so far, which it then does not assign: for a function that hands new values on
    /// instead. In the order of first assignment; nothing outside a traced call.
    public static func withdrawAssignments() -> [(variable: Variable, value: Tensor)] {
        TraceRecorder.current?.withdrawAssignments() ?? []
    }

    /// Adds the function that gives every state its first value; `seed` is the state that takes the function's input
    /// "seed", `i64[]`, from which all random numbers come.
    public mutating func initializer(_ name: String = "init", seed: Variable? = nil) throws {
        let states = states
        try function(name, inputs: seed == nil ? [] : [("seed", TensorType(.i64))]) { inputs in
            let position = inputs.first.map {
                RandomPosition(seed: $0, step: Tensor(HostTensor(scalar: Int64(0))), stream: 0)
            }
            for (at, state) in states.enumerated() {
                if state.variable === seed, let input = inputs.first {
                    state.variable.assign(input)
                    continue
                }
                var random = position ?? RandomPosition(seed: 0, stream: 0)
                random.stream = at
                let value = scope(state.path) { state.variable.initialValue(random) }
                state.variable.assign(value)
            }
            return []
        }
    }

    /// Moves the function of that name to the front.
    public mutating func moveToFront(_ name: String) {
        guard let at = functions.firstIndex(where: { $0.name == name }) else { return }
        functions.insert(functions.remove(at: at), at: 0)
    }

    /// The module; throws a `TraceError` if a state never got a shape.
    public func module() throws -> GraphModule {
        var module = GraphModule(name: name)
        module.dims = dims
        module.states = try stateDeclarations(of: states)
        var indices: [ObjectIdentifier: Int] = [:]
        for (at, state) in states.enumerated() { indices[ObjectIdentifier(state.variable)] = at }
        module.functions = try functions.map { try $0.graph(states: module.states, indices: indices) }
        return module
    }

    /// Throws a `TraceError` that lists every state whose shape is not known or not constant, except those given.
    public func requireShapes(except later: [Variable] = []) throws {
        _ = try stateDeclarations(of: states.filter { state in !later.contains { $0 === state.variable } })
    }

    private mutating func declareFound(_ variable: Variable) {
        if names[ObjectIdentifier(variable)] != nil { return }
        let taken = Set(states.map(\.path))
        let base = variable.name ?? "variable"
        var path = base
        var number = 1
        while taken.contains(path) {
            path = "\(base)\(number)"
            number += 1
        }
        declare(variable, path: path)
    }

    private func stateDeclarations(
        of states: [(path: String, variable: Variable)]
    ) throws -> [StateDeclaration] {
        var taken: Set<String> = []
        var errors: [GraphError] = []
        var declarations: [StateDeclaration] = []
        for (path, variable) in states {
            guard let type = variable.type, type.constantShape != nil else {
                errors.append(
                    GraphError(
                        variable.type.map { "the shape of state '\(path)', \($0), must be constant" }
                            ?? "state '\(path)' is never used, so its shape is not known",
                        place: variable.place.description, remedy: "give it a shape, or remove it from the model"))
                continue
            }
            var identifier = Self.identifier(path)
            while !taken.insert(identifier).inserted { identifier += "_" }
            declarations.append(StateDeclaration(identifier, type: type, role: variable.role, path: path))
        }
        if !errors.isEmpty { throw TraceError(errors) }
        return declarations
    }

    /// A path as an identifier: `hidden/weight` becomes `hidden_weight`.
    private static func identifier(_ path: String) -> String {
        let name = String(path.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        return name.first?.isNumber ?? true ? "_" + name : name
    }
}
