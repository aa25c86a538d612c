import Foundation

extension Error {
    /// What the system says of a file operation that failed, "Permission denied"; else what the error says of itself.
    public var systemReason: String {
        guard let cause = (self as? CocoaError)?.userInfo[NSUnderlyingErrorKey] as? any Error else {
            return localizedDescription
        }
        return (cause as? POSIXError).map { String(cString: strerror($0.code.rawValue)) } ?? cause.localizedDescription
    }
}
