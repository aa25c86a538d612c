import Execution
import HostTensors
import NIOCore
import NIOPosix
import Synchronization

/// The requests of one model: they wait while its contexts are busy, and those that wait are joined into one call.
final class RequestQueue: Sendable {
    /// A request that waits, or whose call runs.
    private struct Waiting: Sendable {
        let number: Int
        let call: BoundCall
        let rows: Int
        /// When it no longer waits for others to join it.
        let deadline: NIODeadline
        let promise: EventLoopPromise<NamedTensors>
    }

    private struct State: ~Copyable {
        var waiting: [Waiting] = []
        /// The contexts that are not in use.
        var idle: [Model]
        var nextNumber = 0
        /// When the queue is looked at again though nothing happens.
        var wakeUp: NIODeadline?
    }

    private let model: ServedModel
    private let dim: BatchDim?
    private let maxRows: Int
    private let maxDelay: TimeAmount
    private let maxQueue: Int
    private let metrics: ModelMetrics
    private let threads: NIOThreadPool
    private let timers: any EventLoopGroup
    private let state: Mutex<State>

    /// A queue whose calls run on `threads`, which must be as many as the model has contexts at least.
    init(
        _ model: ServedModel, configuration: ServerConfiguration, metrics: ModelMetrics, threads: NIOThreadPool,
        timers: any EventLoopGroup
    ) {
        self.model = model
        maxRows = min(configuration.maxBatch ?? .max, model.batchDim?.symbol.range.upperBound ?? 1)
        dim = maxRows > 1 ? model.batchDim : nil
        maxDelay = TimeAmount(configuration.maxDelay)
        maxQueue = configuration.maxQueue
        self.metrics = metrics
        self.threads = threads
        self.timers = timers
        state = Mutex(State(idle: model.contexts))
    }

    /// The number of requests that wait.
    var count: Int { state.withLock { $0.waiting.count } }

    /// Asks for a call; the promise is kept when it has been made.
    ///
    /// Gives the number by which the request can be taken back; throws a `RequestFailure` when too many wait already.
    func submit(_ call: BoundCall, _ promise: EventLoopPromise<NamedTensors>) throws -> Int {
        let number = try state.withLock { state in
            guard state.waiting.count < maxQueue else {
                throw RequestFailure(
                    status: .serviceUnavailable,
                    message:
                        "model '\(model.name)': \(maxQueue) requests wait already, the most that may; try again later",
                    headers: [("Retry-After", "1")])
            }
            defer { state.nextNumber += 1 }
            state.waiting.append(
                Waiting(
                    number: state.nextNumber, call: call, rows: dim?.rows(of: call) ?? 1, deadline: .now() + maxDelay,
                    promise: promise))
            return state.nextNumber
        }
        startCalls()
        return number
    }

    /// Takes a request back whose client is gone, if its call has not begun.
    func cancel(_ number: Int) {
        let waiting = state.withLock { state in
            state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0) }
        }
        waiting?.promise.fail(RequestFailure.clientGone)
    }

    /// Starts a call on every idle context, as long as there is something to call it with.
    private func startCalls() {
        while let (context, batch) = nextCall() {
            threads.submit { [self] _ in
                // Threads that were stopped do this, too, on the caller's: every promise is kept.
                run(batch, on: context)
                state.withLock { $0.idle.append(context) }
                startCalls()
            }
        }
    }

    /// An idle context and what it is to be called with; nil when there is none of either, or when there is time to wait for more.
    private func nextCall() -> (Model, [Waiting])? {
        state.withLock { state in
            guard let first = state.waiting.first, !state.idle.isEmpty else { return nil }
            let chosen = chosen(with: first, from: state.waiting)
            if first.deadline > .now(), dim != nil, chosen.rows < maxRows {
                wakeUp(at: first.deadline, &state)
                return nil
            }
            let batch = chosen.places.map { state.waiting[$0] }
            for place in chosen.places.reversed() { state.waiting.remove(at: place) }
            return state.idle.popLast().map { ($0, batch) }
        }
    }

    /// The requests that go into one call with the first, in their order.
    private func chosen(with first: Waiting, from waiting: [Waiting]) -> (places: [Int], rows: Int) {
        var (places, rows) = ([0], first.rows)
        guard let dim else { return (places, rows) }
        for place in waiting.indices.dropFirst() where rows < maxRows {
            guard waiting[place].rows <= maxRows - rows, dim.fits(first.call, waiting[place].call) else { continue }
            places.append(place)
            rows += waiting[place].rows
        }
        return (places, rows)
    }

    private func wakeUp(at deadline: NIODeadline, _ state: inout State) {
        if let earlier = state.wakeUp, earlier <= deadline { return }
        state.wakeUp = deadline
        timers.next().scheduleTask(deadline: deadline) { [self] in
            lookAgain()
        }
    }

    private func lookAgain() {
        state.withLock { $0.wakeUp = nil }
        startCalls()
    }

    /// Makes one call for all requests of a batch, and keeps their promises.
    private func run(_ batch: [Waiting], on context: Model) {
        let start = NIODeadline.now()
        do {
            let calls = batch.map(\.call)
            let function = model.function.name
            let results =
                if let dim {
                    try dim.split(try context.run(function, try dim.join(calls)), for: calls)
                } else {
                    try calls.map { try context.run(function, $0.namedInputs) }
                }
            metrics.called(rows: batch.reduce(0) { $0 + $1.rows }, time: .now() - start)
            for (waiting, result) in zip(batch, results) { waiting.promise.succeed(result) }
        } catch {
            for waiting in batch { waiting.promise.fail(error) }
        }
    }
}

extension BoundCall {
    /// The inputs by name.
    fileprivate var namedInputs: NamedTensors {
        NamedTensors(zip(function.inputs.map(\.name), inputs), uniquingKeysWith: { first, _ in first })
    }
}

extension TimeAmount {
    /// The same time, to the nanosecond.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
