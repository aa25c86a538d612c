// The first file to read: every stage of the compiler, composed, in the order data flows.
import Artifacts
import GraphIR
import GraphPasses
import HostTensors
import KernelIR
import LLVMEmission
import Lowering
import Toolchain

/// What to make of a graph, and how.
public struct CompileOptions: Sendable {
    /// The instruction-set family.
    public var architecture: Architecture
    /// The CPU levels to make a variant for; the best the machine has is chosen when the library is loaded.
    public var levels: [CPULevel]
    /// The kinds of file to write.
    public var emit: Set<EmitKind>
    /// Whether the library holds the weights.
    public var embedWeights: Bool
    /// What products of f32 numbers may be computed with.
    public var precision: Precision
    /// How contractions are computed, where that was found by measuring.
    public var schedules: ScheduleTable
    /// Whether to interpret before and after every pass, and name the first that changes a value.
    public var checksPasses: Bool
    /// Whether the code records when each kernel runs, for `strata profile`.
    public var recordsKernels: Bool
    /// Whether the shared library keeps the names of its kernels, for profilers and debuggers; they take some bytes.
    public var keepsNames: Bool
    /// What the library tests itself with; nil for a library without `NAME_self_test`.
    public var selfTest: SelfTest?
    /// The memory that a call of any function may plan for; values are computed again where it would be more.
    public var memoryLimit: MemoryLimit?
    /// By function, what is computed again, as `Compiler.fit` found it; not looked at where there is a limit.
    public var recomputation: [String: Recomputation]
    /// Where objects and libraries that were made before are taken from, and new ones are kept; nil for nowhere. The bytes that
    /// come out are the same.
    public var cache: BuildCache?

    /// Options for a machine; without `levels`, every level of the architecture.
    public init(
        architecture: Architecture = Target.host.architecture, levels: [CPULevel]? = nil,
        emit: Set<EmitKind> = [.so, .header], embedWeights: Bool = false, precision: Precision = .float32,
        schedules: ScheduleTable = ScheduleTable(), checksPasses: Bool = false, recordsKernels: Bool = false,
        keepsNames: Bool = true, selfTest: SelfTest? = nil, memoryLimit: MemoryLimit? = nil,
        recomputation: [String: Recomputation] = [:], cache: BuildCache? = .standard
    ) {
        self.selfTest = selfTest
        self.memoryLimit = memoryLimit
        self.recomputation = recomputation
        self.precision = precision
        self.schedules = schedules
        self.architecture = architecture
        self.levels = levels ?? CPULevel.levels(of: architecture)
        self.emit = emit
        self.embedWeights = embedWeights
        self.checksPasses = checksPasses
        self.recordsKernels = recordsKernels
        self.keepsNames = keepsNames
        self.cache = cache
    }
}

/// An optimized module and how each of its functions is grouped into kernels.
public struct OptimizedModule: Sendable {
    /// The module in primitives, in legal form.
    public var module: GraphModule
    /// One plan a function, in the module's order.
    public var plans: [FusionPlan]
}

/// The stages from graph to library, each a function that can be called alone.
public enum Compiler {
    /// Graph → graph and groups: canonicalize, fold, eliminate, expand, legalize, fuse.
    ///
    /// `recomputation` says, by function, what is computed again to spare memory, as `fit` finds it.
    public static func optimized(
        _ module: GraphModule, checksPasses: Bool = false, recomputation: [String: Recomputation] = [:]
    ) throws -> OptimizedModule {
        try verify(module)
        let options = PassOptions(checksPasses: checksPasses, recomputation: recomputation)
        let (optimized, plans) = try optimize(module, options: options)
        return OptimizedModule(module: optimized, plans: plans)
    }

    /// What each function computes again so that the memory planned for a call of it stays under a limit, at the least cost that is
    /// found.
    ///
    /// Throws a `GraphError` with the least memory that a function can do with, where that is more than the limit.
    public static func fit(
        _ module: GraphModule, into limit: MemoryLimit, target: Target, precision: Precision = .float32,
        schedules: ScheduleTable = ScheduleTable()
    ) throws -> [MemoryFit] {
        try verify(module)
        let sizes = try limit.sizes(of: module.dims)
        let states = module.states.reduce(0) { sum, state in
            sum + ((state.type.byteCount.constant ?? 0) + 63) / 64 * 64
        }
        return try module.functions.map { function in
            try MemorySearch(
                module: module, simplified: simplify(function, in: module), target: target, precision: precision,
                schedules: schedules, sizes: sizes, limit: limit, fixedBytes: states
            ).run()
        }
    }

    /// Groups → kernels and memory plans; the plans are checked by an independent checker.
    public static func lowered(
        _ optimized: OptimizedModule, target: Target, precision: Precision = .float32,
        schedules: ScheduleTable = ScheduleTable()
    ) throws -> LoweredModule {
        let lowered = try lower(
            optimized.module, plans: optimized.plans, target: target, precision: precision, schedules: schedules)
        for function in lowered.functions { try checkOverlap(function, in: lowered) }
        return lowered
    }

    /// Kernels → LLVM IR; symbols begin with `<name>_rt_`.
    public static func llvm(
        _ lowered: LoweredModule, name: String, recordsKernels: Bool = false
    ) throws -> EmittedModule {
        try emitLLVM(lowered, prefix: "\(name)_rt_", recordsKernels: recordsKernels)
    }

