import Compiler
import GraphIR
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
    /// Where what was compiled before is taken from and kept; nil for nowhere.
    public let cache: BuildCache?

    /// Makes a compiler; `precision` trades digits of matrix products for speed where the processor offers it.
    public init(
        precision: Precision = .float32, schedules: ScheduleTable = ScheduleTable(), recordsKernels: Bool = false,
        level: CPULevel? = nil, cache: BuildCache? = .standard
    ) {
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
        let files = try Compiler.compile(
            module,
            options: CompileOptions(
                architecture: target.architecture, levels: target.levels, precision: precision,
                schedules: schedules, recordsKernels: recordsKernels, cache: cache),
            weights: weights.isEmpty ? nil : weights.map { (name: $0.key, tensor: $0.value) }, to: folder)
        return CompiledFiles(
            library: "\(folder)/lib\(module.name).so", manifest: "\(folder)/\(module.name).json", all: files)
    }
}
