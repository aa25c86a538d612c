import NIOCore
import NIOHTTP1

/// One connection: collects requests, one after the other, and writes their answers.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// Between requests.
        case idle
        case receiving(HTTPRequestHead, ByteBuffer)
        /// The request was answered before it was there as a whole; so many more bytes are passed over.
        case discarding(Int)
        case answering(cancel: @Sendable () -> Void)
    }

    private let service: InferenceService
    private let maxBodyBytes: Int
    /// Whether the server is about to end.
    private let isStopping: @Sendable () -> Bool
    private var state = State.idle

    init(_ service: InferenceService, maxBodyBytes: Int, isStopping: @escaping @Sendable () -> Bool) {
        self.service = service
        self.maxBodyBytes = maxBodyBytes
        self.isStopping = isStopping
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), _): begin(head, context)
        case (.body(var part), .receiving(let head, var body)):
            guard body.readableBytes + part.readableBytes <= maxBodyBytes else { return refuse(head, context) }
            // The buffer has one owner while it grows.
            state = .idle
            body.writeBuffer(&part)
            state = .receiving(head, body)
        case (.body(let part), .discarding(let rest)):
            guard part.readableBytes <= rest else { return context.close(promise: nil) }
            state = .discarding(rest - part.readableBytes)
        case (.end, .receiving(let head, let body)): answer(head, body, context)
        case (.end, .discarding): context.close(promise: nil)
        default: break
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let length = head.headers.first(name: "Content-Length").flatMap { Int($0) }
        guard length ?? 0 <= maxBodyBytes else { return refuse(head, context) }
        if head.headers.first(name: "Expect")?.lowercased() == "100-continue" {
            context.writeAndFlush(
                wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: .continue))), promise: nil)
        }
        // No more memory than has come: a length is easily claimed.
        state = .receiving(head, context.channel.allocator.buffer(capacity: min(length ?? 0, 1 << 16)))
    }

    /// Answers that the body is too large, and passes over what is still to come, so that the client reads the answer.
    private func refuse(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        state = .discarding(maxBodyBytes)
        let failure = RequestFailure(
            status: .payloadTooLarge, message: "the body: expected at most \(maxBodyBytes) bytes, got more")
        write(.failure(failure), to: head, keepsAlive: false, context)
    }

    private func answer(_ head: HTTPRequestHead, _ body: ByteBuffer, _ context: ChannelHandlerContext) {
        let pending = service.answer(
            HTTPRequest(method: head.method, uri: head.uri, headers: head.headers, body: body), on: context.eventLoop)
        state = .answering(cancel: pending.cancel)
        pending.answer.assumeIsolated().whenSuccess { [self] answer in
            guard case .answering = state else { return }
            state = .idle
            let keepsAlive = head.isKeepAlive && !isStopping()
            write(answer, to: head, keepsAlive: keepsAlive, context)
        }
    }

    private func write(
        _ answer: HTTPAnswer, to request: HTTPRequestHead, keepsAlive: Bool, _ context: ChannelHandlerContext
    ) {
        var headers = HTTPHeaders([
            ("Content-Type", answer.contentType), ("Content-Length", "\(answer.body.readableBytes)"),
        ])
        for (name, value) in answer.headers { headers.add(name: name, value: value) }
        if !keepsAlive {
            headers.add(name: "Connection", value: "close")
        } else if request.version == .http1_0 {
            headers.add(name: "Connection", value: "keep-alive")
        }
        let head = HTTPResponseHead(version: request.version, status: answer.status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        // What follows the head of an answer to HEAD would be taken for the next answer.
        if request.method != .HEAD { context.write(wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil) }
        let isWhole = if case .discarding = state { false } else { true }
        context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
            if !keepsAlive, isWhole { context.close(promise: nil) }
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is IdleStateHandler.IdleStateEvent else { return context.fireUserInboundEventTriggered(event) }
        // Who waits for an answer is silent for a good reason.
        if case .answering = state { return }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if case .answering(let cancel) = state { cancel() }
        state = .idle
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A connection that broke, or a client that does not speak HTTP.
        context.close(promise: nil)
    }
}
