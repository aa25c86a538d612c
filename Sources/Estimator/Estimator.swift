import Execution
import GraphIR
import HostTensors
import Logging

/// Trains, evaluates, uses and exports one model, and keeps it in a directory.
///
/// The model's graph is made when the first examples, or a checkpoint, tell their types.
public final class Estimator {
    /// How the estimator runs.
    public let config: RunConfig
    private let makeModule: (ExampleTypes) throws -> GraphModule
    private let store: CheckpointStore?
    private var session: TrainingSession?
    /// Whether the session has a trained state, or has at least been asked to train.
    private var isReady = false

    /// Makes an estimator of models that `makeModule` builds from the types of examples.
    ///
    /// The module needs the functions `init`, `train` (features, labels → `loss`) and, for what uses them, `evaluate`
    /// (features, labels → metrics so far), `resetMetrics` and `predict` (features).
    public init(
        config: RunConfig = RunConfig(), makeModule: @escaping (ExampleTypes) throws -> GraphModule
    ) throws {
        try config.check()
        self.config = config
        self.makeModule = makeModule
        store = config.modelDirectory.map {
            CheckpointStore(directory: $0, keep: config.keepCheckpoints, writer: config.checkpointWriter)
        }
    }

    /// The number of training steps done, as far as this estimator has looked: 0 before its first use.
    public var step: Int { session?.step ?? 0 }
}

// MARK: - Training

extension Estimator {
    /// Trains until `maxSteps` steps are done, counted over all runs in the model directory, and gives what happened.
    ///
    /// Goes on from the newest whole checkpoint; when that has `maxSteps` steps already, nothing is done. A run that is
    /// interrupted and goes on gives the same bits as one that is not. `onStep` hears of every step.
    /// Throws when the loss is not finite: the model then goes back to its last checkpoint.
    @discardableResult
    public func train(
        on dataset: Dataset, maxSteps: Int, onStep: ((TrainingProgress) -> Void)? = nil
    ) throws -> TrainingSummary {
        try dataset.checkBatchSize()
        let lock = try config.modelDirectory.map(ModelDirectoryLock.init(directory:))
        defer { withExtendedLifetime(lock) {} }
        try store?.removeUnfinished()
        let session = try openSession(dataset)
        isReady = true
        guard session.step < maxSteps else {
            config.logger.info("step \(session.step) of \(maxSteps) is reached already: nothing to train")
            return TrainingSummary(firstStep: session.step, lastStep: session.step, loss: nil, seconds: 0)
        }
        if session.enter(dataset) {
            config.logger.notice("the dataset is another one than before: starting at its first batch")
        }
        return try loop(session, dataset, maxSteps, onStep)
    }

    private func loop(
        _ session: TrainingSession, _ dataset: Dataset, _ maxSteps: Int, _ onStep: ((TrainingProgress) -> Void)?
    ) throws -> TrainingSummary {
        let reporter: any ProgressReporter = config.showsProgress ? ConsoleProgress() : SilentProgress()
        defer { reporter.finish() }
        let firstStep = session.step
        let start = SystemTime.seconds()
        var speed = SpeedMeter(start: start)
        var lastLoss: Double?
        while session.step < maxSteps {
            let batch = try dataset.batch(at: session.nextBatch)
            let loss = try session.trainStep(on: batch)
            guard loss.isFinite else { throw try stop(session, at: loss) }
            lastLoss = loss
            speed.add(examples: batch.count, now: SystemTime.seconds())
            let progress = TrainingProgress(
                step: session.step, lastStep: maxSteps, loss: loss, epoch: batch.epoch,
                stepsPerSecond: speed.stepsPerSecond, examplesPerSecond: speed.examplesPerSecond)
            reporter.report(progress)
            onStep?(progress)
            if session.step % config.checkpointEvery == 0 || session.step == maxSteps { try save(session) }
        }
        return TrainingSummary(
            firstStep: firstStep, lastStep: session.step, loss: lastLoss, seconds: SystemTime.seconds() - start)
    }

    /// Forgets states that hold bad values, so that the next use starts from the last checkpoint.
    private func stop(_ session: TrainingSession, at loss: Double) throws -> ExecutionError {
        self.session = nil
        isReady = false
        let kept = try store?.steps().last
        return ExecutionError(
            place: "training, step \(session.step)", expected: "a finite loss", actual: "\(loss)",
            remedy: "lower the learning rate or look for bad values in the data"
                + (kept.map { "; the checkpoint of step \($0) is from before" } ?? ""))
    }

