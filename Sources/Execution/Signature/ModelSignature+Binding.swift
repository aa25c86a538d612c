import GraphIR
import HostTensors
import OrderedCollections

/// The inputs of one call, checked: in the function's order, with the size of every dimension they fix.
public struct BoundCall: Sendable {
    /// The function.
    public let function: FunctionSignature
    /// One tensor an input, in the function's order.
    public let inputs: [HostTensor]
    /// The size of every named dimension that the inputs and outputs mention.
    public let dims: [String: Int]

    /// The shape of every output; throws a `TensorError` where there is no memory for them.
    public func outputShapes() throws -> [[Int]] {
        let bytes = try function.outputs.reduce(0) { $0 + (try $1.type.byteCount.value(dims)) }
        try HostTensor.requireMemory(byteCount: bytes, for: "outputs of function '\(function.name)'")
        return try function.outputs.map { try $0.type.shape(dims) }
    }

    /// A tensor of zeros for every output; throws as `outputShapes` does.
    func makeOutputs() throws -> [HostTensor] {
        zip(function.outputs, try outputShapes()).map { HostTensor(zeros: $1, dtype: $0.type.dtype) }
    }
}

extension ModelSignature {
    /// Checks the inputs of a call and finds the sizes of the named dimensions; those that no input gives are in `sizes`.
    ///
    /// Throws an `ExecutionError` that names the function, the input and the axis, what was got and what is allowed.
    public func bind(
        _ functionName: String, _ given: NamedTensors, sizes: [String: Int] = [:]
    ) throws -> BoundCall {
        let function = try function(named: functionName)
        try check(sizes, for: function)
        let inputs = try ordered(given, for: function)
        for (declared, tensor) in zip(function.inputs, inputs) { try checkType(declared, tensor, in: function) }
        let dims = try solve(function, inputs, given: sizes)
        return BoundCall(function: function, inputs: inputs, dims: dims)
    }

    private func ordered(_ given: NamedTensors, for function: FunctionSignature) throws -> [HostTensor] {
        let place = "function '\(function.name)'"
        for name in given.keys where !function.inputs.contains(where: { $0.name == name }) {
            throw ExecutionError(
                place: place, expected: "inputs \(Self.list(function.inputs))", actual: "'\(name)'",
                remedy: "leave it out, or correct the name")
        }
        return try function.inputs.map { input in
            guard let tensor = given[input.name] else {
                throw ExecutionError(
                    place: "\(place), input '\(input.name)'", expected: "\(input.type)", actual: "nothing",
                    remedy: "give a tensor of that name")
            }
            return tensor
        }
    }

    private static func list(_ tensors: [TensorSignature]) -> String {
        tensors.isEmpty ? "none" : tensors.map { "'\($0.name)'" }.joined(separator: ", ")
    }

    private func checkType(
        _ input: TensorSignature, _ tensor: HostTensor, in function: FunctionSignature
    ) throws {
        let place = "function '\(function.name)', input '\(input.name)'"
        guard tensor.dtype == input.type.dtype else {
            throw ExecutionError(
                place: place, expected: "\(input.type)", actual: tensor.typeText,
                remedy: "convert it with converted(to: .\(input.type.dtype))")
        }
        guard tensor.rank == input.type.rank else {
            throw ExecutionError(
                place: place, expected: "\(input.type)", actual: tensor.typeText,
                remedy: "it has \(tensor.rank) axes instead of \(input.type.rank): reshape it")
        }
    }

    /// Throws when a size is given to a dimension that the function does not have, or that it does not allow.
    private func check(_ sizes: [String: Int], for function: FunctionSignature) throws {
        for (name, size) in sizes.sorted(by: { $0.key < $1.key }) {
            let known = dims.map(\.name).filter(function.dims.contains)
            let list = known.isEmpty ? "none" : known.joined(separator: ", ")
            guard known.contains(name) else {
                throw ExecutionError(
                    place: "function '\(function.name)'",
                    expected: "sizes of its named dimensions: \(list)",
                    actual: "'\(name)'", remedy: "leave it out, or correct the name")
            }
            try check(name, size, "function '\(function.name)', dimension \(name)")
        }
    }

