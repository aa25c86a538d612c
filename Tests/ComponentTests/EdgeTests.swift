import GraphIR
import GraphTracing
import HostTensors
import Layers
import Testing
import Training

/// Inputs at which formulas are true, and what is computed by them need not be. The numbers expected of losses and activations are
/// PyTorch 2.13's in float64.
@Suite struct EdgeTests {
    private static let infinity = Double.infinity

    /// A loss and its values and gradient, of which the gradient is that of the sum.
    private func expect(
        _ loss: Loss, of outputs: HostTensor, _ labels: HostTensor, values: [Double], gradient expected: [Double]
    ) throws {
        let labels = Tensor(labels)
        try loss.values(outputs: Tensor(outputs), labels: labels).expectClose(to: HostTensor(values), 1e-6, loss.name)
        let slope = try gradient { loss.values(outputs: $0, labels: labels).sum() }(Tensor(outputs)).evaluated()
        let found = slope.doubles()
        #expect(found.count == expected.count)
        for (found, expected) in zip(found, expected) {
            #expect(abs(found - expected) <= 1e-5 * abs(expected) + 1e-30, "\(loss.name): \(slope)")
        }
    }

    @Test func focalLossesOfWhatIsLearnedHaveGradients() throws {
        try expect(
            .focal(gamma: 0.5), of: HostTensor([20, -20, 0.5, 60] as [Double]), HostTensor([1, 0, 1, 1] as [Double]),
            values: [9.357622949552677e-14, 9.35762025152363e-14, 0.2912934651463975, 0],
            gradient: [-1.4036434740899058e-13, 1.4036433056026998e-13, -0.3226365328560928, 0])
        try expect(
            .softmaxFocal(gamma: 0.5), of: HostTensor(rows: [[20, 0, 0], [0.5, 0, -1]] as [[Double]]),
            HostTensor(rows: [[1, 0, 0], [0, 1, 0]] as [[Double]]),
            values: [2.6467355862201897e-13, 0.9027583034792498],
            gradient: [
                -3.970103384785613e-13, 1.9850516170551684e-13, 1.9850516170551684e-13, 0.5692043085348787,
                -0.6962109570554424, 0.12700664852056373,
            ])
        // So sure that no digit is left of the doubt.
        for loss in [Loss.focal(gamma: 0.5), .softmaxFocal(gamma: 0.5)] {
            let labels = Tensor([[1, 0]])
            let slope = gradient { loss.values(outputs: $0, labels: labels).sum() }(Tensor([[500, -500]]))
            try slope.expectClose(to: HostTensor(rows: [[0, 0]] as [[Float]]), 1e-10, loss.name)
        }
    }

    @Test func noSmoothingIsThePlainLoss() throws {
        let outputs = try HostTensor([-.infinity, 1, 2] as [Float]).reshaped([1, 3])
        try Loss.softmaxCrossEntropy(labelSmoothing: 0)
            .values(outputs: Tensor(outputs), labels: Tensor(HostTensor([2] as [Int32])))
            .expectClose(to: HostTensor([0.31326165795326233] as [Double]), 1e-6)
    }

    /// An infinity times 0 is not a number; what does not count is not looked at.
    @Test func whatDoesNotCountMayBeInfinite() throws {
        let outputs = Tensor(try HostTensor(rows: [[-Self.infinity, 1, 2], [0, 1, 2]]))
        let labels = Tensor(HostTensor([0, 2] as [Int32]))
        let expected = HostTensor(scalar: 0.40760596444438)
        let ignoring = Loss.softmaxCrossEntropy.ignoring(label: 0)
        try ignoring(outputs: outputs, labels: labels).expectClose(to: expected, 1e-7)
        try gradient { ignoring(outputs: $0, labels: labels) }(outputs)
            .expectClose(
                to: HostTensor(rows: [[0, 0, 0], [0.09003057317038, 0.244728471054798, -0.334759044225178]]), 1e-7)
        for mask in [Tensor([0, 1]), Tensor([false, true], shape: [2])] {
            try Loss.softmaxCrossEntropy(outputs: outputs, labels: labels, weights: mask).expectClose(
                to: expected, 1e-7)
            let metric = StreamingMetric.mean(of: .softmaxCrossEntropy)
            let batch = StreamingMetric.Batch(outputs: outputs, labels: labels, losses: labels, weights: mask)
            try metric.result(metric.contributions(batch)).expectClose(to: expected, 1e-6)
        }
    }

    @Test func celuHasOneSlopeAtZero() throws {
        let x = Tensor([0, 1, -1, 200])
        try celu(x, alpha: 1.5).expectClose(to: HostTensor([0, 1, -0.7298743724822998, 200] as [Float]), 1e-6)
        try gradient { celu($0, alpha: 1.5).sum() }(x)
            .expectClose(to: HostTensor([1, 1, 0.5134171, 1] as [Float]), 1e-6)
    }

    @Test(
        arguments: [
            // The label's output is the second largest.
            ([1, 3, 2], 2, [0, 1, 1]),
            // A class that is ruled out, beside the label or as the label.
            ([-infinity, 3, 2], 2, [0, 1, 1]), ([-infinity, 3, 2], 0, [0, 0, 1]), ([-infinity, 3, 2], 1, [1, 1, 1]),
            ([infinity, 3, 2], 1, [0, 1, 1]), ([infinity, 3, 2], 0, [1, 1, 1]),
            // Labels that are none.
            ([-1, -3, -2], 3, [0, 0, 0]), ([-1, -3, -2], -1, [0, 0, 0]),
            // Ties count for the label.
            ([2, 2, 2], 1, [1, 1, 1]),
            ([.nan, .nan, .nan], 1, [0, 0, 0]), ([2, .nan, 1], 1, [0, 0, 0]),
        ] as [([Double], Int, [Double])])
    func topKFindsLabels(_ outputs: [Double], label: Int, expected: [Double]) throws {
        let row = try HostTensor(outputs).converted(to: .f32).reshaped([1, 3])
        for (k, expected) in zip(1..., expected) {
            let metric = StreamingMetric.topK(k)
            let labels = Tensor(HostTensor([Int32(label)]))
            let batch = StreamingMetric.Batch(outputs: Tensor(row), labels: labels, losses: Tensor([0]))
            try metric.result(metric.contributions(batch)).expectClose(
                to: HostTensor(scalar: expected), 1e-10, "k = \(k)")
        }
    }