    /// LLVM IR → assembly, as the object holds it.
    public static func assembly(_ lowered: LoweredModule, name: String) throws -> String {
        try LLVMCompiler.assembly(ir: llvm(lowered, name: name).text, target: lowered.target)
    }

    /// Graph → what its library tests itself with: random inputs and states as a recipe, and what the interpreter makes of them.
    ///
    /// `weights` are values of states that the library has. Throws what interpreting throws.
    public static func selfTest(
        _ test: SelfTest, of module: GraphModule, precision: Precision = .float32,
        embedding weights: [(name: String, tensor: HostTensor)] = []
    ) throws -> ArtifactSelfTest {
        try SelfTestMaker(
            test, module: module, description: ArtifactDescription(of: module, name: module.name),
            precision: precision, embedded: weights
        ).make()
    }

    /// Graph → files: the library with a variant for every level, its header, its manifest, its weights.
    ///
    /// Gives the paths of the files, the manifest last. Under a memory limit, `report` is told how the best level keeps it before code
    /// is generated. Throws what the stages throw: `GraphError` for the graph,
    /// `ArtifactError` for names and weights, `ToolchainError` for code that does not compile or link.
    @discardableResult
    public static func compile(
        _ module: GraphModule, name: String? = nil, options: CompileOptions = CompileOptions(),
        weights: [(name: String, tensor: HostTensor)]? = nil, to folder: String,
        reportingFits report: ([MemoryFit]) -> Void = { _ in }
    ) throws -> [String] {
        let description = ArtifactDescription(
            of: module, name: name ?? module.name, precision: options.precision, recordsKernels: options.recordsKernels)
        if options.embedWeights && weights == nil { throw ArtifactError.missingWeights }
        let cache = CompilationCache(of: description, options, codes: module.customCodes)
        let library: LibraryFiles
        if let kept = cache?.read() {
            library = kept
        } else {
            library = try makeLibrary(module, description, options, weights, reportingFits: report)
            cache?.keep(library)
        }
        return try ArtifactBuilder.deliver(
            library, of: description, weights: options.embedWeights ? nil : weights, to: folder)
    }

    /// Graph → library, in memory.
    private static func makeLibrary(
        _ module: GraphModule, _ described: ArtifactDescription, _ options: CompileOptions,
        _ weights: [(name: String, tensor: HostTensor)]?, reportingFits report: ([MemoryFit]) -> Void
    ) throws -> LibraryFiles {
        LLVMLibrary.beginLoading()
        let (variants, fits) = try variants(of: module, options)
        report(fits)
        let levels = try parallelMap(variants) { lowered in
            let emitted = try llvm(lowered, name: described.name, recordsKernels: options.recordsKernels)
            let level = lowered.target.level
            let codes = lowered.customCodes.map { code in
                CustomUnit(code, symbol: CustomSymbol.name(code, prefix: "\(described.name)_rt_", level: level))
            }
            return EmittedLevel(level: level, irText: emitted.text, units: emitted.units, codes: codes)
        }
        var description = described
        description.options.merge(options.memoryLimit?.manifestOptions ?? [:]) { $1 }
        description.constantBytes = variants.map(\.constantBytes).max()
        description.selfTest = try options.selfTest.map { test in
            try selfTest(
                test, of: module, precision: options.precision, embedding: options.embedWeights ? weights ?? [] : [])
        }
        defer { FreeMemory.release() }
        return try ArtifactBuilder.files(
            description, levels: levels, architecture: options.architecture, emit: options.emit,
            embeddedWeights: options.embedWeights ? weights : nil, keepsNames: options.keepsNames, cache: options.cache)
    }

    /// The lowered module of every level, and how the best one keeps the memory limit; a level whose kernels are those of the one
    /// before it is left out.
    private static func variants(
        of module: GraphModule, _ options: CompileOptions
    ) throws -> ([LoweredModule], [MemoryFit]) {
        let shared =
            options.memoryLimit == nil
            ? try optimized(module, checksPasses: options.checksPasses, recomputation: options.recomputation) : nil
        let all = try parallelMap(options.levels.sorted { $0.rank < $1.rank }) { level in
            let target = Target(architecture: options.architecture, level: level)
            // What is in memory differs from level to level.
            let fits = try options.memoryLimit.map {
                try fit(module, into: $0, target: target, precision: options.precision, schedules: options.schedules)
            }
            let optimized =
                try shared
                ?? optimized(
                    module, checksPasses: options.checksPasses, recomputation: fits?.recomputation ?? [:])
            let lowered = try lowered(
                optimized, target: target, precision: options.precision, schedules: options.schedules)
            return (lowered: lowered, fits: fits ?? [])
        }
        var variants: [LoweredModule] = []
        for lowered in all.map(\.lowered) {
            // Levels beyond AVX-512 differ from it in products of tiles.
            if let before = variants.last, before.target.level.rank >= CPULevel.v4.rank,
                before.kernels == lowered.kernels,
                !lowered.kernels.contains(where: { $0.body.contains(where: \.usesTileRegisters) })
            {
                continue
            }
            variants.append(lowered)
        }
        return (variants, all.last?.fits ?? [])
    }
}
