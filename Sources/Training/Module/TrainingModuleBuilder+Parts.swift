import GraphIR
import GraphTracing
import HostTensors
import Layers

/// Training on a batch whose parts are with different processes, in two functions with a sum over processes between them:
///
/// * `gradients` takes a part of the batch, and the number of the process for random numbers of its own, and gives `sums`, f32 numbers to add up:
///   what the part adds to the gradients, the loss, the metrics' sums and the running averages, each times how much the part counts,
/// * `apply` takes what was added up, divides, and makes the optimizer's step. It gives what `train` gives.
///
/// `metrics` gives the figures of what `evaluate` has summed up, after the sums of processes were added.
extension TrainingModuleBuilder {
    /// Adds the three functions.
    mutating func addParts() throws {
        let current = self
        var layout = PartLayout()
        let process = (name: "process", type: TensorType(.i64))
        try tracer.function(
            "gradients", inputs: features + labels + [process], keepsUnusedInputs: features.count == 1
        ) { inputs in
            try [("sums", current.partSums(Array(inputs.dropLast()), process: inputs[inputs.count - 1], &layout))]
        }
        try tracer.function("apply", inputs: [("sums", TensorType(.f32, [Dim(layout.count)]))]) { inputs in
            current.apply(layout.values(in: inputs[0]), layout)
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
    private func partSums(_ inputs: [Tensor], process: Tensor, _ layout: inout PartLayout) throws -> Tensor {
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
                "state '\(tracer.path(of: state.variable) ?? state.variable.name ?? "?")', \(state.value.type), is assigned "
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
        layout.types = [TensorType(.f32), TensorType(.f32), loss.type]
        layout.types += contributions.map(\.type) + states.map(\.value.type) + derivatives.gradients.map(\.type)
        let added =
            [examples, counted] + [derivatives.kept[0].cast(to: .f32) * counted]
            + derivatives.kept[1..<(1 + contributions.count)].map { $0.cast(to: .f32) }
            + states.map { $0.value.cast(to: .f32) * examples }
            + derivatives.gradients.map { $0.cast(to: .f32) * counted }
        return concat(added.map { $0.reshaped(to: [Dim.product($0.shape)]) })
    }

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

/// What the numbers that processes add up are, in order: examples, what the loss is divided by, the loss, sums of metrics, states, gradients.
private struct PartLayout {
    var isSum = false
    var metrics: [StreamingMetric] = []
    var states: [Variable] = []
    /// The types of the values.
    var types: [TensorType] = []

    /// How many numbers there are.
    var count: Int { types.reduce(0) { $0 + Self.count(of: $1) } }

    /// The values of their types.
    func values(in sums: Tensor) -> [Tensor] {
        var first = 0
        return types.map { type in
            let count = Self.count(of: type)
            defer { first += count }
            return sums[first..<(first + count)].reshaped(to: type.shape).cast(to: type.dtype)
        }
    }

    private static func count(of type: TensorType) -> Int { Dim.product(type.shape).constant ?? 0 }
}
