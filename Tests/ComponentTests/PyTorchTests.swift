import Foundation
import GraphIR
import GraphTracing
import HostTensors
import Layers
import Testing

/// What users of PyTorch look for. The numbers expected are PyTorch 2.13's in float64: of `cross_entropy`,
/// `binary_cross_entropy_with_logits`, `interpolate` and `conv_transpose2d`, and of the formula of the pinball loss.
@Suite struct PyTorchTests {
    private static func rows(_ rows: [[Double]]) throws -> Tensor { Tensor(try HostTensor(rows: rows)) }
    private static func image(_ shape: [Int], _ number: (Int) -> Double) throws -> Tensor {
        Tensor(try HostTensor((0..<shape.reduce(1, *)).map(number), shape: shape))
    }

    /// One loss of outputs and labels.
    private struct Row {
        let loss: Loss
        let outputs: Tensor
        let labels: Tensor
        var values: [Double]?
        let mean: Double
        var gradient: [Double]?
    }

    private static func lossRows() throws -> [Row] {
        let logits = try rows([[2, 0, 1], [0, 3, -1], [0.5, -0.5, 0.25], [1, 1, -2]])
        let shares = try rows([[0.7, 0.2, 0.1], [0, 0, 1], [0, 1, 0], [0.25, 0.25, 0.5]])
        let (numbers, targets) = (Tensor([1, 2, -0.5, 4] as [Double]), Tensor([3, 1.5, -0.5, 2] as [Double]))
        let answers = (Tensor([0.3, -1, 2, -0.5] as [Double]), Tensor([1, 0, 0, 1] as [Double]))
        return [
            // cross_entropy(weight=[1, 0.5, 4]), whose ignored label is -100.
            Row(
                loss: .softmaxCrossEntropy.ignoring(label: -100).weighting(classes: [1, 0.5, 4]), outputs: logits,
                labels: Tensor([0, 2, 1, -100] as [Int32]), mean: 3.19147324781977,
                gradient: [
                    -0.0608652807682142, 0.0163691951218874, 0.0444960856463268, 0.0339000891476174, 0.680901492273822,
                    -0.71480158142144, 0.0423486879333205, -0.0753298792578371, 0.0329811913245166, 0, 0, 0,
                ]),
            Row(
                loss: .softmaxCrossEntropy.weighting(classes: [1, 0.5, 4]).reduced(by: .sum), outputs: logits,
                labels: Tensor([0, 2, 1, -100] as [Int32]), mean: 17.5531028630087),
            Row(
                loss: .denseSoftmaxCrossEntropy(classWeights: [1, 0.5, 4]), outputs: logits, labels: shares,
                values: [1.08912715733326, 16.2635356150297, 0.881961283534644, 7.70462280683342],
                mean: 6.48481171568276,
                gradient: [
                    0.0245722867324465, 0.00200917195111413, -0.0265814586835607, 0.0466126225779739, 0.936239551876506,
                    -0.98285217445448, 0.0582294459083157, -0.103578583979526, 0.0453491380712103, 0.227164233501469,
                    0.258414233501469, -0.485578467002937,
                ]),
            Row(
                loss: .denseSoftmaxCrossEntropy(labelSmoothing: 0.2, classWeights: [1, 0.5, 4]), outputs: logits,
                labels: shares, values: [1.35409057949621, 14.3016525900682, 1.08567396808645, 7.22686808231119],
                mean: 5.992071306),
            // pos_weight=[3, 1, 0.25]
            Row(
                loss: .sigmoidCrossEntropy(positiveWeights: [3, 1, 0.25]), outputs: logits,
                labels: try rows([[1, 0, 1], [0, 1, 0], [1, 1, 0.5], [0, 0, 0]]),
                values: [
                    0.380784033128918, 0.693147180559945, 0.0783154218795557, 0.693147180559945, 0.0485873515737421,
                    0.313261687518223, 1.42223095254032, 0.974076984180107, 0.484962137424277, 1.31326168751822,
                    1.31326168751822, 0.126928011042973,
                ], mean: 0.653497026287038,
                gradient: [
                    -0.0298007305055294, 0.0416666666666667, -0.00560294627854156, 0.0416666666666667,
                    -0.00395215609813055, 0.0224117851141663, -0.0943851671995363, -0.0518716109334879,
                    0.0188633594211353, 0.0609215482191671, 0.0609215482191671, 0.00993357683517646,
                ]),
            // weight=[0.5 or 3 by the label], divided by its sum, and as it is.
            Row(
                loss: .sigmoidCrossEntropy.weighting(classes: [0.5, 3]), outputs: answers.0, labels: answers.1,
                mean: 0.8293416478895,
                gradient: [-0.182381778509289, 0.0192101015264282, 0.0629140769984202, -0.266768284800795]),
            Row(
                loss: .sigmoidCrossEntropy.weighting(classes: [0.5, 3]).reduced(by: .meanOverCount),
                outputs: answers.0, labels: answers.1, mean: 1.45134788380662),
            Row(loss: .quantile(0.1), outputs: numbers, labels: targets, values: [0.2, 0.45, 0, 1.8], mean: 0.6125),
            Row(
                loss: .quantile(0.9), outputs: numbers[0..<2], labels: targets[0..<2], values: [1.8, 0.05], mean: 0.925,
                gradient: [-0.45, 0.05]),
            Row(
                loss: .quantiles([0.1, 0.5, 0.9]), outputs: try rows([[1, 2, 3], [0, 1.5, 1]]),
                labels: Tensor([2.5, 1] as [Double]), values: [0.15, 0.116666666666667], mean: 0.1333333333333333),
        ]
    }

