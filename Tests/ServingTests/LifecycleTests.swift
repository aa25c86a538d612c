import Foundation
import Serving
import Testing

/// Servers start, end, and say why they can't.
@Suite struct LifecycleTests {
    private let body = #"{"inputs":[{"name":"x","datatype":"FP32","shape":[1,1],"data":[1]}]}"#

    @Test func aShutdownFinishesWhatIsThere() async throws {
        let (served, gated) = try GatedModel.served()
        defer { gated.open() }
        try await TestServer.with([served]) { client, server in
            let idle = try await Connection(port: client.port)
            #expect(try await idle.send(.GET, "/v2/health/live").status == 200)
            async let running = client.infer("gated", body)
            while gated.calls.isEmpty { await Task.yield() }
            async let waiting = client.infer("gated", body)
            try await client.untilWaiting(1, model: "gated")
            async let shutdown: Void = server.shutdown()
            // Connections between requests are closed at once, and there are no new ones.
            try await idle.closed()
            await #expect(throws: (any Error).self) { _ = try await client.get("/v2/health/live") }
            gated.open()
            let answers = try await [running, waiting]
            #expect(answers.map(\.status) == [200, 200])
            #expect(answers.allSatisfy { $0.headers["Connection"] == ["close"] })
            await shutdown
        }
        #expect(gated.calls.count == 2)
    }

    @Test func aShutdownDoesNotWaitForEver() async throws {
        let (served, gated) = try GatedModel.served()
        try await TestServer.with([served], ServerConfiguration(shutdownTimeout: .milliseconds(50))) { client, server in
            let waiting = Task { try await client.infer("gated", body) }
            while gated.calls.isEmpty { await Task.yield() }
            async let shutdown: Void = server.shutdown()
            await #expect(throws: ConnectionLost.self) { _ = try await waiting.value }
            // The call itself can't be cut short.
            gated.open()
            await shutdown
        }
    }

    @Test func aCancelledTaskEndsTheServer() async throws {
        let server = try InferenceServer(
            models: [try TestServer.model(TestServer.affine)], configuration: ServerConfiguration(port: 0))
        let (starts, start) = AsyncStream.makeStream(of: InferenceServer.Address.self)
        let running = Task { try await server.run { start.yield($0) } }
        for await address in starts {
            #expect(address.description == "http://127.0.0.1:\(address.port)" && address.port != 0)
            break
        }
        running.cancel()
        try await running.value
    }

    @Test func aServerThatWasShutDownDoesNotStart() async throws {
        let server = try InferenceServer(
            models: [try TestServer.model(TestServer.affine)], configuration: ServerConfiguration(port: 0))
        await server.shutdown()
        try await server.run { _ in Issue.record("it started") }
    }

    @Test func anAddressThatCannotBeIsNamed() async throws {
        let model = try TestServer.model(TestServer.affine)
        try await TestServer.with([model]) { client, server in
            let second = try InferenceServer(models: [model], configuration: ServerConfiguration(port: client.port))
            let error = await #expect(throws: ServingError.self) { try await second.run() }
            #expect(error?.place == "server, 127.0.0.1:\(client.port)")
            #expect(error?.actual.contains("Address already in use") ?? false, "\(String(describing: error))")
            let again = await #expect(throws: ServingError.self) { try await server.run() }
            #expect(again?.expected == "one run at a time")
        }
    }

    @Test func whatNoServerCanBeIsRefused() throws {
        let model = try TestServer.model(TestServer.affine)
        for (models, configuration, message) in [
            (
                [], ServerConfiguration(),
                "server: expected at least one model, got none; give a compiled model or a graph"
            ),
            (
                [model, model], ServerConfiguration(),
                "server: expected models of different names, got two called 'affine'; name one NAME=PATH"
            ),
            (
                [model], ServerConfiguration(port: 70_000),
                "server configuration, port: expected 0...65535, got 70000; give 0 for one that is free"
            ),
            (
                [model], ServerConfiguration(maxBatch: 0),
                "server configuration, maxBatch: expected at least 1, got 0; 1 joins no requests"
            ),
            (
                [model], ServerConfiguration(maxDelay: .seconds(-1)),
                "server configuration, maxDelay: expected a time from 0.0 seconds to a day, got -1.0 seconds; correct it"
            ),
        ] {
            let error = #expect(throws: ServingError.self) {
                try InferenceServer(models: models, configuration: configuration)
            }
            #expect(error?.description == message)
        }
    }
}
