import NIOCore
import Synchronization

/// What is counted of one model's requests and calls.
final class ModelMetrics: Sendable {
    struct Values {
        var requests = 0
        /// By status.
        var failures: [UInt: Int] = [:]
        var requestSeconds = Histogram.seconds
        var callSeconds = Histogram.seconds
        var batchRows = Histogram.rows
    }

    private let values = Mutex(Values())

    /// Counts an answer of that status, so long after the request was there as a whole.
    func answered(status: UInt, time: TimeAmount) {
        values.withLock {
            $0.requests += 1
            if status != 200 { $0.failures[status, default: 0] += 1 }
            $0.requestSeconds.add(time.seconds)
        }
    }

    /// Counts a call.
    func called(rows: Int, time: TimeAmount) {
        values.withLock {
            $0.batchRows.add(Double(rows))
            $0.callSeconds.add(time.seconds)
        }
    }

    /// The counts as they are now.
    var now: Values { values.withLock { $0 } }
}

extension TimeAmount {
    fileprivate var seconds: Double { Double(nanoseconds) / 1e9 }
}

extension ModelMetrics {
    /// All metrics of all models, in Prometheus' text format.
    static func text(_ models: [(name: String, metrics: ModelMetrics, waiting: Int)]) -> String {
        let all = models.map {
            (labels: "model=\(PrometheusText.quoted($0.name))", values: $0.metrics.now, waiting: $0.waiting)
        }
        var text = PrometheusText.head("strata_requests_total", "counter", "Inference requests that were answered.")
        for model in all { text += "strata_requests_total{\(model.labels)} \(model.values.requests)\n" }
        text += PrometheusText.head(
            "strata_request_failures_total", "counter", "Inference requests that were answered by an error, by status.")
        for model in all {
            for (status, count) in model.values.failures.sorted(by: { $0.key < $1.key }) {
                text += "strata_request_failures_total{\(model.labels),status=\"\(status)\"} \(count)\n"
            }
        }
        text += PrometheusText.head("strata_waiting_requests", "gauge", "Inference requests whose call has not begun.")
        for model in all { text += "strata_waiting_requests{\(model.labels)} \(model.waiting)\n" }
        text += PrometheusText.head(
            "strata_request_duration_seconds", "histogram", "From a whole request to its answer.")
        for model in all {
            text += model.values.requestSeconds.lines("strata_request_duration_seconds", labels: model.labels)
        }
        text += PrometheusText.head("strata_call_duration_seconds", "histogram", "Of calls of the model.")
        for model in all {
            text += model.values.callSeconds.lines("strata_call_duration_seconds", labels: model.labels)
        }
        text += PrometheusText.head("strata_batch_size", "histogram", "Rows of a call.")
        for model in all { text += model.values.batchRows.lines("strata_batch_size", labels: model.labels) }
        return text
    }
}
