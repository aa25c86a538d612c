import Execution
import Foundation
import GraphIR
import HostTensors
import Serving

/// Servers of small models, each on a port of its own.
enum TestServer {
    /// Serves while `body` runs, and shuts down; `configuration`'s port is taken for 0.
    static func with<Value: Sendable>(
        _ models: [ServedModel], _ configuration: ServerConfiguration = ServerConfiguration(),
        _ body: (TestClient, InferenceServer) async throws -> Value
    ) async throws -> Value {
        var configuration = configuration
        configuration.port = 0
        // A test may wait for a thread longer than a client would.
        if configuration.idleTimeout == ServerConfiguration().idleTimeout { configuration.idleTimeout = .seconds(3600) }
        let server = try InferenceServer(models: models, configuration: configuration)
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let running = Task {
            defer { port.finish() }
            try await server.run { port.yield($0.port) }
        }
        var found: Int?
        for await port in ports {
            found = port
            break
        }
        guard let found else {
            try await running.value
            throw NeverStarted()
        }
        do {
            let value = try await body(TestClient(port: found), server)
            await server.shutdown()
            try await running.value
            return value
        } catch {
            await server.shutdown()
            throw error
        }
    }

    struct NeverStarted: Error {}

    /// A compiled model of a graph, after its `init` if it has one.
    static func model(_ graph: String, contexts: Int = 1, function: String = "predict") throws -> ServedModel {
        let module = try GraphModule(text: graph)
        try verify(module)
        let models = try (0..<contexts).map { _ in
            let model = try Model(module, threads: 1)
            if model.signature.hasFunction(named: "init") { try model.run("init") }
            return model
        }
        return try ServedModel(contexts: models, function: function)
    }

    /// `y = relu(x · w)` with w = [[1, 2], [3, 4], [5, 6]].
    static let affine = """
        module v1 @affine {
          dim B in 1...64
          state %w : f32[3,2] parameter "w"
          func @init() {
            %0 = constant value f32[3,2]{1, 2, 3, 4, 5, 6} : f32[3,2]
            update %w = %0
          }
          func @predict(%x: f32[B,3] "x") {
            %0 = dot %x, %w contract [1],[0] : f32[B,2]
            %1 = relu %0 : f32[B,2]
            output %1 : f32[B,2] "y"
          }
        }

        """
}
