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
    /// Builds the module of a layered model.
    ///
    /// `label` is derived from the loss and the model's outputs unless it is given; `batch` is the named dimension of all
    /// inputs' first axis. Throws a `TraceError` with every mistake in the model, each with layer, shapes and line.
    public static func build(
        model: some Layer, loss: Loss, optimizer: Optimizer, metrics: [StreamingMetric] = [], input: FeatureSpec,
        label: FeatureSpec? = nil, batch: DimSymbol = DimSymbol("B", range: 1...4096), name: String = "model"
    ) throws -> GraphModule {
        try build(
            ModelFunction(model, loss: loss, metrics: metrics), optimizer: OptimizerChoice(optimizer),
            features: [input], labels: label.map { [$0] }, batch: batch, name: name)
    }

    /// Builds the module of a model function.
    ///
    /// `features` are what there is to ask for: a function takes those that the model uses in its mode. `labels` are
    /// derived where the model knows their type, unless they are given.
    /// Throws a `TraceError` with every mistake in the model, each with layer, shapes and line.
    public static func build(
        _ model: ModelFunction, optimizer: OptimizerChoice, features: [FeatureSpec], labels: [FeatureSpec]? = nil,
        batch: DimSymbol = DimSymbol("B", range: 1...4096), name: String = "model"
    ) throws -> GraphModule {
        var builder = try TrainingModuleBuilder(
            model: model, optimizer: optimizer, features: features, batch: batch, name: name)
        try builder.addPredict()
        try builder.decideLabels(labels)
        builder.declareSlots()
        try builder.addEvaluate()
        try builder.addResetMetrics()
        try builder.addTrain()
        return try builder.finish()
    }
}

/// Traces the functions one after another.
struct TrainingModuleBuilder {
    typealias NamedType = (name: String, type: TensorType)
    /// A parameter with the slots of its optimizer.
    struct Trained {
        let path: String
        let parameter: Variable
        let optimizer: Optimizer
        let slots: [Variable]
    }

    let model: ModelFunction
    let optimizer: OptimizerChoice
    let features: [NamedType]
    let batch: DimSymbol
    var labels: [NamedType] = []
    var outputType = TensorType(.f32)
    var tracer: ModuleTracer
    let step = Variable(HostTensor(scalar: Int64(0)), name: "step", role: .counter)
    let seed = Variable(HostTensor(scalar: Int64(0)), name: "seed", role: .buffer)
    var trained: [Trained] = []
    var sums: [Variable] = []

    init(
        model: ModelFunction, optimizer: OptimizerChoice, features: [FeatureSpec], batch: DimSymbol, name: String
    ) throws {
        self.model = model
        self.optimizer = optimizer
        self.features = features.map { ($0.name, $0.type(batch: batch)) }
        self.batch = batch
        tracer = ModuleTracer(name: name, dims: [batch])
        try tracer.declare(contentsOf: model.contents)
        tracer.random = (seed, step)
    }

    mutating func addPredict() throws {
        let current = self
        var type = outputType
        try tracer.function("predict", inputs: features, keepsUnusedInputs: false) { inputs in
            let outputs = try current.outputs(inputs, .prediction)
            if let first = outputs.predictions.first { type = first.value.type }
            return outputs.predictions
        }
        try tracer.requireShapes()
        outputType = type
    }

    /// The labels that were described, else those that the model's predictions call for.
    mutating func decideLabels(_ specs: [FeatureSpec]?) throws {
        if let specs {
            labels = specs.map { ($0.name, $0.type(batch: batch)) }
        } else if let labelType = model.labelType {
            labels = [("label", labelType(outputType))]
        } else {
            throw GraphError(
                "the types of the labels are not known", remedy: "give them: labels: [FeatureSpec(\"label\", .i32)]")
        }
    }

    mutating func declareSlots() {
        for (path, parameter) in tracer.variables where parameter.isTrainable {
            let chosen = optimizer.optimizer(for: path)
            let type = parameter.type ?? TensorType(.f32)
            let slots = chosen.slots.map { name in
                let slot = Variable(shape: type.constantShape, dtype: type.dtype, initializer: .zeros, role: .slot)
                tracer.declare(slot, path: "\(path)/\(name)")
                return slot
            }
            trained.append(Trained(path: path, parameter: parameter, optimizer: chosen, slots: slots))
        }
        tracer.declare(step, path: "step")
        tracer.declare(seed, path: "seed")
    }

