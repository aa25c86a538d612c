import GraphIR
import HostTensors
import KernelIR
import Lowering
import Testing
import Toolchain

/// Products by tiles of 8-bit integers: what `int8` promises, computed element by element here, is what kernels mean and machine code
/// gives, to the bit.
@Suite struct IntegerTileTests {
    struct Case: Sendable, CustomTestStringConvertible {
        /// What it is about.
        var testDescription: String
        /// The shapes of the operands, the second a state or an input, and of the result.
        var left: String
        var right: String
        var rightIsState = true
        var attributes: String
        /// The numbers of the left operand that are neighbours in memory.
        var depth: Int { Int(left.split(separator: ",").last!)! }
        var result: String
        /// Batches.
        var sizes: [Int] = [65]
    }

    static let cases = [
        Case(
            testDescription: "few rows and many, remainders everywhere", left: "B,700", right: "700,40",
            attributes: "contract [1],[0]", result: "B,40", sizes: [33, 1900]),
        Case(
            testDescription: "transposed weights", left: "B,64", right: "94,64", attributes: "contract [1],[1]",
            result: "B,94"),
        Case(
            testDescription: "a transposed left operand", left: "100,72", right: "100,40",
            attributes: "contract [0],[0]", result: "72,40", sizes: [1]),
        Case(
            testDescription: "scores of attention", left: "B,40,3,32", right: "B,70,3,32", rightIsState: false,
            attributes: "contract [3],[3] batch [0,2],[0,2]", result: "B,3,40,70", sizes: [2]),
        Case(
            testDescription: "what scores weight", left: "B,3,40,70", right: "B,70,3,36", rightIsState: false,
            attributes: "contract [3],[1] batch [0,1],[0,2]", result: "B,3,40,36", sizes: [2]),
        Case(
            testDescription: "scores of a long text, some rows at a time", left: "B,400,2,32", right: "B,390,2,32",
            rightIsState: false, attributes: "contract [3],[3] batch [0,2],[0,2]", result: "B,2,400,390", sizes: [1]),
        Case(
            testDescription: "what those weight", left: "B,2,400,390", right: "B,390,2,36", rightIsState: false,
            attributes: "contract [3],[1] batch [0,1],[0,2]", result: "B,2,400,36", sizes: [1]),
    ]

    private func module(_ sample: Case) throws -> GraphModule {
        let state = sample.rightIsState ? "  state %b : f32[\(sample.right)] parameter \"b\"\n" : ""
        let input = sample.rightIsState ? "" : ", %b: f32[\(sample.right)] \"b\""
        return try GraphModule(
            text: """
                module v1 @product {
                  dim B in 1...10000
                \(state)  func @main(%a: f32[\(sample.left)] "a"\(input)) {
                    %0 = dot %a, %b \(sample.attributes) : f32[\(sample.result)]
                    output %0 : f32[\(sample.result)] "y"
                  }
                }

                """)
    }

    @Test(arguments: cases, [CPULevel.dot, .amx])
    func integersAreMultipliedAsDocumented(_ sample: Case, _ level: CPULevel) throws {
        let module = try module(sample)
        let target = Target(architecture: .x86_64, level: level)
        let lowered = try PlanHarness.prepare(module, target: target, precision: .int8, form: .tiles)
        try expectSoundKernels(lowered)
        #expect(lowered.kernels.contains { $0.text.contains("tile.multiply.i8") })
        let harness = Target.host.level.rank >= level.rank ? try PlanHarness(lowered) : nil
        for size in sample.sizes {
            var inputs = try RandomGraph.inputs(of: module.functions[0], bindings: ["B": size], seed: 3)
            // A row of zeros, a very small one, and one with an infinite element.
            try inputs[0].withMutableScalars(as: Float.self) { numbers in
                let depth = sample.depth
                for at in 0..<depth { numbers[at] = 0 }
                for at in depth..<2 * depth { numbers[at] *= 1e-36 }
                numbers[2 * depth] = .infinity
            }
            let states = try RandomGraph.states(of: module, seed: 3)
            let wanted = try emulated(module.functions[0].ops[0], inputs + states)
            var scratch = states
            if let found = try harness?.run("main", inputs: inputs, states: &scratch)[0] {
                #expect(difference(found, wanted) == 0, "machine code, \(size)")
            }
            guard size < 100 else { continue }
            let meant = try LoweredInterpreter(lowered).run("main", inputs: inputs, states: &scratch)[0]
            #expect(difference(meant, wanted) == 0, "kernels, \(size)")
        }
    }

