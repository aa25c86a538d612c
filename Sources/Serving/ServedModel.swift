import Execution
import GraphIR
import HostTensors

/// A model with the function of it that requests call, in as many contexts as calls may run at once.
public struct ServedModel: Sendable {
    /// The name by which requests ask for it.
    public let name: String
    /// The function that is called.
    public let function: FunctionSignature
    /// Whether requests are joined into one call.
    public let joining: Joining
    /// What is remarkable about it: sentences for whoever starts the server.
    public let remarks: [String]
    /// What the model takes, gives and keeps.
    let signature: ModelSignature
    package let contexts: [Model]
    let batchDim: BatchDim?

    /// What becomes of requests that wait.
    public enum Joining: Sendable, Equatable {
        /// They are joined along the named dimension.
        case along(dim: String)
        /// They are not joined, for this reason.
        case none(reason: String)
    }

    /// Serves a function of a model; all `contexts` must be the same model with the same states.
    ///
    /// The function is called on made-up inputs, so that the first request finds all prepared, and to see whether the rows of a batch
    /// are independent. Throws a `ServingError` for a function that can't be served, which is one that changes states.
    public init(name: String? = nil, contexts: [Model], function: String = "predict") throws {
        guard let first = contexts.first else {
            throw ServingError(
                "model '\(name ?? "")'", expected: "at least one context", actual: "none", remedy: "give one")
        }
        self.name = name ?? first.signature.name
        let place = "model '\(self.name)'"
        guard !self.name.isEmpty, !self.name.contains("/") else {
            throw ServingError(
                place, expected: "a name that can be a part of a path", actual: "'\(self.name)'",
                remedy: "give another, NAME=PATH")
        }
        self.function = try first.signature.function(named: function)
        (self.contexts, signature) = (contexts, first.signature)
        let given = Set(self.function.inputs.flatMap { $0.type.shape.flatMap(\.symbols) })
        if let dim = self.function.dims.subtracting(given).min() {
            throw ServingError(
                "\(place), function '\(function)'", expected: "outputs whose sizes follow from the inputs",
                actual: "dimension \(dim)", remedy: "requests can't say its size: fix it when the model is made")
        }
        let before = try StateDigest(of: first)
        let dim = BatchDim(of: self.function, dims: first.signature.dims)
        (joining, batchDim) = try Self.join(first, self.function, along: dim)
        for context in contexts.dropFirst(dim == nil ? 0 : 1) { try Self.warmUp(context, self.function) }
        let after = try StateDigest(of: first)
        if let path = before.firstDifference(from: after) {
            throw ServingError(
                "\(place), function '\(function)'", expected: "a function that leaves states as they are",
                actual: "one that changes '\(path)'", remedy: "serve another, such as 'predict'")
        }
        remarks =
            before.isAllZero ? ["\(place): all parameters are 0: name a file of trained ones with --weights"] : []
    }

    /// Finds out whether requests can be joined.
    private static func join(
        _ model: Model, _ function: FunctionSignature, along dim: BatchDim?
    ) throws -> (Joining, BatchDim?) {
        guard let dim else {
            return (
                .none(reason: "no named dimension is the first axis of every output and of no input a later one"), nil
            )
        }
        let name = dim.symbol.name
        switch try BatchTrial.run(model, function, along: dim, limit: dim.symbol.range.upperBound) {
        case .independent: return (.along(dim: name), dim)
        case .mixed: return (.none(reason: "a row of the results depends on other rows of the batch"), nil)
        case .tooFewRows:
            try warmUp(model, function)
            return (.none(reason: "dimension \(name) allows no batch of several requests"), nil)
        }
    }

    /// Calls the function once, so that it has computed what it keeps.
    private static func warmUp(_ model: Model, _ function: FunctionSignature) throws {
        let sizes = BatchTrial.smallestSizes(of: function, dims: model.signature.dims)
        try model.run(function.name, BatchTrial.madeUpInputs(of: function, sizes: sizes, seed: 0))
    }
}

/// What the states of a model are, in a few bytes each.
private struct StateDigest {
    private var digests: [(path: String, digest: UInt64)] = []
    /// Whether there are parameters, and all are 0.
    let isAllZero: Bool

    init(of model: Model) throws {
        var (hasParameters, isZero) = (false, true)
        for state in model.signature.states {
            let value = try model.state(state.path)
            let (digest, nonZero) = value.withUnsafeBytes(Self.digest)
            digests.append((state.path, digest))
            guard state.role == .parameter else { continue }
            hasParameters = true
            if nonZero { isZero = false }
        }
        isAllZero = hasParameters && isZero
    }

    /// The path of the first state that is another.
    func firstDifference(from other: StateDigest) -> String? {
        zip(digests, other.digests).first { $0.digest != $1.digest }?.0.path
    }

    /// The FNV hash of bytes, by words, and whether any is not 0.
    private static func digest(_ bytes: UnsafeRawBufferPointer) -> (UInt64, Bool) {
        var (hash, any) = (14_695_981_039_346_656_037 as UInt64, 0 as UInt64)
        func add(_ word: UInt64) {
            hash = (hash ^ word) &* 1_099_511_628_211
            any |= word
        }
        let words = bytes.count / 8
        for word in 0..<words { add(bytes.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self)) }
        for byte in bytes.dropFirst(words * 8) { add(UInt64(byte)) }
        return (hash, any != 0)
    }
}
