import Datasets

/// How a model is trained by `trainAndEvaluate`.
public struct TrainSpec {
    /// What it is trained on.
    public var dataset: Dataset
    /// When it is done, counted over all runs in the model directory.
    public var end: TrainingEnd
    /// Ends the training before, when evaluations do not get better any more; nil to go on.
    public var earlyStopping: EarlyStopping?
    /// What happens along with it.
    public var hooks: [any TrainingHook]

    /// Trains until `maxSteps` steps are done.
    public init(
        _ dataset: Dataset, maxSteps: Int, earlyStopping: EarlyStopping? = nil, hooks: [any TrainingHook] = []
    ) {
        self.init(dataset, until: .step(maxSteps), earlyStopping: earlyStopping, hooks: hooks)
    }

    /// Trains until an end is reached.
    public init(
        _ dataset: Dataset, until end: TrainingEnd, earlyStopping: EarlyStopping? = nil,
        hooks: [any TrainingHook] = []
    ) {
        self.dataset = dataset
        self.end = end
        self.earlyStopping = earlyStopping
        self.hooks = hooks
    }
}

/// When a training is done.
public enum TrainingEnd: Sendable, Hashable {
    /// When so many steps are done, counted over all runs.
    case step(Int)
    /// When the data was passed over so many times, counted over all runs on the same dataset.
    case epochs(Int)
}

/// How a model is evaluated by `trainAndEvaluate`.
public struct EvalSpec {
    /// What it is evaluated on.
    public var dataset: Dataset
    /// How many batches are used; nil for a whole pass.
    public var steps: Int?
    /// The name of the evaluation, under which its figures are recorded.
    public var name: String
    /// Checkpoints that come sooner after the last evaluation are not evaluated, in seconds; the last one always is.
    public var throttleSeconds: Double
    /// What is written for use elsewhere.
    public var exporters: [any Exporter]

    /// Evaluates after every checkpoint unless throttled.
    public init(
        _ dataset: Dataset, steps: Int? = nil, name: String = "evaluation", throttleSeconds: Double = 0,
        exporters: [any Exporter] = []
    ) {
        self.dataset = dataset
        self.steps = steps
        self.name = name
        self.throttleSeconds = throttleSeconds
        self.exporters = exporters
    }
}
