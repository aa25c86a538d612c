import GraphIR
import HostTensors
import KernelIR
import Lowering
import Testing
import Toolchain

/// Convolutions by transformed tiles whose products are those of words, of two bf16 numbers.
@Suite struct WinogradWordTests {
    typealias Case = WinogradTests.Case

    static let cases = [
        Case(
            testDescription: "two tile registers of rows", input: (28, 28, 64), outputs: 64, keepsWeights: true,
            kernels: ["winograd_weights", "conv_winograd"]),
        Case(
            testDescription: "tiles beyond the edge", input: (15, 13, 64), outputs: 64, keepsWeights: true,
            kernels: ["winograd_weights", "conv_winograd", "conv_finish"]),
        Case(
            testDescription: "one tile register of rows, output channels shared", input: (8, 8, 64), outputs: 96,
            keepsWeights: true, kernels: ["conv_winograd"]),
        Case(
            testDescription: "weights of an input, no padding", padding: 0, input: (18, 16, 64), outputs: 64,
            kernels: ["winograd_weights", "conv_winograd"]),
        Case(
            testDescription: "every other pixel", strides: "2,2", input: (28, 28, 64), outputs: 64, keepsWeights: true,
            kernels: ["winograd_weights", "conv_winograd"]),
        Case(
            testDescription: "channels that are no whole words, which are multiplied and added", input: (16, 16, 72),
            outputs: 64, keepsWeights: true, kernels: []),
    ]

    private static let target = Target(architecture: .x86_64, level: .dot)
    private static func multipliesWords(_ lowered: LoweredModule) -> Bool {
        lowered.kernels.contains {
            $0.name.hasSuffix("conv_winograd") && $0.body.contains(where: \.usesTileRegisters)
        }
    }

    @Test(arguments: cases) func giveTheConvolution(_ sample: Case) throws {
        let module = try GraphModule(text: sample.text)
        let lowered = try PlanHarness.prepare(module, target: Self.target, precision: .bfloat16)
        let names = lowered.kernels.map(\.name)
        #expect(Self.multipliesWords(lowered) == !sample.kernels.isEmpty, "\(names)")
        for name in sample.kernels { #expect(names.contains { $0.hasSuffix(name) }, "\(name) is none of \(names)") }
        try expectMeaning(
            of: module, lowered, batches: [1, 3], interpreted: sample.input.height <= 15 ? [1] : [],
            bound: TileTests.bound(.bfloat16))
    }

    /// No element of every 29th pixel is further off than the bound of docs/semantics.md; typical errors are less than twice those of factors that are rounded to
    /// bf16 and multiplied tap by tap.
    @Test(
        .enabled(
            if: Target.host.architecture == .x86_64 && Target.host.level.rank >= CPULevel.dot.rank,
            "this processor has no dot products of bf16"), arguments: [1, 2])
    func errorsAreWithinTheBound(_ step: Int) throws {
        let (side, channels, outputs) = (27 * step + 3, 64, 32)
        let sample = Case(
            testDescription: "", padding: 0, strides: "\(step),\(step)", input: (side, side, channels),
            outputs: outputs, keepsWeights: true, kernels: [])
        let harness = try PlanHarness(try GraphModule(text: sample.text), target: Self.target, precision: .bfloat16)
        #expect(Self.multipliesWords(harness.lowered))
        func random(_ stream: UInt32, _ shape: [Int]) throws -> HostTensor {
            let numbers = RandomStream.uniform(seed: 3, stream: stream, step: 0, count: shape.reduce(1, *))
            return try HostTensor(numbers.map { 2 * $0 - 1 }, shape: shape)
        }
        func rounded(_ tensor: HostTensor) throws -> HostTensor {
            try HostTensor(tensor.doubles().map { BFloat16(Float($0)).float }, shape: tensor.shape)
        }
        // What a relu gives, weights of both signs, and nothing added.
        let x = try random(0, [1, side, side, channels])
        let input = try HostTensor(x.doubles().map { Float(max($0, 0)) }, shape: x.shape)
        let weights = try random(1, [3, 3, channels, outputs])
        let none = [[outputs], [1, 28, 28, outputs]].map { HostTensor(zeros: $0, dtype: .f32) }
        var states = [weights]
        let found = try harness.run("main", inputs: [input] + none, states: &states)[0].doubles()
        let exact = WinogradTests.convolved(input, weights, stride: step).exact
        let direct = WinogradTests.convolved(try rounded(input), try rounded(weights), stride: step).exact
        let ratio = WinogradTests.error(found, exact).typical / WinogradTests.error(direct, exact).typical
        #expect(ratio > 1.1 && ratio < 2, "\(ratio)")

        let (elements, factors) = (input.doubles(), weights.doubles())
        let magnitudes = (0..<channels * outputs).map { at in
            (0..<9).reduce(0) { $0 + factors[$1 * channels * outputs + at].magnitude }
        }
        let size = step == 1 ? 4 : 5
        for pixel in stride(from: 0, to: 28 * 28, by: 29) {
            let (line, column) = pixel.quotientAndRemainder(dividingBy: 28)
            let start = [line, column].map { $0 / 2 * 2 * step }
            let largest = (0..<channels).map { channel in
                (0..<size * size).map { at in
                    let place = (start[0] + at / size) * side + start[1] + at % size
                    return elements[place * channels + channel].magnitude
                }.max() ?? 0
            }
            for output in 0..<outputs {
                let sum = (0..<channels).reduce(0) { $0 + largest[$1] * magnitudes[$1 * outputs + output] }
                let at = pixel * outputs + output
                let bound = (step == 1 ? 16 : 9) * sum / 256 * 1.01
                #expect((found[at] - exact[at]).magnitude <= bound)
            }
        }
    }
}
