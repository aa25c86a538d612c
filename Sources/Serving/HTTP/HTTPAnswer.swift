import NIOCore
import NIOHTTP1

/// What the server answers to one request.
struct HTTPAnswer: Sendable {
    var status: HTTPResponseStatus
    var contentType: String
    var headers: [(String, String)] = []
    var body: ByteBuffer

    /// JSON.
    static func json(_ text: String, status: HTTPResponseStatus = .ok) -> HTTPAnswer {
        HTTPAnswer(status: status, contentType: "application/json", body: ByteBuffer(string: text))
    }

    /// An error, as the protocol writes it.
    static func failure(_ failure: RequestFailure) -> HTTPAnswer {
        var answer = json(Metadata.error(failure.message), status: failure.status)
        answer.headers = failure.headers
        return answer
    }
}

/// A whole request.
struct HTTPRequest: Sendable {
    let method: HTTPMethod
    /// The path and what follows it.
    let uri: String
    let headers: HTTPHeaders
    let body: ByteBuffer
}

/// An answer that is being computed.
struct PendingAnswer: Sendable {
    let answer: EventLoopFuture<HTTPAnswer>
    /// Is called when nobody waits for the answer any more.
    let cancel: @Sendable () -> Void
}
