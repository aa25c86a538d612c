import GraphIR
import GraphTracing
import HostTensors
import Layers

/// A model with everything that training, judging and using it needs, as one graph module over one set of states.
///
/// Functions: `init` (seed → every state), `predict`, `evaluate` (adds a batch to the metrics' sums and gives the figures so
/// far), `resetMetrics`, `train` (one step; gives the batch's loss and figures). States: the parameters in declaration
/// order, their slots (`hidden/weight/adam_m`), the counter `step`, the buffer `seed`, the metrics' sums.
public enum TrainingModule {
    /// Builds the module of a model.
    ///
    /// `label` is derived from the loss and the model's outputs unless it is given; `batch` is the named dimension of all
    /// inputs' first axis. Throws a `TraceError` with every mistake in the model, each with layer, shapes and line.
    public static func build(
        model: some Layer, loss: Loss, optimizer: Optimizer, metrics: [StreamingMetric] = [], input: FeatureSpec,
        label: FeatureSpec? = nil, batch: DimSymbol = DimSymbol("B", range: 1...4096), name: String = "model"
    ) throws -> GraphModule {
        var builder = try TrainingModuleBuilder(
            model: model, loss: loss, optimizer: optimizer, metrics: metrics, input: input, batch: batch, name: name)
        try builder.addPredict()
        builder.decideLabel(label)
        try builder.addEvaluate()
        try builder.addResetMetrics()
        try builder.addTrain()
        return try builder.finish()
    }
}

/// Traces the functions one after another.
struct TrainingModuleBuilder<Model: Layer> {
    let model: Model
    let loss: Loss
    let optimizer: Optimizer
    /// The loss itself first, then the metrics that were asked for.
    let metrics: [StreamingMetric]
    let input: (name: String, type: TensorType)
    let batch: DimSymbol
    var label: (name: String, type: TensorType)
    var outputType = TensorType(.f32)
    var tracer: ModuleTracer
    let step = Variable(HostTensor(scalar: Int64(0)), name: "step", role: .counter)
    let seed = Variable(HostTensor(scalar: Int64(0)), name: "seed", role: .buffer)
    var sums: [[Variable]] = []

    init(
        model: Model, loss: Loss, optimizer: Optimizer, metrics: [StreamingMetric], input: FeatureSpec,
        batch: DimSymbol, name: String
    ) throws {
        self.model = model
        self.loss = loss
        self.optimizer = optimizer
        self.metrics = [StreamingMetric.loss] + metrics
        self.input = (input.name, input.type(batch: batch))
        self.batch = batch
        label = ("label", TensorType(.i32))
        tracer = ModuleTracer(name: name, dims: [batch])
        try tracer.declare(contentsOf: model)
        tracer.random = (seed, step)
    }

    mutating func addPredict() throws {
        let current = self
        var type = outputType
        try tracer.function("predict", inputs: [input]) { inputs in
            let outputs = Phase.inference.run { current.model(inputs[0]) }
            type = outputs.type
            return [(current.loss.outputName, outputs)]
        }
        try tracer.requireShapes()
        outputType = type
    }

    /// The labels that were described, else those that the loss calls for.
    mutating func decideLabel(_ spec: FeatureSpec?) {
        label = spec.map { ($0.name, $0.type(batch: batch)) } ?? ("label", loss.labelType(for: outputType))
        let slots = tracer.variables.filter(\.variable.isTrainable).flatMap { path, variable in
            optimizer.slots.map { (path: "\(path)/\($0)", type: variable.type) }
        }
        for slot in slots {
            let type = slot.type ?? TensorType(.f32)
            let variable = Variable(
                shape: type.constantShape, dtype: type.dtype, initializer: .zeros, role: .slot)
            tracer.declare(variable, path: slot.path)
        }
        tracer.declare(step, path: "step")
        tracer.declare(seed, path: "seed")
        for metric in metrics {
            let variables = metric.sums.map { Variable(shape: [], dtype: $0.dtype, initializer: .zeros, role: .buffer) }
            for (sum, variable) in zip(metric.sums, variables) {
                tracer.declare(variable, path: "metrics/\(metric.name)/\(sum.name)")
            }
            sums.append(variables)
        }
    }

    mutating func addEvaluate() throws {
        let current = self
        try tracer.function("evaluate", inputs: [input, label]) { inputs in
            let outputs = Phase.inference.run { current.model(inputs[0]) }
            let batch = current.measured(outputs, labels: inputs[1])
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
        let slots = slotsByParameter()
        try tracer.function("train", inputs: [input, label]) { inputs in
            try current.trainStep(inputs[0], labels: inputs[1], slots: slots)
        }
    }

    mutating func finish() throws -> GraphModule {
        try tracer.initializer(seed: seed)
        tracer.moveToFront("init")
        return try tracer.module()
    }

    private func measured(_ outputs: Tensor, labels: Tensor) -> StreamingMetric.Batch {
        StreamingMetric.Batch(
            outputs: outputs, labels: labels, losses: loss.values(outputs: outputs, labels: labels))
    }

    /// The slots of each trainable variable, in declaration order.
    private func slotsByParameter() -> [(parameter: Variable, slots: [Variable])] {
        let parameters = tracer.variables.map(\.variable).filter(\.isTrainable)
        let slots = tracer.variables.map(\.variable).filter { $0.role == .slot }
        let count = optimizer.slots.count
        return parameters.enumerated().map { at, parameter in
            (parameter, Array(slots[(at * count)..<((at + 1) * count)]))
        }
    }

    /// Forward, gradients, one optimizer step a parameter, the counter.
    private func trainStep(
        _ features: Tensor, labels: Tensor, slots: [(parameter: Variable, slots: [Variable])]
    ) throws -> [(name: String, value: Tensor)] {
        let outputs = Phase.training.run { model(features) }
        let batch = measured(outputs, labels: labels)
        let mean = scope("loss") { batch.losses.mean(file: "", line: 0) }
        let figures = metrics.dropFirst().map { $0.result($0.contributions(batch)) }
        let parameters = slots.map(\.parameter.value)
        let derivatives = derivatives(of: mean, withRespectTo: parameters, keeping: [mean] + figures)
        scope("optimizer") {
            let number = step.value + 1
            let rate = Tensor.scalar(optimizer.learningRate)
            for ((parameter, slots), gradient) in zip(slots, derivatives.gradients) {
                let result = scope(tracer.path(of: parameter) ?? "parameter") {
                    optimizer(
                        Optimizer.Step(
                            parameter: parameter.value, gradient: gradient, slots: slots.map(\.value), number: number,
                            rate: rate))
                }
                parameter.assign(result.parameter)
                for (slot, value) in zip(slots, result.slots) { slot.assign(value) }
            }
            step.assign(number)
        }
        let names = ["loss"] + metrics.dropFirst().map(\.name)
        return Array(zip(names, derivatives.kept)).map { (name: $0, value: $1) }
    }
}
