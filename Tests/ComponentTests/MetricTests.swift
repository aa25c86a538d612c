import GraphIR
import GraphTracing
import HostTensors
import Layers
import Testing

/// One metric and the examples it is measured on.
struct MetricRow: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let metric: StreamingMetric
    let data: String
    let loss: Loss

    init(_ name: String, _ metric: StreamingMetric, on data: String, loss: Loss = .logPoisson) {
        testDescription = name
        self.metric = metric
        self.data = data
        self.loss = loss
    }
}

private let rows: [MetricRow] = [
    MetricRow("accuracy", .accuracy, on: "classes", loss: .softmaxCrossEntropy),
    MetricRow("topK", .topK(2), on: "classes", loss: .softmaxCrossEntropy),
    MetricRow("confusionMatrix", .confusionMatrix(classes: 4), on: "classes", loss: .softmaxCrossEntropy),
    MetricRow("macroF1", .macroF1(classes: 4), on: "classes", loss: .softmaxCrossEntropy),
    MetricRow("macroPrecision", .macroPrecision(classes: 4), on: "classes", loss: .softmaxCrossEntropy),
    MetricRow("macroRecall", .macroRecall(classes: 4), on: "classes", loss: .softmaxCrossEntropy),
    MetricRow(
        "meanIntersectionOverUnion", .meanIntersectionOverUnion(classes: 4), on: "classes",
        loss: .softmaxCrossEntropy),
    MetricRow("loss", .loss, on: "classes", loss: .softmaxCrossEntropy),
    MetricRow("perplexity", .perplexity, on: "classes", loss: .softmaxCrossEntropy),
    MetricRow("categoricalAccuracy", .categoricalAccuracy, on: "distributions"),
    MetricRow("binaryAccuracy", .binaryAccuracy, on: "bits"),
    MetricRow("precision", .precision, on: "bits"),
    MetricRow("recall", .recall, on: "bits"),
    MetricRow("recall at 0.7", .recall(threshold: 0.7), on: "bits"),
    MetricRow("f1", .f1, on: "bits"),
    MetricRow("fBeta", .fBeta(2), on: "bits"),
    MetricRow("accuracyBaseline", .accuracyBaseline, on: "bits"),
    MetricRow("meanLabel", .meanLabel, on: "bits"),
    MetricRow("meanPrediction", .meanPrediction, on: "bits"),
    MetricRow("auc", .auc(), on: "bits"),
    MetricRow("auc precision recall", .auc(.precisionRecall), on: "bits"),
    MetricRow("meanSquaredError", .meanSquaredError, on: "values"),
    MetricRow("rootMeanSquaredError", .rootMeanSquaredError, on: "values"),
    MetricRow("meanAbsoluteError", .meanAbsoluteError, on: "values"),
    MetricRow("r2", .r2, on: "values"),
    MetricRow("meanOutput", .meanOutput, on: "values"),
    MetricRow("sum", .sum("sum") { $0.outputs }, on: "values"),
    MetricRow("mean of huber", .mean(of: .huber()), on: "values"),
    MetricRow("cosineSimilarity", .cosineSimilarity, on: "vectors"),
]

@Suite struct MetricTests {
    let reference: Reference
    init() throws { reference = try Reference("metrics") }

    /// The sums that some of a row's examples give.
    private func sums(_ row: MetricRow, _ examples: Range<Int>, weighted: Bool) throws -> [Tensor] {
        func part(_ what: String) throws -> Tensor {
            Tensor(try reference("data \(row.data)", what)[rows: examples])
        }
        let (outputs, labels) = (try part("outputs"), try part("labels"))
        return row.metric.contributions(
            StreamingMetric.Batch(
                outputs: outputs, labels: labels, losses: row.loss.values(outputs: outputs, labels: labels),
                weights: weighted ? try part("weights") : nil))
    }

    /// The figures of two parts merge by adding their sums.
    @Test(arguments: rows) func isWhatTheReferenceSays(_ row: MetricRow) throws {
        let count = try reference("data \(row.data)", "outputs").shape[0]
        for (weighted, what) in [(false, "plain"), (true, "weighted")] {
            let first = try sums(row, 0..<7, weighted: weighted)
            let second = try sums(row, 7..<count, weighted: weighted)
            for (sum, tensor) in zip(row.metric.sums, first) {
                #expect(tensor.type == TensorType(sum.dtype, sum.shape.map { Dim($0) }))
            }
            let figure = row.metric.result(zip(first, second).map { $0 + $1 })
            #expect(figure.dtype == .f32)
            try figure.expectClose(to: reference(row.testDescription, what), 2e-6, what)
        }
    }

    @Test func everyReferenceIsUsed() {
        #expect(reference.components(with: "plain") == Set(rows.map(\.testDescription)))
    }

    @Test(arguments: rows) func beforeAnyExampleNothingIsInfinite(_ row: MetricRow) throws {
        let zeros = row.metric.sums.map { Tensor.zeros(TensorType($0.dtype, $0.shape.map { Dim($0) })) }
        let figure = try row.metric.result(zeros).evaluated()
        #expect(figure.doubles().allSatisfy { $0.isFinite })
    }

    @Test func probabilitiesMayStandForLogits() throws {
        let logits = Tensor([1, -2, 0.5, 3])
        let labels = Tensor([1, 0, 0, 1])
        func figure(_ metric: StreamingMetric, _ outputs: Tensor) throws -> HostTensor {
            let batch = StreamingMetric.Batch(outputs: outputs, labels: labels, losses: outputs)
            return try metric.result(metric.contributions(batch)).evaluated()
        }
        for make in [
            { StreamingMetric.precision(threshold: 0.6, outputs: $0) }, { .recall(threshold: 0.6, outputs: $0) },
            { .fBeta(0.5, threshold: 0.6, outputs: $0) }, { .binaryAccuracy(threshold: 0.6, outputs: $0) },
            { .auc(.roc, outputs: $0) },
        ] as [(StreamingMetric.BinaryOutput) -> StreamingMetric] {
            #expect(try figure(make(.logits), logits) == figure(make(.probabilities), sigmoid(logits)))
        }
        #expect(StreamingMetric.fBeta(0.5).name == "f0.5")
        #expect(StreamingMetric.accuracy.named("hits").name == "hits")
    }
}
