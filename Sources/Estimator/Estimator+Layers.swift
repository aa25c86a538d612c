import GraphIR
import HostTensors
import Layers
import Training

extension Estimator {
    /// Makes an estimator of a layered model.
    ///
    /// The types of its input and labels are those of the first dataset it trains on. Mistakes in the model are thrown then,
    /// as one `TraceError` that names layer, shapes and line of each.
    public convenience init(
        model: some Layer, loss: Loss, optimizer: Optimizer, metrics: [StreamingMetric] = [],
        config: RunConfig = RunConfig(), name: String = "model"
    ) throws {
        try self.init(config: config) { examples in
            try TrainingModule.build(
                model: model, loss: loss, optimizer: optimizer, metrics: metrics,
                input: try FeatureSpec(examples.features), label: try FeatureSpec(examples.labels),
                batch: ExampleTypes.batch, name: name)
        }
    }
}

extension FeatureSpec {
    /// Describes an input of a dataset.
    init(_ input: ExampleTypes.Input) throws {
        self.init(input.name, try input.type().dtype, input.shape)
    }
}
