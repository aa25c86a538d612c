import Compiler
import GraphIR

/// The compiler of this package.
public struct NativeCompiler: ModuleCompiler {
    /// Makes a compiler with the standard options.
    public init() {}

    /// Compiles a module into `folder`.
    public func compile(
        _ module: GraphModule, for target: CompilationTarget, weights: NamedTensors, to folder: String
    ) throws -> CompiledFiles {
        let files = try Compiler.compile(
            module,
            options: CompileOptions(architecture: target.architecture, levels: target.levels),
            weights: weights.isEmpty ? nil : weights.map { (name: $0.key, tensor: $0.value) }, to: folder)
        return CompiledFiles(
            library: "\(folder)/lib\(module.name).so", manifest: "\(folder)/\(module.name).json", all: files)
    }
}
