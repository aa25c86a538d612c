import Datasets
import Foundation
import HostTensors
import Testing

@Suite struct DatasetTests {
    private func numbered(_ count: Int) throws -> Dataset {
        try Dataset(
            features: HostTensor((0..<count).map(Float.init), shape: [count, 1]),
            labels: HostTensor((0..<count).map(Int32.init)))
    }

    @Test(arguments: [1, 2, 3, 10, 64, 65, 1000]) func everyEpochIsAPermutation(count: Int) {
        for epoch in 0..<3 {
            let order = Permutation(count: count, seed: 5, epoch: epoch)
            #expect((0..<count).map { order[$0] }.sorted() == Array(0..<count))
        }
    }

    @Test func orderDependsOnSeedAndEpochOnly() {
        func order(_ seed: UInt64, _ epoch: Int) -> [Int] {
            let permutation = Permutation(count: 1000, seed: seed, epoch: epoch)
            return (0..<1000).map { permutation[$0] }
        }
        #expect(order(1, 0) == order(1, 0))
        #expect(order(1, 0) != order(1, 1))
        #expect(order(1, 0) != order(2, 0))
    }

    /// Each place gets each value about equally often over many epochs: χ² over 8 × 8 cells, 56 degrees of freedom.
    @Test func ordersAreWithoutBias() {
        let (count, epochs) = (8, 4000)
        var hits = [Int](repeating: 0, count: count * count)
        for epoch in 0..<epochs {
            let order = Permutation(count: count, seed: 11, epoch: epoch)
            for place in 0..<count { hits[place * count + order[place]] += 1 }
        }
        let expected = Double(epochs) / Double(count)
        let statistic = hits.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        #expect(statistic < 95)  // the 0.999 quantile is 94.5
    }

