/// A stretch of time in which a kernel ran.
public struct KernelEvent: Sendable, Hashable {
    /// The number of the kernel call in its function.
    public let call: Int
    /// The first chunk of work it was, run by one thread; nil for the whole kernel call, as the caller waited for it.
    public let chunk: Int?
    /// What the system calls the thread.
    public let thread: Int
    /// When it began, in nanoseconds of the monotonic clock.
    public let start: Int
    /// When it ended.
    public let end: Int

    /// How long it took, in microseconds.
    public var microseconds: Double { Double(end - start) / 1e3 }
}

/// Memory for the events of a model compiled with `NativeCompiler(recordsKernels: true)`.
public final class KernelRecorder: @unchecked Sendable {
    /// `strata_rt_event` of the runtime.
    private struct Event { var call, chunk, thread, start, end: Int64 }
    /// `strata_rt_recorder` of the runtime.
    private struct Recorder {
        var events: UnsafeMutablePointer<Event>
        var capacity: Int64
        var count: Int64
    }

    private let recorder: UnsafeMutablePointer<Recorder>

    /// Makes room for a number of events.
    public init(capacity: Int) {
        let events = UnsafeMutablePointer<Event>.allocate(capacity: max(1, capacity))
        recorder = .allocate(capacity: 1)
        recorder.initialize(to: Recorder(events: events, capacity: Int64(max(0, capacity)), count: 0))
    }

    deinit {
        recorder.pointee.events.deallocate()
        recorder.deallocate()
    }

    var address: UnsafeMutableRawPointer { UnsafeMutableRawPointer(recorder) }

    /// What was recorded since the last `clear`, in the order of ending. Not to be called while the model runs.
    public var events: [KernelEvent] {
        let count = Int(min(recorder.pointee.count, recorder.pointee.capacity))
        return UnsafeBufferPointer(start: recorder.pointee.events, count: count).map { event in
            KernelEvent(
                call: Int(event.call), chunk: event.chunk < 0 ? nil : Int(event.chunk), thread: Int(event.thread),
                start: Int(event.start), end: Int(event.end))
        }
    }

    /// The number of events there was no room for.
    public var lost: Int { Int(max(0, recorder.pointee.count - recorder.pointee.capacity)) }

    /// Forgets what was recorded.
    public func clear() { recorder.pointee.count = 0 }
}
