import Compiler
import GraphIR
import GraphPasses
import HostTensors
import KernelIR
import Lowering
import Toolchain

/// The compiler of this package.
public struct NativeCompiler: ModuleCompiler {
    /// What products of f32 numbers may be computed with.
    public let precision: Precision
    /// How contractions are computed, where that was found by measuring.
    public let schedules: ScheduleTable
    /// Whether the code records when each kernel runs.
    public let recordsKernels: Bool
    /// The CPU level of code that runs here; nil for the best this machine has.
    public let level: CPULevel?
    /// The memory that a call of any function may plan for; values are computed again where it would be more.
    public let memoryLimit: MemoryLimit?
    /// By function, what is computed again, as `Compiler.fit` found it; not looked at where there is a limit.
    public let recomputation: [String: Recomputation]
    /// Is told how each function keeps the limit.
    public let reportFits: @Sendable ([MemoryFit]) -> Void
    /// Where what was compiled before is taken from and kept; nil for nowhere.
    public let cache: BuildCache?

    /// Makes a compiler; `precision` trades digits of matrix products for speed where the processor offers it, `memoryLimit` time for
    /// memory.
    public init(
        precision: Precision = .float32, schedules: ScheduleTable = ScheduleTable(), recordsKernels: Bool = false,
        level: CPULevel? = nil, memoryLimit: MemoryLimit? = nil, recomputation: [String: Recomputation] = [:],
        reportFits: @escaping @Sendable ([MemoryFit]) -> Void = { _ in }, cache: BuildCache? = .standard
    ) {
        self.memoryLimit = memoryLimit
        self.recomputation = recomputation
        self.reportFits = reportFits
        self.schedules = schedules
        self.precision = precision
        self.recordsKernels = recordsKernels
        self.level = level
        self.cache = cache
    }

    /// Compiles a module into `folder`.
    public func compile(
        _ module: GraphModule, for target: CompilationTarget, weights: NamedTensors, to folder: String
    ) throws -> CompiledFiles {
        try compile(module, for: target, weights: weights, selfTest: nil, to: folder)
    }

    /// Compiles a module into `folder`; the library has `NAME_self_test`.
    public func compileWithSelfTest(
        _ module: GraphModule, for target: CompilationTarget, weights: NamedTensors, to folder: String
    ) throws -> CompiledFiles {
        try compile(module, for: target, weights: weights, selfTest: SelfTest(of: module), to: folder)
    }

    private func compile(
        _ module: GraphModule, for target: CompilationTarget, weights: NamedTensors, selfTest: SelfTest?,
        to folder: String
    ) throws -> CompiledFiles {
        let files = try Compiler.compile(
            module,
            options: CompileOptions(
                architecture: target.architecture, levels: target.levels, precision: precision,
                schedules: schedules, recordsKernels: recordsKernels, selfTest: selfTest, memoryLimit: memoryLimit,
                recomputation: recomputation, cache: cache),
            weights: weights.isEmpty ? nil : weights.map { (name: $0.key, tensor: $0.value) }, to: folder,
            reportingFits: reportFits)
        return CompiledFiles(
            library: "\(folder)/lib\(module.name).so", manifest: "\(folder)/\(module.name).json", all: files)
    }
}
