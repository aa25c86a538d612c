import Datasets
import Execution
import HostTensors

extension Estimator {
    /// The metrics over a whole dataset, or its first `steps` batches, by name.
    ///
    /// In a cluster, each process evaluates its part of every batch, and all give the same figures.
    /// Throws an `ExecutionError` when nothing was trained yet, `steps` is below 1, or a label is none of the model's
    /// classes.
    public func evaluate(on dataset: Dataset, steps: Int? = nil) throws -> Metrics {
        try together("evaluation") { try readySession().evaluate(on: dataset, steps: steps) }
    }

    /// The model's answers for every example, in the dataset's order, in a cluster as well; throws when nothing was trained yet.
    public func predict(on dataset: Dataset) throws -> NamedTensors {
        var parts: [String: [HostTensor]] = [:]
        let session = try readySession()
        try session.predict(on: dataset) { outputs in
            for (name, tensor) in outputs { parts[name, default: []].append(tensor) }
        }
        var whole: NamedTensors = [:]
        for output in try session.model.signature.function(named: "predict").outputs {
            whole[output.name] = try HostTensor(joiningRowsOf: parts[output.name] ?? [])
        }
        return whole
    }

    /// Gives the model's answers batch by batch, for datasets whose answers do not fit in memory.
    public func predict(on dataset: Dataset, _ body: (NamedTensors) throws -> Void) throws {
        try readySession().predict(on: dataset, body)
    }

    /// Trains, evaluating the checkpoints on the way, and gives what happened and the last evaluation.
    ///
    /// Evaluations take place after checkpoints, unless throttled, and at the end. Run again with the same model directory,
    /// it goes on where it was interrupted, and does nothing when it was done.
    @discardableResult
    public func trainAndEvaluate(
        _ train: TrainSpec, _ eval: EvalSpec
    ) throws -> (training: TrainingSummary, evaluation: Evaluation) {
        try together("training") {
            try withLock { try trainEvaluating(train, eval) }
        }
    }

    private func trainEvaluating(
        _ train: TrainSpec, _ eval: EvalSpec
    ) throws -> (training: TrainingSummary, evaluation: Evaluation) {
        try train.end.check()
        try train.earlyStopping?.check()
        try eval.check()
        let session = try openSession(train.dataset)
        if let watched = train.earlyStopping?.metric { try session.check(watched, "early stopping") }
        for exporter in eval.exporters.compactMap({ $0 as? StandardExporter }) {
            if let metric = exporter.metric { try session.check(metric, "exporter '\(exporter.name)'") }
        }
        isReady = true
        let log = try evaluationLog()
        let recorder = try SummaryRecorder(own, session, name: eval.name)
        var lastTime = SystemTime.seconds()
        func judge(isFinal: Bool) throws -> Evaluation {
            let known = log.entries.last { $0.step == session.step && $0.name == eval.name }
            let evaluation =
                try known
                ?? Evaluation(
                    step: session.step, name: eval.name,
                    metrics: session.evaluate(on: eval.dataset, steps: eval.steps))
            if known == nil {
                try log.add(evaluation)
                own.logger.info("\(evaluation)")
                try recorder?.record(evaluation.metrics, step: session.step)
                try recorder?.flush()
            }
            let moment = ExportMoment(evaluation: evaluation, evaluations: log.entries, isFinal: isFinal)
            if config.isFirst {
                for exporter in eval.exporters { try exporter.export(self, moment) }
            }
            lastTime = SystemTime.seconds()
            return evaluation
        }
        func isEnough() -> Bool {
            train.earlyStopping?.isDue(log.entries.filter { $0.name == eval.name }) ?? false
        }

        // A checkpoint whose evaluation was interrupted is evaluated first, so that early stopping sees it.
        let isRegular = session.step > 0 && session.step % config.checkpoints.everySteps == 0
        if isRegular && eval.throttleSeconds == 0 { _ = try judge(isFinal: false) }
        guard !isEnough() else {
            own.logger.info("the training has stopped early at step \(session.step): nothing to train")
            let nothing = TrainingSummary(
                firstStep: session.step, lastStep: session.step, loss: nil, seconds: 0, ending: .stoppedEarly)
            return (nothing, try judge(isFinal: true))
        }
        let summary = try self.train(on: train.dataset, until: train.end, hooks: train.hooks) {
            let isDue = try self.shared("evaluating now") { SystemTime.seconds() - lastTime >= eval.throttleSeconds }
            guard isDue else { return false }
            _ = try judge(isFinal: false)
            return isEnough()
        }
        return (summary, try judge(isFinal: true))
    }
}

extension TrainingSession {
    /// The metrics over a dataset; leaves the states as they were before the first evaluation.
    func evaluate(on dataset: Dataset, steps: Int?) throws -> Metrics {
        try EvalSpec.check(steps: steps)
        let function = try model.prepare("evaluate")
        let places = try inputs.places(of: function.signature.inputs, in: dataset, parts: part.count)
        let resets = model.signature.hasFunction(named: "resetMetrics")
        if resets { try model.run("resetMetrics") }
        let reader = try dataset.reader(isEndless: false, part: part)
        var count = 0
        while count < steps ?? .max, let batch = try reader.next() {
            count += 1
            if batch.count == 0 { continue }
            for check in evaluationLabels { try check.check(batch, places: places) }
            try function(batch.tensors, places: places)
        }
        let metrics =
            try cluster.map { try sharedMetrics($0) }
            ?? Metrics(zip(function.signature.outputs.map(\.name), function.outputs))
        // What was summed up is no part of the training: a checkpoint is the same with and without an evaluation before.
        if resets { try model.run("resetMetrics") }
        return metrics
    }

    /// The predictions for a dataset, batch by batch.
    func predict(on dataset: Dataset, _ body: (NamedTensors) throws -> Void) throws {
        let function = try model.prepare("predict")
        let places = try inputs.places(of: function.signature.inputs, in: dataset)
        let names = function.signature.outputs.map(\.name)
        let reader = try dataset.reader(isEndless: false)
        while let batch = try reader.next() {
            try function(batch.tensors, places: places)
            try body(NamedTensors(zip(names, function.outputs), uniquingKeysWith: { first, _ in first }))
        }
    }
}
