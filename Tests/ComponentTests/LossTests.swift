import GraphIR
import GraphTracing
import HostTensors
import Layers
import Testing

/// One loss and how near to the reference it must be.
struct LossRow: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let loss: Loss
    let tolerance: Double

    init(_ name: String, _ loss: Loss, tolerance: Double = 1e-10) {
        testDescription = name
        self.loss = loss
        self.tolerance = tolerance
    }
}

private let rows: [LossRow] = [
    LossRow("softmaxCrossEntropy", .softmaxCrossEntropy),
    LossRow("softmaxCrossEntropy smoothed", .softmaxCrossEntropy(labelSmoothing: 0.1)),
    LossRow("denseSoftmaxCrossEntropy", .denseSoftmaxCrossEntropy),
    LossRow("denseSoftmaxCrossEntropy smoothed", .denseSoftmaxCrossEntropy(labelSmoothing: 0.2)),
    LossRow("sigmoidCrossEntropy", .sigmoidCrossEntropy),
    LossRow("sigmoidCrossEntropy smoothed", .sigmoidCrossEntropy(labelSmoothing: 0.2)),
    LossRow("sigmoidCrossEntropy weighted", .sigmoidCrossEntropy(positiveWeight: 3)),
    LossRow("focal", .focal()),
    LossRow("focal balanced", .focal(gamma: 1.5, alpha: 0.25)),
    LossRow("softmaxFocal", .softmaxFocal(gamma: 2, alpha: 0.25)),
    LossRow("hinge", .hinge),
    LossRow("hinge of bits", .hinge),
    LossRow("squaredHinge", .squaredHinge),
    LossRow("categoricalHinge", .categoricalHinge),
    LossRow("meanSquaredError", .meanSquaredError),
    LossRow("meanAbsoluteError", .meanAbsoluteError),
    LossRow("meanAbsolutePercentageError", .meanAbsolutePercentageError),
    LossRow("meanSquaredLogarithmicError", .meanSquaredLogarithmicError, tolerance: 1e-6),
    LossRow("huber", .huber()),
    LossRow("huber wide", .huber(delta: 2.5)),
    LossRow("logCosh", .logCosh),
    LossRow("poisson", .poisson),
    LossRow("logPoisson", .logPoisson),
    LossRow("klDivergence", .klDivergence),
    LossRow("cosineSimilarity", .cosineSimilarity),
    LossRow("triplet", .triplet(margin: 0.5)),
    LossRow("ctc", .ctc, tolerance: 1e-5),
]

@Suite struct LossTests {
    let reference: Reference
    init() throws { reference = try Reference("losses") }

    /// Values as the reference has them: a mean over the last axis where it gives one number an example.
    private func values(_ loss: Loss, _ outputs: Tensor, _ labels: Tensor, like expected: HostTensor) -> Tensor {
        let values = loss.values(outputs: outputs, labels: labels)
        return values.rank > expected.shape.count ? values.mean(axes: [-1]) : values
    }

    @Test(arguments: rows) func isWhatTheReferenceSays(_ row: LossRow) throws {
        let outputs = Tensor(try reference(row.testDescription, "outputs"))
        let labels = Tensor(try reference(row.testDescription, "labels"))
        let expected = try reference(row.testDescription, "values")
        #expect(row.loss.labelType(for: outputs.type).dtype == labels.dtype)
        try values(row.loss, outputs, labels, like: expected).expectClose(to: expected, row.tolerance)
    }

    @Test(arguments: rows) func gradientIsTheSlope(_ row: LossRow) throws {
        let labels = Tensor(try reference(row.testDescription, "labels"))
        try checkGradient(row.testDescription, at: [reference(row.testDescription, "outputs")]) {
            row.loss.values(outputs: $0[0], labels: labels)
        }
    }

