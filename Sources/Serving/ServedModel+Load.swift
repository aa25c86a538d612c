import Execution
import GraphIR
import HostTensors
import KernelIR
import NIOCore
import Toolchain

extension ServedModel {
    /// Loads a compiled model, as `Model.load` does, or compiles the graph of a file `….graph`; its name is the model's own.
    ///
    /// - Parameters:
    ///   - path: the folder, manifest or library of a compiled model, or a graph.
    ///   - name: the name by which requests ask for it; nil for the model's own.
    ///   - function: the function that requests call.
    ///   - weights: a safetensors file with the states' values; without one those beside or inside the library, or of the graph's
    ///     `init`.
    ///   - image: a file that all contexts, and all processes with this model, share; written where it is not there or does not fit.
    ///   - contexts: how many calls may run at once.
    ///   - threads: how many threads a call uses; 0 for a share of all processors.
    /// - Throws: what is wrong with the files, a `ServingError` where the model can't be served.
    public init(
        _ path: String, name: String? = nil, function: String = "predict", weights: String? = nil, image: String? = nil,
        contexts: Int = 1, threads: Int = 0
    ) throws {
        guard (1...256).contains(contexts) else {
            throw ServingError(
                "model '\(path)'", expected: "1 to 256 contexts", actual: "\(contexts)", remedy: "each runs one call")
        }
        let threads = threads == 0 && contexts > 1 ? max(1, System.coreCount / contexts) : threads
        if path.hasSuffix(".graph") {
            let graph = try GraphSource(path, function: function, weights: weights)
            try self.init(
                name: name, contexts: graph.load(contexts, threads: threads, image: image), function: function)
        } else {
            let loaded = try (0..<contexts).map { _ in
                try Self.load(path, threads: threads, weights: weights, image: image)
            }
            try self.init(name: name, contexts: loaded, function: function)
        }
    }

    private static func load(_ path: String, threads: Int, weights: String?, image: String?) throws -> Model {
        guard let weights else { return try Model.load(path, threads: threads, image: image) }
        let model = try Model.load(path, threads: threads)
        func setStates() throws { try model.setStates(fromFile: weights) }
        if let image {
            try model.mapImage(image, source: CompiledModel.source(ofFile: weights), orMake: setStates)
        } else {
            try setStates()
        }
        return model
    }
}

/// A graph in a file, and where its states are from.
private struct GraphSource {
    let module: GraphModule
    let weights: String?

    /// Reads the function and `init`, with the states that they use.
    init(_ path: String, function: String, weights: String?) throws {
        let whole = try GraphFile.read(path: path)
        try verify(whole)
        // The message for an unknown function is the signature's.
        _ = try ModelSignature(of: whole).function(named: function)
        module = try whole.keeping(
            functions: whole.functions.map(\.name).filter { $0 == function || ($0 == "init" && weights == nil) })
        self.weights = weights
    }

    /// Compiles the graph once for all contexts; the loader keeps the library mapped when its file is gone.
    func load(_ contexts: Int, threads: Int, image: String?) throws -> [Model] {
        let target = Target.host
        return try TemporaryFolder.with { folder in
            let files = try NativeCompiler().compile(
                module, for: CompilationTarget(architecture: target.architecture, levels: [target.level]), weights: [:],
                to: folder)
            return try (0..<contexts).map { _ in
                let model = Model(
                    try CompiledModel(
                        library: files.library, signature: ModelSignature(of: module), threads: threads,
                        level: target.level))
                if let image {
                    try model.mapImage(image, source: source()) { try setStates(model) }
                } else {
                    try setStates(model)
                }
                return model
            }
        }
    }

    private func source() throws -> String { try weights.map(CompiledModel.source(ofFile:)) ?? "init" }

    private func setStates(_ model: Model) throws {
        if let weights { return try model.setStates(fromFile: weights) }
        guard let initializer = model.signature.functions.first(where: { $0.name == "init" }) else { return }
        guard initializer.inputs.count <= 1,
            initializer.inputs.allSatisfy({ $0.type.rank == 0 && $0.type.dtype.isInteger })
        else { return }
        var inputs: NamedTensors = [:]
        for input in initializer.inputs {
            inputs[input.name] = HostTensor(scalar: Int64(1)).converted(to: input.type.dtype)
        }
        try model.run("init", inputs)
    }
}

extension Model {
    /// Takes the states' values from a safetensors file; throws where it lacks one that training or initial values would have set.
    fileprivate func setStates(fromFile path: String) throws {
        var values: [String: HostTensor] = [:]
        for entry in try Safetensors.read(path: path).entries { values[entry.name] = entry.tensor }
        for state in signature.states {
            if let value = values[state.path] {
                try setState(state.path, to: value)
            } else if state.role == .parameter || state.role == .buffer {
                throw ServingError(
                    path, expected: "a tensor '\(state.path)' \(state.type)", actual: "none",
                    remedy: "the file must hold every parameter and buffer: is it one of another model?")
            }
        }
    }
}
