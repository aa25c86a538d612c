import Foundation
import GraphIR
import GraphTracing
import HostTensors
import Layers
import Testing
import Training

/// What adds to attention's scores, and what is dropped of its weights. The numbers expected are PyTorch 2.13's in float64: of
/// `scaled_dot_product_attention` with an `attn_mask` of numbers, its gradients, and T5's function of buckets written with its tensors.
@Suite struct AttentionBiasTests {
    private static func wave(_ first: Double, _ shape: [Int]) throws -> HostTensor {
        try HostTensor(
            (0..<shape.reduce(1, *)).map { Foundation.sin(1.3 * Double($0) + first) }, shape: shape)
    }

    private static let results: [(name: String, numbers: [Double])] = [
        (
            "output",
            [
                0.747357441413, 0.136327061383, -0.261167955812, -0.194907516245, 0.434043965606, 0.489796490319,
                -0.154701068301, -0.732147482024, -0.0572522697266, 0.391844810158, 0.355171943667, -0.45558379294,
            ]
        ),
        (
            "queries",
            [
                0.0347999913482, 0.179157943848, -0.174668528746, -0.377858954936, -0.0587907358315, -0.187569697335,
                -0.073929342799, 0.18593338527, 0.36935831712, -0.075366456632, -0.108250709642, -0.0927417318114,
            ]
        ),
        (
            "keys",
            [
                -0.0340021665434, 0.0703969423871, 0.0185455897478, -0.211249514867, 0.0154565767956, 0.14085257248,
                -0.277200928394, -0.0849691207826, 0.281437361165, 0.233686173779, -0.00423643277009, -0.148717052996,
            ]
        ),
        (
            "values",
            [
                0.444466633491, 0.0615429524229, -0.322447026105, -0.509203859128, -0.191810064797, 0.281632901436,
                0.508286202076, 0.411699910703, -0.115766112325, -0.557763798129, -0.416921365985, -0.00673842212805,
            ]
        ),
        (
            "bias",
            [
                0.00186815341449, -0.132118247292, 0.130250093877, -0.153043064127, 0.293578004391, -0.140534940265,
                -0.0348717211797, 0.141617273333, -0.106745552153, -0.287184681916, 0.115742042318, 0.171442639598,
                0.1849703728, -0.312781286499, 0.127810913699, 0.113927098005, 0.0559550295999, -0.169882127605,
            ]
        ),
    ]

    private let weights = Tensor((0..<12).map { Foundation.cos(Double($0)) }, shape: [1, 2, 3, 2])

    @Test func biasesAndTheirGradientsAreThoseOfPyTorch() throws {
        let points = try [(0.0, [1, 2, 3, 2]), (1, [1, 2, 3, 2]), (2, [1, 2, 3, 2]), (3, [1, 2, 3, 3])].map {
            Tensor(try Self.wave($0.0, $0.1))
        }
        let output = attention(points[0], points[1], points[2], bias: points[3])
        let slopes = gradients(of: (output * weights).sum(), withRespectTo: points)
        for (found, (name, numbers)) in zip([output] + slopes, Self.results) {
            try found.reshaped(to: [-1]).expectClose(to: HostTensor(numbers), 1e-10, name)
        }
        // One of keys alone, with a causal mask.
        let ofKeys = Tensor(try Self.wave(4, [1, 2, 1, 3]))
        let causal = attention(points[0], points[1], points[2], bias: ofKeys, causal: true)
        try causal.reshaped(to: [-1]).expectClose(
            to: HostTensor([
                0.909297426826, -0.157745694143, -0.182439159302, -0.281739137465, 0.449852495054, 0.44281893787,
                -0.366479129252, -0.994552588204, -0.2811965567, -0.187681690505, -0.119134214011, -0.398713469436,
            ]), 1e-10)
        try gradients(of: (causal * weights).sum(), withRespectTo: [ofKeys])[0].reshaped(to: [-1]).expectClose(
            to: HostTensor([
                -0.305364852339, 0.388757637102, -0.0833927847636, 0.540868108546, -0.418105006458, -0.122763102088,
            ]), 1e-10)
    }

    @Test func gradientsAreSlopes() throws {
        let points = try [
            Self.wave(0, [2, 4, 3, 2]), Self.wave(1, [2, 2, 5, 2]), Self.wave(2, [2, 2, 5, 3]),
            Self.wave(3, [1, 4, 3, 5]),
        ]
        let mask = Tensor((0..<10).map { $0 % 4 != 1 }, shape: [2, 1, 1, 5])
        try checkGradient("attention with a bias", at: points, tolerance: 1e-5) {
            attention($0[0], $0[1], $0[2], mask: mask, bias: $0[3], causal: true)
        }
    }

