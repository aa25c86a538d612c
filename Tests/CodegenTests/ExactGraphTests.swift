import GraphIR
import HostTensors
import KernelIR
import Testing
import Toolchain

/// Small graphs of exact operations, compiled for every level of this machine: every bit is the interpreter's.
@Suite struct ExactGraphTests {
    private static let cases: [(name: String, inputs: String, body: String, given: [HostTensor])] = [
        (
            "a number's magnitude has no sign to lose where there are none", "%x: u8[3] \"x\"",
            """
            %0 = neg %x : u8[3]
                %1 = abs %0 : u8[3]
                output %1 : u8[3] "y"
            """, [HostTensor([UInt8(1), 254, 0])]
        ),
        (
            "one element that is chosen is used twice", "%x: f32[3] \"x\", %i: i32[] \"i\"",
            """
            %0 = gather %x, %i axis 0 : f32[]
                %1 = add %0, %0 : f32[]
                output %0 : f32[] "a"
                output %1 : f32[] "b"
            """, [HostTensor([Float(1), 2, 3]), HostTensor(scalar: Int32(1))]
        ),
        (
            "rows that are chosen are summed, with what is added to each", "%x: f32[4,40] \"x\", %i: i32[5] \"i\"",
            """
            %0 = gather %x, %i axis 0 : f32[5,40]
                %1 = mul %0, %0 : f32[5,40]
                %2 = reduce %1 kind sum axes [0] : f32[40]
                output %2 : f32[40] "y"
            """, [numbers([4, 40]), HostTensor([Int32(3), 0, 7, 1, -1])]
        ),
        (
            "columns that are chosen, of which the largest of each is taken", "%x: f32[6,40] \"x\", %i: i32[33] \"i\"",
            """
            %0 = gather %x, %i axis 1 : f32[6,33]
                %1 = abs %0 : f32[6,33]
                %2 = reduce %1 kind max axes [0] : f32[33]
                output %2 : f32[33] "largest"
            """, [numbers([6, 40]), HostTensor((0..<33).map { Int32($0 * 7 % 41) })]
        ),
        (
            "a block that begins where data says is summed whole and by columns",
            "%x: f32[9,40] \"x\", %s: i32[2] \"s\", %t: i64[2] \"t\"",
            """
            %0 = dynamicSlice %x, %s sizes [5,21] : f32[5,21]
                %1 = neg %0 : f32[5,21]
                %2 = reduce %1 kind sum axes [0] : f32[21]
                %3 = dynamicSlice %x, %t sizes [3,35] : f32[3,35]
                %4 = abs %3 : f32[3,35]
                %5 = reduce %4 kind sum axes [0,1] : f32[]
                output %2 : f32[21] "columns"
                output %5 : f32[] "whole"
            """, [numbers([9, 40]), HostTensor([Int32(2), 90]), HostTensor([Int64(-3), 4])]
        ),
        (
            "a start beyond every number with a sign is the last one", "%x: f32[4] \"x\", %s: u64[1] \"s\"",
            """
            %0 = dynamicSlice %x, %s sizes [1] : f32[1]
                output %0 : f32[1] "y"
            """, [HostTensor([Float(0), 1, 2, 3]), HostTensor([UInt64(1) << 63])]
        ),
        (
            "0 and -0 are two numbers", "%x: f32[2] \"x\"",
            """
            %0 = constant value f32[]{0} : f32[]
                %1 = broadcast %0 axes [] shape [2] : f32[2]
                %2 = constant value f32[]{-0} : f32[]
                %3 = broadcast %2 axes [] shape [2] : f32[2]
                %4 = div %x, %1 : f32[2]
                %5 = div %x, %3 : f32[2]
                output %4 : f32[2] "a"
                output %5 : f32[2] "b"
            """, [HostTensor([Float(1), -1])]
        ),
        (
            "far out the error function is 1, and a sum with it keeps its sign", "%x: f32[8] \"x\"",
            """
            %0 = erf %x : f32[8]
                %1 = constant value f32[]{1} : f32[]
                %2 = broadcast %1 axes [] shape [8] : f32[8]
                %3 = min %0, %2 : f32[8]
                %4 = compare %3, %0 direction equal : bool[8]
                output %4 : bool[8] "isAtMost1"
            """, [HostTensor([Float(3.7501311), 3.7831397, 3.84, 10, 1000, 3e38, .infinity, 5.416354 / 1.4142135])]
        ),
    ]

    /// Random numbers of a shape, alone, and beside others of a row so that they are drawn in loops over two axes.
    static let drawn = [
        "[3,512]", "[3,100]", "[64]", "[7]", "[1000]", "[2,3,192]", "[5,64]", "[2,48]", "[300,70]",
    ].map { shape in
        let columns = shape.dropLast().split(separator: ",").last!.drop { $0 == "[" }
        let axis = shape.count { $0 == "," }
        return (
            name: "random numbers of \(shape)",
            inputs: "%s: i64[] \"seed\", %t: i64[] \"step\", %w: f32[\(columns)] \"w\"",
            body: """
            %0 = random %s, %t stream 5 shape \(shape) : f32\(shape)
                %1 = broadcast %w axes [\(axis)] shape \(shape) : f32\(shape)
                %2 = max %0, %1 : f32\(shape)
                %3 = random %s, %t stream 6 shape \(shape) : f32\(shape)
                output %2 : f32\(shape) "beside"
                output %3 : f32\(shape) "alone"
            """,
            given: [
                HostTensor(scalar: Int64(-7) << 33), HostTensor(scalar: Int64(3)),
                HostTensor((0..<Int(columns)!).map { Float($0 % 3) / 4 }),
            ]
        )
    }

    /// Whole numbers, whose sums are exact.
    private static func numbers(_ shape: [Int]) -> HostTensor {
        var tensor = HostTensor(zeros: shape, dtype: .f32)
        try? tensor.withMutableScalars(as: Float.self) { numbers in
            for at in numbers.indices { numbers[at] = Float(at * 37 % 101 - 50) }
        }
        return tensor
    }

    static func module(inputs: String, body: String) throws -> GraphModule {
        try GraphModule(text: "module v1 @exact {\n  func @main(\(inputs)) {\n    \(body)\n  }\n}\n")
    }

    @Test(arguments: AccuracyTests.levels, cases + drawn)
    func isTheSame(
        level: CPULevel, item: (name: String, inputs: String, body: String, given: [HostTensor])
    ) throws {
        let module = try Self.module(inputs: item.inputs, body: item.body)
        let target = Target(architecture: Target.host.architecture, level: level)
        let random = try RandomCase(module, inputs: item.given)
        var states: [HostTensor] = []
        let found = try PlanHarness(module, target: target).run("main", inputs: item.given, states: &states)
        for (output, wanted) in zip(found, try random.expected()) {
            #expect(output.bits == wanted.tensor.bits, "\(wanted.place): \(output), not \(wanted.tensor)")
        }
    }
}

extension HostTensor {
    fileprivate var bits: [UInt8] { withUnsafeBytes { Array($0) } }
}
