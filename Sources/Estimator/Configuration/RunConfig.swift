import Cluster
import Compiler
import Execution
import FoundationEssentials
import HostTensors
import KernelIR
import Logging

/// How an estimator runs.
public struct RunConfig: Sendable {
    /// The folder that keeps checkpoints, records and exports; nil to keep the model in memory only.
    public var modelDirectory: String?
    /// The seed of initial weights and of random layers.
    public var seed: UInt64
    /// Whether the model is compiled or interpreted.
    public var engine: EngineKind
    /// The number of threads, 256 at most, 0 for every processor; no result depends on it.
    public var threads: Int
    /// The CPU level to compile for; nil for the best of this machine.
    public var level: CPULevel?
    /// What products of f32 numbers may be computed with; less than `float32` is faster on processors with tiles for it.
    /// With `int8`, prediction and evaluation are; training is as with `bfloat16`.
    public var precision: Precision
    /// The memory that a call of any of the model's functions may plan for, with the batch size as `B`: values are computed again in
    /// the backward half of a step where it would be more. Losses are the same.
    public var memoryLimit: MemoryLimit?
    /// When checkpoints are written, and which are kept.
    public var checkpoints: CheckpointPolicy
    /// What a model that was never trained begins with; nil for its initial values.
    public var warmStart: WarmStart?
    /// What is recorded for TensorBoard and `strata plot`.
    public var summaries: SummaryPolicy
    /// Whether progress is shown on standard error.
    public var showsProgress: Bool
    /// Receives messages: what was resumed, what was passed over.
    public var logger: Logger
    /// The processes that train together, each on its part of every batch; nil for this process alone. All make the same calls on the same
    /// data; the first has the model directory and shows progress.
    public var cluster: Cluster?
    /// Asks a training to save and end; see `TrainingProgram`. In a cluster, one process that is asked is enough.
    public var stopRequest: StopRequest
    /// Puts checkpoint files on the disk.
    public var checkpointWriter: any CheckpointFileWriter
    /// Turns graphs into libraries; nil for the compiler of this package, of the chosen precision.
    public var compiler: (any ModuleCompiler)?

    /// Makes a configuration; every choice has a sensible default.
    public init(
        modelDirectory: String? = nil, seed: UInt64 = 0, engine: EngineKind = .compiled, threads: Int = 0,
        level: CPULevel? = nil, precision: Precision = .float32, memoryLimit: MemoryLimit? = nil,
        checkpoints: CheckpointPolicy = CheckpointPolicy(),
        warmStart: WarmStart? = nil, summaries: SummaryPolicy = SummaryPolicy(), showsProgress: Bool = true,
        logger: Logger = Logger(label: "strata.estimator"), cluster: Cluster? = nil,
        stopRequest: StopRequest = StopRequest(),
        checkpointWriter: any CheckpointFileWriter = DiskFileWriter(),
        compiler: (any ModuleCompiler)? = nil
    ) {
        self.modelDirectory = modelDirectory
        self.seed = seed
        self.engine = engine
        self.threads = threads
        self.level = level
        self.precision = precision
        self.memoryLimit = memoryLimit
        self.checkpoints = checkpoints
        self.warmStart = warmStart
        self.summaries = summaries
        self.showsProgress = showsProgress
        self.logger = logger
        self.cluster = cluster
        self.stopRequest = stopRequest
        self.checkpointWriter = checkpointWriter
        self.compiler = compiler
    }

    /// The processes to work with; nil where this is the only one.
    var sharing: Cluster? { cluster.flatMap { $0.count > 1 ? $0 : nil } }

    /// Whether this process has the model directory: alone, or as the first of a cluster.
    var isFirst: Bool { cluster?.isFirst ?? true }

    /// What this process reads and writes itself: in a cluster, only the first has the model directory and speaks.
    var own: RunConfig {
        guard !isFirst else { return self }
        var own = self
        own.modelDirectory = nil
        own.showsProgress = false
        own.logger.logLevel = max(.warning, logger.logLevel)
        return own
    }

    /// What turns graphs into libraries.
    var moduleCompiler: any ModuleCompiler {
        compiler ?? NativeCompiler(precision: precision, memoryLimit: memoryLimit)
    }

