import Datasets
import Foundation
import HostTensors
import Testing

/// What every pipeline promises: its order is a pure function of position, however the position is reached.
@Suite struct PipelineTests {
    /// A pipeline and how many examples a pass of it has.
    struct Pipeline: CustomTestStringConvertible, Sendable {
        let name: String
        let count: Int
        let make: @Sendable () throws -> Dataset
        var testDescription: String { name }
    }

    static func numbered(_ count: Int) throws -> Dataset {
        try Dataset(
            features: HostTensor((0..<count).map(Float.init), shape: [count, 1]),
            labels: HostTensor((0..<count).map(Int32.init)))
    }

    static func isEven(_ example: Example) throws -> Bool {
        try example["label"].doubles()[0].remainder(dividingBy: 2) == 0
    }

    static func negated(_ example: Example) throws -> NamedTensors {
        ["x": HostTensor(scalar: Float(-(try example["label"].doubles()[0]))), "label": try example["label"]]
    }

    static let pipelines: [Pipeline] = [
        Pipeline(name: "tensors", count: 37) { try numbered(37) },
        Pipeline(name: "shuffled", count: 37) { try numbered(37).shuffled(seed: 3) },
        Pipeline(name: "mapped", count: 37) { try numbered(37).shuffled(seed: 3).mapped(negated) },
        Pipeline(name: "part of a shuffle", count: 20) { try numbered(37).shuffled(seed: 3).skipping(10).taking(20) },
        Pipeline(name: "shard", count: 12) { try numbered(37).shard(index: 1, count: 3) },
        Pipeline(name: "shuffled, thrice", count: 111) { try numbered(37).shuffled(seed: 3).repeated(3) },
        Pipeline(name: "zipped", count: 30) {
            try numbered(37).zipped(with: Dataset(["y": HostTensor((0..<30).map(Float.init))]).shuffled(seed: 1))
        },
        Pipeline(name: "filtered", count: 19) { try numbered(37).filtered(isEven) },
        Pipeline(name: "filtered, shuffled", count: 19) {
            try numbered(37).filtered(isEven).shuffled(seed: 2, block: 5)
        },
        Pipeline(name: "filtered, part", count: 5) { try numbered(37).filtered(isEven).skipping(3).taking(5) },
        Pipeline(name: "filtered, shard", count: 6) { try numbered(37).filtered(isEven).shard(index: 1, count: 3) },
        Pipeline(name: "filtered, mapped, twice", count: 38) {
            try numbered(37).filtered(isEven).mapped(negated).repeated(2)
        },
        Pipeline(name: "generated", count: 12) {
            try .generated(count: 12, labels: "label") { ["label": HostTensor(scalar: Int32($0))] }
        },
        Pipeline(name: "npy", count: 37) { try arrays("npy") },
        Pipeline(name: "npz", count: 37) { try arrays("npz") },
        Pipeline(name: "idx", count: 37) { try arrays("idx") },
        Pipeline(name: "csv", count: 200) { try csv() },
        Pipeline(name: "csv, shuffled", count: 200) { try csv().shuffled(seed: 4, block: 32) },
        Pipeline(name: "records", count: 600) { try records() },
        Pipeline(name: "records, every other", count: 300) { try records().shard(index: 1, count: 2) },
    ]

