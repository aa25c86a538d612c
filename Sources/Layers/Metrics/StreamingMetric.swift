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

        /// Describes a batch.
        public init(outputs: Tensor, labels: Tensor, losses: Tensor) {
            self.outputs = outputs
            self.labels = labels
            self.losses = losses
        }
    }

    /// The figure's name: `accuracy`.
    public let name: String
    /// The sums with their dtypes; each is one number.
    public let sums: [(name: String, dtype: DType)]
    private let measure: @Sendable (Batch) -> [Tensor]
    private let compute: @Sendable ([Tensor]) -> Tensor

    /// Makes a metric from its sums, what a batch adds to each, and the figure (f32) they give.
    public init(
        _ name: String, sums: [(name: String, dtype: DType)], measure: @escaping @Sendable (Batch) -> [Tensor],
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

    /// The figure that sums give, `f32[]`.
    public func result(_ sums: [Tensor]) -> Tensor {
        scope("metrics/\(name)") { compute(sums).cast(to: .f32, file: "", line: 0) }
    }

    /// A figure that is the mean of values measured on each batch, counted exactly.
    public static func mean(
        _ name: String, of values: @escaping @Sendable (Batch) -> Tensor,
        result: @escaping @Sendable (Tensor) -> Tensor = { $0 }
    ) -> StreamingMetric {
        StreamingMetric(
            name, sums: [("total", .f64), ("count", .i64)],
            measure: { batch in
                let values = values(batch)
                return [values.sum(file: "", line: 0), Tensor.count(of: values.shape, dtype: .f32)]
            },
            result: { sums in
                let count = sums[1].cast(to: .f64, file: "", line: 0)
                return result(sums[0] / maximum(count, 1, file: "", line: 0))
            })
    }
}

extension StreamingMetric {
    /// The mean loss.
    public static let loss = mean("loss") { $0.losses }

    /// The share of examples whose largest output is the label's.
    public static let accuracy = mean("accuracy") { batch in
        let choice = batch.outputs.argmax(file: "", line: 0)
        let isRight = choice .== batch.labels.cast(to: .i32, file: "", line: 0)
        return isRight.cast(to: .f32, file: "", line: 0)
    }

    /// The share of independent targets on whose side of ½ the logistic function of the logit is.
    public static let binaryAccuracy = mean("accuracy") { batch in
        let says = (batch.outputs .> 0).cast(to: .f32, file: "", line: 0)
        let is1 = (batch.labels .> 0.5).cast(to: .f32, file: "", line: 0)
        return (says .== is1).cast(to: .f32, file: "", line: 0)
    }

    /// The root of the mean squared difference of outputs and labels.
    public static let rootMeanSquaredError = mean(
        "rmse",
        of: { batch in
            let difference = batch.outputs - batch.labels
            return difference * difference
        }, result: { sqrt($0, file: "", line: 0) })

    /// The mean of the outputs.
    public static let meanOutput = mean("mean") { $0.outputs }
}