    @Test func everyReferenceIsUsed() {
        #expect(
            reference.components(with: "values") == Set(rows.map(\.testDescription)).union(["tripletLoss"]))
    }

    @Test func tripletsOfThreeTensors() throws {
        let parts = try ["anchor", "positive", "negative"].map { try reference("tripletLoss", $0) }
        let loss: ([Tensor]) -> Tensor = { tripletLoss(anchor: $0[0], positive: $0[1], negative: $0[2]) }
        try loss(parts.map { Tensor($0) }).expectClose(to: reference("tripletLoss", "values"))
        try checkGradient("tripletLoss", at: parts, loss)
    }

    @Test(arguments: Loss.Reduction.allCases) func reductions(_ reduction: Loss.Reduction) throws {
        let outputs = Tensor(try reference("reduction", "outputs"))
        let labels = Tensor(try reference("reduction", "labels"))
        let weights = Tensor(try reference("reduction", "weights"))
        let loss = Loss.softmaxCrossEntropy.reduced(by: reduction)
        let name = "reduction \(reduction.rawValue)"
        try loss(outputs: outputs, labels: labels).expectClose(to: reference(name, "plain"))
        try loss(outputs: outputs, labels: labels, weights: weights).expectClose(to: reference(name, "weighted"))
        try loss(outputs: outputs, labels: labels, weights: labels .!= 1)
            .expectClose(to: reference(name, "masked"))
        try loss.ignoring(label: 1)(outputs: outputs, labels: labels).expectClose(to: reference(name, "masked"))
    }

    @Test func weightsCountExamplesOfSeveralElements() throws {
        let outputs = Tensor([[1, 2, 3], [4, 5, 6]])
        let labels = Tensor([[0, 0, 0], [0, 0, 0]])
        let weighted = Loss.meanAbsoluteError(outputs: outputs, labels: labels, weights: Tensor([1, 3]))
        try weighted.expectClose(to: HostTensor(scalar: (6 + 3 * 15) / 12.0), 1e-6)
        let nothing = Loss.meanAbsoluteError(outputs: outputs, labels: labels, weights: Tensor([0, 0]))
        try nothing.expectClose(to: HostTensor(scalar: 0.0))
        let wrong = Loss.meanAbsoluteError(outputs: outputs, labels: labels, weights: Tensor([1, 2, 3]))
        #expect("\(wrong)".contains("weights f32[3] do not fit values f32[2,3]"))
    }

    @Test func ignoredLabelsDoNotCountWithWeightsEither() throws {
        let outputs = Tensor([[2, 0], [0, 1], [3, 3]])
        let labels = Tensor(HostTensor([0, 1, -1] as [Int32]))
        let loss = Loss.softmaxCrossEntropy.ignoring(label: -1)
        let two = loss(outputs: outputs[0..<2], labels: labels[0..<2], weights: Tensor([1, 2]))
        try loss(outputs: outputs, labels: labels, weights: Tensor([1, 2, 9])).expectClose(to: two.evaluated(), 1e-6)
    }

    @Test func labelsThatDoNotFitTheTimeCostMuch() throws {
        let logits = Tensor.zeros(TensorType(.f32, [1, 2, 3]))
        let loss = Loss.ctc(outputs: logits, labels: Tensor(try HostTensor([1, 1] as [Int32], shape: [1, 2])))
        #expect(try loss.evaluated().doubles()[0] > 1e29)
    }

    private static let withNumbers: [Loss] = [
        .sigmoidCrossEntropy, .sigmoidCrossEntropy(labelSmoothing: 0.1), .sigmoidCrossEntropy(positiveWeight: 2),
        .focal(),
        .focal(alpha: 0.3), .hinge, .squaredHinge, .categoricalHinge, .denseSoftmaxCrossEntropy, .softmaxFocal(),
        .meanSquaredError, .huber(), .poisson, .logPoisson, .klDivergence, .cosineSimilarity,
    ]

    @Test(arguments: withNumbers.indices) func labelsMayBeWholeNumbersOrTruthValues(at: Int) throws {
        let loss = Self.withNumbers[at]
        let outputs = Tensor([[0.5, 2, 0.25], [1, 0.125, 3]])
        let labels = Tensor([[0, 1, 0], [1, 0, 0]])
        let expected = try loss.values(outputs: outputs, labels: labels).evaluated()
        for dtype in [DType.bool, .u8, .i32, .i64] {
            let values = loss.values(outputs: outputs, labels: labels.cast(to: dtype))
            #expect(try values.evaluated() == expected, "\(loss.name) of \(dtype)")
        }
    }
}
