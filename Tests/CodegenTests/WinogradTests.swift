import GraphIR
import HostTensors
import KernelIR
import Lowering
import Testing
import Toolchain

/// Convolutions by transformed tiles: which have them, what they give, and how far off that is.
@Suite struct WinogradTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Taps along each axis, and zeros around the input.
        var taps = 3
        var padding = 1
        var strides = "1,1"
        var input: (height: Int, width: Int, channels: Int)
        var outputs: Int
        /// Whether the weights are a state that stays as it is, so that their transform is paid once.
        var keepsWeights = false
        var precision = Precision.float32
        /// What kernels are called that must be there; none where the convolution is computed tap by tap.
        var kernels: [String]
        var batches = [1, 3]

        /// The convolution, a number for each output channel and what was there before, as in a residual network.
        var text: String {
            let stride = Int(strides.prefix(1)) ?? 1
            let sizes = [input.height, input.width].map { ($0 + 2 * padding - taps) / stride + 1 }
            let result = "B,\(sizes[0]),\(sizes[1]),\(outputs)"
            let weights = "f32[\(taps),\(taps),\(input.channels),\(outputs)]"
            return """
                module v1 @product {
                  dim B in 1...64
                \(keepsWeights ? "  state %w : \(weights) parameter \"w\"\n" : "")\
                  func @main(%x: f32[B,\(input.height),\(input.width),\(input.channels)] "x", \
                \(keepsWeights ? "" : "%w: \(weights) \"w\", ")%b: f32[\(outputs)] "b", %r: f32[\(result)] "r") {
                    %0 = conv %x, %w layout "NHWC,HWIO,NHWC" strides [\(strides)] padding [\(padding),\(padding)],[\(padding),\(padding)] inputDilation [1,1] kernelDilation [1,1] : f32[\(result)]
                    %1 = broadcast %b axes [3] shape [\(result)] : f32[\(result)]
                    %2 = add %0, %1 : f32[\(result)]
                    %3 = add %2, %r : f32[\(result)]
                    output %3 : f32[\(result)] "y"
                  }
                }

                """
        }
    }

    static let cases = [
        Case(
            testDescription: "whole tiles", input: (12, 14, 24), outputs: 40,
            kernels: ["winograd_weights", "conv_winograd"]),
        Case(
            testDescription: "tiles beyond the edge", input: (15, 13, 41), outputs: 48,
            kernels: ["winograd_weights", "conv_winograd", "conv_finish"]),
        Case(
            testDescription: "no padding, outputs that are not whole vectors", padding: 0, input: (14, 12, 32),
            outputs: 37,
            kernels: ["conv_winograd"]),
        Case(
            testDescription: "one block of tiles an image, whose output channels are shared", input: (10, 8, 32),
            outputs: 96, kernels: ["conv_winograd"]),
        Case(
            testDescription: "larger tiles", input: (12, 12, 136), outputs: 32,
            kernels: ["conv_winograd"]),
        Case(
            testDescription: "larger tiles beyond the edge, where more error is allowed", input: (15, 10, 32),
            outputs: 32,
            precision: .tensorfloat, kernels: ["conv_winograd", "conv_finish"]),
        Case(
            testDescription: "five by five taps", taps: 5, padding: 2, input: (10, 12, 32), outputs: 48,
            kernels: ["winograd_weights", "conv_winograd"]),
        Case(
            testDescription: "every other pixel", strides: "2,2", input: (24, 28, 96), outputs: 64, keepsWeights: true,
            kernels: ["winograd_weights", "conv_winograd"]),
        Case(
            testDescription: "tiles of several images in a block", input: (4, 4, 256), outputs: 256,
            kernels: ["winograd_weights", "conv_winograd"], batches: [1, 9]),
        Case(testDescription: "every third pixel", strides: "3,3", input: (12, 12, 32), outputs: 32, kernels: []),
        Case(testDescription: "few channels", input: (12, 12, 3), outputs: 32, kernels: []),
        Case(testDescription: "few pixels beside the weights", input: (1, 2, 64), outputs: 256, kernels: []),
        Case(
            testDescription: "five by five taps of few channels, whose errors would be larger", taps: 5, padding: 2,
            input: (12, 12, 16), outputs: 32, kernels: []),
    ]

    @Test(arguments: cases, [CPULevel.baseline, .v3, .v4]) func giveTheConvolution(_ sample: Case, _ level: CPULevel)
        throws
    {
        let module = try GraphModule(text: sample.text)
        let target = Target(architecture: .x86_64, level: level)
        let lowered = try PlanHarness.prepare(module, target: target, precision: sample.precision)
        let names = lowered.kernels.map(\.name)
        if sample.kernels.isEmpty {
            #expect(!names.contains { $0.contains("winograd") }, "\(names)")
        }
        for name in sample.kernels { #expect(names.contains { $0.hasSuffix(name) }, "\(name) is none of \(names)") }
        let isSmall = level == .v4 && sample.input.channels * sample.outputs <= 2000
        try expectMeaning(
            of: module, lowered, batches: sample.batches, interpreted: isSmall ? [1] : [],
            bound: CompiledAgainstInterpretedTests.bound)
    }

    /// Weight gradients: with groups of images, a last group and a last block that are shorter, cotangents beyond whole tiles, and
    /// outputs that are not whole vectors.
    static let gradients = [
        Case(
            testDescription: "whole tiles", input: (12, 10, 32), outputs: 40, precision: .tensorfloat,
            kernels: ["sums", "gradient"]),
        Case(
            testDescription: "tiles beyond the edge", input: (13, 11, 24), outputs: 48, precision: .tensorfloat,
            kernels: ["sums", "gradient"]),
        Case(
            testDescription: "five by five taps", taps: 5, input: (14, 14, 32), outputs: 33, precision: .tensorfloat,
            kernels: ["sums", "gradient"]),
        Case(testDescription: "small elements as exact as large ones", input: (14, 14, 32), outputs: 32, kernels: []),
        Case(
            testDescription: "few channels", input: (14, 14, 8), outputs: 32, precision: .tensorfloat, kernels: []),
    ]

    private static func gradientText(_ sample: Case) -> String {
        let (taps, outputs) = (sample.taps, sample.outputs)
        let (height, width, channels) = sample.input
        let result = "f32[\(taps),\(taps),\(channels),\(outputs)]"
        return """
            module v1 @gradient {
              dim B in 1...64
              func @main(%x: f32[B,\(height),\(width),\(channels)] "x", %y: f32[B,\(height - taps + 1),\(width - taps + 1),\(outputs)] "y") {
                %0 = conv %x, %y layout "CHWN,IHWO,HWNC" strides [1,1] padding [0,0],[0,0] inputDilation [1,1] kernelDilation [1,1] : \(result)
                output %0 : \(result) "w"
              }
            }

            """
    }

    @Test(arguments: gradients, [CPULevel.baseline, .v3, .v4])
    func giveTheWeightGradient(_ sample: Case, _ level: CPULevel) throws {
        let module = try GraphModule(text: Self.gradientText(sample))
        let target = Target(architecture: .x86_64, level: level)
        let lowered = try PlanHarness.prepare(module, target: target, precision: sample.precision)
        let names = lowered.kernels.map(\.name)
        #expect(names.contains { $0.contains("winograd") } == !sample.kernels.isEmpty, "\(names)")
        for name in sample.kernels { #expect(names.contains { $0.hasSuffix("conv_winograd_\(name)") }, "\(names)") }
        try expectMeaning(
            of: module, lowered, batches: [1, 11], interpreted: [], bound: CompiledAgainstInterpretedTests.bound)
    }

    /// By the root of the mean square, and the largest, errors of `float32` are those that fused multiply-adds make which sum tap by tap.
    @Test(arguments: [(3, 32, 1), (3, 128, 1), (3, 256, 1), (5, 32, 1), (5, 64, 1), (3, 96, 2)])
    func errorsAreThoseOfMultiplyAdds(_ taps: Int, _ channels: Int, _ stride: Int) throws {
        let side = 11 * stride + taps
        let sample = Case(
            testDescription: "", taps: taps, padding: 0, strides: "\(stride),\(stride)", input: (side, side, channels),
            outputs: 48, keepsWeights: true, kernels: [])
        let module = try GraphModule(text: sample.text)
        let level = Target.host.level.rank > CPULevel.v4.rank ? .v4 : Target.host.level
        let harness = try PlanHarness(module, target: Target(architecture: Target.host.architecture, level: level))
        #expect(harness.lowered.kernels.contains { $0.name.hasSuffix("conv_winograd") })
        var ratios = (typical: 0.0, largest: 0.0)
        let tries = 2
        for seed in 0..<tries {
            func random(_ stream: UInt32, _ shape: [Int]) throws -> HostTensor {
                let numbers = RandomStream.uniform(
                    seed: UInt64(seed), stream: stream, step: 0, count: shape.reduce(1, *))
                return try HostTensor(numbers.map { 2 * $0 - 1 }, shape: shape)
            }
            // What a relu gives, weights of both signs, and nothing added.
            let x = try random(0, [1, sample.input.height, sample.input.width, channels])
            let input = try HostTensor(x.doubles().map { Float(max($0, 0)) }, shape: x.shape)
            let weights = try random(1, [taps, taps, channels, sample.outputs])
            let none = [[48], [1, 12, 12, 48]].map { HostTensor(zeros: $0, dtype: .f32) }
            var states = [weights]
            let found = try harness.run("main", inputs: [input] + none, states: &states)[0].doubles()
            let (exact, summed) = Self.convolved(input, weights, stride: stride)
            let (own, others) = (Self.error(found, exact), Self.error(summed.map(Double.init), exact))
            ratios.typical += own.typical / others.typical / Double(tries)
            ratios.largest += own.largest / others.largest / Double(tries)
        }
        #expect(ratios.typical <= 1.15 && ratios.largest <= 1.15, "\(ratios)")
    }

    /// A convolution of one image without padding, in f64, and in f32 one fused multiply-add after another.
    static func convolved(
        _ x: HostTensor, _ w: HostTensor, stride: Int
    ) -> (exact: [Double], summed: [Float]) {
        let (input, weights) = (x.doubles(), w.doubles())
        let (width, channels, taps, outputs) = (x.shape[2], x.shape[3], w.shape[0], w.shape[3])
        let side = (width - taps) / stride + 1
        var exact = [Double](repeating: 0, count: side * side * outputs)
        var summed = [Float](repeating: 0, count: exact.count)
        for pixel in 0..<side * side {
            let (line, column) = pixel.quotientAndRemainder(dividingBy: side)
            for down in 0..<taps {
                for across in 0..<taps {
                    let from = ((line * stride + down) * width + column * stride + across) * channels
                    for channel in 0..<channels {
                        let first = ((down * taps + across) * channels + channel) * outputs
                        for output in 0..<outputs {
                            let at = pixel * outputs + output
                            let product = input[from + channel] * weights[first + output]
                            exact[at] += product
                            summed[at] = Float(Double(summed[at]) + product)
                        }
                    }
                }
            }
        }
        return (exact, summed)
    }

    static func error(_ found: [Double], _ exact: [Double]) -> (typical: Double, largest: Double) {
        let errors = zip(found, exact).map { $0 - $1 }
        return (errors.reduce(0) { $0 + $1 * $1 }.squareRoot(), errors.map(\.magnitude).max() ?? 0)
    }
}
