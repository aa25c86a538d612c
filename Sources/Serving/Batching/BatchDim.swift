import Execution
import GraphIR
import HostTensors

/// The named dimension along which requests are joined: the first axis of every output, and of inputs; an input without it is the
/// same for a whole batch.
struct BatchDim: Sendable {
    let symbol: DimSymbol
    /// For each input, whether it has the dimension.
    let isInInput: [Bool]

    /// The dimension of a function, if it has one.
    init?(of function: FunctionSignature, dims: [DimSymbol]) {
        for symbol in dims {
            let inputs = function.inputs.map { Self.use(of: symbol, in: $0) }
            let outputs = function.outputs.map { Self.use(of: symbol, in: $0) }
            guard inputs.contains(.firstAxis), !inputs.contains(.other), !outputs.isEmpty,
                outputs.allSatisfy({ $0 == .firstAxis })
            else { continue }
            (self.symbol, isInInput) = (symbol, inputs.map { $0 == .firstAxis })
            return
        }
        return nil
    }

    private enum Use { case none, firstAxis, other }

    private static func use(of symbol: DimSymbol, in tensor: TensorSignature) -> Use {
        let axes = tensor.type.shape.indices.filter { tensor.type.shape[$0].symbols.contains(symbol.name) }
        if axes.isEmpty { return .none }
        return axes == [0] && tensor.type.shape[0] == Dim(symbol: symbol.name) ? .firstAxis : .other
    }

    /// The number of rows of a call.
    func rows(of call: BoundCall) -> Int { call.dims[symbol.name] ?? 0 }

    /// Whether one call can do what two ask for.
    func fits(_ first: BoundCall, _ second: BoundCall) -> Bool {
        guard first.dims.count == second.dims.count else { return false }
        for (name, size) in first.dims where name != symbol.name && second.dims[name] != size { return false }
        return isInInput.indices.allSatisfy { isInInput[$0] || first.inputs[$0] == second.inputs[$0] }
    }

    /// The inputs of one call for several.
    func join(_ calls: [BoundCall]) throws -> NamedTensors {
        guard let first = calls.first else { return [:] }
        var joined: NamedTensors = [:]
        for (at, input) in first.function.inputs.enumerated() {
            joined[input.name] =
                calls.count > 1 && isInInput[at] ? try Self.join(calls.map { $0.inputs[at] }) : first.inputs[at]
        }
        return joined
    }

    private static func join(_ tensors: [HostTensor]) throws -> HostTensor {
        let rows = tensors.reduce(0) { $0 + $1.shape[0] }
        let shape = [rows] + tensors[0].shape.dropFirst()
        let bytes = try HostTensor.elementCount(of: shape, dtype: tensors[0].dtype) * tensors[0].dtype.byteCount
        try HostTensor.requireMemory(byteCount: bytes, for: "a batch of \(rows) rows")
        var joined = HostTensor(zeros: shape, dtype: tensors[0].dtype)
        joined.withUnsafeMutableBytes { bytes in
            var start = 0
            for tensor in tensors {
                tensor.withUnsafeBytes { part in
                    UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + part.count]).copyMemory(from: part)
                    start += part.count
                }
            }
        }
        return joined
    }

    /// The results of each of several calls, from those of the one that was made for them.
    func split(_ results: NamedTensors, for calls: [BoundCall]) throws -> [NamedTensors] {
        if calls.count == 1 { return [results] }
        var start = 0
        return try calls.map { call in
            let range = start..<start + rows(of: call)
            start = range.upperBound
            return try results.mapValues { try $0.rows(range) }
        }
    }
}
