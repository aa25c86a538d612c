import Artifacts
import GraphIR
import HostTensors
import KernelIR
import Synchronization

/// A compiled model in this process: a context of its shared object.
public final class CompiledModel: ModelEngine {
    /// What the model takes, gives and keeps.
    public let signature: ModelSignature
    /// The number of threads a call uses.
    public let threads: Int
    /// The CPU level in use, such as `v4`.
    public let variant: String
    let functions: ArtifactFunctions
    let context: Mutex<ContextHandle>

    /// The numbers of threads that can be asked for; 0 is one for each processor.
    public static let threadCounts = 0...256

    /// What the context writes to, kept as long as it may.
    private let recorder = Mutex<KernelRecorder?>(nil)

    struct ContextHandle: @unchecked Sendable { let pointer: ArtifactFunctions.Context }

    /// Loads the shared object at `path` and makes a context of the model.
    ///
    /// `threads` 0 uses every processor this process may use; `level` nil uses the best variant this machine can run.
    /// Throws an `ExecutionError` when the library is not one of this model, or its context cannot be made.
    public init(library path: String, signature: ModelSignature, threads: Int = 0, level: CPULevel? = nil) throws {
        let library = try SharedLibrary(path: path)
        let functions = try ArtifactFunctions(in: library, name: signature.name)
        let context = try Self.makeContext(functions, path: path, threads: threads, level: level)
        self.signature = signature
        self.functions = functions
        self.threads = Int(functions.threads(context))
        variant = functions.variant(context).map { String(cString: $0) } ?? ""
        self.context = Mutex(ContextHandle(pointer: context))
    }

    deinit { context.withLock { functions.destroy($0.pointer) } }

    private static func makeContext(
        _ functions: ArtifactFunctions, path: String, threads: Int, level: CPULevel?
    ) throws -> ArtifactFunctions.Context {
        guard threadCounts.contains(threads) else {
            throw ExecutionError(
                place: path, expected: "a thread count from 0 to \(threadCounts.upperBound)", actual: "\(threads)",
                remedy: "give 0 to use every processor")
        }
        var message = [CChar](repeating: 0, count: 512)
        var context: ArtifactFunctions.Context?
        let status = message.withUnsafeMutableBufferPointer { buffer in
            var options = ArtifactFunctions.Options(
                size: UInt32(MemoryLayout<ArtifactFunctions.Options>.size), threads: Int32(threads),
                variant: level.map { Int32($0.rank) } ?? -1, errorBytes: UInt32(buffer.count),
                error: buffer.baseAddress)
            return functions.create(&options, &context)
        }
        guard status == 0, let context else {
            let reason = String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            throw ExecutionError(
                place: path, expected: "a context of the model", actual: "status \(status) (\(reason))",
                remedy: "choose a CPU level this machine has, or fewer threads")
        }
        return context
    }

    /// Calls a function: checks the inputs, updates the states, gives the outputs in the function's order; `sizes` are those
    /// of named dimensions that no input gives.
    public func run(_ function: String, _ inputs: NamedTensors, sizes: [String: Int]) throws -> NamedTensors {
        let call = try signature.bind(function, inputs, sizes: sizes)
        var outputs = try call.makeOutputs()
        let used = Set(call.dims.keys)
        let dims = signature.dims.filter { used.contains($0.name) }.map { Int64(call.dims[$0.name] ?? 0) }
        try context.withLock { context in
            try Self.withAddresses(call.inputs, &outputs) { inputs, outputs in
                try check(
                    functions.call(context.pointer, function, dims, inputs, outputs), context,
                    place: "function '\(function)'")
            }
        }
        return NamedTensors(
            zip(call.function.outputs.map(\.name), outputs), uniquingKeysWith: { first, _ in first })
    }

    /// The function of that name, ready to be called many times; throws when there is none.
    public func prepare(_ function: String) throws -> PreparedFunction {
        let declared = try signature.function(named: function)
        let call = CompiledCall(signature, declared) { [self] name, dims, inputs, outputs in
            try context.withLock { context in
                let status = functions.call(context.pointer, name, dims, inputs, outputs)
                if status != 0 { try check(status, context, place: "function '\(function)'") }
            }
        }
        return PreparedFunction(declared, call)
    }

    /// The bytes of scratch memory that a call takes, for sizes of the named dimensions that it mentions.
    public func workspaceBytes(_ function: String, dims sizes: [String: Int]) throws -> Int {
        let dims = signature.dims.compactMap { dim in sizes[dim.name].map { Int64($0) } }
        var bytes: Int64 = 0
        try context.withLock { context in
            try check(
                functions.workspaceBytes(context.pointer, function, dims, &bytes), context,
                place: "function '\(function)'")
        }
        return Int(bytes)
    }

