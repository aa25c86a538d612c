import FoundationEssentials
import HostTensors

/// The numbers that a run recorded under one tag.
public struct ScalarSeries: Sendable, Equatable {
    /// The part of the run: `train`, `evaluation`.
    public let run: String
    /// What the numbers are: `loss`.
    public let tag: String
    /// The steps, ascending.
    public internal(set) var steps: [Int]
    /// The numbers, one a step.
    public internal(set) var values: [Double]

    /// Makes a series; `steps` ascend, and there is a value for each.
    public init(run: String, tag: String, steps: [Int], values: [Double]) {
        self.run = run
        self.tag = tag
        self.steps = steps
        self.values = values
    }
}

/// Reads event files.
public enum EventReader {
    /// The scalar series of all event files below a folder, by run and tag.
    ///
    /// A run that went on from an earlier step replaces what was recorded after it. A record cut off at the end of a file is
    /// passed over. Throws an `ExecutionError` when there are no event files.
    public static func scalars(in folder: String) throws -> [ScalarSeries] {
        var series: [ScalarSeries] = []
        for (run, path) in try eventFiles(in: folder) {
            try read(path, run: run, into: &series)
        }
        return series
    }

    private static func eventFiles(in folder: String) throws -> [(run: String, path: String)] {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
        let files = names.filter { $0.split(separator: "/").last?.hasPrefix("events.out.tfevents.") == true }
        guard !files.isEmpty else {
            throw ExecutionError(
                place: folder, expected: "event files of a run", actual: "none",
                remedy: "name the model directory of a training that records summaries")
        }
        // Files of one run in the order they were begun.
        let keyed = files.map { name -> (run: String, time: Int, number: Int, path: String) in
            let parts = name.split(separator: "/")
            let fields = parts.last?.split(separator: ".") ?? []
            let folders = parts.dropLast().filter { $0 != "events" }
            return (
                folders.isEmpty ? "run" : folders.joined(separator: "/"),
                fields.dropFirst(3).first.flatMap { Int($0) } ?? 0,
                fields.last.flatMap { Int($0) } ?? 0, "\(folder)/\(name)"
            )
        }
        return keyed.sorted { ($0.run, $0.time, $0.number) < ($1.run, $1.time, $1.number) }.map { ($0.run, $0.path) }
    }

    private static func read(_ path: String, run: String, into series: inout [ScalarSeries]) throws {
        let reader = try TFRecord.Reader(path: path)
        while let record = try? reader.next() {
            guard let event = ProtobufField.fields(of: record[...]) else { continue }
            let step = Int(event.first { $0.number == 2 }?.bits ?? 0)
            if event.contains(where: { $0.number == 7 }) { drop(from: step, run, &series) }
            for summary in event where summary.number == 5 {
                for value in ProtobufField.fields(of: summary.bytes) ?? [] where value.number == 1 {
                    let fields = ProtobufField.fields(of: value.bytes) ?? []
                    guard let tag = fields.first(where: { $0.number == 1 })?.text,
                        let number = fields.first(where: { $0.number == 2 })?.double
                    else { continue }
                    add(step, number, run, tag, &series)
                }
            }
        }
    }

    private static func add(_ step: Int, _ value: Double, _ run: String, _ tag: String, _ series: inout [ScalarSeries])
    {
        if let at = series.firstIndex(where: { $0.run == run && $0.tag == tag }) {
            series[at].steps.append(step)
            series[at].values.append(value)
        } else {
            series.append(ScalarSeries(run: run, tag: tag, steps: [step], values: [value]))
        }
    }

    private static func drop(from step: Int, _ run: String, _ series: inout [ScalarSeries]) {
        for at in series.indices where series[at].run == run {
            let kept = series[at].steps.prefix { $0 < step }.count
            series[at].steps = Array(series[at].steps.prefix(kept))
            series[at].values = Array(series[at].values.prefix(kept))
        }
    }
}
