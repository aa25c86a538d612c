import GraphIR
import GraphTracing
import HostTensors
import Layers
import Testing

struct InitializerRow: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let initializer: Initializer

    init(_ name: String, _ initializer: Initializer) {
        testDescription = name
        self.initializer = initializer
    }
}

private let rows: [InitializerRow] = [
    InitializerRow("zeros", .zeros), InitializerRow("ones", .ones), InitializerRow("constant", .constant(2.5)),
    InitializerRow("uniform", .uniform(from: -0.3, to: 0.1)),
    InitializerRow("normal", .normal(mean: 0.5, standardDeviation: 0.2)),
    InitializerRow("truncatedNormal", .truncatedNormal(mean: 0.5, standardDeviation: 0.2)),
    InitializerRow("glorotUniform", .glorotUniform), InitializerRow("glorotNormal", .glorotNormal),
    InitializerRow("heUniform", .heUniform), InitializerRow("heNormal", .heNormal),
    InitializerRow("lecunUniform", .lecunUniform), InitializerRow("lecunNormal", .lecunNormal),
    InitializerRow("varianceScaling", .varianceScaling()),
    InitializerRow("varianceScaling output", .varianceScaling(scale: 3, fan: .output, distribution: .uniform)),
    InitializerRow("varianceScaling average", .varianceScaling(scale: 0.5, fan: .average, distribution: .normal)),
]

@Suite struct InitializerTests {
    let reference: Reference
    init() throws { reference = try Reference("initializers") }

    private func values(_ initializer: Initializer, _ shape: [Int], dtype: DType = .f32) throws -> HostTensor {
        try initializer.value(
            Initializer.Request(
                type: TensorType(dtype, shape.map { Dim($0) }), fanIn: shape[0], fanOut: shape[1],
                random: RandomPosition(seed: 5, stream: 3))
        ).evaluated()
    }

    /// 60,000 numbers drawn here and there have the same mean, deviation and range, as far as chance allows.
    @Test(arguments: rows) func drawsAsTheReferenceDoes(_ row: InitializerRow) throws {
        let drawn = try values(row.initializer, [300, 200]).doubles()
        let mean = drawn.reduce(0, +) / Double(drawn.count)
        let deviation = (drawn.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(drawn.count)).squareRoot()
        func expected(_ what: String) throws -> Double { try reference(row.testDescription, what).doubles()[0] }
        let scale = try expected("deviation")
        #expect(abs(mean - (try expected("mean"))) <= 0.02 * scale)
        #expect(abs(deviation - scale) <= 0.01 * scale)
        // Tails of normal distributions vary; all else ends at a bound.
        let slack = row.testDescription == "normal" || row.testDescription.hasSuffix("average") ? 1.0 : 0.01
        #expect(abs(drawn.min()! - (try expected("low"))) <= slack * scale)
        #expect(abs(drawn.max()! - (try expected("high"))) <= slack * scale)
    }

    @Test func everyReferenceIsUsed() {
        #expect(reference.components(with: "mean") == Set(rows.map(\.testDescription)))
    }

    /// The variance that keeps the size of activations follows from how many inputs feed an output, here 9.
    @Test func aDepthwiseConvolutionBeginsAsTheGroupedOneThatItIs() throws {
        let image = Tensor.ones(TensorType(.f32, [1, 4, 4, 512]))
        let depthwise = DepthwiseConv2D(kernelSize: 3, multiplier: 2, kernelInitializer: .heNormal)
        let grouped = Conv2D(filters: 1024, kernelSize: 3, groups: 512, kernelInitializer: .heNormal)
        for (weight, output) in [(depthwise.weight, depthwise(image)), (grouped.weight, grouped(image))] {
            #expect(!output.isFailed)
            let deviation = try weight.value.standardDeviation().evaluated().doubles()[0]
            #expect(abs(deviation - (2.0 / 9).squareRoot()) < 0.01, "\(deviation)")
        }
    }

    @Test func identity() throws {
        let drawn = try values(.identity(gain: 2), [3, 4])
        #expect(drawn.doubles() == (try reference("identity", "values")).doubles())
    }

    @Test(arguments: [[60, 40], [40, 60], [128, 128], [3, 3, 2, 12]]) func orthogonal(_ shape: [Int]) throws {
        let drawn = try values(.orthogonal(gain: 1.5), shape)
        #expect(drawn.shape == shape)
        let matrix = Tensor(drawn).reshaped(to: [-1, Dim(shape[shape.count - 1])])
        let rows = shape.dropLast().reduce(1, *)
        let isTall = rows >= shape[shape.count - 1]
        let products = dot(matrix, matrix, contracting: isTall ? ([0], [0]) : ([1], [1]))
        let size = min(rows, shape[shape.count - 1])
        let wanted = (0..<size * size).map { $0 % (size + 1) == 0 ? 2.25 : 0 }
        try products.expectClose(to: HostTensor(wanted, shape: [size, size]), 2e-5)
        if shape == [60, 40] { try products.expectClose(to: reference("orthogonal", "products"), 2e-5) }
    }

    @Test func initializersGiveTheTypeThatIsAskedFor() throws {
        for initializer in rows.map(\.initializer) + [.orthogonal(), .identity()] {
            let drawn = try values(initializer, [4, 3], dtype: .f64)
            #expect(drawn.dtype == .f64 && drawn.shape == [4, 3])
        }
        let vector = Initializer.orthogonal().value(
            Initializer.Request(
                type: TensorType(.f32, [4]), fanIn: 4, fanOut: 4, random: RandomPosition(seed: 5, stream: 3)))
        #expect("\(vector)".contains("orthogonal needs at least two axes, got f32[4]"))
    }
}
