import Datasets
import Execution
import HostTensors

extension Estimator {
    /// Trains until `maxSteps` steps are done, counted over all runs in the model directory, and gives what happened.
    ///
    /// Goes on from the newest whole checkpoint; when that has `maxSteps` steps already, nothing is done. A run that is
    /// interrupted and goes on gives the same bits as one that is not. `onStep` hears of every step.
    /// Throws `TrainingInterrupted` when it was asked to stop and has saved a checkpoint, and an `ExecutionError` when the
    /// loss is not finite, with the operation that made it so: the model then goes back to its last checkpoint.
    @discardableResult
    public func train(
        on dataset: Dataset, maxSteps: Int, hooks: [any TrainingHook] = [],
        onStep: ((TrainingProgress) -> Void)? = nil
    ) throws -> TrainingSummary {
        try train(on: dataset, until: .step(maxSteps), hooks: hooks + (onStep.map { [StepHook($0)] } ?? []))
    }

    /// Trains `steps` steps more, whatever was done before.
    @discardableResult
    public func train(
        on dataset: Dataset, steps: Int, hooks: [any TrainingHook] = []
    ) throws -> TrainingSummary {
        try TrainingEnd.check(steps, "steps")
        let done = try session?.step ?? latestCheckpoint()?.manifest.step ?? 0
        let (end, isTooLarge) = done.addingReportingOverflow(steps)
        return try train(on: dataset, until: .step(isTooLarge ? .max : end), hooks: hooks)
    }

    /// Trains until the data was passed over `epochs` times, counted over all runs on this dataset.
    @discardableResult
    public func train(
        on dataset: Dataset, epochs: Int, hooks: [any TrainingHook] = []
    ) throws -> TrainingSummary {
        try train(on: dataset, until: .epochs(epochs), hooks: hooks)
    }

    /// Trains until an end is reached.
    @discardableResult
    public func train(
        on dataset: Dataset, until end: TrainingEnd, hooks: [any TrainingHook] = []
    ) throws -> TrainingSummary {
        try together("training") {
            try withLock { try train(on: dataset, until: end, hooks: hooks, afterCheckpoint: nil) }
        }
    }

    /// Keeps other processes from training in the model directory meanwhile.
    func withLock<Result>(_ body: () throws -> Result) throws -> Result {
        let lock = try own.modelDirectory.map(ModelDirectoryLock.init(directory:))
        defer { withExtendedLifetime(lock) {} }
        try store?.removeUnfinished()
        return try body()
    }

    /// Trains; `afterCheckpoint` may look at the model after each regular checkpoint, and ends the training with true.
    func train(
        on dataset: Dataset, until end: TrainingEnd, hooks: [any TrainingHook], afterCheckpoint: (() throws -> Bool)?
    ) throws -> TrainingSummary {
        try end.check()
        try dataset.checkBatches()
        let session = try openSession(dataset)
        if let best = config.checkpoints.keepBest { try session.check(best, "RunConfig, checkpoints.keepBest") }
        isReady = true
        if case .step(let count) = end, session.step >= count {
            own.logger.info("step \(session.step) of \(count) is reached already: nothing to train")
            return Self.nothing(session.step, .reachedSteps)
        }
        if try session.enter(dataset) {
            own.logger.notice("the dataset is another one than before: starting at its first batch")
        }
        if case .epochs(let count) = end, session.position.epoch >= count {
            own.logger.info("epoch \(session.position.epoch) of \(count) is reached already: nothing to train")
            return Self.nothing(session.step, .reachedEpochs)
        }
        try dropWhatIsVoid()
        try keepBeginning(session)
        reportMemory(session, dataset)
        let loop = try TrainingLoop(
            self, session, dataset, end: end, hooks: hooks, afterCheckpoint: afterCheckpoint)
        return try loop.run()
    }

