/// How a server listens, joins requests, and what it refuses.
public struct ServerConfiguration: Sendable {
    /// The address or name of the interface to listen at; `0.0.0.0` is all of them.
    public var host: String
    /// The port; 0 picks a free one.
    public var port: Int
    /// The most rows that requests are joined to, for one call; nil for what the model's range allows, 1 to join none.
    public var maxBatch: Int?
    /// How long a request waits for others to join it while nothing runs.
    public var maxDelay: Duration
    /// The most requests that may wait for a model; more are refused with status 503.
    public var maxQueue: Int
    /// The most bytes of a request's body.
    public var maxBodyBytes: Int
    /// How long a connection may be silent, when no answer is being computed for it.
    public var idleTimeout: Duration
    /// How long a shutdown waits for the requests that it finishes.
    public var shutdownTimeout: Duration

    /// A configuration; what isn't given has its default.
    public init(
        host: String = "127.0.0.1", port: Int = 8000, maxBatch: Int? = nil, maxDelay: Duration = .zero,
        maxQueue: Int = 1024, maxBodyBytes: Int = 64 << 20, idleTimeout: Duration = .seconds(60),
        shutdownTimeout: Duration = .seconds(25)
    ) {
        self.host = host
        self.port = port
        self.maxBatch = maxBatch
        self.maxDelay = maxDelay
        self.maxQueue = maxQueue
        self.maxBodyBytes = maxBodyBytes
        self.idleTimeout = idleTimeout
        self.shutdownTimeout = shutdownTimeout
    }

    /// Throws a `ServingError` that names the setting that no server can have.
    func check() throws {
        try Self.require("port", port, in: 0...65_535, "give 0 for one that is free")
        if let maxBatch { try Self.require("maxBatch", maxBatch, in: 1...Int.max, "1 joins no requests") }
        try Self.require("maxQueue", maxQueue, in: 1...Int.max, "requests wait while a call runs")
        try Self.require("maxBodyBytes", maxBodyBytes, in: 1...1 << 40, "requests have bodies")
        for (name, time, least) in [
            ("maxDelay", maxDelay, Duration.zero), ("idleTimeout", idleTimeout, .milliseconds(1)),
            ("shutdownTimeout", shutdownTimeout, .zero),
        ] where time < least || time > .seconds(86_400) {
            throw ServingError(
                "server configuration, \(name)", expected: "a time from \(least) to a day", actual: "\(time)",
                remedy: "correct it")
        }
    }

    private static func require(_ name: String, _ value: Int, in range: ClosedRange<Int>, _ remedy: String) throws {
        guard !range.contains(value) else { return }
        let allowed = range.upperBound == .max ? "at least \(range.lowerBound)" : "\(range)"
        throw ServingError(
            "server configuration, \(name)", expected: allowed, actual: "\(value)", remedy: remedy)
    }
}
