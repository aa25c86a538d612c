import Foundation
import HostTensors
import Serving
import Testing

/// Requests that wait are joined, and each has its own answer.
@Suite struct BatchingTests {
    private func request(_ rows: [[Float]]) -> String {
        #"{"inputs":[{"name":"x","datatype":"FP32","shape":[\#(rows.count),\#(rows[0].count)],"data":\#(rows)}]}"#
    }

    private func answer(_ model: String, _ rows: [[Float]]) -> String {
        let data = rows.flatMap { $0 }.map { "\($0)" }.joined(separator: ",")
        return #"{"model_name":"\#(model)","model_version":"1","outputs":[{"name":"y","datatype":"FP32","#
            + #""shape":[\#(rows.count),\#(rows[0].count)],"data":[\#(data)]}]}"#
    }

    /// Sends requests one after the other, each when the one before waits, while the first one's call is held; gives the answers.
    private func held(
        _ requests: [[[Float]]], _ configuration: ServerConfiguration = ServerConfiguration()
    ) async throws -> (calls: [[Int]], answers: [Answer]) {
        let (served, gated) = try GatedModel.served()
        defer { gated.open() }
        let answers = try await TestServer.with([served], configuration) { client, _ in
            try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
                for (at, rows) in requests.enumerated() {
                    let body = request(rows)
                    group.addTask { (at, try await client.infer("gated", body)) }
                    if at == 0 { while gated.calls.isEmpty { await Task.yield() } }
                    try await client.untilWaiting(at, model: "gated")
                }
                gated.open()
                var answers: [Int: Answer] = [:]
                for try await (at, answer) in group { answers[at] = answer }
                return requests.indices.compactMap { answers[$0] }
            }
        }
        return (gated.calls, answers)
    }

    @Test func requestsThatWaitAreJoined() async throws {
        let requests: [[[Float]]] = [[[0]], [[1], [2]], [[3]], [[4, 5]], [[6]], [[7, 8], [9, 10]]]
        let (calls, answers) = try await held(requests)
        // Those of another width wait for a call of their own.
        #expect(calls == [[1, 1], [4, 1], [3, 2]])
        for (rows, found) in zip(requests, answers) {
            #expect(found.text == answer("gated", rows.map { $0.map { $0 + 1 } }))
        }
    }

    @Test(arguments: [
        (nil as Int?, [[1, 1], [8, 1], [1, 1]]), (4, [[1, 1], [3, 1], [3, 1], [3, 1]]),
        (1, [[1, 1], [3, 1], [3, 1], [3, 1]]),
    ])
    func batchesHaveALimit(maxBatch: Int?, expected: [[Int]]) async throws {
        // Three requests of three rows, or nine of one: as many as fit into the model's 8 rows, or into those allowed.
        let requests: [[[Float]]] =
            maxBatch == nil
            ? Array(repeating: [[0]], count: 10) : [[[0]]] + Array(repeating: [[1], [2], [3]], count: 3)
        let (calls, _) = try await held(requests, ServerConfiguration(maxBatch: maxBatch))
        #expect(calls == expected)
    }

    @Test func aFailureIsOfThoseInTheCall() async throws {
        let (calls, answers) = try await held([[[0]], [[666]], [[1]], [[2, 2]]])
        #expect(calls == [[1, 1], [2, 1], [1, 2]])
        #expect(answers.map(\.status) == [200, 500, 500, 200])
        #expect(answers[1].text == #"{"error":"Broken()"}"#)
    }

    @Test func aFullQueueRefuses() async throws {
        let (served, gated) = try GatedModel.served()
        defer { gated.open() }
        try await TestServer.with([served], ServerConfiguration(maxQueue: 2)) { client, _ in
            let body = request([[1]])
            async let first = client.infer("gated", body)
            while gated.calls.isEmpty { await Task.yield() }
            async let second = client.infer("gated", body)
            async let third = client.infer("gated", body)
            try await client.untilWaiting(2, model: "gated")
            let refused = try await client.infer("gated", body)
            #expect(refused.status == 503 && refused.headers.first(name: "Retry-After") == "1")
            #expect(
                refused.text
                    == #"{"error":"model 'gated': 2 requests wait already, the most that may; try again later"}"#)
            gated.open()
            let statuses = try await [first.status, second.status, third.status]
            #expect(statuses == [200, 200, 200])
            let failures = try await client.metric(#"strata_request_failures_total{model="gated",status="503"}"#)
            #expect(failures == 1)
        }
    }

    @Test func whoIsGoneIsForgotten() async throws {
        let (served, gated) = try GatedModel.served()
        defer { gated.open() }
        try await TestServer.with([served]) { client, _ in
            async let first = client.infer("gated", request([[1]]))
            while gated.calls.isEmpty { await Task.yield() }
            let connection = try await Connection(port: client.port)
            let body = Array(request([[2]]).utf8)
            let lost = Task { try await connection.send(.POST, "/v2/models/gated/infer", body: body) }
            try await client.untilWaiting(1, model: "gated")
            connection.close()
            try await client.untilWaiting(0, model: "gated")
            await #expect(throws: ConnectionLost.self) { _ = try await lost.value }
            let gone = try await client.metric(#"strata_request_failures_total{model="gated",status="499"}"#)
            #expect(gone == 1)
            gated.open()
            let status = try await first.status
            #expect(status == 200)
        }
        #expect(gated.calls == [[1, 1]])
    }

    @Test func aBatchIsWaitedFor() async throws {
        // No call begins before the batch is full, as the delay is longer than any test.
        let (served, gated) = try GatedModel.served()
        gated.open()
        try await TestServer.with([served], ServerConfiguration(maxBatch: 3, maxDelay: .seconds(3600))) { client, _ in
            async let first = client.infer("gated", request([[1]]))
            async let second = client.infer("gated", request([[2]]))
            try await client.untilWaiting(2, model: "gated")
            #expect(gated.calls.isEmpty)
            async let third = client.infer("gated", request([[3]]))
            let statuses = try await [first.status, second.status, third.status]
            #expect(statuses == [200, 200, 200])
        }
        #expect(gated.calls == [[3, 1]])
        // A delay that ends lets a lone request go.
        let (other, lone) = try GatedModel.served()
        lone.open()
        try await TestServer.with([other], ServerConfiguration(maxDelay: .milliseconds(1))) { client, _ in
            let answer = try await client.infer("gated", request([[1]]))
            #expect(answer.status == 200)
        }
    }

    @Test func modelsDoNotWaitForOneAnother() async throws {
        let (served, gated) = try GatedModel.served()
        defer { gated.open() }
        try await TestServer.with([served, try TestServer.model(TestServer.affine)]) { client, _ in
            async let first = client.infer("gated", request([[1]]))
            while gated.calls.isEmpty { await Task.yield() }
            #expect(try await client.infer("affine", request([[1, 0, 0]])).text == answer("affine", [[1, 2]]))
            #expect(try await client.get("/v2/health/ready").status == 200)
            gated.open()
            let status = try await first.status
            #expect(status == 200)
        }
    }

    @Test func aClientThatStopsHalfwayHoldsNobodyUp() async throws {
        try await TestServer.with(
            [try TestServer.model(TestServer.affine)], ServerConfiguration(idleTimeout: .milliseconds(200))
        ) { client, _ in
            let half = "POST /v2/models/affine/infer HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"
            async let stopped = client.exchange(half)
            #expect(try await client.infer("affine", request([[1, 0, 0]])).status == 200)
            // It is cut off when it has been silent for too long.
            let rest = try await stopped
            #expect(rest == "")
        }
    }

    /// Compiled code gives every request the bits that it has alone, whatever it is joined with, on several contexts, too.
    @Test(arguments: [1, 2]) func joinedAnswersHaveTheSameBits(contexts: Int) async throws {
        let graph = """
            module v1 @net {
              dim B in 1...64
              state %w : f32[37,19] parameter "w"
              func @init() {
                %0 = constant value i64[]{3} : i64[]
                %1 = random %0, %0 stream 0 shape [37,19] : f32[37,19]
                update %w = %1
              }
              func @predict(%x: f32[B,37] "x") {
                %0 = dot %x, %w contract [1],[0] : f32[B,19]
                %1 = tanh %0 : f32[B,19]
                output %1 : f32[B,19] "y"
              }
            }

            """
        let rows = (0..<48).map { RandomStream.uniform(seed: 1, stream: 0, step: UInt64($0), count: 37) }
        let served = try TestServer.model(graph, contexts: contexts)
        #expect(served.joining == .along(dim: "B"))
        let alone = try await TestServer.with([served], ServerConfiguration(maxBatch: 1)) { client, _ in
            var answers: [String] = []
            for row in rows { answers.append(try await client.infer("net", request([row])).text) }
            return answers
        }
        // With a delay, so that all are joined, 16 at a time.
        try await TestServer.with([served], ServerConfiguration(maxBatch: 16, maxDelay: .seconds(3600))) { client, _ in
            let joined = try await withThrowingTaskGroup(of: (Int, String).self) { group in
                for (at, row) in rows.enumerated() {
                    let body = request([row])
                    group.addTask { (at, try await client.infer("net", body).text) }
                }
                var answers: [Int: String] = [:]
                for try await (at, answer) in group { answers[at] = answer }
                return rows.indices.map { answers[$0] ?? "" }
            }
            #expect(joined == alone)
            #expect(try await client.metric(#"strata_batch_size_count{model="net"}"#) == 3)
            #expect(try await client.metric(#"strata_batch_size_sum{model="net"}"#) == 48)
        }
    }

    @Test(arguments: [
        (
            "a row depends on others",
            "%0 = reduce %x kind sum axes [0] : f32[3]\n    %1 = broadcast %0 axes [1] shape [B,3] : f32[B,3]",
            "f32[B,3]", "%1", "a row of the results depends on other rows of the batch"
        ),
        (
            "no rows come out", "%0 = reduce %x kind sum axes [0] : f32[3]", "f32[3]", "%0",
            "no named dimension is the first axis of every output and of no input a later one"
        ),
    ])
    func whatCannotBeJoinedIsNot(name: String, body: String, type: String, result: String, reason: String) throws {
        let served = try TestServer.model(
            """
            module v1 @net {
              dim B in 1...64
              func @predict(%x: f32[B,3] "x") {
                \(body)
                output \(result) : \(type) "y"
              }
            }

            """)
        #expect(served.joining == .none(reason: reason))
    }
}
