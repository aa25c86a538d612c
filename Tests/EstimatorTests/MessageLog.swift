import Logging
import Synchronization

/// Keeps the messages of an estimator.
final class MessageLog: Sendable {
    private let lines = Mutex<[String]>([])

    /// The messages so far, as `level: text`.
    var messages: [String] { lines.withLock { $0 } }

    /// A logger that writes here, from level info.
    var logger: Logger { Logger(label: "test", factory: { _ in Sink(log: self) }) }

    private struct Sink: LogHandler {
        let log: MessageLog
        var logLevel = Logger.Level.info
        var metadata: Logger.Metadata = [:]
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            log.lines.withLock { $0.append("\(event.level): \(event.message)") }
        }
    }
}
