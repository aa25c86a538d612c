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
    /// The input of `gradients` that is the number of the process, i64[]; a function without random numbers may lack it.
    public static let processInput = "cluster/process"

    /// Builds the module of a layered model.
    ///
    /// `label` is derived from the loss and the model's outputs unless it is given; `weight` describes a further input that
    /// says how much each example (or element) counts; `batch` is the named dimension of all inputs' first axis. Throws a
    /// `TraceError` with every mistake in the model, each with layer, shapes and line. `inParts` as below.
    public static func build(
        model: some Layer, loss: Loss, optimizer: Optimizer, metrics: [StreamingMetric] = [], input: FeatureSpec,
        label: FeatureSpec? = nil, weight: FeatureSpec? = nil,
        batch: DimSymbol = DimSymbol("B", range: 1...4096), name: String = "model", inParts: Bool = false
    ) throws -> GraphModule {
        try build(
            model: model, loss: loss, optimizer: optimizer, metrics: metrics, inputs: [input], label: label,
            weight: weight, batch: batch, name: name, inParts: inParts
        ) { model($0[0]) }
    }

    /// Builds the module of a model of several inputs: `forward` gives the outputs for them.
    ///
    /// `model` is any value whose variables and layers are found by their property names, as those of a `Layer`.
    public static func build<Model: Sendable>(
        model: Model, loss: Loss, optimizer: Optimizer, metrics: [StreamingMetric] = [], inputs: [FeatureSpec],
        label: FeatureSpec? = nil, weight: FeatureSpec? = nil,
        batch: DimSymbol = DimSymbol("B", range: 1...4096), name: String = "model", inParts: Bool = false,
        forward: @escaping @Sendable ([Tensor]) throws -> Tensor
    ) throws -> GraphModule {
        try build(
            ModelFunction(model, loss: loss, metrics: metrics) { try forward($0.entries.map(\.value)) },
            optimizer: OptimizerChoice(optimizer), features: inputs, labels: label.map { [$0] }, weight: weight,
            batch: batch, name: name, inParts: inParts)
    }

    /// Builds the module of a model function.
    ///
    /// `features` are what there is to ask for: of several, a function takes those that the model uses in its mode. `labels` are
    /// derived where the model knows their type, unless they are given; `weight` is one more, behind them. With `inParts`, there are
    /// also the functions `gradients`, `apply` and `metrics`, for processes that train on parts of batches.
    /// Throws a `TraceError` with every mistake in the model, each with layer, shapes and line, and a `GraphError` for a
    /// number of the optimizer that makes no sense or a pattern that no parameter matches.
    public static func build(
        _ model: ModelFunction, optimizer: OptimizerChoice, features: [FeatureSpec], labels: [FeatureSpec]? = nil,
        weight: FeatureSpec? = nil, batch: DimSymbol = DimSymbol("B", range: 1...4096), name: String = "model",
        inParts: Bool = false
    ) throws -> GraphModule {
        var builder = try TrainingModuleBuilder(
            model: model, optimizer: optimizer, features: features, batch: batch, name: name)
        try builder.addPredict()
        try builder.decideLabels(labels, weight: weight)
        try builder.declareStates()
        try builder.addEvaluate()
        try builder.addResetMetrics()
        try builder.addTrain()
        if inParts { try builder.addParts() }
        return try builder.finish()
    }
}

/// Traces the functions one after another.
struct TrainingModuleBuilder {
    typealias NamedType = (name: String, type: TensorType)

    let model: ModelFunction
    let optimizer: OptimizerChoice
    let features: [NamedType]
    let batch: DimSymbol
    var labels: [NamedType] = []
    var outputType = TensorType(.f32)
    var tracer: ModuleTracer
    let step = Variable(HostTensor(scalar: Int64(0)), name: "step", role: .counter)
    let seed = Variable(HostTensor(scalar: Int64(0)), name: "seed", role: .buffer)
    var sums: [Variable] = []
    /// What evaluation measures, whose sums those are.
    var measuredMetrics: [StreamingMetric] = []
    /// What evaluation and prediction read in the place of parameters.
    var averages: [(parameter: Variable, average: Variable)] = []
    /// One for each optimizer that trains anything.
    var updates: [ParameterUpdates] = []