    private func save(_ session: TrainingSession) throws {
        guard let store else { return }
        let path = try store.save(session.checkpoint(seed: config.seed))
        config.logger.debug("wrote \(path)")
    }
}

// MARK: - Using

extension Estimator {
    /// The metrics over a whole dataset, by name; throws when nothing was trained yet.
    public func evaluate(on dataset: Dataset) throws -> Metrics {
        try dataset.checkBatchSize()
        let session = try readySession()
        try session.inputs.check(dataset)
        if session.model.signature.hasFunction(named: "resetMetrics") { try session.model.run("resetMetrics") }
        var outputs: NamedTensors = [:]
        for at in 0..<dataset.batchesPerEpoch {
            let batch = try dataset.batch(at: at)
            outputs = try session.model.run("evaluate", try session.arguments("evaluate", batch))
        }
        return Metrics(outputs)
    }

    /// The model's answers for every example, in the dataset's order; throws when nothing was trained yet.
    public func predict(on dataset: Dataset) throws -> NamedTensors {
        try dataset.checkBatchSize()
        let session = try readySession()
        try session.inputs.check(dataset)
        var parts: [String: [HostTensor]] = [:]
        for at in 0..<dataset.batchesPerEpoch {
            let batch = try dataset.batch(at: at)
            let outputs = try session.model.run("predict", try session.arguments("predict", batch))
            for (name, tensor) in outputs { parts[name, default: []].append(tensor) }
        }
        var whole: NamedTensors = [:]
        for output in try session.model.signature.function(named: "predict").outputs {
            whole[output.name] = try HostTensor.concatenated(rowsOf: parts[output.name] ?? [])
        }
        return whole
    }

    /// The model's states by path; throws when nothing was trained yet.
    public func states() throws -> NamedTensors { try readySession().model.states() }

    /// Writes the trained model for each target into its own folder within `folder`, as a library, header, manifest and
    /// weights, and gives the files.
    @discardableResult
    public func export(to folder: String, targets: [ExportTarget] = [.host]) throws -> [CompiledFiles] {
        let session = try readySession()
        let weights = try session.model.states()
        return try targets.map { target in
            try config.compiler.compile(
                session.module, for: target.compilation, weights: weights,
                to: "\(folder)/\(target.compilation.folderName)")
        }
    }
}

// MARK: - Sessions

extension Estimator {
    /// The session for examples of a dataset's types, restored from the newest checkpoint when it is new.
    private func openSession(_ dataset: Dataset) throws -> TrainingSession {
        if let session {
            try session.inputs.check(dataset)
            return session
        }
        let latest = try latestCheckpoint()
        return try makeSession(try ExampleTypes(dataset), latest)
    }

    /// The session of a model that was trained, here or in the model directory.
    private func readySession() throws -> TrainingSession {
        if let session, isReady { return session }
        guard let latest = try latestCheckpoint() else {
            throw ExecutionError(
                place: config.modelDirectory.map { "model directory \($0)" } ?? "estimator",
                expected: "a trained model", actual: "none", remedy: "call train(on:maxSteps:) first")
        }
        let made = try makeSession(latest.manifest.inputs, latest)
        isReady = true
        return made
    }

    private func makeSession(_ inputs: ExampleTypes, _ checkpoint: Checkpoint?) throws -> TrainingSession {
        let module = try makeModule(inputs)
        let made = try TrainingSession(module, inputs: inputs, config: config)
        if let checkpoint, let store {
            let path = store.path(step: checkpoint.manifest.step)
            try made.restore(checkpoint, from: path)
            config.logger.info("going on from \(path)")
            if checkpoint.manifest.graph != made.graph {
                config.logger.notice("the model's graph has changed since \(path) was written; its states fit")
            }
        }
        session = made
        return made
    }

    private func latestCheckpoint() throws -> Checkpoint? {
        guard let store else { return nil }
        let latest = try store.latest()
        for damage in latest.damaged {
            config.logger.warning("passing over the damaged checkpoint \(damage.path): \(damage.reason)")
        }
        return latest.checkpoint
    }
}