    mutating func addEvaluate() throws {
        let current = self
        var made: [Variable] = []
        try tracer.function("evaluate", inputs: features + labels, keepsUnusedInputs: false) { inputs in
            try current.outputs(inputs, .evaluation).metrics.map { measurement in
                let metric = measurement.metric
                let sums = metric.sums.map {
                    Variable(
                        shape: [], dtype: $0.dtype, initializer: .zeros, name: "metrics/\(metric.name)/\($0.name)",
                        role: .buffer)
                }
                made += sums
                let addends = metric.contributions(measurement.batch)
                scope("metrics/\(metric.name)") {
                    for (sum, addend) in zip(sums, addends) { sum.assignAdd(addend) }
                }
                return (metric.name, metric.result(sums.map(\.value)))
            }
        }
        sums = made
        for sum in sums { tracer.declare(sum, path: sum.name ?? "metrics") }
    }

    mutating func addResetMetrics() throws {
        let sums = sums
        try tracer.function("resetMetrics") { _ in
            for variable in sums { variable.assign(.zeros(variable.type ?? TensorType(.f32))) }
            return []
        }
    }

    mutating func addTrain() throws {
        let current = self
        let known = tracer.variables.count
        try tracer.function("train", inputs: features + labels, keepsUnusedInputs: false) { inputs in
            try current.trainStep(inputs)
        }
        if let late = tracer.variables.dropFirst(known).first(where: \.variable.isTrainable) {
            throw GraphError(
                "parameter '\(late.path)' is used in training only, so it has no slots to be trained with",
                remedy: "use it in prediction or evaluation, or give it to the model's contents")
        }
    }

    mutating func finish() throws -> GraphModule {
        try tracer.initializer(seed: seed)
        tracer.moveToFront("init")
        return try tracer.module()
    }

    /// The model's outputs for placeholders of features and labels.
    private func outputs(_ inputs: [Tensor], _ mode: ModelMode) throws -> ModelOutputs {
        let named = zip((features + labels).map(\.name), inputs).map { (name: $0, value: $1) }
        let (given, wanted) = (Features(Array(named.prefix(features.count))), named.dropFirst(features.count))
        let phase = mode == .training ? Phase.training : Phase.inference
        return try phase.run { try model.body(given, Features(mode == .prediction ? [] : Array(wanted)), mode) }
    }

    /// Forward, gradients, one optimizer step a parameter, the counter.
    private func trainStep(_ inputs: [Tensor]) throws -> [(name: String, value: Tensor)] {
        let outputs = try outputs(inputs, .training)
        guard let loss = outputs.loss else {
            throw GraphError("the model gives no loss in training", remedy: "let ModelOutputs have a loss")
        }
        let measured = outputs.metrics.filter { $0.metric.name != "loss" }
        let figures = measured.map { $0.metric.result($0.metric.contributions($0.batch)) }
        let derivatives = derivatives(
            of: loss, withRespectTo: trained.map(\.parameter.value), keeping: [loss] + figures)
        scope("optimizer") {
            let number = step.value + 1
            var rates: [Double: Tensor] = [:]
            for (trained, gradient) in zip(trained, derivatives.gradients) {
                let learningRate = trained.optimizer.learningRate
                let rate = rates[learningRate] ?? Tensor.scalar(learningRate)
                rates[learningRate] = rate
                let result = scope(trained.path) {
                    trained.optimizer(
                        Optimizer.Step(
                            parameter: trained.parameter.value, gradient: gradient, slots: trained.slots.map(\.value),
                            number: number, rate: rate))
                }
                trained.parameter.assign(result.parameter)
                for (slot, value) in zip(trained.slots, result.slots) { slot.assign(value) }
            }
            step.assign(number)
        }
        let names = ["loss"] + measured.map(\.metric.name)
        return Array(zip(names, derivatives.kept)).map { (name: $0, value: $1) }
    }
}