    init(
        model: ModelFunction, optimizer: OptimizerChoice, features: [FeatureSpec], batch: DimSymbol, name: String
    ) throws {
        for optimizer in [optimizer.standard] + optimizer.byPrefix.map(\.optimizer) { try optimizer.check() }
        self.model = model
        self.optimizer = optimizer
        self.features = features.map { ($0.name, $0.type(batch: batch)) }
        self.batch = batch
        tracer = ModuleTracer(name: name, dims: [batch])
        try tracer.declare(contentsOf: model.contents)
        tracer.random = (seed, step)
        for (path, parameter) in tracer.variables
        where parameter.isTrainable && optimizer.optimizer(for: path).averageDecay != nil {
            let average = Variable(initializer: .value(of: parameter), role: .buffer)
            averages.append((parameter, average))
            tracer.declare(average, path: "\(path)/average")
        }
    }

    mutating func addPredict() throws {
        let current = self
        var type = outputType
        try tracer.function("predict", inputs: features, keepsUnusedInputs: features.count == 1, reading: averages) {
            inputs in
            let outputs = try current.outputs(inputs, .prediction)
            if let first = outputs.predictions.first { type = first.value.type }
            return outputs.predictions
        }
        try tracer.requireShapes(except: averages.map(\.average))
        outputType = type
    }

    /// The labels that were described, else those that the model's predictions call for; a weight behind them.
    mutating func decideLabels(_ specs: [FeatureSpec]?, weight: FeatureSpec?) throws {
        if let specs {
            labels = specs.map { ($0.name, $0.type(batch: batch)) }
        } else if let labelType = model.labelType {
            labels = [("label", labelType(outputType))]
        } else {
            throw GraphError(
                "the types of the labels are not known", remedy: "give them: labels: [FeatureSpec(\"label\", .i32)]")
        }
        if let weight { labels.append((weight.name, weight.type(batch: batch))) }
    }

    mutating func declareStates() throws {
        let paths = tracer.variables.filter(\.variable.isTrainable).map(\.path)
        for optimizer in [optimizer.standard] + optimizer.byPrefix.map(\.optimizer) {
            try optimizer.check(parameters: paths)
        }
        try optimizer.check(parameters: paths)
        for penalty in model.penalties {
            try penalty.parameters.check("loss, adding \(penalty.regularizer.name)", paths)
        }
        for group in optimizer.groups(of: paths) {
            updates.append(
                ParameterUpdates(group.optimizer, averages: averages, tracer: &tracer) { group.paths.contains($0) })
        }
        guard paths.isEmpty || updates.contains(where: { !$0.parameters.isEmpty }) else {
            throw GraphError(
                "all parameters are frozen, so that training would change none: \(paths.joined(separator: ", "))",
                place: "optimizer '\(optimizer.standard.name)', freezing",
                remedy: "leave out of the patterns what shall be trained")
        }
        tracer.declare(step, path: "step")
        tracer.declare(seed, path: "seed")
    }

