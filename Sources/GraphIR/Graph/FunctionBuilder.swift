import CustomCode
import OrderedCollections
import HostTensors

/// Appends operations to a function, inferring and checking every type.
public struct FunctionBuilder: Sendable {
    /// The function so far.
    public var function: GraphFunction
    /// The module's states, which `state(_:)` refers to.
    public var states: [StateDeclaration]
    /// The place given to operations from now on.
    public var place: Place?
    private var stateValues: [Int: ValueID] = [:]

    /// Starts an empty function.
    public init(name: String, states: [StateDeclaration] = []) {
        function = GraphFunction(name: name)
        self.states = states
    }

    /// Continues an existing function.
    public init(continuing function: GraphFunction, states: [StateDeclaration]) {
        self.function = function
        self.states = states
        for (at, value) in function.values.enumerated() {
            if case .state(let state) = value.origin { stateValues[state] = ValueID(at) }
        }
    }

    /// The type of a value.
    public func type(_ value: ValueID) -> TensorType { function.type(of: value) }

    /// Adds an input.
    public mutating func input(_ name: String, _ type: TensorType) -> ValueID {
        let value = newValue(type, .input(function.inputs.count))
        function.inputs.append(NamedValue(name, value))
        return value
    }

    /// The value a state had when the call began.
    public mutating func state(_ index: Int) -> ValueID {
        if let known = stateValues[index] { return known }
        let value = newValue(states[index].type, .state(index))
        stateValues[index] = value
        return value
    }

    /// Names a value as an output.
    public mutating func output(_ name: String, _ value: ValueID) { function.outputs.append(NamedValue(name, value)) }

    /// Binds the new value of a state.
    public mutating func update(_ state: Int, _ value: ValueID) {
        function.updates.append(StateUpdate(state: state, value: value))
    }

    /// Adds an operation and gives its results; throws when operands or attributes do not fit its definition.
    @discardableResult
    public mutating func emit(
        _ name: String, _ operands: [ValueID], _ attributes: Attributes = [:]
    ) throws -> [ValueID] {
        do {
            let definition = try OpTable.definition(of: name)
            let complete = try definition.complete(attributes)
            try definition.checkOperandCount(operands.count)
            let types = try definition.infer(
                InferenceInput(opName: name, operands: operands.map(type), attributes: complete))
            let results = types.map { newValue($0, .operation) }
            function.ops.append(GraphOp(name, operands, complete, results: results, place: place))
            return results
        } catch let error as GraphError {
            throw error.at(place?.description)
        }
    }

    /// Adds an operation that has one result.
    public mutating func emit1(_ name: String, _ operands: ValueID..., attributes: Attributes = [:]) throws -> ValueID {
        try emit(name, operands, attributes)[0]
    }

    private mutating func newValue(_ type: TensorType, _ origin: ValueOrigin) -> ValueID {
        function.values.append(GraphValue(type: type, origin: origin))
        return ValueID(function.values.count - 1)
    }
}

extension OpDefinition {
    /// The attributes in declared order with defaults filled in; throws on unknown, missing or ill-typed ones.
    public func complete(_ given: Attributes) throws -> Attributes {
        var complete: Attributes = [:]
        for schema in attributes {
            guard let value = given[schema.name] ?? schema.defaultValue else {
                throw GraphError("\(name): attribute '\(schema.name)' is missing")
            }
            guard schema.kind.accepts(value) else {
                throw GraphError("\(name): attribute '\(schema.name)' must be \(schema.kind), got \(value)")
            }
            complete[schema.name] = value
        }
        for key in given.keys where !attributes.contains(where: { $0.name == key }) {
            throw GraphError(
                "\(name): unknown attribute '\(key)'",
                remedy: attributes.isEmpty
                    ? "it takes none" : "it takes: \(attributes.map(\.name).joined(separator: ", "))")
        }
        return complete
    }

