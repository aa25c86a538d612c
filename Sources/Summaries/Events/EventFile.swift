import FoundationEssentials
import Glibc
import GraphIR
import HostTensors

/// Writes what happens in a run into an event file, as TensorBoard reads it.
///
/// The file is TFRecords of `tensorflow.Event` messages, of which these fields are written: Event.wall_time = 1 (f64),
/// .step = 2, .file_version = 3, .graph_def = 4, .summary = 5, .session_log = 7; Summary.value = 1; Value.tag = 1,
/// .simple_value = 2 (f32), .histo = 5; HistogramProto.min … sum_squares = 1…5 (f64), .bucket_limit = 6, .bucket = 7;
/// SessionLog.status = 1 (START is 1).
public final class EventFile {
    /// The path of the file.
    public let path: String
    private let clock: () -> Double
    private let descriptor: Int32
    private var pending: [UInt8] = []

    /// Starts a new file in `folder`, which is made if needed, for a run that goes on after `step` steps.
    ///
    /// What earlier files of the folder have of later steps is taken to be void, by those who read the files. `clock` gives
    /// seconds since 1970. Throws an `ExecutionError` when the file cannot be made.
    public init(folder: String, step: Int, clock: @escaping () -> Double = EventFile.now) throws {
        self.clock = clock
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // Readers take the files in the order of their times, so that a clock that was set back must not show.
        let earlier = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let time = max(Int(clock()), earlier.compactMap(Self.time(inName:)).max() ?? 0)
        var number = 0
        var made: Int32 = -1
        var name = ""
        while made < 0 && number < 10_000 {
            name = "\(folder)/events.out.tfevents.\(time).\(number)"
            made = open(name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o666)
            if made < 0 && errno != EEXIST { break }
            number += 1
        }
        guard made >= 0 else {
            throw ExecutionError(
                place: folder, expected: "a folder for event files", actual: "\"\(String(cString: strerror(errno)))\"",
                remedy: "check its permissions, or record no summaries")
        }
        path = name
        descriptor = made
        write(step: 0) { $0.add(3, text: "brain.Event:2") }
        // Readers drop what was recorded from the step of this message on.
        if step > 0 { write(step: step + 1) { $0.add(7) { $0.add(1, varint: 1) } } }
        try flush()
    }

    deinit {
        try? flush()
        close(descriptor)
    }

    /// The time in the name of an event file; nil for other names.
    static func time(inName name: String) -> Int? {
        let fields = name.split(separator: ".")
        guard fields.count >= 4, name.hasPrefix("events.out.tfevents.") else { return nil }
        return Int(fields[3])
    }

    /// Seconds since 1970.
    public static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Records numbers of a step, by tag.
    public func add(scalars: [(tag: String, value: Double)], step: Int) {
        write(step: step) { event in
            event.add(5) { summary in
                for (tag, value) in scalars {
                    summary.add(1) {
                        $0.add(1, text: tag)
                        $0.add(2, float: Float(value))
                    }
                }
            }
        }
    }

    /// Records the distributions of tensors at a step, by tag.
    public func add(histograms: [(tag: String, value: Histogram)], step: Int) {
        write(step: step) { event in
            event.add(5) { summary in
                for (tag, histogram) in histograms {
                    summary.add(1) {
                        $0.add(1, text: tag)
                        $0.add(5, message: histogram.write)
                    }
                }
            }
        }
    }

    /// Records a function of a model as the run's graph.
    public func add(graph function: GraphFunction, of module: GraphModule) {
        write(step: 0) { $0.add(4, bytes: GraphDefinition.bytes(of: function, module)) }
    }

    /// Gives what was recorded to the file system; throws an `ExecutionError` when there is no room.
    public func flush() throws {
        var rest = pending[...]
        pending = []
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 {
                if errno == EINTR { continue }
                throw ExecutionError(
                    place: path, expected: "room for \(rest.count) more bytes",
                    actual: "\"\(String(cString: strerror(errno)))\"", remedy: "free disk space")
            }
            rest = rest.dropFirst(written)
        }
    }

    private func write(step: Int, _ content: (inout ProtobufWriter) -> Void) {
        var event = ProtobufWriter()
        event.add(1, double: clock())
        event.add(2, varint: UInt64(step))
        content(&event)
        pending += TFRecord.framed(event.bytes)
    }
}
