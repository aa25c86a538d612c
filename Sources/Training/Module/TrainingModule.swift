import GraphIR
import GraphTracing
import HostTensors
import Layers

/// A model with everything that training, judging and using it needs, as one graph module over one set of states.
///
/// Functions: `init` (seed → every state), `predict`, `evaluate` (adds a batch to the metrics' sums and gives the figures so
/// far), `resetMetrics`, `train` (one step; gives the batch's loss and figures). States: the parameters in declaration
/// order, their averages if there are any, their slots (`hidden/weight/adam_m`), the counter `step`, the buffer `seed`,
/// the metrics' sums.
public enum TrainingModule {
    /// Builds the module of a model.
    ///
    /// `label` is derived from the loss and the model's outputs unless it is given; `weight` describes a further input that
    /// says how much each example (or element) counts; `batch` is the named dimension of all inputs' first axis. Throws a
    /// `TraceError` with every mistake in the model, each with layer, shapes and line.
    public static func build(
        model: some Layer, loss: Loss, optimizer: Optimizer, metrics: [StreamingMetric] = [], input: FeatureSpec,
        label: FeatureSpec? = nil, weight: FeatureSpec? = nil,
        batch: DimSymbol = DimSymbol("B", range: 1...4096), name: String = "model"
    ) throws -> GraphModule {
        try build(
            model: model, loss: loss, optimizer: optimizer, metrics: metrics, inputs: [input], label: label,
            weight: weight, batch: batch, name: name
        ) { model($0[0]) }
    }

    /// Builds the module of a model of several inputs: `forward` gives the outputs for them.
    ///
    /// `model` is any value whose variables and layers are found by their property names, as those of a `Layer`.
    public static func build<Model: Sendable>(
        model: Model, loss: Loss, optimizer: Optimizer, metrics: [StreamingMetric] = [], inputs: [FeatureSpec],
        label: FeatureSpec? = nil, weight: FeatureSpec? = nil,
        batch: DimSymbol = DimSymbol("B", range: 1...4096), name: String = "model",
        forward: @escaping ([Tensor]) throws -> Tensor
    ) throws -> GraphModule {
        var builder = try TrainingModuleBuilder(
            model: model, loss: loss, optimizer: optimizer, metrics: metrics, inputs: inputs, weight: weight,
            batch: batch, name: name, forward: forward)
        try builder.addPredict()
        builder.decideLabel(label)
        builder.declareStates()
        try builder.addEvaluate()
        try builder.addResetMetrics()
        try builder.addTrain()
        return try builder.finish()
    }
}

/// Traces the functions one after another.
struct TrainingModuleBuilder {
    typealias Input = (name: String, type: TensorType)

    let loss: Loss
    let optimizer: Optimizer
    /// The loss itself first, then the metrics that were asked for.
    let metrics: [StreamingMetric]
    let inputs: [Input]
    let weight: Input?
    let batch: DimSymbol
    let forward: ([Tensor]) throws -> Tensor
    var label: Input
    var outputType = TensorType(.f32)
    var tracer: ModuleTracer
    let step = Variable(HostTensor(scalar: Int64(0)), name: "step", role: .counter)
    let seed = Variable(HostTensor(scalar: Int64(0)), name: "seed", role: .buffer)
    var sums: [[Variable]] = []
    /// What evaluation and prediction read in the place of parameters.
    var averages: [(parameter: Variable, average: Variable)] = []
    var updates: ParameterUpdates?

    init(
        model: Any, loss: Loss, optimizer: Optimizer, metrics: [StreamingMetric], inputs: [FeatureSpec],
        weight: FeatureSpec?, batch: DimSymbol, name: String, forward: @escaping ([Tensor]) throws -> Tensor
    ) throws {
        self.loss = loss
        self.optimizer = optimizer
        self.metrics = [StreamingMetric.loss] + metrics
        self.inputs = inputs.map { ($0.name, $0.type(batch: batch)) }
        self.weight = weight.map { ($0.name, $0.type(batch: batch)) }
        self.batch = batch
        self.forward = forward
        label = ("label", TensorType(.i32))
        tracer = ModuleTracer(name: name, dims: [batch])
        try tracer.declare(contentsOf: model)
        tracer.random = (seed, step)
        guard optimizer.averageDecay != nil else { return }
        for (path, parameter) in tracer.variables where parameter.isTrainable {
            let average = Variable(initializer: .value(of: parameter), role: .buffer)
            averages.append((parameter, average))
            tracer.declare(average, path: "\(path)/average")
        }
    }