    /// 37 rows of array files of a kind.
    static func arrays(_ kind: String) throws -> Dataset {
        // They are read at once, so that they need not stay.
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("pipeline-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let x = try HostTensor((0..<74).map { Float($0) }, shape: [37, 2])
        let label = HostTensor((0..<37).map { Int32($0) })
        let (xPath, labelPath, archive) = ("\(folder)/x.\(kind)", "\(folder)/label.\(kind)", "\(folder)/all.npz")
        switch kind {
        case "npz":
            try NPZ.write([("x", x), ("label", label)], path: archive)
            return try .npz(archive, labels: "label")
        case "npy":
            try NPY.write(x, path: xPath)
            try NPY.write(label, path: labelPath)
            return try .npy(["x": xPath, "label": labelPath], labels: "label")
        default:
            // Two zeros, the code of f32 or i32, the number of axes, their sizes, the elements; all big-endian.
            func bigEndian(_ word: UInt32) -> [UInt8] { withUnsafeBytes(of: word.bigEndian) { Array($0) } }
            let pixels = x.doubles().flatMap { bigEndian(Float($0).bitPattern) }
            try WholeFile.write([0, 0, 0x0d, 2] + bigEndian(37) + bigEndian(2) + pixels, path: xPath)
            let numbers = label.doubles().flatMap { bigEndian(UInt32($0)) }
            try WholeFile.write([0, 0, 0x0c, 1] + bigEndian(37) + numbers, path: labelPath)
            return try .idx(["x": xPath, "label": labelPath], labels: "label")
        }
    }

    /// 200 records whose texts hold separators, quotes and line ends.
    static func csv() throws -> Dataset {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("pipeline-\(getpid()).csv").path
        if !FileManager.default.fileExists(atPath: path) {
            let rows = (0..<200).map { "\($0),\"a,\"\"b\"\"\n\($0 % 3)\",\($0 % 7 == 0 ? "" : "\($0).5")\n" }
            try WholeFile.write(Array(("label,text,x\n" + rows.joined()).utf8), path: path)
        }
        return try .csv(
            path, header: [.number("x", missing: -1), .number("label", .i32), .text("text")], labels: "label")
    }

    /// 600 records in two files.
    static func records() throws -> Dataset {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("pipeline-\(getpid())").path
        let paths = [0, 1].map { "\(folder)-\($0).tfrecord" }
        for (at, path) in paths.enumerated() where !FileManager.default.fileExists(atPath: path) {
            let records = (0..<300).map { row -> [UInt8] in
                TrainExample.encode([
                    "label": .integers([Int64(at * 300 + row)]), "x": .floats([Float(row), -1]),
                    "t": .bytes([[1, 2, 3]]),
                ])
            }
            try TFRecord.write(records, path: path)
        }
        return try .tfRecords(
            paths, header: [Column("x", .f32, [2]), Column("label", .i32), Column("t", .u8, [3])], labels: "label")
    }

    @Test(arguments: pipelines) func anyBatchIsReachedAsWellAsReadUpTo(pipeline: Pipeline) throws {
        let dataset = try pipeline.make().batched(4)
        let reader = try dataset.reader()
        var batches: [Batch] = []
        while batches.last.map({ $0.position.epoch < 2 }) ?? true { batches.append(try #require(try reader.next())) }
        #expect(batches.filter { $0.position.epoch == 0 }.reduce(0) { $0 + $1.count } == pipeline.count)
        #expect(batches.filter { $0.position.epoch == 1 }.reduce(0) { $0 + $1.count } == pipeline.count)
        for at in stride(from: 0, to: batches.count, by: max(1, batches.count / 7)) {
            // Another description of the same data has seen nothing yet.
            let fresh = try pipeline.make().batched(4)
            let found = try #require(try fresh.reader(from: batches[at].position).next())
            #expect(found.tensors == batches[at].tensors && found.next == batches[at].next, "batch \(at)")
            if at > 0 {
                let following = try #require(try fresh.reader(from: batches[at - 1].next).next())
                #expect(following.tensors == batches[at].tensors, "what follows batch \(at - 1)")
            }
        }
        #expect(try pipeline.make().identity == dataset.batched(1).identity)
    }

    @Test(arguments: pipelines) func batchesMadeAheadAreTheSame(pipeline: Pipeline) throws {
        let dataset = try pipeline.make().batched(3)
        let ahead = try dataset.prefetched(2).reader(from: .init(epoch: 1), isEndless: false)
        for batch in try dataset.batches(epoch: 1) {
            let other = try #require(try ahead.next())
            #expect(other.tensors == batch.tensors && other.position == batch.position)
        }
        #expect(try ahead.next() == nil)
        #expect(try ahead.next() == nil)
    }

    @Test func shardsCoverEverythingOnce() throws {
        let parts = try (0..<3).map { try Self.numbered(37).shuffled(seed: 1).shard(index: $0, count: 3).tensors() }
        let all = parts.flatMap { $0["label"]?.doubles() ?? [] }
        #expect(all.sorted() == (0..<37).map(Double.init))
        let error = #expect(throws: ExecutionError.self) { try Self.numbered(3).shard(index: 3, count: 3) }
        #expect(error?.description.contains("got index 3 of 3") == true)
    }

    @Test func blocksAreShuffledAnotherWayEachEpoch() throws {
        let dataset = try Self.csv().shuffled(seed: 4, block: 32)
        let (first, second) = (try dataset.tensors(epoch: 0)["label"], try dataset.tensors(epoch: 1)["label"])
        let labels = try #require(first).doubles()
        #expect(first != second && labels.sorted() == (0..<200).map(Double.init))
        #expect(Set(labels.prefix(32)) == Set((0..<32).map(Double.init)))
    }

    @Test func textsBecomeFingerprintsAndMissingNumbersAreFilled() throws {
        let tensors = try Self.csv().tensors()
        let texts = try #require(tensors["text"]).scalars(as: Int64.self)
        #expect(texts[4] == TextFingerprint.of("a,\"b\"\n1") && Set(texts).count == 3)
        #expect(Array(try #require(tensors["x"]).doubles().prefix(3)) == [-1, 1.5, 2.5])
        #expect(TextFingerprint.of("foobar") == Int64(bitPattern: 0x8594_4171_f739_67e8))
    }

    @Test func varyingShapesArePadded() throws {
        @Sendable func cut(_ example: Example) throws -> NamedTensors {
            let count = Int(try example["label"].doubles()[0]) % 3 + 1
            return ["words": HostTensor((1...count).map { Int32($0) }), "label": try example["label"]]
        }
        let mismatch = #expect(throws: ExecutionError.self) { try Self.numbered(5).mapped(cut).tensors() }
        #expect(mismatch?.description.contains("or name the column in varying: and pad it") == true)
        let ragged = try Self.numbered(5).mapped(varying: ["words"], cut).shuffled(seed: 1)
        let varying = #expect(throws: ExecutionError.self) { try ragged.tensors() }
        #expect(varying?.description.contains("got words: i32 of varying shape; call padded(_:to:)") == true)
        let words = try ragged.padded("words", to: [3]).tensors()
        let rows = zip(words["label"]?.doubles() ?? [], 0...).sorted { $0.0 < $1.0 }.map { row in
            Array(words["words"]?.doubles()[row.1 * 3..<row.1 * 3 + 3] ?? [])
        }
        #expect(rows == [[1, 0, 0], [1, 2, 0], [1, 2, 3], [1, 0, 0], [1, 2, 0]])
        let padded = try Self.records().taking(1).padded("x", to: [4], with: 9).tensors()
        #expect(padded["x"]?.doubles() == [0, -1, 9, 9])
        let small = #expect(throws: ExecutionError.self) { try Self.records().padded("x", to: [1]).tensors() }
        #expect(small?.description.contains("expected a tensor that fits into [1], got f32[2]") == true)
    }

    @Test func errorsInTheMiddleOfAFileNameThePlace() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("bad-\(UUID().uuidString).csv").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try WholeFile.write(Array("x\n1\n2\nthree\n".utf8), path: path)
        let error = #expect(throws: FileError.self) { try Dataset.csv(path, header: [.number("x")]).tensors() }
        #expect(error?.description.contains("line 4, column 1: expected a number that is f32 in column \"x\"") == true)
        let unknown = #expect(throws: FileError.self) { try Dataset.csv(path, header: [.number("y")]) }
        #expect(unknown?.description.contains("expected a column of \"x\", found \"y\"") == true)
    }

    @Test func aReplacementThatTheTypeDoesNotHaveIsAnError() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("gaps-\(UUID().uuidString).csv").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try WholeFile.write(Array("x\n1\nnan\n".utf8), path: path)
        for (dtype, missing) in [(DType.i32, 0.5), (.i32, .nan), (.u8, -1), (.f16, 1e6)] {
            let error = #expect(throws: ExecutionError.self) {
                try Dataset.csv(path, header: [.number("x", dtype, missing: missing)])
            }
            #expect(
                error?.description
                    == "CSV column 'x': expected a replacement for missing numbers that is \(dtype), got \(missing); "
                    + "choose another replacement or a float dtype")
        }
        let filled = try Dataset.csv(path, header: [.number("x", .f32, missing: 0.1)]).tensors()
        #expect(filled["x"] == HostTensor([1, 0.1] as [Float]))
        let kept = try Dataset.csv(path, header: [.number("x", .f32, missing: .nan)]).tensors()
        #expect(kept["x"]?.doubles().last?.isNaN == true)
    }

    @Test func numbersAreMadeOfTexts() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("dates-\(UUID().uuidString).csv").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try WholeFile.write(Array("day\n2019-03-01\n\"1\"\n\"\"\nNA\nsoon\n".utf8), path: path)
        func days(_ dtype: DType, missing: Double?, _ count: Int) throws -> HostTensor? {
            let column = CSVColumn.number("day", dtype, missing: missing) { Double($0.prefix(4)) }
            return try Dataset.csv(path, header: [column]).taking(count).tensors()["day"]
        }
        #expect(try days(.i32, missing: -1, 4) == HostTensor([2019, 1, -1, -1] as [Int32]))
        for (dtype, missing, message) in [
            (
                .f32, -1,
                "line 6, column 1: expected a text that gives a number that is f32 in column \"day\", found \"soon\""
            ),
            (
                .u8, 0,
                "line 2, column 1: expected a text that gives a number that is u8 in column \"day\", found \"2019-03-01\""
            ),
            (.f32, nil, "line 4, column 2: expected a value in column \"day\", found a missing one"),
        ] as [(DType, Double?, String)] {
            let error = #expect(throws: FileError.self) { try days(dtype, missing: missing, 5) }
            #expect(error?.description.contains(message) == true, "\(String(describing: error))")
        }
    }

    @Test func aPassWithoutExamplesIsAnError() throws {
        let nothing = try Self.numbered(3).filtered { _ in false }
        let error = #expect(throws: ExecutionError.self) { try nothing.reader().next() }
        #expect(error?.description.contains("expected at least one batch in a pass, got none") == true)
        #expect(throws: ExecutionError.self) { try nothing.prefetched().reader().next() }
    }
}
