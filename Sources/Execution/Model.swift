import GraphIR
import HostTensors
import KernelIR
import Toolchain

/// A model ready to be called, however it is run.
public final class Model: ModelEngine {
    let engine: any ModelEngine

    /// What the model takes, gives and keeps.
    public var signature: ModelSignature { engine.signature }
    /// The number of threads a call uses.
    public var threads: Int { engine.threads }
    /// The CPU level in use, such as `v4`; `interpreted` for the interpreter.
    public var variant: String { engine.variant }

    /// Makes a model run by the given engine.
    public init(_ engine: any ModelEngine) { self.engine = engine }

    /// Makes a graph callable: compiles it for this machine and loads the result, or interprets it.
    ///
    /// The states are zero until `init` is called or they are set. `threads` 0 uses every processor; `level` nil the best
    /// CPU level of this machine. Throws what the compiler throws, and an `ExecutionError` when the result cannot be loaded.
    public convenience init(
        _ module: GraphModule, engine: EngineKind = .compiled, threads: Int = 0, level: CPULevel? = nil,
        compiler: any ModuleCompiler = NativeCompiler()
    ) throws {
        switch engine {
        case .interpreted: self.init(try InterpretedModel(module))
        case .compiled:
            self.init(try Self.compiled(module, threads: threads, level: level, compiler: compiler))
        }
    }

    /// The same as a `CompiledModel`, which can do more than an engine must.
    public static func compiled(
        _ module: GraphModule, threads: Int = 0, level: CPULevel? = nil,
        compiler: any ModuleCompiler = NativeCompiler()
    ) throws -> CompiledModel {
        let host = Target.host
        let level = level ?? compiler.level ?? host.level
        // The loader keeps the object mapped; its file is not needed any more.
        return try TemporaryFolder.with { folder in
            let files = try compiler.compile(
                module, for: CompilationTarget(architecture: host.architecture, levels: [level]), weights: [:],
                to: folder)
            return try CompiledModel(
                library: files.library, signature: ModelSignature(of: module), threads: threads, level: level)
        }
    }

    /// Calls a function: checks the inputs, updates the states, gives the outputs in the function's order; `sizes` are those
    /// of named dimensions that no input gives.
    @discardableResult
    public func run(_ function: String, _ inputs: NamedTensors, sizes: [String: Int]) throws -> NamedTensors {
        try engine.run(function, inputs, sizes: sizes)
    }

    /// The function of that name, ready to be called many times; throws when there is none.
    public func prepare(_ function: String) throws -> PreparedFunction { try engine.prepare(function) }

    /// The bytes of scratch memory that a call takes, for sizes of the named dimensions that it mentions; 0 when
    /// interpreted.
    public func workspaceBytes(_ function: String, dims: [String: Int]) throws -> Int {
        try engine.workspaceBytes(function, dims: dims)
    }

    /// The value of a state, by path.
    public func state(_ path: String) throws -> HostTensor { try engine.state(path) }

    /// Replaces the value of a state.
    public func setState(_ path: String, to value: HostTensor) throws { try engine.setState(path, to: value) }
}
