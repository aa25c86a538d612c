import NIOHTTP1

/// Why a request has no answer but an error: the status, and a message that says where, what was got and what is allowed.
struct RequestFailure: Error {
    let status: HTTPResponseStatus
    let message: String
    /// More headers of the answer.
    var headers: [(String, String)] = []

    static func badRequest(_ message: String) -> RequestFailure {
        RequestFailure(status: .badRequest, message: message)
    }
}