    mutating func addPredict() throws {
        let current = self
        var type = outputType
        try tracer.function("predict", inputs: inputs, reading: averages) { inputs in
            let outputs = try Phase.inference.run { try current.forward(inputs) }
            type = outputs.type
            return [(current.loss.outputName, outputs)]
        }
        try tracer.requireShapes(except: averages.map(\.average))
        outputType = type
    }

    /// The labels that were described, else those that the loss calls for.
    mutating func decideLabel(_ spec: FeatureSpec?) {
        label = spec.map { ($0.name, $0.type(batch: batch)) } ?? ("label", loss.labelType(for: outputType))
    }

    mutating func declareStates() {
        updates = ParameterUpdates(optimizer, averages: averages, tracer: &tracer)
        tracer.declare(step, path: "step")
        tracer.declare(seed, path: "seed")
        for metric in metrics {
            let variables = metric.sums.map {
                Variable(shape: $0.shape, dtype: $0.dtype, initializer: .zeros, role: .buffer)
            }
            for (sum, variable) in zip(metric.sums, variables) {
                tracer.declare(variable, path: "metrics/\(metric.name)/\(sum.name)")
            }
            sums.append(variables)
        }
    }

    mutating func addEvaluate() throws {
        let current = self
        try tracer.function("evaluate", inputs: examples, reading: averages) { inputs in
            let batch = try Phase.inference.run { try current.measured(inputs) }
            return zip(current.metrics, current.sums).map { metric, variables in
                let addends = metric.contributions(batch)
                scope("metrics/\(metric.name)") {
                    for (variable, addend) in zip(variables, addends) { variable.assignAdd(addend) }
                }
                return (metric.name, metric.result(variables.map(\.value)))
            }
        }
    }

    mutating func addResetMetrics() throws {
        let sums = sums
        try tracer.function("resetMetrics") { _ in
            for variable in sums.joined() { variable.assign(.zeros(variable.type ?? TensorType(.f32))) }
            return []
        }
    }

    mutating func addTrain() throws {
        let current = self
        try tracer.function("train", inputs: examples) { inputs in try current.trainStep(inputs) }
    }

    mutating func finish() throws -> GraphModule {
        try tracer.initializer(seed: seed)
        tracer.moveToFront("init")
        return try tracer.module()
    }

    /// What judging an example takes: the model's inputs, the label, and the weight if there is one.
    private var examples: [Input] { inputs + [label] + (weight.map { [$0] } ?? []) }

    /// A batch of `examples` through the model.
    private func measured(_ examples: [Tensor]) throws -> StreamingMetric.Batch {
        let outputs = try forward(Array(examples.prefix(inputs.count)))
        let labels = examples[inputs.count]
        return StreamingMetric.Batch(
            outputs: outputs, labels: labels, losses: loss.values(outputs: outputs, labels: labels),
            weights: loss.weights(labels: labels, weights: weight == nil ? nil : examples.last))
    }

    /// Forward, gradients, one optimizer step a parameter, the counter.
    private func trainStep(_ examples: [Tensor]) throws -> [(name: String, value: Tensor)] {
        let batch = try Phase.training.run { try measured(examples) }
        let total = penalties().reduce(loss.reduced(batch.losses, weights: batch.weights)) { $0 + $1 }
        let figures = metrics.dropFirst().map { $0.result($0.contributions(batch)) }
        let trained = updates?.parameters.map(\.value) ?? []
        let derivatives = derivatives(of: total, withRespectTo: trained, keeping: [total] + figures)
        scope("optimizer") {
            let number = step.value + 1
            updates?.follow(derivatives.gradients, number: number)
            step.assign(number)
        }
        let names = ["loss"] + metrics.dropFirst().map(\.name)
        return Array(zip(names, derivatives.kept)).map { (name: $0, value: $1) }
    }

    /// What the loss charges for parameters.
    private func penalties() -> [Tensor] {
        scope("loss") {
            loss.penalties.flatMap { penalty in
                tracer.variables.filter { $0.variable.isTrainable && penalty.parameters.matches($0.path) }
                    .map { penalty.regularizer($0.variable.value).cast(to: outputType.dtype) }
            }
        }
    }
}