    private func solve(
        _ function: FunctionSignature, _ inputs: [HostTensor], given: [String: Int]
    ) throws -> [String: Int] {
        var bindings = given
        var known = -1
        // What one axis gives may be what another one lacks.
        while known < bindings.count {
            known = bindings.count
            for (input, tensor) in zip(function.inputs, inputs) {
                for (axis, dim) in input.type.shape.enumerated() {
                    guard let (symbol, size) = try Self.solve(dim, for: tensor.shape[axis], bindings) else { continue }
                    try check(symbol, size, "function '\(function.name)', input '\(input.name)', axis \(axis)")
                    bindings[symbol] = size
                }
            }
        }
        for (input, tensor) in zip(function.inputs, inputs) {
            for (axis, dim) in input.type.shape.enumerated() {
                if let symbol = dim.symbols.first(where: { bindings[$0] == nil }) {
                    throw ExecutionError(
                        place: "function '\(function.name)', input '\(input.name)', axis \(axis)",
                        expected: "a size \(dim)", actual: "\(tensor.shape[axis])",
                        remedy: "no size of \(symbol) follows from that: choose one that \(dim) can have")
                }
                let size = try dim.value(bindings)
                guard size == tensor.shape[axis] else {
                    throw ExecutionError(
                        place: "function '\(function.name)', input '\(input.name)', axis \(axis)",
                        expected: dim.constant == nil ? "\(dim) = \(size)" : "\(size)",
                        actual: "\(tensor.shape[axis])",
                        remedy: "the input is \(input.type); the tensor is \(tensor.typeText)"
                            + (dim.symbols.contains { given[$0] != nil } ? "; leave its size out, or correct it" : ""))
                }
            }
        }
        for output in function.outputs {
            let symbols = output.type.shape.flatMap(\.symbols)
            guard let symbol = symbols.first(where: { bindings[$0] == nil }) else { continue }
            throw ExecutionError(
                place: "function '\(function.name)', output '\(output.name)'",
                expected: "a size of dimension \(symbol), as it is \(output.type)", actual: "none",
                remedy: "no input has the dimension: give its size, sizes: [\"\(symbol)\": …], or --dim \(symbol)=…")
        }
        return bindings
    }

    /// The size of the only symbol that is not known yet, where a whole one gives that size of the dimension and the symbol occurs as a factor
    /// once a term.
    private static func solve(
        _ dim: Dim, for size: Int, _ known: [String: Int]
    ) throws -> (symbol: String, size: Int)? {
        let unknown = dim.symbols.filter { known[$0] == nil }
        guard unknown.count == 1, let symbol = unknown.first else { return nil }
        func value(_ number: Int) throws -> Int { try dim.value(known.merging([symbol: number]) { $1 }) }
        let rest = try value(0)
        let slope = try value(1) - rest
        guard slope != 0, (size - rest) % slope == 0 else { return nil }
        let solution = (size - rest) / slope
        return try value(solution) == size ? (symbol, solution) : nil
    }

    private func check(_ symbol: String, _ size: Int, _ place: String) throws {
        guard let declared = dims.first(where: { $0.name == symbol }) else { return }
        guard declared.range.contains(size) else {
            throw ExecutionError(
                place: place, expected: "\(symbol) in \(declared.range.lowerBound)...\(declared.range.upperBound)",
                actual: "\(size)", remedy: "split or pad the batch, or widen the range when the model is made")
        }
        guard size % declared.multiple == 0 else {
            throw ExecutionError(
                place: place, expected: "\(symbol) a multiple of \(declared.multiple)", actual: "\(size)",
                remedy: "pad the axis")
        }
    }
}
