import Execution
import KernelIR
import Logging

/// How an estimator runs.
public struct RunConfig: Sendable {
    /// The folder that keeps the checkpoints; nil to keep the model in memory only.
    public var modelDirectory: String?
    /// The seed of initial weights and of random layers.
    public var seed: UInt64
    /// Whether the model is compiled or interpreted.
    public var engine: EngineKind
    /// The number of threads, 0 for every processor; no result depends on it.
    public var threads: Int
    /// The CPU level to compile for; nil for the best of this machine.
    public var level: CPULevel?
    /// A checkpoint is written after so many steps, and at the end of a training.
    public var checkpointEvery: Int
    /// How many checkpoints are kept.
    public var keepCheckpoints: Int
    /// Whether progress is shown on standard error.
    public var showsProgress: Bool
    /// Receives messages: what was resumed, what was passed over.
    public var logger: Logger
    /// Puts checkpoint files on the disk.
    public var checkpointWriter: any CheckpointFileWriter
    /// Turns graphs into libraries.
    public var compiler: any ModuleCompiler

    /// Makes a configuration; every choice has a sensible default.
    public init(
        modelDirectory: String? = nil, seed: UInt64 = 0, engine: EngineKind = .compiled, threads: Int = 0,
        level: CPULevel? = nil, checkpointEvery: Int = 1000, keepCheckpoints: Int = 3, showsProgress: Bool = true,
        logger: Logger = Logger(label: "strata.estimator"),
        checkpointWriter: any CheckpointFileWriter = DiskFileWriter(),
        compiler: any ModuleCompiler = NativeCompiler()
    ) {
        self.modelDirectory = modelDirectory
        self.seed = seed
        self.engine = engine
        self.threads = threads
        self.level = level
        self.checkpointEvery = checkpointEvery
        self.keepCheckpoints = keepCheckpoints
        self.showsProgress = showsProgress
        self.logger = logger
        self.checkpointWriter = checkpointWriter
        self.compiler = compiler
    }

    /// Throws an `ExecutionError` when a number makes no sense.
    func check() throws {
        for (name, value, least) in [
            ("threads", threads, 0), ("checkpointEvery", checkpointEvery, 1), ("keepCheckpoints", keepCheckpoints, 1),
        ] where value < least {
            throw ExecutionError(
                place: "RunConfig, \(name)", expected: "at least \(least)", actual: "\(value)",
                remedy: "correct the configuration")
        }
        if let modelDirectory, modelDirectory.isEmpty {
            throw ExecutionError(
                place: "RunConfig, modelDirectory", expected: "the path of a folder", actual: "an empty text",
                remedy: "give nil to keep the model in memory only")
        }
    }
}
