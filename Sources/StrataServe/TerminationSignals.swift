import Dispatch
import Glibc

/// Calls a function once when the process is told to end, by SIGTERM or SIGINT; a second signal ends it at once.
final class TerminationSignals {
    private let sources: [any DispatchSourceSignal]

    init(_ action: @escaping @Sendable () -> Void) {
        sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                action()
                for number in [SIGTERM, SIGINT] { signal(number, SIG_DFL) }
            }
            source.resume()
            return source
        }
    }

    func cancel() { for source in sources { source.cancel() } }
}
