import HostTensors
import OrderedCollections

extension GraphModule {
    /// The tensors for a function's inputs in its order; throws for a name that is missing or unknown.
    public func ordered(_ inputs: [String: HostTensor], for function: GraphFunction) throws -> [HostTensor] {
        let names = function.inputs.map(\.name)
        let list = names.isEmpty ? "none" : names.joined(separator: ", ")
        for name in inputs.keys.sorted() where !names.contains(name) {
            throw GraphError("function '\(function.name)' has no input '\(name)'", remedy: "it takes: \(list)")
        }
        return try function.inputs.map { input in
            guard let tensor = inputs[input.name] else {
                throw GraphError(
                    "input '\(input.name)' of function '\(function.name)' is missing",
                    remedy: "give a tensor of \(function.type(of: input.value))")
            }
            return tensor
        }
    }

    /// The sizes of the named dimensions that a function's inputs, in its order, imply, together with the given ones.
    ///
    /// Throws `GraphError` naming input, axis, the size found and the sizes allowed.
    public func bindings(
        for function: GraphFunction, inputs: [HostTensor], sizes: [String: Int] = [:]
    ) throws -> [String: Int] {
        var binder = SymbolBinder(dims: dims, functionName: function.name)
        for (name, size) in sizes.sorted(by: { $0.key < $1.key }) { try binder.give(name, size) }
        guard inputs.count == function.inputs.count else {
            throw GraphError(
                "function '\(function.name)' takes \(function.inputs.count) inputs, got \(inputs.count)")
        }
        let pairs = zip(function.inputs, inputs).map { ($0.name, function.type(of: $0.value), $1) }
        for (name, type, tensor) in pairs { try binder.checkRank(name, type, tensor) }
        // Axes that are one symbol first: they decide the sizes that others are checked against.
        for pass in [true, false] {
            for (name, type, tensor) in pairs {
                for axis in type.shape.indices where type.shape[axis].isSymbol == pass {
                    try binder.bind(name, type, axis: axis, size: tensor.shape[axis])
                }
            }
        }
        return binder.bindings
    }

    /// Throws unless there is one tensor of the declared type for each state.
    func check(states tensors: [HostTensor]) throws {
        guard tensors.count == states.count else {
            throw GraphError("module '\(name)' has \(states.count) states, got \(tensors.count) tensors")
        }
        for (state, tensor) in zip(states, tensors) {
            guard tensor.dtype == state.type.dtype, tensor.shape == state.type.constantShape else {
                throw GraphError(
                    "state '\(state.path)' must be \(state.type), got \(tensor.typeText)",
                    remedy: "give the states in the module's order")
            }
        }
    }
}

extension Dim {
    /// Whether it is one symbol and nothing else.
    fileprivate var isSymbol: Bool {
        terms.count == 1 && terms[0].coefficient == 1 && terms[0].symbols.count == 1
    }
}

/// Collects the sizes of symbols and checks every axis against them.
private struct SymbolBinder {
    let dims: [DimSymbol]
    let functionName: String
    var bindings: [String: Int] = [:]
    /// The input and axis that decided each symbol.
    private var deciders: [String: String] = [:]

    init(dims: [DimSymbol], functionName: String) {
        self.dims = dims
        self.functionName = functionName
    }

    /// Takes a size that the caller gives.
    mutating func give(_ symbol: String, _ size: Int) throws {
        try checkRange(symbol, size, place: "a size is given")
        bindings[symbol] = size
        deciders[symbol] = "the sizes given"
    }

    func checkRank(_ name: String, _ type: TensorType, _ tensor: HostTensor) throws {
        guard tensor.dtype == type.dtype else {
            throw GraphError(
                "input '\(name)' must have \(type.dtype) elements, got \(tensor.typeText)",
                remedy: "convert it with converted(to: .\(type.dtype))")
        }
        guard tensor.rank == type.rank else {
            throw GraphError("input '\(name)' must be \(type), got \(tensor.typeText)", remedy: "reshape it first")
        }
    }

    mutating func bind(_ name: String, _ type: TensorType, axis: Int, size: Int) throws {
        let dim = type.shape[axis]
        let place = "axis \(axis) of input '\(name)'"
        let unbound = dim.symbols.filter { bindings[$0] == nil }
        if let symbol = unbound.first {
            guard unbound.count == 1, let value = try solved(dim, for: symbol, size: size) else {
                throw GraphError(
                    "\(place) is \(size), which does not determine \(dim)",
                    remedy: "an input axis must give '\(symbol)' alone, or a size that \(dim) can have")
            }
            try checkRange(symbol, value, place: "\(place) is \(size)")
            bindings[symbol] = value
            deciders[symbol] = place
        } else {
            let expected = try dim.value(bindings)
            guard size == expected else {
                let reason = dim.symbols.compactMap { symbol in
                    deciders[symbol].map { "\(symbol) is \(bindings[symbol] ?? 0) from \($0)" }
                }
                throw GraphError(
                    "\(place) must be \(dim.constant == nil ? "\(dim) = \(expected)" : "\(expected)"), got \(size)",
                    remedy: reason.isEmpty ? "'\(name)' is \(type)" : reason.joined(separator: ", "))
            }
        }
    }

    /// The value of the only unbound symbol, where it occurs linearly and divides out.
    private func solved(_ dim: Dim, for symbol: String, size: Int) throws -> Int? {
        var trial = bindings
        trial[symbol] = 0
        let rest = try dim.value(trial)
        trial[symbol] = 1
        let slope = try dim.value(trial) - rest
        guard slope != 0, (size - rest) % slope == 0 else { return nil }
        let value = (size - rest) / slope
        trial[symbol] = value
        return try dim.value(trial) == size ? value : nil
    }

    private func checkRange(_ symbol: String, _ value: Int, place: String) throws {
        guard let declared = dims.first(where: { $0.name == symbol }) else {
            throw GraphError("\(place), but dimension '\(symbol)' is not declared in the module")
        }
        let multiple = declared.multiple > 1 ? ", a multiple of \(declared.multiple)" : ""
        guard declared.range.contains(value), value % declared.multiple == 0 else {
            throw GraphError(
                "\(place), which makes \(symbol) = \(value)",
                remedy: "allowed: \(declared.range.lowerBound) to \(declared.range.upperBound)\(multiple)")
        }
    }
}
