import Foundation
import HostTensors
import Summaries
import Testing

@Suite struct EventFileTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("events-\(UUID().uuidString)")
        .path

    /// A run of two parts, of which the first was interrupted after a step that was lost.
    private func record(tick: Double = 1) throws {
        var time = 1_000_000.0
        func clock() -> Double {
            time += tick
            return time
        }
        for (start, steps) in [(0, [10, 20, 30]), (20, [30, 40])] {
            let file = try EventFile(folder: "\(folder)/events/train", step: start, clock: clock)
            for step in steps {
                file.add(scalars: [("loss", Double(start + 100 - step)), ("accuracy", 0.5)], step: step)
            }
            file.add(histograms: [("w", Histogram(of: HostTensor([0, 1, 1, 3] as [Float])))], step: steps[0])
            try file.flush()
        }
        let file = try EventFile(folder: "\(folder)/events/evaluation", step: 0, clock: clock)
        file.add(scalars: [("loss", 50)], step: 20)
        try file.flush()
    }

    /// Also when the clock stands still, or is set back.
    @Test(arguments: [1, 0, -100]) func whatIsRecordedIsReadWithoutWhatWasLost(tick: Double) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try record(tick: tick)
        let series = try EventReader.scalars(in: folder)
        #expect(series.map { "\($0.run) \($0.tag)" } == ["evaluation loss", "train loss", "train accuracy"])
        #expect(series[1].steps == [10, 20, 30, 40] && series[1].values == [90, 80, 90, 80])
        let error = #expect(throws: ExecutionError.self) { try EventReader.scalars(in: "/nonexistent") }
        #expect(error?.description.contains("expected event files of a run, got none") == true)
    }

    @Test func aFileCutOffIsReadAsFarAsItGoes() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try record()
        let path =
            "\(folder)/events/evaluation/"
            + (try FileManager.default.contentsOfDirectory(atPath: "\(folder)/events/evaluation")[0])
        let bytes = try WholeFile.read(path: path)
        try WholeFile.write(bytes.dropLast(3), path: path)
        #expect(try EventReader.scalars(in: folder).map(\.run) == ["train", "train"])
    }

    @Test func histogramsCountEveryNumberOnce() {
        let histogram = Histogram(of: HostTensor([0, 1, 1, 3, .nan, .infinity] as [Float]))
        #expect(
            histogram.count == 4 && histogram.counts.reduce(0, +) == 4 && histogram.sum == 5
                && histogram.sumOfSquares == 11)
        #expect(
            histogram.limits.count == 30 && histogram.limits.last == 3 && histogram.counts.first == 1
                && histogram.counts.last == 1)
        #expect(Histogram(of: HostTensor([2, 2] as [Float])).counts == [2])
    }
}
