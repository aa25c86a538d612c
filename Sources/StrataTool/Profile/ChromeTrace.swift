import Benchmarking
import Execution

/// Calls of a function in the trace event format that chrome://tracing and Perfetto open: a track for each thread, and on it
/// every piece of a kernel that the thread ran.
struct ChromeTrace {
    let profile: KernelProfile
    let title: String

    /// The file's JSON.
    var value: JSONValue {
        let runs = profile.events
        let start = runs.joined().map(\.start).min() ?? 0
        let tracks = trackNumbers
        let works = Dictionary(uniqueKeysWithValues: profile.kernels.map { ($0.work.call, $0.work) })
        var items: [JSONValue] = [metadata("process_name", track: 0, .string(title))]
        for (_, track) in tracks.sorted(by: { $0.value < $1.value }) {
            items.append(metadata("thread_name", track: track, .string(track == 0 ? "caller" : "worker \(track)")))
        }
        for (number, events) in runs.enumerated() {
            let begin = events.map(\.start).min() ?? 0
            let end = events.map(\.end).max() ?? 0
            items.append(
                span(
                    "call \(number + 1)", "call", track: 0, begin - start, end - begin, [("run", .integer(number + 1))])
            )
            for event in events.sorted(by: { ($0.start, $1.end) < ($1.start, $0.end) }) {
                guard let work = works[event.call] else { continue }
                items.append(
                    span(
                        work.label, event.chunk == nil ? "kernel" : "chunk", track: tracks[event.thread] ?? 0,
                        event.start - start, event.end - event.start,
                        arguments(work) + (event.chunk.map { [("chunk", .integer($0))] } ?? [])))
            }
        }
        return .object([("displayTimeUnit", "ns"), ("traceEvents", .list(items))])
    }

    /// The thread that calls is track 0, others follow in the order in which they first worked.
    private var trackNumbers: [Int: Int] {
        var tracks: [Int: Int] = [:]
        let events = profile.events.joined()
        for event in events where event.chunk == nil && tracks.isEmpty { tracks[event.thread] = 0 }
        for event in events.sorted(by: { $0.start < $1.start }) where tracks[event.thread] == nil {
            tracks[event.thread] = tracks.count
        }
        return tracks
    }

    private func arguments(_ work: KernelWork) -> [(String, JSONValue)] {
        [
            ("kernel", .string(work.kernel)), ("layer", .string(work.layer)), ("flops", .number(work.flops)),
            ("bytes_read", .number(work.bytesRead)), ("bytes_written", .number(work.bytesWritten)),
            ("buffers", .list(work.buffers.map { .string($0) })),
        ]
    }

    private func metadata(_ name: String, track: Int, _ value: JSONValue) -> JSONValue {
        .object([
            ("name", .string(name)), ("ph", "M"), ("pid", 1), ("tid", .integer(track)),
            ("args", .object([("name", value)])),
        ])
    }

    /// A complete event; times are given in nanoseconds and written in microseconds, as the format wants.
    private func span(
        _ name: String, _ category: String, track: Int, _ start: Int, _ length: Int, _ arguments: [(String, JSONValue)]
    ) -> JSONValue {
        .object([
            ("name", .string(name)), ("cat", .string(category)), ("ph", "X"), ("pid", 1), ("tid", .integer(track)),
            ("ts", .number(Double(start) / 1e3)), ("dur", .number(Double(length) / 1e3)), ("args", .object(arguments)),
        ])
    }
}
