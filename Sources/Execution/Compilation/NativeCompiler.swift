import Compiler
import GraphIR

/// The compiler of this package.
public struct NativeCompiler: ModuleCompiler {
    /// Whether the code records when each kernel runs.
    public let recordsKernels: Bool

    /// Makes a compiler; its other options are the standard ones.
    public init(recordsKernels: Bool = false) { self.recordsKernels = recordsKernels }

    /// Compiles a module into `folder`.
    public func compile(
        _ module: GraphModule, for target: CompilationTarget, weights: NamedTensors, to folder: String
    ) throws -> CompiledFiles {
        let files = try Compiler.compile(
            module,
            options: CompileOptions(
                architecture: target.architecture, levels: target.levels, recordsKernels: recordsKernels),
            weights: weights.isEmpty ? nil : weights.map { (name: $0.key, tensor: $0.value) }, to: folder)
        return CompiledFiles(
            library: "\(folder)/lib\(module.name).so", manifest: "\(folder)/\(module.name).json", all: files)
    }
}
