import Cluster
import Datasets
import Execution
import HostTensors

/// One run of training steps, from where the session is to an end.
///
/// The way of a step through `run` makes no memory and looks nothing up by name.
final class TrainingLoop {
    private let estimator: Estimator
    private let session: TrainingSession
    private let dataset: Dataset
    private let end: TrainingEnd
    private let hooks: [any TrainingHook]
    private let afterCheckpoint: (() throws -> Bool)?
    private let recorder: SummaryRecorder?
    private let lastStep: Int?
    private let lastEpoch: Int?
    private var speed: SpeedMeter
    private var lastLoss: Float = 0

    init(
        _ estimator: Estimator, _ session: TrainingSession, _ dataset: Dataset, end: TrainingEnd,
        hooks: [any TrainingHook], afterCheckpoint: (() throws -> Bool)?
    ) throws {
        self.estimator = estimator
        self.session = session
        self.dataset = dataset
        self.end = end
        self.hooks = hooks
        self.afterCheckpoint = afterCheckpoint
        speed = SpeedMeter(start: SystemTime.seconds())
        recorder = try SummaryRecorder(estimator.own, session)
        switch end {
        case .step(let count): (lastStep, lastEpoch) = (count, nil)
        case .epochs(let count):
            lastEpoch = count
            let position = session.position
            lastStep = dataset.batchesPerEpoch.flatMap { batches in
                let (steps, isTooLarge) = (count - position.epoch).multipliedReportingOverflow(by: batches)
                let (last, isBeyond) = steps.addingReportingOverflow(session.step - position.batch)
                return isTooLarge || isBeyond ? nil : last
            }
        }
    }

    private var isDone: Bool {
        if let lastEpoch { return session.position.epoch >= lastEpoch }
        return session.step >= lastStep ?? 0
    }

    func run() throws -> TrainingSummary {
        let config = estimator.own
        let reporter: any ProgressReporter = config.showsProgress ? ConsoleProgress() : SilentProgress()
        defer { reporter.finish() }
        let firstStep = session.step
        let start = SystemTime.seconds()
        let summariesEvery = recorder == nil ? 0 : config.summaries.everySteps
        let checkpointsEvery = config.checkpoints.everySteps
        var lastSave = start
        var ending = lastEpoch == nil ? TrainingSummary.Ending.reachedSteps : .reachedEpochs
        let reader = try dataset.reader(from: session.position, part: session.part)
        for hook in hooks { try hook.begin(step: session.step) }
        var isSaved = false
        while !isDone {
            if session.cluster == nil, config.stopRequest.isRequested { throw try interrupted() }
            guard let batch = try reader.next() else { break }
            if !hooks.isEmpty { for hook in hooks { try hook.beforeStep(session.step, batch: batch) } }
            let heard: Cluster.Signals
            (lastLoss, heard) = try session.trainStep(on: batch, signals: Self.signals(config, lastSave))
            guard lastLoss.isFinite else { throw try stop(firstStep) }
            let now = SystemTime.seconds()
            speed.add(examples: batch.wholeCount, now: now)
            let step = session.step
            if !hooks.isEmpty || reporter.isDue(at: now) || isDone {
                let progress = progress(batch)
                reporter.report(progress)
                for hook in hooks { try hook.afterStep(progress) }
            }
            if summariesEvery > 0, step % summariesEvery == 0 {
                try recorder?.record(session.figures, step: step, stepsPerSecond: speed.stepsPerSecond)
            }
            if heard.contains(.stop), session.cluster != nil, !isDone { throw try interrupted() }
            isSaved = step % checkpointsEvery == 0 || heard.contains(.save)
            guard isSaved else { continue }
            try save()
            if try afterCheckpoint?() == true {
                ending = .stoppedEarly
                break
            }
            lastSave = SystemTime.seconds()
            // What happened meanwhile is no time of training.
            speed = SpeedMeter(start: lastSave)
        }
        if !isSaved { try save() }
        try recorder?.flush()
        let summary = TrainingSummary(
            firstStep: firstStep, lastStep: session.step, loss: Double(lastLoss),
            seconds: SystemTime.seconds() - start, ending: ending)
        for hook in hooks { try hook.end(summary) }
        return summary
    }

    /// What this process has to say along with the step that comes: processes act on it together.
    private static func signals(_ config: RunConfig, _ lastSave: Double) -> Cluster.Signals {
        var signals: Cluster.Signals = config.stopRequest.isRequested ? .stop : []
        if let seconds = config.checkpoints.everySeconds, SystemTime.seconds() - lastSave >= seconds {
            signals.insert(.save)
        }
        return signals
    }

    private func interrupted() throws -> TrainingInterrupted {
        TrainingInterrupted(step: session.step, checkpoint: try save())
    }

    private func progress(_ batch: Batch) -> TrainingProgress {
        TrainingProgress(
            step: session.step, lastStep: lastStep, loss: Double(lastLoss), metrics: session.figures,
            epoch: batch.position.epoch, stepsPerSecond: speed.stepsPerSecond,
            examplesPerSecond: speed.examplesPerSecond)
    }

    @discardableResult
    private func save() throws -> String? {
        let path = try estimator.save(session)
        try recorder?.recordStates(of: session)
        try recorder?.flush()
        for hook in hooks { try hook.checkpoint(step: session.step, path: path ?? "") }
        return path
    }

    /// Finds out what made the loss infinite, and leaves the model at its last checkpoint.
    private func stop(_ firstStep: Int) throws -> ExecutionError {
        let badStep = session.step
        let base = try estimator.latestCheckpoint()
        estimator.session = nil
        estimator.isReady = false
        let kept = base.map { "the model is back at step \($0.manifest.step)" } ?? "nothing was kept"
        let isAlone = session.cluster == nil
        let cause = try base.flatMap {
            isAlone ? try NonFiniteDiagnosis(session, dataset).run(from: $0, to: badStep) : nil
        }
        return ExecutionError(
            place: "training, step \(cause?.step ?? badStep)\(cause.map { ", \($0.place)" } ?? "")",
            expected: "finite numbers",
            actual: cause?.finding ?? "the loss \(TrainingProgress.significant(Double(lastLoss)))",
            remedy: "lower the learning rate or look for bad values in the data; \(kept)"
                + (isAlone ? "" : "; one process alone finds the operation that made it"))
    }
}
