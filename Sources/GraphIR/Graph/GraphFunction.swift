import HostTensors

/// The place in a user's program that an operation comes from.
public struct Place: Hashable, Sendable, CustomStringConvertible {
    /// The layer path: `hidden`, `blocks/0/up`; empty outside any layer.
    public var layer: String
    /// The source file's name.
    public var file: String
    /// The source line, from 1.
    public var line: Int

    /// Makes a place.
    public init(layer: String, file: String, line: Int) {
        self.layer = layer
        self.file = file
        self.line = line
    }

    /// `layer 'hidden' at Classifier.swift:14`.
    public var description: String {
        let source = file.isEmpty ? "" : "\(file):\(line)"
        if layer.isEmpty { return source }
        return source.isEmpty ? "layer '\(layer)'" : "layer '\(layer)' at \(source)"
    }
}

/// Names one value within one function: an index into its arena.
public struct ValueID: Hashable, Sendable, Comparable {
    /// The index into `GraphFunction.values`.
    public let index: Int
    /// Names the value at `index`.
    public init(_ index: Int) { self.index = index }
    /// Whether the left value comes before the right one in `GraphFunction.values`.
    public static func < (left: ValueID, right: ValueID) -> Bool { left.index < right.index }
}

/// Where a value comes from.
public enum ValueOrigin: Hashable, Sendable {
    /// Input number … of the function.
    case input(Int)
    /// State number … of the module, as it was when the call began.
    case state(Int)
    /// A result of an operation.
    case operation
}

/// One value of a function: its type and origin.
public struct GraphValue: Hashable, Sendable {
    /// Element type and shape.
    public var type: TensorType
    /// Where it comes from.
    public var origin: ValueOrigin
}

/// One operation: a row of the op table applied to values.
public struct GraphOp: Sendable, Equatable {
    /// The op table's name of it.
    public var name: String
    /// What it reads.
    public var operands: [ValueID]
    /// Its compile-time arguments, complete (defaults filled in), in the definition's order.
    public var attributes: Attributes
    /// What it makes.
    public var results: [ValueID]
    /// The user's code it comes from.
    public var place: Place?

    /// Makes an operation.
    public init(
        _ name: String, _ operands: [ValueID], _ attributes: Attributes, results: [ValueID], place: Place? = nil
    ) {
        self.name = name
        self.operands = operands
        self.attributes = attributes
        self.results = results
        self.place = place
    }
}

/// A value with the name a caller knows it by.
public struct NamedValue: Hashable, Sendable {
    /// The caller's name: `image`, `loss`.
    public var name: String
    /// The value.
    public var value: ValueID
    /// Makes a named value.
    public init(_ name: String, _ value: ValueID) {
        self.name = name
        self.value = value
    }
}

/// The new value of a state, bound when the call ends; all reads see the old values.
public struct StateUpdate: Hashable, Sendable {
    /// The index of the state in the module.
    public var state: Int
    /// Its new value, of the state's type.
    public var value: ValueID
    /// Makes an update.
    public init(state: Int, value: ValueID) {
        self.state = state
        self.value = value
    }
}

/// A pure function over tensors: operations in an order in which each reads only what came before.
public struct GraphFunction: Sendable, Equatable {
    /// The name: `init`, `predict`, `evaluate`, `train`, or any identifier.
    public var name: String
    /// The arena of values.
    public var values: [GraphValue] = []
    /// The inputs, with the caller's names.
    public var inputs: [NamedValue] = []
    /// The operations in order.
    public var ops: [GraphOp] = []
    /// The outputs, with the caller's names.
    public var outputs: [NamedValue] = []
    /// The states' new values, in the module's state order.
    public var updates: [StateUpdate] = []

    /// Makes an empty function.
    public init(name: String) { self.name = name }

    /// The type of a value.
    public func type(of value: ValueID) -> TensorType { values[value.index].type }

    /// Values that outlive the call: outputs and updates.
    public var liveOut: [ValueID] { outputs.map(\.value) + updates.map(\.value) }

    /// For every value, the index in `ops` of the operation that makes it.
    public func producers() -> [Int?] {
        var producers = [Int?](repeating: nil, count: values.count)
        for (at, op) in ops.enumerated() { for result in op.results { producers[result.index] = at } }
        return producers
    }

    /// For every value, how many operations, outputs and updates read it.
    public func useCounts() -> [Int] {
        var counts = [Int](repeating: 0, count: values.count)
        for op in ops { for operand in op.operands { counts[operand.index] += 1 } }
        for value in liveOut { counts[value.index] += 1 }
        return counts
    }
}

/// What a state is for.
public enum StateRole: String, CaseIterable, Sendable, Hashable {
    /// Trained by the optimizer.
    case parameter
    /// Kept by the optimizer beside a parameter.
    case slot
    /// Other memory of the model: running averages, metrics.
    case buffer
    /// Counts steps; part of the random numbers' position.
    case counter
}

/// A tensor that lives across calls.
public struct StateDeclaration: Hashable, Sendable {
    /// The identifier in text: `w1` for `%w1`.
    public var identifier: String
    /// Element type and constant shape.
    public var type: TensorType
    /// What it is for.
    public var role: StateRole
    /// The user's name, a path: `hidden/weight`.
    public var path: String

    /// Declares a state.
    public init(_ identifier: String, type: TensorType, role: StateRole, path: String) {
        self.identifier = identifier
        self.type = type
        self.role = role
        self.path = path
    }
}

/// Functions over shared states: what is compiled together.
public struct GraphModule: Sendable, Equatable {
    /// The module's name, an identifier.
    public var name: String
    /// The named dimensions, in declaration order.
    public var dims: [DimSymbol] = []
    /// The states, in declaration order: the layout of a checkpoint.
    public var states: [StateDeclaration] = []
    /// The functions, in declaration order.
    public var functions: [GraphFunction] = []

    /// Makes an empty module.
    public init(name: String) { self.name = name }

    /// The function of that name; throws an error that lists those there are.
    public func function(named name: String) throws -> GraphFunction {
        guard let found = functions.first(where: { $0.name == name }) else {
            throw GraphError(
                "module '\(self.name)' has no function '\(name)'",
                remedy: "it has: \(functions.map(\.name).joined(separator: ", "))")
        }
        return found
    }

    /// The ranges of the named dimensions.
    public var dimRanges: [String: ClosedRange<Int>] {
        Dictionary(dims.map { ($0.name, $0.range) }, uniquingKeysWith: { first, _ in first })
    }
}