    private static func nothing(_ step: Int, _ ending: TrainingSummary.Ending) -> TrainingSummary {
        TrainingSummary(firstStep: step, lastStep: step, loss: nil, seconds: 0, ending: ending)
    }

    /// Removes what came after an earlier checkpoint that was gone back to: the training that goes on from there has another future.
    private func dropWhatIsVoid() throws {
        guard isTakenBack else { return }
        try evaluationLog().write()
        try store?.removeLater(than: step)
        isTakenBack = false
    }

    /// Makes sure that there is something to go back to when the first steps go wrong.
    private func keepBeginning(_ session: TrainingSession) throws {
        guard config.isFirst else { return }
        guard let store else {
            memory = try session.checkpoint()
            return
        }
        if try store.steps().isEmpty { try store.save(session.checkpoint()) }
    }

    /// Writes a checkpoint, and gives the path of its folder; without a model directory it is kept in memory. In a cluster the first
    /// process does.
    @discardableResult
    func save(_ session: TrainingSession) throws -> String? {
        guard config.isFirst else { return nil }
        let checkpoint = try session.checkpoint()
        guard let store else {
            memory = checkpoint
            return nil
        }
        let best = try config.checkpoints.keepBest.flatMap { try evaluationLog().best(by: $0)?.step }
        let path = try store.save(checkpoint, best: best)
        own.logger.debug("wrote \(path)")
        return path
    }

    /// The evaluations up to the present step.
    func evaluationLog() throws -> EvaluationLog {
        if let evaluations { return evaluations }
        let log = try EvaluationLog(directory: own.modelDirectory, upTo: step)
        log.entries = try shared("reading the evaluations") { log.entries }
        evaluations = log
        return log
    }

    /// Says how much memory the training takes at its peak, as planned.
    private func reportMemory(_ session: TrainingSession, _ dataset: Dataset) {
        guard config.engine == .compiled else { return }
        guard let plan = try? session.memoryPlan(batchSize: dataset.batchSize, columns: dataset.columns) else { return }
        own.logger.info("\(plan)")
    }
}

/// The memory that a training takes at its peak, known before it runs, in bytes.
public struct MemoryPlan: Sendable, Hashable, CustomStringConvertible {
    /// Parameters, optimizer slots and all other states.
    public let states: Int
    /// Scratch memory of the training step: activations and gradients, as they were laid out.
    public let workspace: Int
    /// One batch of input.
    public let batch: Int

    /// All together.
    public var total: Int { states + workspace + batch }

    /// `planned peak memory 12.50 MB: states 10.10 MB, training step 2.100 MB, batch 300.0 kB`.
    public var description: String {
        func text(_ bytes: Int) -> String {
            bytes < 1_000_000
                ? "\(TrainingProgress.significant(Double(bytes) / 1e3)) kB"
                : "\(TrainingProgress.significant(Double(bytes) / 1e6)) MB"
        }
        return "planned peak memory \(text(total)): states \(text(states)), "
            + "training step \(text(workspace)), batch \(text(batch))"
    }
}

extension TrainingSession {
    /// What training on batches of a size takes.
    func memoryPlan(batchSize: Int, columns: [Column]) throws -> MemoryPlan {
        MemoryPlan(
            states: try model.signature.states.reduce(0) { sum, state in
                sum + (try state.type.shape([:]).reduce(1, *)) * state.type.dtype.byteCount
            },
            workspace: try workspaceBytes(batchSize: batchSize),
            batch: columns.reduce(0) { $0 + ($1.shape ?? []).reduce(1, *) * $1.dtype.byteCount }
                * largestPart(of: batchSize))
    }
}

extension Estimator {
    /// The memory that training on a dataset takes at its peak; the model is compiled if it was not yet.
    public func memoryPlan(for dataset: Dataset) throws -> MemoryPlan {
        try dataset.checkBatches()
        return try openSession(dataset).memoryPlan(batchSize: dataset.batchSize, columns: dataset.columns)
    }
}