    /// Throws when the operation does not take that many operands.
    public func checkOperandCount(_ count: Int) throws {
        switch operands {
        case .fixed(let names) where names.count != count:
            throw GraphError("\(name) takes \(names.count) operands (\(names.joined(separator: ", "))), got \(count)")
        case .variadic(let kind) where count == 0:
            throw GraphError("\(name) takes one or more operands (\(kind)), got none")
        default: return
        }
    }
}

extension AttributeKind {
    /// Whether a value is of this kind.
    public func accepts(_ value: Attribute) -> Bool {
        switch (self, value) {
        case (.int, .int), (.float, .float), (.bool, .bool), (.string, .string), (.dtype, .dtype), (.ints, .ints),
            (.intLists, .intLists), (.dims, .dims), (.types, .types), (.tensor, .tensor), (.function, .function),
            (.code, .code):
            true
        case (.keyword(let words), .keyword(let word)): words.contains(word)
        default: false
        }
    }
}

extension InferenceInput {
    /// The whole number that an attribute is; 0 where it is none.
    public func int(_ name: String) -> Int { if case .int(let value)? = attributes[name] { value } else { 0 } }
    /// The number that an attribute is; 0 where it is none.
    public func float(_ name: String) -> Double { if case .float(let value)? = attributes[name] { value } else { 0 } }
    /// The truth value that an attribute is; false where it is none.
    public func bool(_ name: String) -> Bool { if case .bool(let value)? = attributes[name] { value } else { false } }
    /// Keyword attribute.
    public func keyword(_ name: String) -> String { attributes.keyword(name) }
    /// Integer-list attribute.
    public func ints(_ name: String) -> [Int] { attributes.ints(name) }
    /// Dimension-list attribute.
    public func dims(_ name: String) -> [Dim] { attributes.dims(name) }
    /// An error that names the op.
    public func failure(_ message: String, remedy: String? = nil) -> GraphError {
        GraphError("\(opName): \(message)", remedy: remedy)
    }
}

extension OrderedDictionary where Key == String, Value == Attribute {
    /// The integer of that name, 0 if absent (attributes are checked before they are read).
    public func int(_ name: String) -> Int { if case .int(let value)? = self[name] { value } else { 0 } }
    /// The number of that name.
    public func float(_ name: String) -> Double { if case .float(let value)? = self[name] { value } else { 0 } }
    /// The truth value of that name.
    public func bool(_ name: String) -> Bool { if case .bool(let value)? = self[name] { value } else { false } }
    /// The bare word or string of that name.
    public func keyword(_ name: String) -> String {
        switch self[name] {
        case .keyword(let value)?, .string(let value)?: value
        default: ""
        }
    }
    /// The element type of that name.
    public func dtype(_ name: String) -> DType? { if case .dtype(let value)? = self[name] { value } else { nil } }
    /// The integers of that name.
    public func ints(_ name: String) -> [Int] { if case .ints(let value)? = self[name] { value } else { [] } }
    /// The integer lists of that name.
    public func intLists(_ name: String) -> [[Int]] { if case .intLists(let value)? = self[name] { value } else { [] } }
    /// The dimensions of that name.
    public func dims(_ name: String) -> [Dim] { if case .dims(let value)? = self[name] { value } else { [] } }
    /// The types of that name.
    public func types(_ name: String) -> [TensorType] { if case .types(let value)? = self[name] { value } else { [] } }
    /// The user's code of that name.
    public func code(_ name: String) -> CustomCode? { if case .code(let value)? = self[name] { value } else { nil } }
    /// The function of that name; one without anything if absent.
    public func function(_ name: String) -> GraphFunction {
        if case .function(let value)? = self[name] { value } else { GraphFunction(name: name) }
    }
    /// The tensor of that name.
    public func tensor(_ name: String) -> HostTensor? {
        if case .tensor(let value)? = self[name] { value } else { nil }
    }
}
