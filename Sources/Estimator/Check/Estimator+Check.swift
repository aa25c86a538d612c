import Datasets
import Execution
import GraphIR
import HostTensors

extension Estimator {
    /// Looks whether a model and its data keep what training relies on: a test to be run before a long training.
    ///
    /// - `data`: batches are the same however they are reached, have no NaN, and the types that the model takes.
    /// - `shapes`: every prediction has one row an example, with batches of one and of many.
    /// - `types`: nothing is computed in f64 by accident, and no large whole numbers are read as floating-point ones.
    /// - `parameters`: every parameter has a gradient that is not 0 throughout.
    /// - `gradients`: derivatives agree with differences of the loss along random directions.
    /// - `overfit`: training on one batch makes its loss much smaller, within `steps` steps.
    /// - `resume`: a training that is saved and goes on ends with the same bits as one that is not.
    /// - `modes`: evaluating changes neither predictions nor what training does; the loss in both modes is told.
    ///
    /// Runs on models of its own, in memory: neither this estimator's states nor its directory change. Throws what building
    /// the model throws.
    public func check(on dataset: Dataset, steps: Int = 200) throws -> CheckReport {
        let checker = try ModelChecker(self, dataset, steps: steps)
        var report = CheckReport()
        report.add("data", checker.data)
        report.add("shapes", checker.shapes)
        report.add("types", checker.types)
        report.add("parameters", checker.parameters)
        report.add("gradients", checker.gradients)
        report.add("overfit", checker.overfit)
        report.add("resume", checker.resume)
        report.add("modes", checker.modes)
        return report
    }
}

/// The checks of one model on one dataset.
struct ModelChecker {
    let module: GraphModule
    let inputs: ExampleTypes
    let config: RunConfig
    let dataset: Dataset
    let batch: Batch
    let steps: Int

    init(_ estimator: Estimator, _ dataset: Dataset, steps: Int) throws {
        inputs = try ExampleTypes(dataset)
        module = try estimator.makeModule(inputs)
        var config = estimator.config
        config.modelDirectory = nil
        config.cluster = nil
        config.showsProgress = false
        self.config = config
        self.dataset = dataset
        self.steps = steps
        guard let batch = try dataset.reader().next() else {
            throw ExecutionError(
                place: "dataset", expected: "at least one batch", actual: "none", remedy: "give examples")
        }
        self.batch = batch
    }

    func session() throws -> TrainingSession {
        let session = try TrainingSession(module, inputs: inputs, config: config)
        _ = try session.enter(dataset)
        return session
    }

    func data() throws -> (Bool, String) {
        let reader = try dataset.reader()
        var looked = 0
        var bad: [String] = []
        while looked < 20, let batch = try reader.next() {
            let again = try dataset.reader(from: batch.position).next()
            if again?.tensors != batch.tensors {
                bad.append("batch \(batch.position.batch) is another when read again")
            }
            for (name, tensor) in batch.named where tensor.hasNonFinite {
                bad.append("'\(name)' has \(tensor.nonFiniteText) in batch \(batch.position.batch)")
            }
            looked += 1
        }
        return (bad.isEmpty, bad.first ?? "\(looked) batches are the same when read again, all numbers finite")
    }

    func shapes() throws -> (Bool, String) {
        let session = try session()
        let sizes = Set([1, dataset.batchSize]).sorted()
        for size in sizes {
            try session.predict(on: dataset.taking(size).batched(size)) { outputs in
                for (name, tensor) in outputs where tensor.shape.first != size {
                    throw ExecutionError(
                        place: "prediction '\(name)'", expected: "one row an example, \(size)", actual: tensor.typeText,
                        remedy: "keep the batch as the first axis")
                }
            }
        }
        let outputs = try module.function(named: "predict").outputs.map(\.name)
        return (true, "\(outputs.joined(separator: ", ")): one row an example, for batches of \(sizes)")
    }

    func overfit() throws -> (Bool, String) {
        let session = try session()
        let first = try session.trainStep(on: batch).loss
        var last = first
        for _ in 1..<max(2, steps) { last = try session.trainStep(on: batch).loss }
        let text =
            "loss \(TrainingProgress.significant(Double(first))) becomes "
            + "\(TrainingProgress.significant(Double(last))) in \(max(2, steps)) steps on one batch"
        return (last.isFinite && last < first * 0.5, text)
    }

    func resume() throws -> (Bool, String) {
        let straight = try session()
        try run(straight, steps: 6)
        let first = try session()
        try run(first, steps: 3)
        let checkpoint = try first.checkpoint()
        let second = try session()
        try second.restore(checkpoint, from: "memory")
        try run(second, steps: 3)
        let differing = try zip(straight.model.states(), second.model.states()).first { $0.0.value != $0.1.value }
        guard let differing else { return (true, "3 + 3 steps give the same bits as 6") }
        return (false, "state '\(differing.0.key)' differs after 3 + 3 steps from that after 6")
    }

    private func run(_ session: TrainingSession, steps: Int) throws {
        let reader = try dataset.reader(from: session.position)
        for _ in 0..<steps {
            guard let batch = try reader.next() else { return }
            _ = try session.trainStep(on: batch)
        }
    }

    func modes() throws -> (Bool, String) {
        guard module.functions.contains(where: { $0.name == "evaluate" }) else {
            return (true, "the model has no 'evaluate'")
        }
        let session = try session()
        let before = try session.model.states()
        let one = dataset.taking(batch.count).batched(batch.count)
        let metrics = try session.evaluate(on: one, steps: 1)
        let changed = try zip(before, session.model.states()).first { $0.0.value != $0.1.value }
        if let changed { return (false, "evaluating changes state '\(changed.0.key)'") }
        let again = try session.evaluate(on: one, steps: 1)
        guard again == metrics else { return (false, "evaluating twice gives \(metrics), then \(again)") }
        guard let first = try one.reader().next() else { return (false, "no batch") }
        let loss = try session.trainStep(on: first).loss
        let judged = metrics["loss"].map(TrainingProgress.significant) ?? "not measured"
        return (
            true,
            "loss of the first examples: \(TrainingProgress.significant(Double(loss))) in training, \(judged) in evaluation"
        )
    }
}
