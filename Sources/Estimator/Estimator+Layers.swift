import Datasets
import GraphIR
import HostTensors
import Layers
import Training

extension Estimator {
    /// Makes an estimator of a layered model of one feature and one label.
    ///
    /// A second label column, where the dataset has one, says how much each example counts, in the loss and all metrics.
    /// The types of its input and labels are those of the first dataset it trains on. Mistakes in the model are thrown then,
    /// as one `TraceError` that names layer, shapes and line of each.
    public convenience init(
        model: some Layer, loss: Loss, optimizer: Optimizer, metrics: [StreamingMetric] = [],
        config: RunConfig = RunConfig(), name: String = "model"
    ) throws {
        try self.init(
            ModelFunction(model, loss: loss, metrics: metrics), optimizer: OptimizerChoice(optimizer), config: config,
            name: name)
    }

    /// Makes an estimator of a model function, which decides for each mode what is predicted, minimized and measured.
    ///
    /// The features and labels it may ask for are the columns of the first dataset it trains on.
    public convenience init(
        _ model: ModelFunction, optimizer: OptimizerChoice, config: RunConfig = RunConfig(), name: String = "model"
    ) throws {
        try self.init(config: config) { examples in
            try TrainingModule.build(
                model, optimizer: optimizer, features: examples.features.map { try $0.spec() },
                labels: examples.labels.map { try $0.spec() }, batch: ExampleTypes.batch, name: name,
                inParts: config.sharing != nil)
        }
    }

    /// Makes an estimator of a model function whose parameters have one optimizer.
    public convenience init(
        _ model: ModelFunction, optimizer: Optimizer, config: RunConfig = RunConfig(), name: String = "model"
    ) throws {
        try self.init(model, optimizer: OptimizerChoice(optimizer), config: config, name: name)
    }
}
