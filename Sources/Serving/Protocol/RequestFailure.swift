import NIOHTTP1

/// Why a request has no answer but an error: the status, and a message that says where, what was got and what is allowed.
struct RequestFailure: Error {
    let status: HTTPResponseStatus
    let message: String
    /// More headers of the answer.
    var headers: [(String, String)] = []

    /// Nobody reads this answer; its status, which no standard has, is that of other servers' logs, and is counted.
    static let clientGone = RequestFailure(
        status: .custom(code: 499, reasonPhrase: "Client Closed Request"), message: "the client is gone")

    static func badRequest(_ message: String) -> RequestFailure {
        RequestFailure(status: .badRequest, message: message)
    }
}
