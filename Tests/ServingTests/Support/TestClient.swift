import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// What a server answered.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as a JSON object.
    func json() throws -> [String: Any] {
        guard let object = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] else {
            throw NoObject()
        }
        return object
    }

    struct NoObject: Error {}
}

/// A plain HTTP client, with a connection for each request.
struct TestClient: Sendable {
    let port: Int

    func get(_ path: String) async throws -> Answer { try await send(.GET, path) }

    func infer(_ model: String, _ body: String) async throws -> Answer {
        try await send(.POST, "/v2/models/\(model)/infer", body: Array(body.utf8))
    }

    func send(
        _ method: HTTPMethod, _ path: String, headers: [(String, String)] = [], body: [UInt8] = []
    ) async throws -> Answer {
        // In one go on the connection's thread: where many tests wait for threads, a connection could be silent for too long.
        try await Connection.open(port: port).flatMap { channel in
            Connection(channel).sent(method, path, headers: headers, body: body).always { _ in
                channel.close(promise: nil)
            }
        }.get()
    }

    /// Sends bytes as they are, and gives all that comes back until the server closes the connection.
    func exchange(_ text: String) async throws -> String {
        let received = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: String.self)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(TextCollector(received))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
        return try await received.futureResult.get()
    }

    /// The value of a metric with these labels.
    func metric(_ name: String) async throws -> Double? {
        let lines = try await get("/metrics").text.split(separator: "\n")
        return lines.first { $0.hasPrefix(name + " ") }.flatMap { Double($0.dropFirst(name.count + 1)) }
    }

    /// Returns when so many requests wait for a model.
    func untilWaiting(_ count: Int, model: String) async throws {
        while try await metric("strata_waiting_requests{model=\"\(model)\"}") != Double(count) { await Task.yield() }
    }
}

/// A connection that is kept, for one request after the other.
struct Connection: Sendable {
    private let channel: any Channel

    fileprivate init(_ channel: any Channel) { self.channel = channel }

    init(port: Int) async throws { channel = try await Self.open(port: port).get() }

    fileprivate static func open(port: Int) -> EventLoopFuture<any Channel> {
        ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(AnswerCollector())
                }
            }
            .connect(host: "127.0.0.1", port: port)
    }

    func send(
        _ method: HTTPMethod, _ path: String, headers: [(String, String)] = [], body: [UInt8] = []
    ) async throws -> Answer {
        try await sent(method, path, headers: headers, body: body).get()
    }

    fileprivate func sent(
        _ method: HTTPMethod, _ path: String, headers: [(String, String)], body: [UInt8]
    ) -> EventLoopFuture<Answer> {
        let promise = channel.eventLoop.makePromise(of: Answer.self)
        var all = HTTPHeaders([("Host", "test"), ("Content-Length", "\(body.count)")])
        for (name, value) in headers { all.add(name: name, value: value) }
        let head = HTTPRequestHead(version: .http1_1, method: method, uri: path, headers: all)
        channel.eventLoop.execute { [channel] in
            do {
                let collector = try channel.pipeline.syncOperations.handler(type: AnswerCollector.self)
                collector.promise = promise
            } catch { return promise.fail(error) }
            channel.write(HTTPClientRequestPart.head(head), promise: nil)
            channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
            channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        }
        return promise.futureResult
    }

    func close() { channel.close(promise: nil) }

    /// Returns when the server has closed the connection.
    func closed() async throws { try await channel.closeFuture.get() }
}

/// The connection ended before there was an answer.
struct ConnectionLost: Error {}

private final class AnswerCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    var promise: EventLoopPromise<Answer>?
    private var head: HTTPResponseHead?
    private var body = ByteBuffer()

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): (self.head, body) = (head, ByteBuffer())
        case .body(var part): body.writeBuffer(&part)
        case .end:
            guard let head, let promise else { return }
            self.promise = nil
            promise.succeed(
                Answer(status: Int(head.status.code), headers: head.headers, body: Array(body.readableBytesView)))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise?.fail(ConnectionLost())
        promise = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

private final class TextCollector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let promise: EventLoopPromise<String>
    private var received = ByteBuffer()

    init(_ promise: EventLoopPromise<String>) { self.promise = promise }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var part = unwrapInboundIn(data)
        received.writeBuffer(&part)
    }

    func channelInactive(context: ChannelHandlerContext) { promise.succeed(String(buffer: received)) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
