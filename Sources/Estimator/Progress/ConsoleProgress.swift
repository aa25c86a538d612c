import Glibc

/// Shows progress on standard error: one line that changes in place on a terminal, else a new line now and then.
public final class ConsoleProgress: ProgressReporter {
    private let isTerminal: Bool
    private let interval: Double
    private let now: () -> Double
    private let columns: () -> Int?
    private let write: (String) -> Void
    private var lastShown: Double?
    private var latest: TrainingProgress?
    private var pending = false

    /// Shows progress on standard error, 5 times a second on a terminal, else every 10 seconds.
    public convenience init() {
        let isTerminal = Terminal.changesLines
        self.init(
            isTerminal: isTerminal, interval: isTerminal ? 0.2 : 10, now: SystemTime.seconds, columns: Terminal.columns
        ) { text in
            var bytes = Array(text.utf8)[...]
            while !bytes.isEmpty {
                let written = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
                guard written > 0 else { return }
                bytes = bytes.dropFirst(written)
            }
        }
    }

    /// Shows progress through `write`, at most once in `interval` seconds of the clock `now`; on a terminal in lines of less than `columns`
    /// characters, as a line that goes on in the next row could not be changed in place.
    public init(
        isTerminal: Bool, interval: Double, now: @escaping () -> Double, columns: @escaping () -> Int? = { nil },
        write: @escaping (String) -> Void
    ) {
        self.isTerminal = isTerminal
        self.interval = interval
        self.now = now
        self.columns = columns
        self.write = write
    }

    /// Whether nothing was shown for as long as the interval.
    public func isDue(at now: Double) -> Bool { lastShown.map { now - $0 >= interval } ?? true }

    /// Shows a report, unless one was shown just now.
    public func report(_ progress: TrainingProgress) {
        latest = progress
        let time = now()
        if let lastShown, time - lastShown < interval {
            pending = true
            return
        }
        lastShown = time
        show(progress)
    }

    /// Shows the last report and ends the line.
    public func finish() {
        if pending, let latest { show(latest) }
        if isTerminal, latest != nil { write("\n") }
        latest = nil
    }

    private func show(_ progress: TrainingProgress) {
        pending = false
        guard isTerminal else { return write("\(progress.line)\n") }
        write("\(Terminal.newLine)\(progress.line(within: columns().map { $0 - 1 } ?? .max))")
    }
}

/// Shows nothing.
public final class SilentProgress: ProgressReporter {
    /// Makes a reporter.
    public init() {}
    /// Never.
    public func isDue(at now: Double) -> Bool { false }
    /// Does nothing.
    public func report(_ progress: TrainingProgress) {}
    /// Does nothing.
    public func finish() {}
}

/// The terminal that standard error may be.
enum Terminal {
    /// What begins a line anew, in the place of what is there.
    static let newLine = "\r\u{1B}[K"

    /// Whether standard error is a terminal whose lines can be changed.
    static var changesLines: Bool {
        isatty(STDERR_FILENO) == 1 && getenv("TERM").map { String(cString: $0) } != "dumb"
    }

    /// How many characters a row has; nil where that is not known.
    static func columns() -> Int? {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}

/// The monotonic clock.
enum SystemTime {
    /// Seconds since some fixed moment.
    static func seconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