    /// Prepares a call that is to be made many times; the inputs are checked and copied now, and `sizes` are those of named
    /// dimensions that no input gives.
    ///
    /// Throws an `ExecutionError` that names the input and axis when an input does not fit.
    public func prepare(
        _ function: String, _ inputs: NamedTensors, sizes: [String: Int] = [:]
    ) throws -> PreparedCall {
        let bound = try signature.bind(function, inputs, sizes: sizes)
        let dims = signature.dims.filter { bound.dims[$0.name] != nil }.map { Int64(bound.dims[$0.name] ?? 0) }
        let index = signature.functions.firstIndex { $0.name == function } ?? 0
        return try PreparedCall(model: self, function: Int32(index), bound: bound, dims: dims)
    }

    /// Calls function number `function` on memory that the caller vouches for.
    func invoke(
        _ function: Int32, dims: [Int64], tensors: [UnsafeMutableRawPointer?], times: Int,
        place: @autoclosure () -> String
    ) throws {
        try context.withLock { context in
            for _ in 0..<times {
                let status = functions.invoke(context.pointer, function, dims, tensors)
                if status != 0 { try check(status, context, place: place()) }
            }
        }
    }

    /// Bytes of constant data in the library; 0 if its manifest does not say.
    func constantByteCount() throws -> Int {
        try Manifest(json: String(cString: functions.information()), place: signature.name).constantBytes ?? 0
    }

    /// Makes calls record their kernels, or, with nil, no longer.
    ///
    /// Throws an `ExecutionError` when the model was not compiled for that.
    public func record(into recorder: KernelRecorder?) throws {
        guard let record = functions.record else {
            throw ExecutionError(
                place: "model '\(signature.name)'", expected: "code that records kernels", actual: "code that does not",
                remedy: "compile with NativeCompiler(recordsKernels: true)")
        }
        try context.withLock { context in
            try check(record(context.pointer, recorder?.address), context, place: "recorder")
            self.recorder.withLock { $0 = recorder }
        }
    }

    /// The value of a state, by path.
    public func state(_ path: String) throws -> HostTensor {
        let declared = signature.states[try signature.stateIndex(path: path)]
        var value = HostTensor(zeros: try declared.type.shape([:]), dtype: declared.type.dtype)
        try context.withLock { context in
            try value.withUnsafeMutableBytes { bytes in
                try check(
                    functions.get(context.pointer, path, bytes.baseAddress, bytes.count), context,
                    place: "state '\(path)'")
            }
        }
        return value
    }

    /// Replaces the value of a state.
    public func setState(_ path: String, to value: HostTensor) throws {
        try signature.check(value, forState: path)
        try context.withLock { context in
            try value.withUnsafeBytes { bytes in
                try check(
                    functions.set(context.pointer, path, bytes.baseAddress, bytes.count), context,
                    place: "state '\(path)'")
            }
        }
    }

    /// Loads the states that a safetensors file holds.
    public func loadWeights(path: String) throws {
        try context.withLock { context in
            try check(functions.load(context.pointer, path), context, place: path)
        }
    }

    func check(_ status: Int32, _ context: ContextHandle, place: String) throws {
        guard status != 0 else { return }
        let reason = functions.error(context.pointer).map { String(cString: $0) } ?? ""
        throw ExecutionError(
            place: "model '\(signature.name)', \(place)", expected: "success",
            actual: "status \(status)", remedy: reason.isEmpty ? "no reason was given" : reason)
    }

    /// Gives `body` the addresses of all inputs and of all outputs, valid during the call.
    private static func withAddresses(
        _ inputs: [HostTensor], _ outputs: inout [HostTensor],
        _ body: (UnsafePointer<UnsafeRawPointer?>?, UnsafePointer<UnsafeMutableRawPointer?>?) throws -> Void
    ) throws {
        var outputAddresses: [UnsafeMutableRawPointer?] = []
        // The outputs were made just now and are not shared, so their storage stays where it is.
        for at in outputs.indices { outputs[at].withUnsafeMutableBytes { outputAddresses.append($0.baseAddress) } }
        try withAddresses(of: inputs[...], []) { inputAddresses in
            try inputAddresses.withUnsafeBufferPointer { inputAddresses in
                try outputAddresses.withUnsafeBufferPointer { try body(inputAddresses.baseAddress, $0.baseAddress) }
            }
        }
        withExtendedLifetime(outputs) {}
    }

    private static func withAddresses(
        of tensors: ArraySlice<HostTensor>, _ found: [UnsafeRawPointer?], _ body: ([UnsafeRawPointer?]) throws -> Void
    ) throws {
        guard let first = tensors.first else { return try body(found) }
        try first.withUnsafeBytes { try withAddresses(of: tensors.dropFirst(), found + [$0.baseAddress], body) }
    }
}