    @Test func batchesCoverAnEpochWithAShorterLast() throws {
        let dataset = try numbered(10).shuffled(seed: 1).batched(4)
        #expect(dataset.count == 10 && dataset.batchesPerEpoch == 3)
        let batches = try dataset.batches()
        #expect(batches.map(\.count) == [4, 4, 2])
        #expect(batches.flatMap { $0["features"]?.doubles() ?? [] }.sorted() == (0..<10).map(Double.init))
        for batch in batches { #expect(batch["label"]?.doubles() == batch["features"]?.doubles()) }
        #expect(batches.map(\.next) == [.init(batch: 1), .init(batch: 2), .init(epoch: 1)])
        #expect(try dataset.batched(4, dropRemainder: true).batches().map(\.count) == [4, 4])
    }

    @Test func otherColumnsCanBeLabels() throws {
        let turned = try numbered(3).batched(2).labelled("features")
        #expect(turned.featureColumns.map(\.name) == ["label"])
        #expect(turned.labelColumns.map(\.name) == ["features"])
        #expect(try turned.batches().map(\.count) == [2, 1])
        #expect(throws: ExecutionError.self) { try turned.labelled("none") }
    }

    /// Parts of batches: of tensors, of what is mapped and shuffled, of streams whose end is not known, made ahead or not.
    @Test(arguments: [1, 2, 3, 5], ["tensors", "stream", "counted stream", "prefetched"])
    func partsOfBatchesMakeTheWhole(count: Int, kind: String) throws {
        let base = try numbered(11).shuffled(seed: 3)
        let dataset =
            switch kind {
            case "stream": base.filtered { _ in true }.batched(4)
            case "counted stream": base.filtered { _ in true }.taking(11).batched(4)
            case "prefetched": base.batched(4).prefetched()
            default: base.batched(4)
            }
        let whole = try dataset.reader(from: .init(batch: 1))
        let parts = try (0..<count).map { try dataset.reader(from: .init(batch: 1), part: BatchPart($0, of: count)) }
        for _ in 0..<5 {
            let batch = try #require(try whole.next())
            let pieces = try parts.map { try #require(try $0.next()) }
            #expect(pieces.flatMap { $0["features"]?.doubles() ?? [] } == batch["features"]?.doubles())
            #expect(pieces.allSatisfy { $0.wholeCount == batch.count && $0.next == batch.next })
            #expect(pieces.flatMap(\.rows) == Array(0..<batch.count))
            #expect(pieces.map(\.count).max()! - pieces.map(\.count).min()! <= 1)
        }
    }

    @Test func withoutShufflingRowsKeepTheirOrder() throws {
        let reader = try numbered(5).batched(2).reader()
        let rows = try (0..<4).map { _ in try #require(try reader.next()?["features"]).doubles() }
        #expect(rows == [[0, 1], [2, 3], [4], [0, 1]])
    }

    @Test func badDatasetsSayWhatIsWrong() throws {
        let three = HostTensor(zeros: [3, 2], dtype: .f32)
        let unpaired = #expect(throws: ExecutionError.self) {
            try Dataset(features: three, labels: HostTensor(zeros: [2], dtype: .i32))
        }
        #expect(
            unpaired?.description
                == "dataset, label: expected as many rows as 'features', 3, got 2; "
                + "'features' is f32[3, 2], 'label' i32[2]: rows of axis 0 must pair")
        let scalar = #expect(throws: ExecutionError.self) { try Dataset(features: HostTensor(scalar: Float(1))) }
        #expect(
            scalar?.description == "dataset, features: expected one row of axis 0 an example, at least one, "
                + "got f32[]; give at least one example")
        let size = #expect(throws: ExecutionError.self) { try Dataset(features: three).batched(0).reader() }
        #expect(
            size?.description == "dataset: expected a batch size of at least 1, got 0; "
                + "call batched(_:) with the number of examples in a batch")
    }

    @Test(arguments: [(-1, 0), (0, -1), (0, 4), (0, Int.max), (Int.max, 0), (Int.min, 0), (0, Int.min)])
    func aPositionThatThereIsNotIsAnError(epoch: Int, batch: Int) throws {
        let whole = try numbered(10).batched(4)
        for dataset in [whole, whole.shuffled(seed: 1), whole.repeated(1), whole.prefetched()] {
            let error = #expect(throws: ExecutionError.self) {
                try dataset.reader(from: DataPosition(epoch: epoch, batch: batch))
            }
            #expect(
                error?.description
                    == "dataset, position: expected epoch 0 or more, batch 0 to 3, got epoch \(epoch), batch \(batch); "
                    + "start where a batch's position, or next, says, or at DataPosition()")
        }
        guard batch != 4 else { return }
        let stream = whole.filtered { _ in true }
        #expect(throws: ExecutionError.self) { try stream.reader(from: DataPosition(epoch: epoch, batch: batch)) }
    }

    @Test func sizesBeyondAllMeasureDoNotOverflow() throws {
        let large = #expect(throws: ExecutionError.self) { try numbered(10).batched(.max).reader() }
        #expect(large?.description.contains("make batches smaller; one batch of all examples has 10") == true)
        let block = #expect(throws: ExecutionError.self) {
            try numbered(10).filtered { _ in true }.shuffled(seed: 1, block: .max).reader()
        }
        #expect(block?.remedy == "make the blocks of shuffled smaller")
        let repeated = try numbered(10).repeated(.max).shuffled(seed: 1).batched(4)
        #expect(repeated.count == .max && repeated.batchesPerEpoch == .max / 4 + 1)
        #expect(try repeated.reader().next()?.count == 4)
        let stream = try numbered(10).filtered { _ in true }.repeated(.max).batched(4)
        #expect(try stream.reader().next()?["label"]?.doubles() == [0, 1, 2, 3])
        #expect(try numbered(10).shard(index: 3, count: .max).batched(4).batches().map(\.count) == [1])
        #expect(try numbered(10).prefetched(.max).batched(4).batches().map(\.count) == [4, 4, 2])
    }

    @Test(arguments: [[-2], [.max, .max]]) func noShapeIsPaddedTo(_ shape: [Int]) throws {
        let error = #expect(throws: ExecutionError.self) { try numbered(3).padded("features", to: shape) }
        #expect(
            error?.description == "dataset, column 'features': expected a shape of sizes of at least 0, which fits in "
                + "memory, got \(shape); correct the shape")
    }

    @Test func aMissingDataSetNamesThePackage() throws {
        let error = #expect(throws: ExecutionError.self) { try FashionMNIST.load("/nonexistent") }
        #expect(
            error?.description == "/nonexistent/train-images-idx3-ubyte.gz: expected the Fashion-MNIST data set, "
                + "got no such file; install it with: apt-get install dataset-fashion-mnist")
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: FashionMNIST.packagedFolder)))
    func fashionMNISTIsWhatItsAuthorsDescribe() throws {
        let (training, test) = try FashionMNIST.load()
        #expect(training.count == 60000 && test.count == 10000)
        #expect(training.columns == [Column("image", .f32, [28, 28, 1]), Column("label", .i32)])
        let tensors = try test.tensors()
        let labels = try #require(tensors["label"]).scalars(as: Int32.self)
        for label in 0..<10 { #expect(labels.count { $0 == label } == 1000) }
        // The first test image is an ankle boot.
        #expect(FashionMNIST.classNames[Int(labels[0])] == "Ankle boot")
        let pixels = try #require(tensors["image"]).scalars(as: Float.self)
        #expect(pixels.min() == 0 && pixels.max() == 1)
    }

    @Test func generatedExamplesMayDifferInShape() throws {
        @Sendable func make(_ index: Int) -> NamedTensors {
            ["tokens": HostTensor((0...Int32(index)).map { $0 + 1 }), "label": HostTensor(scalar: Int32(index))]
        }
        let fixed = try Dataset.generated(count: 3, labels: "label", example: make)
        let error = #expect(throws: ExecutionError.self) { try fixed.batched(3).batches() }
        #expect(error?.description.contains("name the column in varying: and pad it") == true)
        let examples = try Dataset.generated(count: 3, varying: ["tokens"], labels: "label", example: make)
        #expect(examples.columns.map(\.description) == ["tokens: i32 of varying shape", "label: i32[]"])
        let padded = try examples.padded("tokens", to: [3]).batched(3).batches()
        #expect(padded.first?["tokens"]?.doubles() == [1, 0, 0, 1, 2, 0, 1, 2, 3])
    }
}
