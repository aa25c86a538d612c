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
        throw ExecutionError(
            place: "model '\(module.name)'", expected: "a compiler", actual: "none in this build",
            remedy: "use engine: .interpreted")
    }
}