    @Test(arguments: [([0.1, 0.1, 0.1], 1), ([0.1, 0.2, 0.1], 0), ([5, 9, -7], 0)] as [([Float], Double)])
    func labelsThatAreAllTheSameAreExplainedOrNot(_ outputs: [Float], expected: Double) throws {
        let labels = Tensor([0.1, 0.1, 0.1] as [Float], shape: [3])
        let metric = StreamingMetric.r2
        let batch = StreamingMetric.Batch(
            outputs: Tensor(outputs, shape: [3]), labels: labels, losses: Tensor([0, 0, 0]))
        try metric.result(metric.contributions(batch)).expectClose(to: HostTensor(scalar: expected))
    }

    @Test func aLargeBetaHasAName() { #expect(StreamingMetric.fBeta(1e30).name == "f1e+30") }

    /// The mean of squares less the square of the mean is 0 then, and in f32 often less.
    @Test func centeredRMSpropStandsSteadyGradients() throws {
        let optimizer = Optimizer.rmsprop(learningRate: 0.01, centered: true)
        let gradients = Tensor((1...200).map { Float($0) * 0.37 }, shape: [200])
        let zeros = Tensor.zeros(gradients.type)
        let result = scan([Tensor(HostTensor(scalar: Int64(1))), zeros, zeros, zeros], length: 300) { carries, _ in
            let (parameter, slots) = optimizer(
                Optimizer.Step(
                    parameter: carries[1], gradient: gradients, slots: Array(carries[2...]), number: carries[0],
                    rate: .scalar(0.01)))
            return ([carries[0] + 1, parameter] + slots, [])
        }
        #expect(try result.carries[1].evaluated().doubles().allSatisfy { $0.isFinite && $0 < 0 })
    }

    @Test func aCycleThatOnlyRisesEndsSomewhere() throws {
        let rate = LearningRate.oneCycle(peak: 0.1, over: 40, rising: 1)
        for (step, expected) in [(0, 0.004), (20, 0.052), (40, 0.1), (41, 4e-7), (100, 4e-7)] {
            try rate(after: Tensor(HostTensor(scalar: Int64(step))))
                .expectClose(to: HostTensor(scalar: expected), 1e-6, "\(step)")
        }
    }

    @Test func normsOfUnusualOrders() throws {
        let x = Tensor([[3, -4, 0], [-2, 0.5, 7]])
        for (order, expected) in [(0, [2, 3]), (-Self.infinity, [0, 0.5]), (Self.infinity, [4, 7])]
            as [(Double, [Float])]
        {
            try x.norm(order, axes: [-1]).expectClose(to: HostTensor(expected), 1e-10, "\(order)")
        }
    }

    /// Sums and squares of 16 bits leave the range of what is asked for.
    @Test(arguments: [DType.f16, .bf16]) func meansAndNormsOfHalvesAreComputedInSingle(_ dtype: DType) throws {
        let large = Tensor.full(1000, TensorType(dtype, [100]))
        try large.mean().expectClose(to: HostTensor(scalar: 1000.0), 1e-10, "mean")
        try Tensor.full(0.5, TensorType(dtype, [70_000])).mean().expectClose(to: HostTensor(scalar: 0.5), 1e-10, "many")
        // 768 and 1280 are exact in both types: the mean is 1024, the deviation 256.
        let x = Tensor([768, 1280, 768, 1280]).cast(to: dtype).reshaped(to: [1, 4])
        try (x - 1024).variance().expectClose(to: HostTensor(scalar: dtype == .bf16 ? 65536.0 : .infinity), 1e-10)
        try (x * 0.5).standardDeviation().expectClose(to: HostTensor(scalar: 128.0), 1e-10, "deviation")
        let (ones, zeros) = (Tensor.full(1, TensorType(dtype, [4])), Tensor.zeros(TensorType(dtype, [4])))
        let sides = try HostTensor(rows: [[-1, 1, -1, 1] as [Float]])
        for (order, expected) in [(2.0, 3000), (3, 2080.083823), (1, 9000)] {
            try Tensor.full(1000, TensorType(dtype, [9])).norm(order)
                .expectClose(to: HostTensor(scalar: expected), dtype == .bf16 ? 4e-3 : 5e-4, "norm \(order)")
        }
        try layerNorm(x, scale: ones, offset: zeros).expectClose(to: sides, 1e-10, "layerNorm")
        try groupNorm(x, scale: ones, offset: zeros, groups: 1).expectClose(to: sides, 1e-10, "groupNorm")
        try batchNorm(x.transposed(), scale: ones[0..<1], offset: zeros[0..<1]).result
            .expectClose(to: HostTensor([-1, 1, -1, 1] as [Float]).reshaped([4, 1]), 1e-10, "batchNorm")
        let same = Tensor.full(-400, TensorType(dtype, [1, 4]))
        try rmsNorm(same, scale: ones)
            .expectClose(to: HostTensor(rows: [[-1, -1, -1, -1] as [Float]]), 1e-10, "rmsNorm")
    }
}