    /// Without tiles, integers are not used: the code is that of `float32`.
    @Test(arguments: cases, [CPULevel.baseline, .v3, .v4])
    func withoutTilesTheCodeIsThatOfFloat32(_ sample: Case, _ level: CPULevel) throws {
        let module = try module(sample)
        let target = Target(architecture: .x86_64, level: level)
        let texts = try [Precision.int8, .float32].map { precision in
            try PlanHarness.prepare(module, target: target, precision: precision).kernels.map(\.text)
        }
        #expect(texts[0] == texts[1])
    }

    /// The product of integers as the documentation has it.
    private func emulated(_ op: GraphOp, _ operands: [HostTensor]) throws -> HostTensor {
        let (contract, batch) = (op.attributes.intLists("contract"), op.attributes.intLists("batch"))
        let sides = try (0..<2).map { try quantized(operands[$0], along: contract[$0][0], batch: batch[$0]) }
        var results: [Float] = []
        var worst = 0.0
        for (left, right) in zip(sides[0], sides[1]) {
            for row in left {
                for column in right {
                    let sum = zip(row.integers, column.integers).reduce(Int32(0)) { $0 + $1.0 * $1.1 }
                    results.append(Float(sum) * column.scale * row.scale)
                    let (exact, bound) = row.product(column)
                    let error = (Double(results[results.count - 1]) - exact).magnitude
                    if exact.isFinite { worst = max(worst, error / bound) }
                }
            }
        }
        #expect(worst <= 1, "the bound that is documented")
        return try HostTensor(results).reshaped(
            batch[0].map { operands[0].shape[$0] } + sides.map(\.[0].count))
    }

    private struct Line {
        var numbers: [Float]
        var scale: Float
        var integers: [Int32]

        /// The product with another as it should be, and how far off the documentation allows it to be.
        func product(_ other: Line) -> (exact: Double, bound: Double) {
            let (own, others) = (Double(scale) / 2, Double(other.scale) / 2)
            var (sum, bound) = (0.0, 0.0)
            for (x, y) in zip(numbers, other.numbers) {
                sum += Double(x) * Double(y)
                bound += own * Double(y.magnitude) + others * Double(x.magnitude) + own * others
            }
            return (sum, bound * (1 + 1e-5) + sum.magnitude * 3e-7)
        }
    }

    /// An operand's lines along an axis as integers: for each place of the batch, one for each place of the axis that is left.
    private func quantized(_ tensor: HostTensor, along axis: Int, batch: [Int]) throws -> [[Line]] {
        let (shape, numbers) = (tensor.shape, try tensor.scalars(as: Float.self))
        let free = shape.indices.first { $0 != axis && !batch.contains($0) }!
        let strides = shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
        let starts = batch.reduce([0]) { starts, axis in
            starts.flatMap { start in (0..<shape[axis]).map { start + $0 * strides[axis] } }
        }
        return starts.map { start in
            (0..<shape[free]).map { place in
                let line = (0..<shape[axis]).map { numbers[start + place * strides[free] + $0 * strides[axis]] }
                let scale = max(line.map(\.magnitude).max()!, 0x1p-110) / 127
                guard scale.isFinite else { return Line(numbers: line, scale: .nan, integers: line.map { _ in 0 }) }
                return Line(
                    numbers: line, scale: scale,
                    integers: line.map { Int32(($0 * (1 / scale)).rounded(.toNearestOrEven)) })
            }
        }
    }
}