    /// What turns graphs into libraries that run here, with this configuration's threads.
    var runningCompiler: any ModuleCompiler {
        guard compiler == nil, var limit = memoryLimit else { return moduleCompiler }
        limit.threads = threads == 0 ? ProcessInfo.processInfo.activeProcessorCount : threads
        return NativeCompiler(precision: precision, memoryLimit: limit) { [logger] fits in
            for fit in fits where fit.planned < fit.unlimited { logger.notice("\(fit)") }
        }
    }

    /// Throws an `ExecutionError` when a number makes no sense.
    func check() throws {
        guard CompiledModel.threadCounts.contains(threads) else {
            throw ExecutionError(
                place: "RunConfig, threads", expected: "a number from 0 to \(CompiledModel.threadCounts.upperBound)",
                actual: "\(threads)", remedy: "give 0 to use every processor")
        }
        for (name, value, least) in [
            ("checkpoints.everySteps", checkpoints.everySteps, 1),
            ("checkpoints.keepLast", checkpoints.keepLast, 1),
            ("checkpoints.keepEverySteps", checkpoints.keepEverySteps ?? 1, 1),
            ("summaries.everySteps", summaries.everySteps, 0),
        ] where value < least {
            throw ExecutionError(
                place: "RunConfig, \(name)", expected: "at least \(least)", actual: "\(value)",
                remedy: "correct the configuration")
        }
        if let seconds = checkpoints.everySeconds, !(seconds >= 0) {
            throw ExecutionError(
                place: "RunConfig, checkpoints.everySeconds", expected: "a number of seconds of 0 or more",
                actual: "\(seconds)", remedy: "correct the configuration")
        }
        if let modelDirectory, modelDirectory.isEmpty {
            throw ExecutionError(
                place: "RunConfig, modelDirectory", expected: "the path of a folder", actual: "an empty text",
                remedy: "give nil to keep the model in memory only")
        }
    }
}

/// When checkpoints are written, and which are kept.
public struct CheckpointPolicy: Sendable, Equatable {
    /// A checkpoint is written after so many steps, and at the end of a training.
    public var everySteps: Int
    /// A checkpoint is also written when the last is so old, in seconds; nil for steps only.
    ///
    /// Where the evaluations of `trainAndEvaluate` take place then depends on the machine's speed.
    public var everySeconds: Double?
    /// How many of the newest are kept.
    public var keepLast: Int
    /// Checkpoints whose step is a multiple of this are kept for ever; nil for none.
    public var keepEverySteps: Int?
    /// The checkpoint that evaluated best is kept too; nil if none is.
    public var keepBest: BestMetric?

    /// Makes a policy: every 1,000 steps, the newest three.
    public init(
        everySteps: Int = 1000, everySeconds: Double? = nil, keepLast: Int = 3, keepEverySteps: Int? = nil,
        keepBest: BestMetric? = nil
    ) {
        self.everySteps = everySteps
        self.everySeconds = everySeconds
        self.keepLast = keepLast
        self.keepEverySteps = keepEverySteps
        self.keepBest = keepBest
    }
}

/// A figure to compare evaluations by, and which of two values is better.
public struct BestMetric: Sendable, Equatable {
    /// The metric's name.
    public var name: String
    /// Whether larger values are better.
    public var isLargerBetter: Bool

    /// The metric whose largest value is best: `.largest("accuracy")`.
    public static func largest(_ name: String) -> BestMetric { BestMetric(name: name, isLargerBetter: true) }
    /// The metric whose smallest value is best: `.smallest("loss")`.
    public static func smallest(_ name: String) -> BestMetric { BestMetric(name: name, isLargerBetter: false) }

    /// Whether one value is better than another by more than `margin`.
    public func isBetter(_ value: Double, than other: Double, by margin: Double = 0) -> Bool {
        isLargerBetter ? value > other + margin : value < other - margin
    }
}

/// What is recorded in the model directory for TensorBoard and `strata plot`.
public struct SummaryPolicy: Sendable, Equatable {
    /// Loss, metrics and speed are recorded after so many steps; 0 to record nothing.
    public var everySteps: Int
    /// Whether the distribution of each parameter is recorded with every checkpoint.
    public var histograms: Bool
    /// Whether the graph of the training step is recorded.
    public var graph: Bool

    /// Makes a policy: scalars every 100 steps, the distributions and the graph too.
    public init(everySteps: Int = 100, histograms: Bool = true, graph: Bool = true) {
        self.everySteps = everySteps
        self.histograms = histograms
        self.graph = graph
    }

    /// Nothing is recorded.
    public static let none = SummaryPolicy(everySteps: 0, histograms: false, graph: false)
}
