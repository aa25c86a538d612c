import Foundation
import Serving
import Testing

/// What is counted, in Prometheus' text format.
@Suite struct MetricsTests {
    @Test func requestsAndCallsAreCounted() async throws {
        try await TestServer.with([try TestServer.model(TestServer.affine)]) { client, _ in
            let right = #"{"inputs":[{"name":"x","datatype":"FP32","shape":[3,3],"data":[1,0,0,1,0,0,1,0,0]}]}"#
            for body in [right, right, "wrong"] { _ = try await client.infer("affine", body) }
            let answer = try await client.get("/metrics")
            #expect(answer.headers["Content-Type"] == ["text/plain; version=0.0.4; charset=utf-8"])
            for line in [
                "# TYPE strata_requests_total counter", #"strata_requests_total{model="affine"} 3"#,
                #"strata_request_failures_total{model="affine",status="400"} 1"#,
                #"strata_waiting_requests{model="affine"} 0"#, "# TYPE strata_batch_size histogram",
                #"strata_batch_size_bucket{model="affine",le="2"} 0"#,
                #"strata_batch_size_bucket{model="affine",le="4"} 2"#,
                #"strata_batch_size_bucket{model="affine",le="+Inf"} 2"#, #"strata_batch_size_sum{model="affine"} 6.0"#,
                #"strata_batch_size_count{model="affine"} 2"#,
                #"strata_request_duration_seconds_bucket{model="affine",le="+Inf"} 3"#,
                #"strata_call_duration_seconds_count{model="affine"} 2"#,
            ] {
                #expect(answer.text.contains(line + "\n"), "\(line) is not in:\n\(answer.text)")
            }
            // Each line is a comment, or a name with labels and a number.
            for line in answer.text.split(separator: "\n") where !line.hasPrefix("# ") {
                let words = line.split(separator: " ")
                #expect(words.count == 2 && words[0].hasPrefix("strata_") && Double(words[1]) != nil, "\(line)")
            }
        }
    }
}
