import Foundation
import Strata
import Testing

/// The code of `docs/guides/input-pipelines.md`.
@Suite struct InputPipelinesGuide {
    private func examples() throws -> (Dataset, Dataset) {
        let features = try HostTensor((0..<1000).map { Float($0) }, shape: [500, 2])
        let labels = HostTensor((0..<500).map { Int32($0 % 3) })
        let examples = try Dataset(features: features, labels: labels)
        let batches = examples.shuffled(seed: 1).batched(64)
        return (examples, batches)
    }

    @Test func columns() throws {
        let houses = try Dataset(
            [
                "area": HostTensor([120, 80, 95] as [Float]), "rooms": HostTensor([5, 3, 4] as [Int32]),
                "price": HostTensor([310_000, 180_000, 240_000] as [Float]),
            ], labels: "price")
        print(houses.columns.map(\.name))
        #expect(houses.columns.map(\.name) == ["area", "rooms", "price"])
    }

    @Test func csv() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("guide-\(UUID().uuidString).csv").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let text =
            "age,fare,class,cabin,sailed,survived\n22,7.25,third,,1912-04-10,0\n,71.3,first,C85,1911-05-31,1\n"
            + "26,7.9,third,,1912-04-10,1\n"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let passengers = try Dataset.csv(
            path,
            header: [
                .number("age", missing: 30), .number("fare"), .category("class", of: ["first", "second", "third"]),
                .text("cabin"), .number("sailed") { date in Double(date.prefix(4)) }, .number("survived", .f32),
            ], labels: "survived")
        for batch in try passengers.batched(2).batches() {
            print(batch.named["age"] ?? 0, batch.named["class"] ?? 0)
        }
        #expect(try passengers.tensors()["age"]?.doubles() == [22, 30, 26])
        #expect(try passengers.tensors()["class"]?.doubles() == [2, 0, 2])
        #expect(try passengers.tensors()["sailed"]?.doubles() == [1912, 1911, 1912])
    }

    @Test func generated() throws {
        let texts = ["ten", "thousand", "six"]
        let letters = try Dataset.generated(count: texts.count, varying: ["letters"], labels: "length") { index in
            let text = texts[index]
            return [
                "letters": HostTensor(text.utf8.map { Int32($0) }), "length": HostTensor(scalar: Float(text.count)),
            ]
        }
        let padded = try letters.padded("letters", to: [10], with: 0)
        #expect(try padded.tensors()["letters"]?.shape == [3, 10])
        #expect(try padded.tensors()["length"]?.doubles() == [3, 8, 3])
    }

    @Test func steps() throws {
        let (examples, batches) = try examples()
        let prepared =
            try examples
            .filtered { example in try example["features"].doubles()[0] >= 100 }
            .mapped { example in
                let scaled = try example["features"].doubles().map { Float($0 / 1000) }
                return ["features": HostTensor(scaled), "label": try example["label"]]
            }
            .taking(200)
            .batched(32)
        #expect(try prepared.batches().map(\.count) == [32, 32, 32, 32, 32, 32, 8])

        let noisy = try examples.mapped { example in
            let noise = RandomStream.uniform(
                seed: 7, stream: 0, step: UInt64(example.epoch * 500 + example.index), count: 2)
            let values = zip(try example["features"].doubles(), noise).map { Float($0) + $1 }
            return ["features": HostTensor(values), "label": try example["label"]]
        }
        #expect(try noisy.tensors(epoch: 1) == noisy.tensors(epoch: 1))
        #expect(try noisy.tensors(epoch: 1) != noisy.tensors(epoch: 2))

        let reader = try batches.reader(from: DataPosition(epoch: 3, batch: 2))
        let batch = try reader.next()
        #expect(batch?.count == 64)

        let part = try examples.shuffled(seed: 1).shard(index: 0, count: 4).batched(64)
        #expect(part.count == 125)

        let ahead = prepared.prefetched(2)
        #expect(try ahead.batches().map(\.tensors) == prepared.batches().map(\.tensors))
    }
}
