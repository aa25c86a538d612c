import Datasets
import Foundation
import HostTensors
import Testing

/// Files made by TensorBoard's record writer and Google's protobuf library: see `Fixtures/make_fixtures.py`.
@Suite struct RecordFileTests {
    private let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures/examples.tfrecord").path

    @Test func recordsOfAnotherWriterAreRead() throws {
        let dataset = try Dataset.tfRecords(
            [fixture],
            header: [
                Column("age", .f32), Column("scores", .f32, [3]), Column("id", .i64), Column("pixels", .u8, [2, 2]),
                Column("city", .i64),
            ], labels: "id")
        let tensors = try dataset.tensors()
        #expect(tensors["age"]?.doubles() == [30.5, -1, 0])
        #expect(tensors["scores"]?.doubles() == [1, 2, 3, 4, 5, 6, 0.5, 0.25, 0.125])
        #expect(tensors["id"]?.doubles() == [1, -7, 9_000_000_000])
        #expect(tensors["pixels"]?.shape == [3, 2, 2] && tensors["pixels"]?.doubles().suffix(4) == [8, 9, 10, 255])
        #expect(try tensors["city"]?.scalars(as: Int64.self) == ["Bern", "Genève", ""].map { TextFingerprint.of($0) })
    }

    @Test func whatIsWrittenIsTheSameBytes() throws {
        let records = try TFRecord.read(path: fixture)
        #expect(records.count == 3)
        #expect(records.flatMap(TFRecord.framed) == (try WholeFile.read(path: fixture)))
        let features = try #require(TrainExample.features(of: records[1]))
        #expect(TrainExample.features(of: TrainExample.encode(features)) == features)
    }

    @Test(arguments: [0, 5, 9, 14, 40]) func damageIsFound(byte: Int) throws {
        var bytes = try WholeFile.read(path: fixture)
        bytes[byte] ^= 0x10
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("damaged-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try WholeFile.write(bytes, path: path)
        let error = #expect(throws: FileError.self) { try TFRecord.read(path: path) }
        #expect(error?.description.contains("the file is damaged or truncated") == true)
        try WholeFile.write(Array(bytes.prefix(byte)), path: path)
        if byte > 0 { #expect(throws: FileError.self) { try TFRecord.read(path: path) } }
    }

    @Test func aFeatureThatDoesNotFitIsNamed() throws {
        let error = #expect(throws: ExecutionError.self) {
            try Dataset.tfRecords([fixture], header: [Column("scores", .f32, [4])]).tensors()
        }
        #expect(error?.description.contains("examples.tfrecord, record 0: expected scores: f32[4]") == true)
    }
}
