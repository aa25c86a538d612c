import HostTensors

/// A function of a model, found once to be called many times: a call looks nothing up, and writes results in place.
///
/// Calls happen one after another.
public final class PreparedFunction {
    /// What the function takes and gives.
    public let signature: FunctionSignature
    /// The results of the last call, in the function's order; none before the first.
    public private(set) var outputs: [HostTensor] = []
    private let call: any FunctionCall

    init(_ signature: FunctionSignature, _ call: any FunctionCall) {
        self.signature = signature
        self.call = call
    }

    /// Calls the function on `tensors[places[0]]`, `tensors[places[1]]`, …, in the function's order; by default on all.
    ///
    /// Throws an `ExecutionError` that names the input and axis when an input does not fit.
    public func callAsFunction(_ tensors: [HostTensor], places: [Int]? = nil) throws {
        let count = places?.count ?? tensors.count
        guard count == signature.inputs.count else {
            throw ExecutionError(
                place: "function '\(signature.name)'", expected: "\(signature.inputs.count) inputs", actual: "\(count)",
                remedy: "give one tensor an input")
        }
        try call.run(tensors, places, &outputs)
    }
}

/// How an engine calls one function; the number of inputs is right.
protocol FunctionCall: AnyObject {
    func run(_ tensors: [HostTensor], _ places: [Int]?, _ outputs: inout [HostTensor]) throws
}

extension ModelEngine {
    /// The function of that name, ready to be called many times; throws when there is none.
    public func prepare(_ function: String) throws -> PreparedFunction {
        let signature = try signature.function(named: function)
        return PreparedFunction(signature, NamedCall(self, signature))
    }
}

/// Calls a function by its name.
private final class NamedCall: FunctionCall {
    private let engine: any ModelEngine
    private let signature: FunctionSignature

    init(_ engine: any ModelEngine, _ signature: FunctionSignature) {
        self.engine = engine
        self.signature = signature
    }

    func run(_ tensors: [HostTensor], _ places: [Int]?, _ outputs: inout [HostTensor]) throws {
        var named: NamedTensors = [:]
        for (at, input) in signature.inputs.enumerated() { named[input.name] = tensors[places?[at] ?? at] }
        outputs = Array(try engine.run(signature.name, named).values)
    }
}

/// Calls a compiled function through its C interface, with the addresses in buffers of its own.
final class CompiledCall: FunctionCall {
    /// Calls the library: function, dimensions, addresses of inputs, addresses of outputs.
    typealias Invocation = (
        UnsafePointer<CChar>, UnsafePointer<Int64>, UnsafePointer<UnsafeRawPointer?>,
        UnsafePointer<UnsafeMutableRawPointer?>
    ) throws -> Void

    private let model: ModelSignature
    private let signature: FunctionSignature
    private let invoke: Invocation
    private let name: UnsafeMutablePointer<CChar>
    private let dims: UnsafeMutablePointer<Int64>
    private let inputAddresses: UnsafeMutablePointer<UnsafeRawPointer?>
    private let outputAddresses: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    /// The shapes of the last call, which were checked.
    private var shapes: [[Int]]?

    init(_ model: ModelSignature, _ signature: FunctionSignature, _ invoke: @escaping Invocation) {
        self.model = model
        self.signature = signature
        self.invoke = invoke
        let text = signature.name.utf8CString
        name = .allocate(capacity: text.count)
        for (at, character) in text.enumerated() { name[at] = character }
        dims = .allocate(capacity: max(1, model.dims.count))
        inputAddresses = .allocate(capacity: max(1, signature.inputs.count))
        outputAddresses = .allocate(capacity: max(1, signature.outputs.count))
    }

    deinit {
        name.deallocate()
        dims.deallocate()
        inputAddresses.deallocate()
        outputAddresses.deallocate()
    }

    func run(_ tensors: [HostTensor], _ places: [Int]?, _ outputs: inout [HostTensor]) throws {
        if !fits(tensors, places) { try bind(tensors, places, &outputs) }
        for at in 0..<signature.inputs.count {
            // The tensors are held by the caller, so their storage stays where it is.
            inputAddresses[at] = tensors[places?[at] ?? at].withUnsafeBytes { $0.baseAddress }
        }
        for at in outputs.indices { outputAddresses[at] = outputs[at].withUnsafeMutableBytes { $0.baseAddress } }
        try withExtendedLifetime(tensors) { try invoke(name, dims, inputAddresses, outputAddresses) }
    }

    private func fits(_ tensors: [HostTensor], _ places: [Int]?) -> Bool {
        guard let shapes else { return false }
        for at in 0..<shapes.count {
            let place = places?[at] ?? at
            if tensors[place].dtype != signature.inputs[at].type.dtype || tensors[place].shape != shapes[at] {
                return false
            }
        }
        return true
    }

    /// Checks inputs of other shapes than before, and makes room for their outputs.
    private func bind(_ tensors: [HostTensor], _ places: [Int]?, _ outputs: inout [HostTensor]) throws {
        shapes = nil
        var named: NamedTensors = [:]
        for (at, input) in signature.inputs.enumerated() { named[input.name] = tensors[places?[at] ?? at] }
        let call = try model.bind(signature.name, named)
        var count = 0
        for dim in model.dims {
            guard let size = call.dims[dim.name] else { continue }
            dims[count] = Int64(size)
            count += 1
        }
        outputs = try call.makeOutputs()
        shapes = call.inputs.map(\.shape)
    }
}
