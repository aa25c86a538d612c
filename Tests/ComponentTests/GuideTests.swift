import Foundation
import GraphIR
import GraphTracing
import HostTensors
import Layers
import Testing
import Training

/// What the guides in `docs/guides` show: their code blocks stand here word for word, so they compile, and they run.
@Suite struct GuideTests {
    @Test(arguments: ["layers.md", "losses-and-metrics.md"]) func codeOfTheGuideIsHere(_ page: String) throws {
        let here = URL(fileURLWithPath: #filePath)
        let root = here.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let guide = try String(contentsOf: root.appendingPathComponent("docs/guides/\(page)"), encoding: .utf8)
        let code = lines(try String(contentsOf: here, encoding: .utf8)).joined(separator: "\n")
        let blocks = guide.components(separatedBy: "```swift\n").dropFirst()
            .compactMap { $0.components(separatedBy: "```").first }
        #expect(blocks.count >= 5)
        for block in blocks {
            #expect(code.contains(lines(block).joined(separator: "\n")), "\(page): no test runs\n\(block)")
        }
    }

    /// Lines without indentation and empty ones.
    private func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    /// What a block would print, collected.
    private final class Output {
        var printed: [String] = []
    }

    // MARK: - layers.md

    struct Classifier: Layer {
        let features = Sequential {
            Conv2D(filters: 8, kernelSize: 3, padding: .same, activation: .relu)
            MaxPool2D()
            Residual {
                Conv2D(filters: 8, kernelSize: 3, padding: .same, activation: .silu)
                Conv2D(filters: 8, kernelSize: 3, padding: .same)
            }
            GlobalAveragePool()
        }
        let dropout = Dropout(rate: 0.2)
        let logits = Dense(units: 10)

        func callAsFunction(_ image: Tensor) -> Tensor { logits(dropout(features(image))) }
    }

    @Test func aModel() throws {
        let output = Output()
        func print(_ value: Any) { output.printed.append("\(value)") }
        let module = try TrainingModule.build(
            model: Classifier(), loss: .softmaxCrossEntropy, optimizer: .adam(),
            input: FeatureSpec("image", .f32, [28, 28, 1]))
        print(module.states.filter { $0.role == .parameter }.map(\.path))
        try verify(module)
        #expect(output.printed[0].hasPrefix("[\"features/0/weight\", \"features/0/bias\", \"features/2/0/weight\""))
    }

    @Test func parametersInAModel() throws {
        let output = Output()
        func print(_ value: Any) { output.printed.append("\(value)") }
        struct Scaled: Layer {
            let scale = Parameter(shape: [3], initializer: .constant(2))
            func callAsFunction(_ x: Tensor) -> Tensor { x * scale.value }
        }
        print(Scaled()(Tensor([1, 2, 3])))
        #expect(output.printed == ["[2.0, 4.0, 6.0]"])
    }

    @Test func sequences() throws {
        let output = Output()
        func print(_ value: Any) { output.printed.append("\(value)") }
        let reader = Sequential {
            Embedding(vocabulary: 100, size: 8)
            Bidirectional(LSTM(units: 6, returnsSequences: true))
            GRU(units: 4)
            Dense(units: 1)
        }
        print(reader(Tensor(try HostTensor([1, 2, 3, 4] as [Int32], shape: [1, 4]))).shape)
        let block = TransformerEncoder(heads: 4, size: 8, units: 64, keyHeads: 2, isCausal: true, rotary: Rotary())
        let sequence = Tensor.ones(TensorType(.f32, [2, 5, 32]))
        print(block(sequence).shape)
        #expect(output.printed == ["[1, 1]", "[2, 5, 32]"])

        struct Judge: Layer {
            let embedding = Embedding(vocabulary: 100, size: 8)
            let reader = Bidirectional(LSTM(units: 6))
            let value = Dense(units: 1)
            func callAsFunction(_ tokens: Tensor) -> Tensor { value(reader(embedding(tokens), mask: tokens .> 0)) }
        }
        let judge = Judge()
        let padded = judge(Tensor([5, 7, 0, 0] as [Int32], shape: [1, 4]))
        let alone = judge(Tensor([5, 7] as [Int32], shape: [1, 2]))
        #expect(try padded.evaluated().isClose(to: alone.evaluated()))

        let (encoder, decoder) = (LSTM(units: 6), LSTM(units: 6, returnsSequences: true))
        let question = Tensor.ones(TensorType(.f32, [2, 7, 3]))
        let answer = Tensor.ones(TensorType(.f32, [2, 4, 3]))
        let memory = encoder(question, states: nil).states
        print(decoder(answer, states: memory).output.shape)
        #expect(output.printed.last == "[2, 4, 6]")

        // Numbers without a vector, as the page says.
        let vectors = Embedding(vocabulary: 3, size: 2)
        let indices = Tensor([-1, 3, 1] as [Int32])
        try vectors(indices)[..<2].expectClose(to: HostTensor(zeros: [2, 2], dtype: .f32))
        let slope = gradients(of: vectors(indices).sum(), withRespectTo: [vectors.table.value])[0]
        try slope.expectClose(to: HostTensor(rows: [[0, 0], [1, 1], [0, 0]] as [[Float]]))
    }

    // MARK: - losses-and-metrics.md

    @Test func losses() throws {
        let output = Output()
        func print(_ value: Any) { output.printed.append("\(value)") }
        let logits = Tensor([[2, 0, 1], [0, 3, 0]])
        let labels = Tensor(HostTensor([0, 2] as [Int32]))
        let loss = Loss.softmaxCrossEntropy
        print(loss.values(outputs: logits, labels: labels))
        print(loss(outputs: logits, labels: labels))
        let weighted = loss(outputs: logits, labels: labels, weights: Tensor([1, 3]))
        let masked = loss.ignoring(label: 2)(outputs: logits, labels: labels)
        #expect(output.printed.count == 2 && !output.printed.contains { $0.hasPrefix("error") })
        let values = try loss.values(outputs: logits, labels: labels).evaluated().doubles()
        #expect(abs(try weighted.evaluated().doubles()[0] - (values[0] + 3 * values[1]) / 4) < 1e-6)
        #expect(abs(try masked.evaluated().doubles()[0] - values[0]) < 1e-6)

        let balanced = Loss.softmaxCrossEntropy.weighting(classes: [1, 1, 8])
        let rareYes = Loss.sigmoidCrossEntropy.weighting(classes: [1, 20])
        let counted = try balanced(outputs: logits, labels: labels).evaluated().doubles()[0]
        #expect(abs(counted - (values[0] + 8 * values[1]) / 9) < 1e-6)
        let answers = try rareYes(outputs: Tensor([0, 0]), labels: Tensor([0, 1])).evaluated().doubles()[0]
        #expect(abs(answers - 0.6931472) < 1e-6)

        let sparse = Loss.huber(delta: 2).adding(.l1(1e-4), on: ["wide/*"]).adding(.l2(1e-3), on: ["deep/*weight"])
        #expect(sparse.penalties.count == 2)
        let quartic = Loss("quartic", outputName: "prediction", labels: { $0 }) { outputs, targets in
            pow(outputs - targets, 4)
        }
        #expect(try quartic(outputs: Tensor([2, 3]), labels: Tensor([1, 1])).evaluated().doubles() == [8.5])
    }

    @Test func metrics() throws {
        let within = StreamingMetric.mean("within_1") { batch in
            (abs(batch.outputs - batch.labels) .<= 1).cast(to: .f32)
        }
        let outputs = Tensor([1, 5])
        let batch = StreamingMetric.Batch(outputs: outputs, labels: Tensor([1.5, 2]), losses: outputs)
        #expect(try within.result(within.contributions(batch)).evaluated().doubles() == [0.5])
    }

    @Test func optimizersAndAllTogether() throws {
        let output = Output()
        func print(_ value: Any) { output.printed.append("\(value)") }
        let optimizer = Optimizer.adam(learningRate: .cosine(1e-3, over: 10_000).warmedUp(over: 500))
            .clipping(.globalNorm(1))
            .decaying(0.01, excluding: ["*bias", "*/scale", "*/offset"])
            .averagingWeights(decay: 0.999)
            .freezing(["0/bias"])
            .constraining(["*/weight"], to: .maxNorm(3))
            .accumulating(batches: 4)
        let schedule = LearningRate.piecewise([(1e-3, until: 1_000), (1e-4, until: 2_000)], then: 1e-5)
        print(schedule(after: Tensor(HostTensor(scalar: Int64(1_500)))))
        let module = try TrainingModule.build(
            model: Sequential {
                Dense(units: 16, activation: .relu)
                Dense(units: 3)
            }, loss: .softmaxCrossEntropy, optimizer: optimizer, metrics: [.accuracy, .confusionMatrix(classes: 3)],
            input: FeatureSpec("x", .f32, [8]), weight: FeatureSpec("weight"))
        print(module.functions.map(\.name))
        try verify(module)
        #expect(
            output.printed == ["0.0001", "[\"init\", \"predict\", \"evaluate\", \"resetMetrics\", \"train\"]"])
    }
}
