import GraphIR
import HostTensors
import KernelIR
import Lowering
import Testing
import Toolchain

/// Products of 8-bit numbers less their zero points, summed in i32: every level gives the integers, whatever the numbers are.
@Suite struct ByteProductTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var left = "u8"
        var right = "i8"
        var leftShape: String
        var rightShape: String
        var attributes = "contract [1],[0]"
        var result: String
        /// Zero points: `number` of the left operand, and the shape and axes of an input that are the right one's.
        var leftZero: String?
        var rightZero: (shape: String, axes: String)?
        var rightIsState = true
        var sizes = [1, 33]
        var testDescription: String {
            "\(left)[\(leftShape)] less \(leftZero ?? "nothing"), \(right)[\(rightShape)] less [\(rightZero?.shape ?? "nothing")]"
        }
    }

    static let cases =
        [1, 63, 257, 258, 259, 1000, 1100].map { depth in
            Case(leftShape: "B,\(depth)", rightShape: "\(depth),40", result: "B,40", leftZero: "")
        } + [
            Case(left: "i8", leftShape: "B,300", rightShape: "300,94", result: "B,94"),
            Case(leftShape: "B,300", rightShape: "300,94", result: "B,94"),
            Case(
                left: "i8", right: "u8", leftShape: "B,130", rightShape: "130,64", result: "B,64", leftZero: "",
                rightZero: ("", "")),
            Case(
                right: "u8", leftShape: "B,130", rightShape: "130,64", result: "B,64", leftZero: "",
                rightZero: ("64", "1")),
            Case(
                right: "u8", leftShape: "B,130", rightShape: "64,130", attributes: "contract [1],[1]", result: "B,64",
                leftZero: "B", rightZero: ("64", "0")),
            // A zero point for each place along the sum stays in the product.
            Case(leftShape: "B,130", rightShape: "130,64", result: "B,64", rightZero: ("130", "0")),
            Case(
                right: "u8", leftShape: "B,40,3,32", rightShape: "B,70,3,32",
                attributes: "contract [3],[3] batch [0,2],[0,2]", result: "B,3,40,70", leftZero: "",
                rightZero: ("", ""), rightIsState: false, sizes: [1, 2]),
            Case(
                leftShape: "B,2,33,64", rightShape: "64,48", attributes: "contract [3],[0]", result: "B,2,33,48",
                leftZero: "", sizes: [1, 2]),
        ]

    private func module(_ sample: Case) throws -> GraphModule {
        let state = sample.rightIsState ? "  state %b : \(sample.right)[\(sample.rightShape)] parameter \"b\"\n" : ""
        var inputs = ["%a: \(sample.left)[\(sample.leftShape)] \"a\""]
        if !sample.rightIsState { inputs.append("%b: \(sample.right)[\(sample.rightShape)] \"b\"") }
        var (left, right) = ("%wa", "%wb")
        var lines = [
            "%wa = cast %a to i32 : i32[\(sample.leftShape)]", "%wb = cast %b to i32 : i32[\(sample.rightShape)]",
        ]
        func lower(_ name: String, _ dtype: String, _ shape: String, _ axes: String, from value: String, _ all: String)
        {
            inputs.append("%\(name): \(dtype)[\(shape)] \"\(name)\"")
            lines += [
                "%w\(name) = cast %\(name) to i32 : i32[\(shape)]",
                "%s\(name) = broadcast %w\(name) axes [\(axes)] shape [\(all)] : i32[\(all)]",
                "%d\(name) = sub \(value), %s\(name) : i32[\(all)]",
            ]
        }
        if let zero = sample.leftZero {
            lower("za", sample.left, zero, zero.isEmpty ? "" : "0", from: left, sample.leftShape)
            left = "%dza"
        }
        if let zero = sample.rightZero {
            lower("zb", sample.right, zero.shape, zero.axes, from: right, sample.rightShape)
            right = "%dzb"
        }
        return try GraphModule(
            text: """
                module v1 @product {
                  dim B in 1...100
                \(state)  func @main(\(inputs.joined(separator: ", "))) {
                    \(lines.joined(separator: "\n    "))
                    %y = dot \(left), \(right) \(sample.attributes) : i32[\(sample.result)]
                    output %y : i32[\(sample.result)] "y"
                  }
                }

                """)
    }

    /// Elements at the ends of their type's range, or any.
    private static func filled(_ tensor: HostTensor, _ fill: Int) throws -> HostTensor {
        let (least, most) = tensor.dtype == .i8 ? (-128.0, 127.0) : (0, 255)
        let numbers = (0..<tensor.count).map { at in
            switch fill {
            case 0: most
            case 1: least
            default: least + Double((at &* 2_654_435_761 >> 7) % 256)
            }
        }
        return try HostTensor(numbers).converted(to: tensor.dtype).reshaped(tensor.shape)
    }

    @Test(arguments: cases, CPULevel.levels(of: .x86_64))
    func everyLevelGivesTheIntegers(_ sample: Case, _ level: CPULevel) throws {
        let module = try module(sample)
        let target = Target(architecture: .x86_64, level: level)
        // Tiles also where they would not pay.
        let lowered = try PlanHarness.prepare(
            module, target: target, form: target.multipliesTiles(.int8) ? .tiles : nil)
        try expectSoundKernels(lowered)
        let harness = Target.host.level.rank >= level.rank ? try PlanHarness(lowered) : nil
        for size in sample.sizes {
            for (left, right) in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 2)] {
                var inputs = try RandomGraph.inputs(of: module.functions[0], bindings: ["B": size], seed: 3)
                for at in inputs.indices {
                    let isLeft = module.functions[0].inputs[at].name.hasSuffix("a")
                    let isZero = module.functions[0].inputs[at].name.hasPrefix("z")
                    let fill = isLeft ? left : right
                    inputs[at] = try Self.filled(inputs[at], isZero && fill < 2 ? 1 - fill : fill)
                }
                var states = try RandomGraph.states(of: module, seed: 3).map { try Self.filled($0, right) }
                let named = Dictionary(
                    uniqueKeysWithValues: zip(module.functions[0].inputs.map(\.name), inputs))
                let wanted = try Interpreter(module: module).run("main", inputs: named, states: &states).values[0]
                if let found = try harness?.run("main", inputs: inputs, states: &states)[0] {
                    #expect(found == wanted, "machine code, \(size), \(left), \(right)")
                }
                guard left == 2, size == 1 else { continue }
                let meant = try LoweredInterpreter(lowered).run("main", inputs: inputs, states: &states)[0]
                #expect(meant == wanted, "kernels, \(size), \(left), \(right)")
            }
        }
    }

    @Test(arguments: [CPULevel.dot, .amx]) func tilesMultiplyThem(_ level: CPULevel) throws {
        let sample = Case(leftShape: "B,784", rightShape: "784,512", result: "B,512", leftZero: "")
        let target = Target(architecture: .x86_64, level: level)
        let lowered = try PlanHarness.prepare(try module(sample), target: target)
        #expect(lowered.kernels.contains { $0.text.contains("tile.multiply.i8") })
    }
}
