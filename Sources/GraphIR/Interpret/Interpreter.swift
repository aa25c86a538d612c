import HostTensors
import OrderedCollections

/// Runs a module's functions by the reference meaning of every operation: slow, simple, and what compiled code is held to.
public struct Interpreter: Sendable {
    /// Called after each operation with its index in the expanded function, the operation and its results.
    ///
    /// Composites are expanded; their results keep the `ValueID`s they have in the module's function.
    public typealias Observer = @Sendable (_ index: Int, _ op: GraphOp, _ results: [HostTensor]) throws -> Void

    /// How a run is done; no choice changes a result.
    public struct Options: Sendable {
        /// Whether a value's memory is given back after its last reader.
        public var freesEarly: Bool
        /// Told every operation's results.
        public var observe: Observer?

        /// Frees early and observes nothing unless told otherwise.
        public init(freesEarly: Bool = true, observe: Observer? = nil) {
            self.freesEarly = freesEarly
            self.observe = observe
        }
    }

    /// The module as given.
    public let module: GraphModule
    private let expanded: OrderedDictionary<String, GraphFunction>

    /// Prepares all functions; throws what `verify` finds wrong with the module.
    public init(module: GraphModule) throws {
        try verify(module)
        self.module = module
        var expanded: OrderedDictionary<String, GraphFunction> = [:]
        for function in module.functions {
            expanded[function.name] = try function.expandingComposites(states: module.states)
        }
        self.expanded = expanded
    }

    /// Runs a function and gives its outputs by name; states, in the module's order, take their new values at the end.
    ///
    /// Named dimensions get their sizes from the inputs' shapes, and from `sizes` what no input gives. Throws `GraphError` for an unknown function, for inputs or
    /// states that do not fit (naming input, axis, size and what is allowed), and what evaluation throws.
    public func run(
        _ name: String, inputs: [String: HostTensor] = [:], sizes: [String: Int] = [:], states: inout [HostTensor],
        options: Options = Options()
    ) throws -> OrderedDictionary<String, HostTensor> {
        let function = try module.function(named: name)
        let body = expanded[name] ?? function
        let ordered = try module.ordered(inputs, for: function)
        try module.check(states: states)
        let bindings = try module.bindings(for: function, inputs: ordered, sizes: sizes)
        let evaluation = FunctionEvaluation(
            function: body, bindings: bindings, freesEarly: options.freesEarly, observe: options.observe)
        let (outputs, updates) = try evaluation.run(inputs: ordered, states: states)
        for (update, value) in zip(function.updates, updates) {
            guard states.indices.contains(update.state) else {
                throw GraphError("function '\(name)' updates state \(update.state) of \(states.count)")
            }
            states[update.state] = value
        }
        var named: OrderedDictionary<String, HostTensor> = [:]
        for (output, value) in zip(function.outputs, outputs) { named[output.name] = value }
        return named
    }

    /// Runs a function of a module without states.
    public func run(
        _ name: String, inputs: [String: HostTensor], options: Options = Options()
    ) throws -> OrderedDictionary<String, HostTensor> {
        var states: [HostTensor] = []
        return try run(name, inputs: inputs, states: &states, options: options)
    }
}
