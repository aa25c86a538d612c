import GraphIR
import GraphTracing
import HostTensors

/// A figure gathered batch by batch in sums that live in the graph's state.
///
/// A batch contributes an addend to each sum; the figure is computed from the sums. Sums of parts of the data add up, so
/// the figures of several machines merge by addition.
public struct StreamingMetric: Sendable {
    /// What one batch is measured by.
    public struct Batch: Sendable {
        /// The model's outputs.
        public var outputs: Tensor
        /// The labels.
        public var labels: Tensor
        /// The loss of each example or element.
        public var losses: Tensor
        /// How much each example or element counts; nil if all count the same.
        public var weights: Tensor?

        /// Describes a batch.
        public init(outputs: Tensor, labels: Tensor, losses: Tensor, weights: Tensor? = nil) {
            self.outputs = outputs
            self.labels = labels
            self.losses = losses
            self.weights = weights
        }
    }

    /// One sum: a state that starts at zero.
    public struct Sum: Sendable {
        /// Its name among the metric's sums: `total`.
        public let name: String
        /// Its element type.
        public let dtype: DType
        /// Its shape; one number unless said otherwise.
        public let shape: [Int]

        /// Describes a sum.
        public init(_ name: String, _ dtype: DType = .f64, shape: [Int] = []) {
            self.name = name
            self.dtype = dtype
            self.shape = shape
        }
    }

    /// The figure's name: `accuracy`.
    public let name: String
    /// The sums.
    public let sums: [Sum]
    private let measure: @Sendable (Batch) -> [Tensor]
    private let compute: @Sendable ([Tensor]) -> Tensor

    /// Makes a metric from its sums, what a batch adds to each, and the figure (f32, mostly one number) they give.
    public init(
        _ name: String, sums: [Sum], measure: @escaping @Sendable (Batch) -> [Tensor],
        result: @escaping @Sendable ([Tensor]) -> Tensor
    ) {
        self.name = name
        self.sums = sums
        self.measure = measure
        compute = result
    }

    /// What a batch adds to each sum.
    public func contributions(_ batch: Batch) -> [Tensor] {
        scope("metrics/\(name)") { zip(measure(batch), sums).map { $0.cast(to: $1.dtype, file: "", line: 0) } }
    }

    /// The figure that sums give, of `f32`.
    public func result(_ sums: [Tensor]) -> Tensor {
        scope("metrics/\(name)") { compute(sums).cast(to: .f32, file: "", line: 0) }
    }

    /// The same metric under another name.
    public func named(_ name: String) -> StreamingMetric {
        StreamingMetric(name, sums: sums, measure: measure, result: compute)
    }
}

extension StreamingMetric {
    /// A figure that is the weighted mean of values measured on each batch: Σ w·v / Σ w.
    public static func mean(
        _ name: String, of values: @escaping @Sendable (Batch) -> Tensor,
        result: @escaping @Sendable (Tensor) -> Tensor = { $0 }
    ) -> StreamingMetric {
        StreamingMetric(
            name, sums: [Sum("total"), Sum("count")],
            measure: { batch in
                let values = values(batch)
                return PlaceScope.withoutLines { [batch.total(values), batch.count(of: values)] }
            },
            result: { sums in
                let mean = PlaceScope.withoutLines { sums[0].dividedIfNotZero(by: sums[1]) }
                return result(mean)
            })
    }

    /// A figure that is the weighted sum of values measured on each batch: Σ w·v.
    public static func sum(
        _ name: String, of values: @escaping @Sendable (Batch) -> Tensor
    ) -> StreamingMetric {
        StreamingMetric(
            name, sums: [Sum("total")],
            measure: { batch in
                let values = values(batch)
                return [PlaceScope.withoutLines { batch.total(values) }]
            }, result: { $0[0] })
    }

    /// The mean of any loss, whatever the model is trained with; what this loss ignores or weighs counts accordingly.
    public static func mean(of loss: Loss) -> StreamingMetric {
        StreamingMetric(
            loss.name, sums: [Sum("total"), Sum("count")],
            measure: { batch in
                var batch = batch
                batch.weights = loss.weights(labels: batch.labels, weights: batch.weights)
                let values = loss.values(outputs: batch.outputs, labels: batch.labels)
                return PlaceScope.withoutLines { [batch.total(values), batch.count(of: values)] }
            }, result: { sums in PlaceScope.withoutLines { sums[0].dividedIfNotZero(by: sums[1]) } })
    }

    /// A metric of this library, which records no lines of its own.
    static func builtIn(
        _ name: String, sums: [Sum], measure: @escaping @Sendable (Batch) -> [Tensor],
        result: @escaping @Sendable ([Tensor]) -> Tensor
    ) -> StreamingMetric {
        StreamingMetric(
            name, sums: sums, measure: { batch in PlaceScope.withoutLines { measure(batch) } },
            result: { sums in PlaceScope.withoutLines { result(sums) } })
    }

    /// A mean of this library, which records no lines of its own.
    static func builtInMean(
        _ name: String, of values: @escaping @Sendable (Batch) -> Tensor,
        result: @escaping @Sendable (Tensor) -> Tensor = { $0 }
    ) -> StreamingMetric {
        mean(
            name, of: { batch in PlaceScope.withoutLines { values(batch) } },
            result: { mean in PlaceScope.withoutLines { result(mean) } })
    }
}

extension StreamingMetric.Batch {
    /// Values, each times its weight.
    func weighted(_ values: Tensor) -> Tensor { weights.map { values.weighted(by: $0.weighting(values)) } ?? values }

    /// The weighted sum of values.
    func total(_ values: Tensor) -> Tensor { weighted(values).sum() }

    /// The sum of the weights of values; how many there are if there are no weights.
    func count(of values: Tensor) -> Tensor {
        if values.isFailed { return values }
        return weights.map { $0.weighting(values).sum() } ?? Tensor.count(of: values.shape, dtype: values.floatDType)
    }
}
