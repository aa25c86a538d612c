import GraphIR
import HostTensors
import OrderedCollections

/// Host tensors by name, in order.
public typealias NamedTensors = OrderedDictionary<String, HostTensor>

/// The inputs of one call, checked: in the function's order, with the size of every dimension they fix.
public struct BoundCall: Sendable {
    /// The function.
    public let function: FunctionSignature
    /// One tensor an input, in the function's order.
    public let inputs: [HostTensor]
    /// The size of every named dimension that the inputs mention.
    public let dims: [String: Int]

    /// The type and shape of every output.
    public func outputShapes() throws -> [[Int]] { try function.outputs.map { try $0.type.shape(dims) } }
}

extension ModelSignature {
    /// Checks the inputs of a call and finds the sizes of the named dimensions.
    ///
    /// Throws an `ExecutionError` that names the function, the input and the axis, what was got and what is allowed.
    public func bind(_ functionName: String, _ given: NamedTensors) throws -> BoundCall {
        let function = try function(named: functionName)
        let inputs = try ordered(given, for: function)
        for (declared, tensor) in zip(function.inputs, inputs) { try checkType(declared, tensor, in: function) }
        let dims = try solve(function, inputs)
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

    private func solve(_ function: FunctionSignature, _ inputs: [HostTensor]) throws -> [String: Int] {
        var bindings: [String: Int] = [:]
        for (input, tensor) in zip(function.inputs, inputs) {
            for (axis, dim) in input.type.shape.enumerated() {
                guard let (symbol, size) = Self.solve(dim, for: tensor.shape[axis]), bindings[symbol] == nil else {
                    continue
                }
                try check(symbol, size, "function '\(function.name)', input '\(input.name)', axis \(axis)")
                bindings[symbol] = size
            }
        }
        for (input, tensor) in zip(function.inputs, inputs) {
            for (axis, dim) in input.type.shape.enumerated() {
                let size = try dim.value(bindings)
                guard size == tensor.shape[axis] else {
                    throw ExecutionError(
                        place: "function '\(function.name)', input '\(input.name)', axis \(axis)",
                        expected: dim.constant == nil ? "\(dim) = \(size)" : "\(size)",
                        actual: "\(tensor.shape[axis])",
                        remedy: "the input is \(input.type); the tensor is \(tensor.typeText)")
                }
            }
        }
        return bindings
    }

    /// The size of the symbol in `a·symbol + b = size`, if the dimension has that form and a whole solution.
    private static func solve(_ dim: Dim, for size: Int) -> (symbol: String, size: Int)? {
        guard let term = dim.terms.first, term.symbols.count == 1, dim.symbols.count == 1,
            dim.terms.dropFirst().allSatisfy(\.symbols.isEmpty)
        else { return nil }
        let rest = size - (dim.terms.count > 1 ? dim.terms[1].coefficient : 0)
        return rest % term.coefficient == 0 ? (term.symbols[0], rest / term.coefficient) : nil
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
