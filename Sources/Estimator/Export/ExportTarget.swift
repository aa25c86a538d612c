import Execution
import KernelIR
import Toolchain

/// A kind of machine that a model is exported for.
public struct ExportTarget: Sendable, Hashable {
    /// What the compiler makes for it.
    public let compilation: CompilationTarget

    /// A target with chosen CPU levels.
    public init(_ compilation: CompilationTarget) { self.compilation = compilation }

    /// Linux on this machine's architecture, a variant for every CPU level.
    public static var host: ExportTarget {
        ExportTarget(CompilationTarget(architecture: Target.host.architecture))
    }
    /// Linux on x86-64, a variant for every CPU level.
    public static let x86_64Linux = ExportTarget(CompilationTarget(architecture: .x86_64))
    /// Linux on AArch64.
    public static let aarch64Linux = ExportTarget(CompilationTarget(architecture: .aarch64))
}
