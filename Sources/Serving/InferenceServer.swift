import Execution
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A server of models over HTTP, by the REST form of the Open Inference Protocol, version 2.
public final class InferenceServer: Sendable {
    /// The version that the server's metadata names.
    public static let version = StrataVersion.text

    /// Where a server listens.
    public struct Address: Sendable, Hashable, CustomStringConvertible {
        /// The address or name that it was told to listen at.
        public let host: String
        /// The port, which is never 0.
        public let port: Int

        /// `http://127.0.0.1:8000`.
        public var description: String { "http://\(host.contains(":") ? "[\(host)]" : host):\(port)" }
    }

    private enum State {
        case new
        case running(Listener)
        case stopping(Task<Void, Never>)
    }

    /// The models that are served, in order.
    public let models: [ServedModel]
    private let configuration: ServerConfiguration
    private let logger: Logger
    private let state = Mutex(State.new)

    /// A server of these models, which doesn't listen yet; throws a `ServingError` when there are none or two of one name, or for a
    /// configuration that no server can have.
    public init(
        models: [ServedModel], configuration: ServerConfiguration = ServerConfiguration(),
        logger: Logger = Logger(label: "strata.serving")
    ) throws {
        try configuration.check()
        guard !models.isEmpty else {
            throw ServingError(
                "server", expected: "at least one model", actual: "none", remedy: "give a compiled model or a graph")
        }
        var names: Set<String> = []
        for model in models where !names.insert(model.name).inserted {
            throw ServingError(
                "server", expected: "models of different names", actual: "two called '\(model.name)'",
                remedy: "name one NAME=PATH")
        }
        self.models = models
        self.configuration = configuration
        self.logger = logger
    }

    /// Serves until `shutdown()`, or until the task is cancelled, and then finishes the requests that are there.
    ///
    /// `started` is called when the server listens. A server that was shut down before returns at once. Throws a `ServingError`
    /// when it can't listen where it was told to, or runs already.
    public func run(started: @Sendable (Address) -> Void = { _ in }) async throws {
        guard let listener = try await listen() else { return }
        started(listener.address)
        await withTaskCancellationHandler {
            try? await listener.channel.closeFuture.get()
        } onCancel: {
            listener.channel.close(promise: nil)
        }
        await shutdown()
    }

    /// Stops to accept connections, finishes the requests that are there, and ends; returns when that is done.
    public func shutdown() async {
        let task: Task<Void, Never>? = state.withLock { state in
            switch state {
            case .new:
                state = .stopping(Task {})
                return nil
            case .stopping(let task): return task
            case .running(let listener):
                let task = Task { [configuration, logger] in
                    logger.info("shutting down")
                    await listener.shutdown(timeout: configuration.shutdownTimeout, logger)
                    logger.info("stopped")
                }
                state = .stopping(task)
                return task
            }
        }
        await task?.value
    }

    /// Begins to listen; nil if the server is to end before it has begun.
    private func listen() async throws -> Listener? {
        for model in models {
            for remark in model.remarks { logger.warning("\(remark)") }
            logger.info("model '\(model.name)': \(model.function.description); \(model.joining)")
        }
        let listener = try await Listener(models, configuration, logger)
        let (isRunning, isStopping) = state.withLock { state in
            switch state {
            case .new:
                state = .running(listener)
                return (false, false)
            case .running: return (true, false)
            case .stopping: return (false, true)
            }
        }
        guard isRunning || isStopping else { return listener }
        await listener.shutdown(timeout: .zero, logger)
        if isStopping { return nil }
        throw ServingError(
            "server", expected: "one run at a time", actual: "a second one", remedy: "make a server for each")
    }
}

extension ServedModel.Joining: CustomStringConvertible {
    /// What becomes of requests that wait, in words.
    public var description: String {
        switch self {
        case .along(let dim): "requests are joined along \(dim)"
        case .none(let reason): "requests are not joined: \(reason)"
        }
    }
}