    @Test func lossesAreThoseOfPyTorch() throws {
        for row in try Self.lossRows() {
            let name = row.loss.name
            if let values = row.values {
                let found = row.loss.values(outputs: row.outputs, labels: row.labels)
                try found.reshaped(to: [-1]).expectClose(to: HostTensor(values), 1e-9, name)
            }
            try row.loss(outputs: row.outputs, labels: row.labels).expectClose(
                to: HostTensor(scalar: row.mean), 1e-7, name)
            guard let slope = row.gradient else { continue }
            try gradient { row.loss(outputs: $0, labels: row.labels) }(row.outputs).reshaped(to: [-1])
                .expectClose(to: HostTensor(slope), 1e-7, name)
        }
    }

    /// As many as the library made: more or fewer weights than classes are a mistake.
    @Test func weightsThatAreNotOneForEachClassAreNamed() throws {
        let (outputs, classes) = (Tensor.ones(TensorType(.f32, [2, 3])), Tensor([0, 1] as [Int32]))
        let mistakes: [(Loss, Tensor, String)] = [
            (.softmaxCrossEntropy.weighting(classes: [1, 2]), classes, "has 2 numbers for 3 classes"),
            (.sigmoidCrossEntropy.weighting(classes: [1, 2, 3]), outputs, "denseSoftmaxCrossEntropy(classWeights:)"),
            (
                .denseSoftmaxCrossEntropy(classWeights: [1, 2]), outputs,
                "classWeights has 2 numbers for outputs f32[2,3]"
            ),
            (.sigmoidCrossEntropy(positiveWeights: [1]), outputs, "positiveWeights has 1 numbers"),
            (.quantiles([0.5]), Tensor.ones(TensorType(.f32, [2])), "the list of shares has 1 numbers"),
            (.quantiles([0.1, 0.5, 0.9]), outputs, "needs labels [2], got f32[2,3]"),
        ]
        for (loss, labels, text) in mistakes {
            let found = "\(loss(outputs: outputs, labels: labels))"
            #expect(found.hasPrefix("error") && found.contains(text), "\(found)")
        }
    }