    /// A mask of numbers is a bias: what it hides with -∞ is hidden, and without a bias weights mix as attention does.
    @Test func weightsMixAsAttentionDoes() throws {
        let (q, k) = (Tensor(try Self.wave(0, [2, 4, 3, 2])), Tensor(try Self.wave(1, [2, 2, 3, 2])))
        let v = Tensor(try Self.wave(2, [2, 2, 3, 5]))
        let mask = Tensor([true, false, true, true, true, false], shape: [2, 1, 1, 3])
        let expected = try attention(q, k, v, mask: mask, scale: 0.7).evaluated()
        let weights = attentionWeights(q, k, mask: mask, scale: 0.7)
        try attention(weights: weights, v).expectClose(to: expected)
        try weights.sum(axes: [3]).expectClose(to: Tensor.ones(TensorType(.f64, [2, 4, 3])).evaluated())
        let bias = select(
            mask, .zeros(TensorType(.f64, [2, 1, 1, 3])), .full(-.infinity, TensorType(.f64, [2, 1, 1, 3])))
        try attention(q, k, v, bias: bias, scale: 0.7).expectClose(to: expected)
        // What hides all keys of a query gives the mean of those that no mask hides, and no NaN.
        let blind = Tensor.full(-.infinity, TensorType(.f64, [1, 1, 1, 3]))
        try attention(q, k, v, bias: blind, causal: true)[.all, .all, 1].expectClose(
            to: (v.repeated(2, axis: 1)[.all, .all, ..<2].mean(axes: [2])).evaluated())
        let slopes = gradients(of: attention(q, k, v, bias: blind).sum(), withRespectTo: [q, k, v, blind])
        for slope in slopes { #expect(try slope.evaluated().doubles().allSatisfy(\.isFinite)) }
        let mistakes: [(Tensor, String)] = [
            (attention(q, k, v, bias: bias.cast(to: .f32)), "bias"),
            (
                attention(q, k, v, bias: bias[..<1].repeated(3, axis: 0)),
                "bias must be f64[2,4,3,3], where each size may be 1"
            ),
            (attention(q, k, v, bias: bias[0]), "bias"),
            (attention(weights: weights, k[.all, ..<1, ..<2]), "weights f64[2,4,3,3] cannot mix values f64[2,1,2,2]"),
        ]
        for (found, text) in mistakes { #expect("\(found)".contains(text), "\(found)") }
    }

    @Test func slopesOfALiBi() throws {
        #expect(ALiBi(heads: 8).slopes == [0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125, 0.00390625])
        // As the program of the paper's authors has them.
        try Tensor(ALiBi(heads: 6).slopes).expectClose(
            to: HostTensor([0.25, 0.0625, 0.015625, 0.00390625, 0.5, 0.125]))
        let found = ALiBi(heads: 2)(Tensor.zeros(TensorType(.f64, [3, 3, 4])))
        #expect(found.shape == [1, 2, 3, 3])
        try found[0, 0].expectClose(
            to: HostTensor(rows: [[0, -0.0625, -0.125], [-0.0625, 0, -0.0625], [-0.125, -0.0625, 0]]))
        // Of causal attention, from the first query on.
        let causal = ALiBi(heads: 2, isCausal: true)(Tensor.zeros(TensorType(.f64, [3, 3, 4])))
        try causal[0, 0].expectClose(to: HostTensor(rows: [[0, 0.0625, 0.125]]))
        #expect("\(ALiBi(heads: 0)(Tensor.zeros(TensorType(.f64, [3, 3, 4]))))".contains("'heads' is 0"))
        #expect("\(ALiBi(heads: 2)(Tensor.zeros(TensorType(.f64, [3, 4]))))".contains("got f64[3,4]"))
    }

    /// Distances at which another bucket begins, and the buckets, as of T5's `_relative_position_bucket`.
    private static let buckets: [(layer: RelativePositionBias, starts: [Int], buckets: [Int])] = [
        (
            RelativePositionBias(heads: 1, buckets: 32, farthest: 128),
            [
                -90, -63, -45, -31, -22, -15, -11, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23,
                32, 46, 64, 91,
            ],
            [
                15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
                29, 30, 31,
            ]
        ),
        (
            RelativePositionBias(heads: 1, buckets: 32, farthest: 128, isCausal: true),
            [
                -112, -98, -86, -76, -66, -58, -51, -45, -39, -34, -30, -26, -23, -20, -18, -15, -14, -13, -12, -11,
                -10, -9, -8, -7, -6, -5, -4, -3, -2, -1, 0,
            ],
            [
                31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5,
                4, 3, 2, 1, 0,
            ]
        ),
        (RelativePositionBias(heads: 1, buckets: 8, farthest: 20), [-6, -1, 0, 1, 2, 7], [3, 2, 1, 0, 5, 6, 7]),
        (
            RelativePositionBias(heads: 1, buckets: 32, farthest: 32),
            [
                -26, -22, -19, -15, -13, -11, -9, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16,
                20, 23, 27,
            ],
            [
                15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
                29, 30, 31,
            ]
        ),
    ]

    @Test(arguments: buckets) func bucketsAreThoseOfT5(
        layer: RelativePositionBias, starts: [Int], buckets: [Int]
    ) throws {
        let end = layer.farthest + 3
        let distances = Tensor.iota(axis: 1, shape: [1, Dim(2 * end + 1)]) - Double(end)
        let found = layer.bias(ofDistances: distances, dtype: .f64)
        let rows = try gradients(of: found.sum(), withRespectTo: [layer.table.value])[0].evaluated()
        layer.table.assign(Tensor.iota(axis: 0, shape: [Dim(layer.buckets), 1]).cast(to: .f64))
        let expected = (-end...end).map { distance in Double(buckets[starts.filter { $0 <= distance }.count]) }
        try layer.bias(ofDistances: distances, dtype: .f64).reshaped(to: [-1]).expectClose(to: HostTensor(expected))
        // Each bucket's number takes part as often as its distances occur.
        try Tensor(rows).reshaped(to: [-1]).expectClose(
            to: HostTensor((0..<layer.buckets).map { bucket in Double(expected.filter { $0 == Double(bucket) }.count) })
        )
    }

    @Test func bucketsThatAreTooFewAreNamed() {
        let x = Tensor.zeros(TensorType(.f32, [1, 3, 4]))
        let mistakes: [(RelativePositionBias, String)] = [
            (RelativePositionBias(heads: 0), "'heads' is 0"),
            (RelativePositionBias(heads: 2, buckets: 3), "'buckets' is 3"),
            (RelativePositionBias(heads: 2, farthest: 8), "'farthest' is 8"),
        ]
        for (layer, text) in mistakes { #expect("\(layer(x))".contains(text), "\(layer(x))") }
    }

    /// Step by step is as all at once, with a bias too.
    @Test func biasesOfStepsThatFollow() throws {
        let x = Tensor(try Self.wave(0, [2, 5, 6]))
        let alibi = ALiBi(heads: 2)
        let all: [any PositionBias] = [
            alibi, ALiBi(heads: 2, isCausal: true),
            RelativePositionBias(heads: 2, buckets: 4, farthest: 3, isCausal: true),
        ]
        for positions in all {
            let encoder = TransformerEncoder(heads: 2, size: 4, units: 8, isCausal: true)
            let decoder = TransformerDecoder(heads: 2, size: 4, units: 8)
            let memory = Tensor(try Self.wave(1, [2, 3, 6]))
            let (encoded, decoded) = (encoder(x, bias: positions(x)), decoder(x, memory: memory, bias: positions(x)))
            #expect(try encoded.evaluated() != encoder(x).evaluated())
            if positions is ALiBi { try encoder(x, bias: alibi(x)).expectClose(to: encoded.evaluated(), 1e-9) }
            let (one, other) = (KeyValueCache(capacity: 7), KeyValueCache(capacity: 5))
            for steps in [0..<2, 2..<3, 3..<5] {
                let part = x[.all, steps]
                let (bias, shorter) = (positions(part, cache: one), positions(part, cache: other))
                try encoder(part, bias: bias, cache: one).expectClose(to: encoded[.all, steps].evaluated(), 1e-9)
                try decoder(part, memory: memory, bias: shorter, cache: other)
                    .expectClose(to: decoded[.all, steps].evaluated(), 1e-9)
            }
        }
    }

    /// Weights are dropped in training alone, a share of them, and differently in each step.
    @Test func weightsAreDroppedInTraining() throws {
        let layer = MultiHeadAttention(heads: 2, size: 3, dropout: 0.4)
        let x = Tensor(try Self.wave(0, [2, 5, 6]).converted(to: .f32))
        let plain = try layer(x).evaluated()
        struct Attending: Layer {
            let attention: MultiHeadAttention
            func callAsFunction(_ x: Tensor) -> Tensor { attention(x) }
        }
        let module = try TrainingModule.build(
            model: Attending(attention: layer), loss: .meanSquaredError, optimizer: .sgd(learningRate: 0),
            metrics: [], input: FeatureSpec("x", .f32, [5, 6]))
        try verify(module)
        let interpreter = try Interpreter(module: module)
        var states = module.states.map { HostTensor(zeros: $0.type.constantShape ?? [], dtype: $0.type.dtype) }
        _ = try interpreter.run("init", inputs: ["seed": HostTensor(scalar: Int64(1))], states: &states)
        let input = try x.evaluated()
        let still = try interpreter.run("predict", inputs: ["x": input], states: &states)["prediction"]
        #expect(still == (try interpreter.run("predict", inputs: ["x": input], states: &states)["prediction"]))
        #expect(still?.shape == plain.shape)
        let losses = try (0..<3).map { _ in
            try interpreter.run("train", inputs: ["x": input, "label": input], states: &states)["loss"]?.doubles()[0]
        }
        #expect(Set(losses).count == 3)
        #expect(
            !module.text().components(separatedBy: "@predict")[1].components(separatedBy: "@")[0].contains("dropout"))
    }
}
