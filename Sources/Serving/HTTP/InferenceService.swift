import Execution
import Foundation
import HostTensors
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// What the server does, without a network: it answers requests.
final class InferenceService: Sendable {
    private struct Served: Sendable {
        let model: ServedModel
        let queue: RequestQueue
        let metrics: ModelMetrics
    }

    /// Bodies from this size are read, and as long answers written, on other threads than those that serve connections.
    private static let largeByteCount = 1 << 16

    private let served: [Served]
    private let names: [String]
    private let calls: NIOThreadPool
    private let codecs: NIOThreadPool
    private let logger: Logger

    /// A service of these models; its threads run until `shutdown()`.
    init(_ models: [ServedModel], configuration: ServerConfiguration, timers: any EventLoopGroup, logger: Logger) {
        self.logger = logger
        calls = NIOThreadPool(numberOfThreads: models.reduce(0) { $0 + $1.contexts.count })
        codecs = NIOThreadPool(numberOfThreads: 2)
        calls.start()
        codecs.start()
        names = models.map(\.name)
        served = models.map { [calls] model in
            let metrics = ModelMetrics()
            let queue = RequestQueue(
                model, configuration: configuration, metrics: metrics, threads: calls, timers: timers)
            return Served(model: model, queue: queue, metrics: metrics)
        }
    }

    /// Ends the threads, when nobody waits for an answer any more.
    func shutdown() async {
        try? await calls.shutdownGracefully()
        try? await codecs.shutdownGracefully()
    }

    /// Answers a request; the future belongs to the event loop.
    func answer(_ request: HTTPRequest, on loop: any EventLoop) -> PendingAnswer {
        do {
            let route = try Route(request.method, uri: request.uri, models: names)
            if case .infer(let name) = route, let served = served.first(where: { $0.model.name == name }) {
                return infer(request, served, on: loop)
            }
            return PendingAnswer(answer: loop.makeSucceededFuture(describe(route))) {}
        } catch {
            return PendingAnswer(answer: loop.makeSucceededFuture(Self.failure(error))) {}
        }
    }

    private func describe(_ route: Route) -> HTTPAnswer {
        switch route {
        case .live: return .json("{\"live\":true}")
        case .ready: return .json("{\"ready\":true}")
        case .server: return .json(Metadata.server())
        case .models: return .json(Metadata.models(names))
        case .modelReady(let name): return .json(Metadata.ready(name, true))
        case .model(let name), .infer(let name):
            guard let found = served.first(where: { $0.model.name == name }) else { return .json("{}") }
            return .json(Metadata.model(found.model))
        case .metrics:
            let text = ModelMetrics.text(served.map { ($0.model.name, $0.metrics, $0.queue.count) })
            return HTTPAnswer(status: .ok, contentType: PrometheusText.contentType, body: ByteBuffer(string: text))
        }
    }

    private func infer(_ request: HTTPRequest, _ served: Served, on loop: any EventLoop) -> PendingAnswer {
        let start = NIODeadline.now()
        let ticket = Ticket()
        let model = served.model
        let isLarge = request.body.readableBytes >= Self.largeByteCount
        let answer = work(on: loop, elsewhere: isLarge) { try Self.read(request, for: model) }
            .flatMap { [self] read in
                let promise = loop.makePromise(of: NamedTensors.self)
                do {
                    ticket.take(try served.queue.submit(read.call, promise), of: served.queue)
                } catch {
                    promise.fail(error)
                }
                return promise.futureResult.flatMap { [self] results in
                    let bytes = results.values.reduce(0) { $0 + $1.byteCount }
                    return work(on: loop, elsewhere: bytes >= Self.largeByteCount) {
                        Self.write(results, for: read.request, of: model)
                    }
                }
            }
            .flatMapError { loop.makeSucceededFuture(Self.failure($0)) }
        answer.whenSuccess { [logger] answer in
            let time = NIODeadline.now() - start
            served.metrics.answered(status: answer.status.code, time: time)
            logger.debug("model '\(model.name)': status \(answer.status.code), \(time.nanoseconds / 1000) µs")
            if answer.status == .internalServerError {
                logger.error("model '\(model.name)': \(String(buffer: answer.body))")
            }
        }
        return PendingAnswer(answer: answer) { ticket.giveBack() }
    }

    /// Does a piece of work, at once or on another thread.
    private func work<Value: Sendable>(
        on loop: any EventLoop, elsewhere: Bool, _ body: @escaping @Sendable () throws -> Value
    ) -> EventLoopFuture<Value> {
        if elsewhere { return codecs.runIfActive(eventLoop: loop, body) }
        return loop.makeCompletedFuture(withResultOf: body)
    }

    /// A request that was read, and the call that it asks for.
    private struct Read: Sendable {
        let request: InferenceRequest
        let call: BoundCall
    }

    private static func read(_ request: HTTPRequest, for model: ServedModel) throws -> Read {
        if let encoding = request.headers.first(name: "Content-Encoding"), encoding.lowercased() != "identity" {
            throw RequestFailure(
                status: .unsupportedMediaType,
                message: "header Content-Encoding: expected none, got '\(encoding)'; send the body as it is")
        }
        let jsonLength = try request.headers.first(name: "Inference-Header-Content-Length").map { text in
            guard let length = Int(text), length >= 0 else {
                throw RequestFailure.badRequest(
                    "header Inference-Header-Content-Length: expected a number of bytes, got '\(text)'")
            }
            return length
        }
        let read = try request.body.withUnsafeReadableBytes {
            try InferenceRequest(body: $0, jsonLength: jsonLength, function: model.function)
        }
        do {
            return Read(request: read, call: try model.signature.bind(model.function.name, read.inputs))
        } catch let error as ExecutionError {
            throw RequestFailure.badRequest("model '\(model.name)', \(error)")
        }
    }

    private static func write(_ results: NamedTensors, for request: InferenceRequest, of model: ServedModel)
        -> HTTPAnswer
    {
        let response = InferenceResponse(
            model: model.name, version: Metadata.version, id: request.id, outputs: request.outputs, results: results,
            allocator: ByteBufferAllocator())
        guard let jsonLength = response.jsonLength else {
            return HTTPAnswer(status: .ok, contentType: "application/json", body: response.body)
        }
        return HTTPAnswer(
            status: .ok, contentType: "application/octet-stream",
            headers: [("Inference-Header-Content-Length", "\(jsonLength)")], body: response.body)
    }

    private static func failure(_ error: any Error) -> HTTPAnswer {
        switch error {
        case let failure as RequestFailure: .failure(failure)
        case let error as TensorError: .failure(.badRequest("\(error)"))
        default: .failure(RequestFailure(status: .internalServerError, message: "\(error)"))
        }
    }
}

/// A place in a queue that may be given back.
private final class Ticket: Sendable {
    private enum State {
        case none, gone
        case taken(Int, RequestQueue)
    }

    private let state = Mutex(State.none)

    /// The request is in the queue now; if its client is gone, it is taken out again.
    func take(_ number: Int, of queue: RequestQueue) {
        let isGone = state.withLock { state in
            if case .gone = state { return true }
            state = .taken(number, queue)
            return false
        }
        if isGone { queue.cancel(number) }
    }

    func giveBack() {
        let last = state.withLock { state in
            defer { state = .gone }
            return state
        }
        if case .taken(let number, let queue) = last { queue.cancel(number) }
    }
}