    /// Accuracy and others are of what there is; the loss counts classes as training does.
    @Test func metricsCountAllClassesAlike() throws {
        let loss = Loss.softmaxCrossEntropy.weighting(classes: [1, 3])
        let labels = Tensor([0, 1] as [Int32])
        #expect(loss.counts(labels: labels) == nil)
        try #require(loss.weights(labels: labels)).expectClose(to: HostTensor([1, 3] as [Float]))
        let ignoring = loss.ignoring(label: 0)
        try #require(ignoring.weights(labels: labels, weights: Tensor([5, 2]))).expectClose(
            to: HostTensor([0, 6] as [Float]))
        try #require(ignoring.counts(labels: labels, weights: Tensor([5, 2]))).expectClose(
            to: HostTensor([0, 2] as [Float]))
    }

    /// The mean of a loss is what the loss is, apart from what batches are divided into.
    @Test func theMeanOfALossIgnoresAndWeighsAsItDoes() throws {
        let outputs = try Self.rows([[2, 0, 1], [0, 3, -1], [0.5, -0.5, 0.25], [1, 1, -2]])
        let labels = Tensor([0, 2, 1, -100] as [Int32])
        let metric = StreamingMetric.mean(
            of: .softmaxCrossEntropy.ignoring(label: -100).weighting(classes: [1, 0.5, 4]))
        let batch = StreamingMetric.Batch(outputs: outputs, labels: labels, losses: labels)
        try metric.result(metric.contributions(batch)).expectClose(to: HostTensor(scalar: 3.19147324781977), 1e-6)
    }

    /// Where nothing counts, a label that is missing does not reach the gradient.
    @Test(arguments: [Loss.meanSquaredError, .huber(), .logCosh, .sigmoidCrossEntropy, .quantile(0.3), .poisson])
    func whatDoesNotCountMayHaveNoLabel(_ loss: Loss) throws {
        let outputs = Tensor([0.5, 1, 2])
        let labels = Tensor([1, Float.nan, 0] as [Float])
        for weights in [Tensor([1, 0, 3]), Tensor([true, false, true], shape: [3])] {
            let all = { (outputs: Tensor) in loss(outputs: outputs, labels: labels, weights: weights) }
            let some = { (outputs: Tensor) in
                let (outputs, weights) = (outputs[.range(stride: 2)], weights[.range(stride: 2)])
                return loss(outputs: outputs, labels: labels[.range(stride: 2)], weights: weights)
            }
            try all(outputs).expectClose(to: some(outputs).evaluated(), 1e-7, loss.name)
            try gradient(of: all)(outputs).expectClose(to: gradient(of: some)(outputs).evaluated(), 1e-7, loss.name)
        }
        // Of an example of several elements, by the weight of the example.
        let rows = Tensor([1, 2, Float.nan, 0] as [Float], shape: [2, 2])
        let slope = gradient { loss(outputs: $0, labels: rows, weights: Tensor([1, 0])) }(Tensor([[1, 1], [2, 2]]))
        #expect(try slope.evaluated().doubles().allSatisfy(\.isFinite))
        // What counts must have one.
        #expect(try loss(outputs: outputs, labels: labels).evaluated().doubles()[0].isNaN)
    }

    @Test func linesAndImagesAreInterpolated() throws {
        let line = try Self.image([1, 3, 1]) { [1, 4, 2][$0] }
        try UpSampling1D(size: 3, interpolation: .linear)(line).reshaped(to: [-1]).expectClose(
            to: HostTensor([1, 1, 2, 3, 4, 10.0 / 3, 8.0 / 3, 2, 2]))
        let image = try Self.image([1, 1, 2, 3]) { Double($0 * $0) }
        let larger = UpSampling2D(size: [2, 3], interpolation: .linear, layout: .channelsFirst)
        try larger(image).expectClose(
            to: HostTensor(
                [
                    0, 0, 1.0 / 3, 2.0 / 3, 1, 2, 3, 4, 4, 2.25, 2.25, 3.08333333333333, 3.91666666666667, 4.75, 6.25,
                    7.75,
                    9.25, 9.25, 6.75, 6.75, 8.58333333333333, 10.4166666666667, 12.25, 14.75, 17.25, 19.75, 19.75, 9, 9,
                    11.3333333333333, 13.6666666666667, 16, 19, 22, 25, 25,
                ], shape: [1, 1, 4, 9]))
        let weights = try Self.image([1, 1, 4, 9]) { Double($0 % 5) }
        try gradient { (larger($0) * weights).sum() }(image).reshaped(to: [-1]).expectClose(
            to: HostTensor([9.16666666666667, 14, 10.0833333333333, 14.5, 11, 11.25]))
        // One axis is of one element.
        let volume = try Self.image([1, 2, 1, 2, 1]) { [1, 3, -2, 0.5][$0] }
        try UpSampling3D(interpolation: .linear)(volume).reshaped(to: [4, 8])[.all, 0..<4].expectClose(
            to: HostTensor(rows: [
                [1, 1.5, 2.5, 3], [0.25, 0.78125, 1.84375, 2.375], [-1.25, -0.65625, 0.53125, 1.125],
                [-2, -1.375, -0.125, 0.5],
            ]))
    }

    /// The batch and the size of an image may be symbols.
    @Test func interpolationOfSymbolicSizes() throws {
        let layer = UpSampling1D(size: 2, interpolation: .linear)
        var tracer = ModuleTracer(
            name: "larger", dims: [DimSymbol("B", range: 1...8), DimSymbol("T", range: 1...64)])
        let type = TensorType(.f64, [Dim(symbol: "B"), Dim(symbol: "T"), 1])
        try tracer.function("predict", inputs: [("x", type)]) { [("y", layer($0[0]))] }
        let module = try tracer.module()
        try verify(module)
        for line in [[5], [1, 4, 2]] as [[Double]] {
            var states: [HostTensor] = []
            let x = try HostTensor(line, shape: [1, line.count, 1])
            let found = try Interpreter(module: module).run("predict", inputs: ["x": x], states: &states)
            try Tensor(try #require(found["y"])).expectClose(to: layer(Tensor(x)).evaluated())
        }
    }

    @Test func transposedConvolutionsInGroups() throws {
        let x = try Self.image([1, 4, 2, 3]) { Double($0 * 7 % 11 - 5) / 4 }
        let kernel = try Self.image([4, 2, 2, 3]) { Double($0 * 5 % 13 - 6) / 8 }
        let bias = Tensor([0.5, -0.5, 0, 1] as [Double])
        let wide = transposedConvolution(
            x, kernel, bias, strides: [2, 1], dilation: [1, 2], groups: 2, layout: .channelsFirst)
        #expect(wide.shape == [1, 4, 4, 7])
        try wide[0, .all, 1].expectClose(
            to: HostTensor(rows: [
                [1.625, 0.25, -0.40625, 0.5625, 0.125, 0.875, 0],
                [-1.125, -0.5, -0.65625, -0.1875, 0.28125, -0.6875, -0.9375],
                [-0.0625, 0.8125, -0.46875, -0.125, 0.28125, -0.25, -0.25],
                [1.1875, 1.0625, 0.96875, 0.9375, 0.5, 1.625, 0.53125],
            ]))
        // padding=(1, 2), output_padding=(1, 0)
        let padded = [[1, 0], [2, 2]]
        let expected: [[Double]] = [
            [
                -0.40625, 0.5, -0.5, 0.5, 1.3125, -0.46875, 0.5, 1.4375, 0.5, 1.6875, 0.03125, 0.5, 1.4375, 0.5, 1.1875,
            ],
            [
                -1.28125, -0.5, 1.53125, -0.5, -1, -0.46875, -0.5, -1.59375, -0.5, -0.71875, 0.4375, -0.5, 0.4375, -0.5,
                -1.21875,
            ],
            [
                1.0625, 0, -1.09375, 0, 0.28125, -0.34375, 0, -0.03125, 0, 0.3125, 1.1875, 0, -0.96875, 0, 0.1875,
            ],
            [
                0.75, 1, 1.21875, 1, 1.125, 1.6875, 1, -0.09375, 1, 1.0625, 0.78125, 1, 1.40625, 1, 1.34375,
            ],
        ]
        let first = transposedConvolution(
            x, kernel, bias, strides: [2, 2], padding: .explicit(padded), dilation: [1, 2], groups: 2,
            layout: .channelsFirst)
        try first.reshaped(to: [4, 15]).expectClose(to: HostTensor(rows: expected))
        // The same as a layer, with channels last: kernels are [taps…, filters / groups, inputs].
        let layer = ConvTranspose2D(
            filters: 4, kernelSize: [2, 3], strides: 2, padding: .explicit(padded), dilation: [1, 2], groups: 2)
        let last = x.transposed([0, 2, 3, 1])
        _ = layer(last)
        layer.weight.assign(kernel.transposed([2, 3, 1, 0]))
        layer.bias?.assign(bias)
        try layer(last).transposed([0, 3, 1, 2]).reshaped(to: [4, 15]).expectClose(to: HostTensor(rows: expected))
        let odd = ConvTranspose2D(filters: 4, kernelSize: 3, groups: 3)(last)
        #expect("\(odd)".contains("which 3 groups divide"), "\(odd)")
    }

    /// As the tutorial of transformers makes them: sines at even places, cosines at odd ones.
    @Test func positionsAsSinesAndCosines() throws {
        let expected: [[Double]] = [
            [0, 1, 0, 1], [0.841470984807897, 0.54030230586814, 0.00999983333416666, 0.999950000416665],
            [0.909297426825682, -0.416146836547142, 0.0199986666933331, 0.999800006666578],
        ]
        let zeros = Tensor.zeros(TensorType(.f64, [1, 3, 4]))
        let layer = SinusoidalPositions()
        try layer(zeros)[0].expectClose(to: HostTensor(rows: expected))
        try layer(zeros[.all, 0..<2], from: Tensor(HostTensor(scalar: Int32(1))))[0]
            .expectClose(to: HostTensor(rows: Array(expected[1...])))
        let learned = LearnedPositions(length: 3)
        let (all, one) = (learned(zeros), learned(zeros[.all, 0..<1], from: Tensor(HostTensor(scalar: Int32(2)))))
        try all[0].expectClose(to: learned.table.value.evaluated())
        try one[0, 0].expectClose(to: all[0, 2].evaluated())
        #expect("\(learned(Tensor.zeros(TensorType(.f64, [1, 4, 4]))))".contains("a length of at least 4"))
    }

    /// Step by step is as all at once, whatever is read together.
    @Test func attentionReadsStepByStep() throws {
        let x = try Self.image([2, 5, 6]) { Foundation.sin(Double($0)) }
        let encoder = TransformerEncoder(heads: 2, size: 4, units: 8, keyHeads: 1, isCausal: true, rotary: Rotary())
        let decoder = TransformerDecoder(heads: 2, size: 4, units: 8)
        let memory = try Self.image([2, 3, 6]) { Foundation.cos(Double($0)) }
        let (encoded, decoded) = (encoder(x), decoder(x, memory: memory))
        let (one, other) = (KeyValueCache(capacity: 7), KeyValueCache(capacity: 5))
        for _ in 0..<2 {
            for steps in [0..<2, 2..<3, 3..<4, 4..<5] {
                try encoder(x[.all, steps], cache: one).expectClose(to: encoded[.all, steps].evaluated(), 1e-9)
                try decoder(x[.all, steps], memory: memory, cache: other)
                    .expectClose(to: decoded[.all, steps].evaluated(), 1e-9)
            }
            #expect(try one.length.value.evaluated() == HostTensor(scalar: Int32(5)))
            one.reset()
            other.reset()
        }
        // The second text begins two steps later than the first.
        let mask = Tensor([true, true, true, true, true, false, false, true, true, true], shape: [2, 5])
        let shown = encoder(x, mask: mask)
        let wide = concat([mask, .full(0, TensorType(.bool, [2, 2]))], axis: 1)
        for step in 0..<5 {
            let found = encoder(x[.all, step...step], mask: wide, cache: one)
            try found[0].expectClose(to: shown[0, step...step].evaluated(), 1e-9)
            if step >= 2 { try found[1].expectClose(to: shown[1, step...step].evaluated(), 1e-9) }
        }
        let both = MultiHeadAttention(heads: 1, size: 4)
        #expect("\(both(x, cache: one))".contains("isCausal: true"))
        let tooMany = MultiHeadAttention(heads: 1, size: 4, isCausal: true)(x, cache: KeyValueCache(capacity: 4))
        #expect("\(tooMany)".contains("a cache of 4 steps"), "\(tooMany)")
    }

    /// Layers that one line makes begin differently, and so do the parameters of one layer; each keeps its values.
    @Test func layersOfOneLineBeginDifferently() throws {
        let x = Tensor([[1, 2, 3]])
        let layers = (0..<3).map { _ in Dense(units: 3) }
        let first = try layers.map { try $0(x).evaluated() }
        #expect(Set(first.map { "\($0)" }).count == 3)
        #expect(try layers.map { try $0(x).evaluated() } == first)
        let attention = MultiHeadAttention(heads: 1, size: 3)
        _ = try attention(x.expanded(at: 0)).evaluated()
        #expect(try attention.query.weight.value.evaluated() != attention.key.weight.value.evaluated())
    }
}
