import Datasets
import Execution
import GraphIR
import HostTensors
import Logging

/// Trains, evaluates, uses and exports one model, and keeps it in a directory.
///
/// The model's graph is made when the first examples, or a checkpoint, tell their types. It is compiled once: training,
/// evaluation and prediction are functions of one library over one set of states.
public final class Estimator {
    /// How the estimator runs.
    public let config: RunConfig
    /// What of it this process has to itself.
    let own: RunConfig
    let makeModule: (ExampleTypes) throws -> GraphModule
    let store: CheckpointStore?
    var session: TrainingSession?
    /// Whether the session has a trained state, or has at least been asked to train.
    var isReady = false
    /// Where a training without a model directory could go on from.
    var memory: Checkpoint?
    /// Whether the session is at an earlier checkpoint by request: a training that goes on from there makes later ones void.
    var isTakenBack = false
    /// The evaluations of the training so far, once they were looked for.
    var evaluations: EvaluationLog?

    /// Makes an estimator of models that `makeModule` builds from the types of examples.
    ///
    /// The module needs the functions `init`, `train` (→ `loss`) and, for what uses them, `evaluate` (→ metrics so far),
    /// `resetMetrics` and `predict`; inputs have the names of a dataset's columns.
    public init(
        config: RunConfig = RunConfig(), makeModule: @escaping (ExampleTypes) throws -> GraphModule
    ) throws {
        try config.check()
        self.config = config
        own = config.own
        self.makeModule = makeModule
        store = own.modelDirectory.map {
            CheckpointStore(
                directory: $0, keep: config.checkpoints.keepLast, keepEvery: config.checkpoints.keepEverySteps,
                writer: config.checkpointWriter)
        }
    }

    /// The number of training steps done, as far as this estimator has looked: 0 before its first use.
    public var step: Int { session?.step ?? 0 }

    /// The model's states by path; throws when nothing was trained yet.
    public func states() throws -> NamedTensors { try readySession().model.states() }
}

// MARK: - Sessions

extension Estimator {
    /// The session for examples of a dataset's types, restored from the newest checkpoint when it is new.
    func openSession(_ dataset: Dataset) throws -> TrainingSession {
        if let session { return session }
        let latest = try latestCheckpoint()
        return try makeSession(try ExampleTypes(dataset), latest)
    }

    /// The session of a model that was trained, here or in the model directory.
    func readySession() throws -> TrainingSession {
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
        if let checkpoint {
            try restore(made, checkpoint)
        } else if let warmStart = config.warmStart, config.isFirst {
            let taken = try warmStart.apply(to: made.model)
            own.logger.info("starting with \(taken.count) states of \(warmStart.path)")
        }
        if config.sharing != nil { try shareStates(of: made) }
        session = made
        return made
    }

    private func restore(_ session: TrainingSession, _ checkpoint: Checkpoint) throws {
        let step = checkpoint.manifest.step
        let path = store?.path(step: step) ?? "the state of step \(step)"
        try session.restore(checkpoint, from: path)
        own.logger.info("going on from \(path)")
        if checkpoint.manifest.graph != session.graph {
            own.logger.notice("the model's graph has changed since \(path) was written; its states fit")
        }
        if let code = checkpoint.manifest.code, code != session.code {
            own.logger.notice(
                "\(path) was computed by '\(code)', what follows by '\(session.code)': other bits than without the change"
            )
        }
    }

    /// What a training would go on from: the newest checkpoint that is whole, or what is kept in memory instead.
    func latestCheckpoint() throws -> Checkpoint? { try sharedCheckpoint { try ownLatestCheckpoint() } }

    private func ownLatestCheckpoint() throws -> Checkpoint? {
        guard let store else { return memory }
        let latest = try store.latest()
        for damage in latest.damaged {
            config.logger.warning("passing over the damaged checkpoint \(damage.path): \(damage.reason)")
        }
        return latest.checkpoint
    }

    /// Goes back to the states of an earlier checkpoint; later checkpoints and evaluations stay until a training goes on from there.
    public func restore(step: Int) throws {
        let checkpoint = try sharedCheckpoint {
            guard let store else {
                throw ExecutionError(
                    place: "estimator", expected: "a model directory with checkpoints", actual: "none",
                    remedy: "give RunConfig a modelDirectory")
            }
            return try store.read(step: step)
        }
        guard let checkpoint else { return }
        if let session {
            try session.restore(checkpoint, from: store?.path(step: step) ?? "the state of step \(step)")
        } else {
            _ = try makeSession(checkpoint.manifest.inputs, checkpoint)
        }
        (isReady, isTakenBack, evaluations) = (true, true, nil)
    }

    /// Goes back to the checkpoint that evaluated best, of those that are kept, and gives the evaluation; nil when none
    /// was evaluated. Throws an `ExecutionError` that lists the metrics there are when this is none of them.
    @discardableResult
    public func restoreBest(by metric: BestMetric) throws -> Evaluation? {
        let found: Evaluation? = try shared("looking for the best checkpoint") {
            guard let store, let newest = try store.steps().last else { return nil }
            let log = try EvaluationLog(directory: own.modelDirectory, upTo: newest)
            var names: [String] = []
            for name in log.entries.flatMap({ $0.figures.map(\.name) }) where !names.contains(name) {
                names.append(name)
            }
            if !names.isEmpty { try metric.check("restoreBest(by:)", names) }
            guard let best = log.best(by: metric), try store.steps().contains(best.step) else { return nil }
            return best
        }
        guard let best = found else { return nil }
        try restore(step: best.step)
        return best
    }
}
