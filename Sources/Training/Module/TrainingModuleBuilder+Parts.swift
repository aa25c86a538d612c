import GraphIR
import GraphTracing
import HostTensors
import Layers

/// Training on a batch whose parts are with different processes, in two functions with a sum over processes between them:
///
/// * `gradients` takes a part of the batch, and the number of the process for random numbers of its own, and gives f32 tensors to add up: what the
///   part adds to the gradients, the loss, the metrics' sums and the running averages, each times how much the part counts,
/// * `apply` takes the sums of those, divides, and makes the optimizer's step. It gives what `train` gives.
///
/// `metrics` gives the figures of what `evaluate` has summed up, after the sums of processes were added.
extension TrainingModuleBuilder {
    /// Adds the three functions.
    mutating func addParts() throws {
        let current = self
        var layout = PartLayout()
        let process = (name: TrainingModule.processInput, type: TensorType(.i64))
        try tracer.function(
            "gradients", inputs: features + labels + [process], keepsUnusedInputs: features.count == 1
        ) { inputs in
            try current.partSums(Array(inputs.dropLast()), process: inputs[inputs.count - 1], &layout)
        }
        let parts = layout.entries.map { (name: $0.name, type: TensorType(.f32, $0.type.shape)) }
        try tracer.function("apply", inputs: parts) { inputs in
            current.apply(zip(inputs, layout.entries).map { $0.cast(to: $1.type.dtype) }, layout)
        }
        let (metrics, sums) = (measuredMetrics, sums)
        try tracer.function("metrics") { _ in
            var sums = sums[...]
            return metrics.map { metric in
                defer { sums = sums.dropFirst(metric.sums.count) }
                return (metric.name, metric.result(sums.prefix(metric.sums.count).map(\.value)))
            }
        }
    }

    /// What one part of a batch adds to the sums over all parts.
    private func partSums(
        _ inputs: [Tensor], process: Tensor, _ layout: inout PartLayout
    ) throws -> [(name: String, value: Tensor)] {
        // Any large odd number: processes that begin at neighbouring seeds shall not use each other's.
        seed.assign(seed.value + process * Tensor(HostTensor(scalar: Int64(0x9E37_79B1))))
        let outputs = try outputs(inputs, .training)
        let loss = try Self.loss(of: outputs)
        let measured = Self.measured(outputs)
        let contributions = measured.flatMap { $0.metric.contributions($0.batch) }
        var weight: Tensor?
        if case .weightedMean(let sum) = outputs.combination { weight = sum }
        let kept = [loss] + contributions + (weight.map { [$0] } ?? [])
        let derivatives = derivatives(of: loss, withRespectTo: parameters, keeping: kept)
        let states = ModuleTracer.withdrawAssignments().filter { $0.variable !== seed }
        for state in states where state.value.dtype.isInteger || state.value.dtype == .bool {
            throw GraphError(
                "state '\(path(of: state.variable))', \(state.value.type), is assigned "
                    + "in training, and parts of a batch have no mean of it",
                remedy: "train in one process, or keep it as floating-point numbers")
        }
        let examples = Tensor.count(of: [Dim(symbol: batch.name)], dtype: .f32)
        let counted: Tensor
        switch outputs.combination {
        case .mean: counted = examples
        case .weightedMean: counted = derivatives.kept[kept.count - 1].cast(to: .f32)
        case .sum: counted = .full(1, TensorType(.f32))
        }
        layout.isSum = if case .sum = outputs.combination { true } else { false }
        layout.metrics = measured.map(\.metric)
        layout.states = states.map(\.variable)
        layout.add("examples", examples)
        layout.add("weight", counted)
        layout.add("loss", derivatives.kept[0], times: counted)
        for (at, contribution) in derivatives.kept[1..<(1 + contributions.count)].enumerated() {
            layout.add("metric_\(at)", contribution)
        }
        for (variable, value) in states { layout.add("state_\(path(of: variable))", value, times: examples) }
        for (parameter, gradient) in zip(updates.flatMap(\.parameters), derivatives.gradients) {
            layout.add("gradient_\(path(of: parameter))", gradient, times: counted)
        }
        return layout.entries.map { ($0.name, $0.value) }
    }

    private func path(of variable: Variable) -> String { tracer.path(of: variable) ?? variable.name ?? "" }

    /// The step that the sums over all parts call for.
    private func apply(_ sums: [Tensor], _ layout: PartLayout) -> [(name: String, value: Tensor)] {
        let examples = sums[0]
        func mean(_ sum: Tensor) -> Tensor {
            layout.isSum ? sum : sum.cast(to: .f32) / select(sums[1] .== 0, Tensor.full(1, sums[1].type), sums[1])
        }
        var rest = sums[3...]
        var figures: [(name: String, value: Tensor)] = []
        for metric in layout.metrics {
            figures.append((metric.name, metric.result(Array(rest.prefix(metric.sums.count)))))
            rest = rest.dropFirst(metric.sums.count)
        }
        for state in layout.states {
            guard let sum = rest.popFirst() else { continue }
            state.assign((sum.cast(to: .f32) / examples).cast(to: sum.dtype))
        }
        var loss = mean(sums[2]).cast(to: sums[2].dtype)
        var gradients = rest.map { mean($0).cast(to: $0.dtype) }
        let penalties = penalties()
        if let first = penalties.first {
            let penalty = penalties.dropFirst().reduce(first) { $0 + $1 }
            let derivatives = derivatives(of: penalty, withRespectTo: parameters, keeping: [penalty])
            loss = loss + derivatives.kept[0]
            gradients = zip(gradients, derivatives.gradients).map { $0 + $1 }
        }
        update(by: gradients)
        return [("loss", loss)] + figures
    }
}

/// What processes add up, in order: examples, what the loss is divided by, the loss, sums of metrics, states, gradients.
private struct PartLayout {
    /// One tensor: f32 for the sum, of the type it had before.
    struct Entry {
        var name: String
        var value: Tensor
        var type: TensorType
    }

    var isSum = false
    var metrics: [StreamingMetric] = []
    var states: [Variable] = []
    private(set) var entries: [Entry] = []

    /// Adds a tensor, times how much it counts; its name becomes an identifier that no other has.
    mutating func add(_ name: String, _ value: Tensor, times count: Tensor? = nil) {
        var identifier = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        while entries.contains(where: { $0.name == identifier }) { identifier += "_" }
        let number = value.cast(to: .f32)
        entries.append(Entry(name: identifier, value: count.map { number * $0 } ?? number, type: value.type))
    }
}
