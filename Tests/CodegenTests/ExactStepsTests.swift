import GraphIR
import HostTensors
import KernelIR
import Testing
import Toolchain

/// Square roots, and quotients of many numbers by one, are those of the instructions, however they are computed: to the bit, zeros' signs
/// included.
@Suite struct ExactStepsTests {
    private static let hard: [Float] = [
        0, 0x1p-149, 0x1.8p-127, 0x1p-126, 0x1.fffffep-101, 0x1p-100, 0x1p-80, 0x1.8p-41, 0x1.fffffep-41, 0x1p-40, 1e-8,
        0.1, 1,
        0x1.000002p0, 0x1.fffffcp0, 0x1.fffffep0, 3, 10, 1000, 0x1.fffffep23, 0x1p24, 0x1.fffffep79, 0x1p80, 0x1.8p81,
        .greatestFiniteMagnitude / 2, .greatestFiniteMagnitude, .infinity,
    ]

    /// Hard cases of both signs, then numbers whose bits come from a counter's generator.
    private static func numbers(_ count: Int, key: UInt64, isPlain: Bool) -> [Float] {
        var numbers = hard + hard.map { -$0 } + [.nan]
        var state = key
        while numbers.count < count {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let bits = UInt32(truncatingIfNeeded: state >> 32)
            numbers.append(
                isPlain ? Float(bitPattern: bits & 0x7f_ffff | (127 + bits >> 29 - 3) << 23) : Float(bitPattern: bits))
        }
        return numbers
    }

    @Test(arguments: AccuracyTests.levels)
    func quotientsEqualTheInstructions(level: CPULevel) throws {
        let divisors = Self.numbers(150, key: 1, isPlain: false) + Self.numbers(150, key: 2, isPlain: true)
        let plain = Self.numbers(1200, key: 3, isPlain: true)
        let row = Self.numbers(300, key: 4, isPlain: false) + plain
        let (rows, columns) = (divisors.count, row.count)
        let module = try GraphModule(
            text: """
                module v1 @quotients {
                  func @main(%x: f32[\(columns)] "x", %y: f32[\(rows)] "y") {
                    %0 = broadcast %x axes [1] shape [\(rows),\(columns)] : f32[\(rows),\(columns)]
                    %1 = broadcast %y axes [0] shape [\(rows),\(columns)] : f32[\(rows),\(columns)]
                    %2 = div %0, %1 : f32[\(rows),\(columns)]
                    output %2 : f32[\(rows),\(columns)] "q"
                  }
                }
                """)
        let target = Target(architecture: Target.host.architecture, level: level)
        var states: [HostTensor] = []
        let inputs = [HostTensor(row), HostTensor(divisors)]
        let computed = try PlanHarness(module, target: target).run("main", inputs: inputs, states: &states)
        let quotients = try computed[0].scalars(as: Float.self)
        for (i, divisor) in divisors.enumerated() {
            for (j, x) in row.enumerated() {
                let (found, expected) = (quotients[i * columns + j], x / divisor)
                let areSame = expected.isNaN ? found.isNaN : found.bitPattern == expected.bitPattern
                guard areSame else {
                    Issue.record("\(x) / \(divisor) is \(found), expected \(expected)")
                    return
                }
            }
        }
    }

    /// Every significand, over two octaves, and numbers of all sizes.
    @Test(arguments: AccuracyTests.levels)
    func rootsEqualTheInstructions(level: CPULevel) throws {
        let count = 1 << 20
        let module = try GraphModule(
            text: """
                module v1 @roots {
                  func @main(%x: f32[\(count)] "x") {
                    %0 = sqrt %x : f32[\(count)]
                    output %0 : f32[\(count)] "r"
                  }
                }
                """)
        let target = Target(architecture: Target.host.architecture, level: level)
        let harness = try PlanHarness(module, target: target)
        var states: [HostTensor] = []
        var first = Float(1).bitPattern
        while first < Float(4).bitPattern {
            let x = (0..<UInt32(count)).map { Float(bitPattern: first + $0) }
            try Self.expectRoots(harness.run("main", inputs: [HostTensor(x)], states: &states)[0], of: x)
            first += UInt32(count)
        }
        let x = Self.numbers(count, key: 5, isPlain: false)
        try Self.expectRoots(harness.run("main", inputs: [HostTensor(x)], states: &states)[0], of: x)
    }

    private static func expectRoots(_ computed: HostTensor, of x: [Float]) throws {
        let roots = try computed.scalars(as: Float.self)
        let wrong = x.indices.first { at in
            let expected = x[at].squareRoot()
            return expected.isNaN ? !roots[at].isNaN : roots[at].bitPattern != expected.bitPattern
        }
        if let wrong { Issue.record("√\(x[wrong]) is \(roots[wrong]), expected \(x[wrong].squareRoot())") }
    }
}