    mutating func addEvaluate() throws {
        let current = self
        var made: [Variable] = []
        var metrics: [StreamingMetric] = []
        try tracer.function(
            "evaluate", inputs: features + labels, keepsUnusedInputs: features.count == 1, reading: averages
        ) { inputs in
            try current.outputs(inputs, .evaluation).metrics.map { measurement in
                let metric = measurement.metric
                if metrics.contains(where: { $0.name == metric.name }) {
                    throw GraphError(
                        "two metrics have the name '\(metric.name)'",
                        remedy: "leave one out, or give it another name: named(\"second_\(metric.name)\")")
                }
                let sums = metric.sums.map {
                    Variable(
                        shape: $0.shape, dtype: $0.dtype, initializer: .zeros,
                        name: "metrics/\(metric.name)/\($0.name)", role: .buffer)
                }
                made += sums
                metrics.append(metric)
                let addends = metric.contributions(measurement.batch)
                scope("metrics/\(metric.name)") {
                    for (sum, addend) in zip(sums, addends) { sum.assignAdd(addend) }
                }
                return (metric.name, metric.result(sums.map(\.value)))
            }
        }
        sums = made
        measuredMetrics = metrics
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
        try tracer.function("train", inputs: features + labels, keepsUnusedInputs: features.count == 1) { inputs in
            try current.trainStep(inputs)
        }
        if let late = tracer.variables.dropFirst(known).first(where: \.variable.isTrainable) {
            throw GraphError(
                "parameter '\(late.path)' is used in training only, so it has no slots to be trained with",
                place: late.variable.place.description,
                remedy: "keep it, or the layer that has it, in a property of the model: what a function makes is a new "
                    + "one at each call")
        }
    }

    mutating func finish() throws -> GraphModule {
        try tracer.initializer(seed: seed)
        tracer.moveToFront("init")
        return try tracer.module()
    }

    /// The model's outputs for placeholders of features and labels.
    func outputs(_ inputs: [Tensor], _ mode: ModelMode) throws -> ModelOutputs {
        let named = zip((features + labels).map(\.name), inputs).map { (name: $0, value: $1) }
        let (given, wanted) = (Features(Array(named.prefix(features.count))), named.dropFirst(features.count))
        let phase = mode == .training ? Phase.training : Phase.inference
        return try phase.run { try model.body(given, Features(mode == .prediction ? [] : Array(wanted)), mode) }
    }

    /// Forward, gradients, one optimizer step a parameter, the counter.
    private func trainStep(_ inputs: [Tensor]) throws -> [(name: String, value: Tensor)] {
        let outputs = try outputs(inputs, .training)
        let loss = try penalties().reduce(Self.loss(of: outputs)) { $0 + $1 }
        let measured = Self.measured(outputs)
        let figures = measured.map { $0.metric.result($0.metric.contributions($0.batch)) }
        let derivatives = derivatives(of: loss, withRespectTo: parameters, keeping: [loss] + figures)
        update(by: derivatives.gradients)
        let names = ["loss"] + measured.map(\.metric.name)
        return Array(zip(names, derivatives.kept)).map { (name: $0, value: $1) }
    }

    /// The values of what is trained, optimizer by optimizer.
    var parameters: [Tensor] { updates.flatMap { $0.parameters.map(\.value) } }

    /// What a step makes small.
    static func loss(of outputs: ModelOutputs) throws -> Tensor {
        guard let loss = outputs.loss else {
            throw GraphError("the model gives no loss in training", remedy: "let ModelOutputs have a loss")
        }
        guard loss.isFailed || loss.rank == 0 else {
            throw GraphError(
                "the model's loss must be one number, got \(loss.type)", place: loss.place?.description,
                remedy: "take its mean() or sum(); a Loss that is reduced(by: .none) cannot be trained with")
        }
        return loss
    }

    /// What a step measures beside the loss.
    static func measured(_ outputs: ModelOutputs) -> [ModelOutputs.Measurement] {
        outputs.metrics.filter { $0.metric.name != "loss" }
    }

    /// One optimizer step by the derivatives of `parameters`, and the counter.
    func update(by gradients: [Tensor]) {
        scope("optimizer") {
            let number = step.value + 1
            var gradients = gradients[...]
            for update in updates {
                update.follow(Array(gradients.prefix(update.parameters.count)), number: number)
                gradients = gradients.dropFirst(update.parameters.count)
            }
            step.assign(number)
        }
    }

    /// What the loss charges for parameters.
    func penalties() -> [Tensor] {
        scope("loss") {
            model.penalties.flatMap { penalty in
                tracer.variables.filter { $0.variable.isTrainable && penalty.parameters.matches($0.path) }
                    .map { penalty.regularizer($0.variable.value).cast(to: outputType.dtype) }
            }
        }
    }
}
