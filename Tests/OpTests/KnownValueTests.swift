import Foundation
import GraphIR
import HostTensors
import OrderedCollections
import Testing

/// Evaluation against numbers that NumPy and SciPy computed (`Reference/make_reference.py`).
@Suite struct KnownValueTests {
    private static let reference: SafetensorsFile? = {
        guard let folder = Bundle.module.resourceURL else { return nil }
        return try? Safetensors.read(path: folder.appendingPathComponent("Reference/reference.safetensors").path)
    }()

    static let elementwise = [
        "neg", "abs", "exp", "log", "log1p", "expm1", "sqrt", "rsqrt", "tanh", "logistic", "erf", "floor", "ceil",
        "round", "isFinite", "sin", "cos", "sign", "relu", "silu", "gelu", "add", "sub", "mul", "div", "pow", "max",
        "min", "rem",
    ]

    @Test("elementwise", arguments: Self.elementwise)
    func elementwiseValues(name: String) throws {
        try check(name, op: name, relative: 1e-14)
    }

    @Test(
        "integers wrap and truncate",
        arguments: [
            ("addI32", "add"), ("mulI32", "mul"), ("divI32", "div"), ("remI32", "rem"), ("shiftRightI32", "shiftRight"),
        ])
    func integers(name: String, op: String) throws {
        try check(name, op: op, relative: 0)
    }

    @Test("dot, dense and conv")
    func contraction() throws {
        try check(
            "dot", op: "dot", ["contract": .intLists([[3, 1], [0, 3]]), "batch": .intLists([[0], [1]])])
        try check("dense", op: "dense")
        func conv(
            _ layout: String, groups: Int = 1, input: [Int], _ kernel: [Int], _ strides: [Int], _ padding: [[Int]]
        )
            -> Attributes
        {
            [
                "layout": .string(layout), "strides": .ints(strides), "padding": .intLists(padding),
                "inputDilation": .ints(input), "kernelDilation": .ints(kernel), "groups": .int(groups),
            ]
        }
        let padding = [[1, 2], [0, 1]]
        try check(
            "convNHWC", op: "conv", conv("NHWC,HWIO,NHWC", input: [1, 1], [1, 2], [2, 1], padding))
        try check(
            "convNCHW", op: "conv", conv("NCHW,OIHW,NCHW", input: [1, 1], [1, 2], [2, 1], padding))
        try check(
            "convGroups", op: "conv",
            conv("NHWC,HWIO,NHWC", groups: 2, input: [2, 3], [2, 1], [1, 2], [[0, 1], [2, 2]]))
    }

    @Test("pooling")
    func pooling() throws {
        let attributes: Attributes = [
            "window": .ints([3, 2]), "strides": .ints([2, 2]), "padding": .intLists([[1, 1], [0, 0]]),
        ]
        try check("maxPool", op: "maxPool", attributes)
        try check("avgPool", op: "avgPool", attributes)
        try check("avgPoolWhole", op: "avgPool", ["window": .ints([2, 3]), "strides": .ints([2, 3])])
    }

    @Test("softmax and losses, also far out")
    func losses() throws {
        try check("softmax", op: "softmax", ["axis": .int(1)])
        try check("logSoftmax", op: "logSoftmax", ["axis": .int(1)])
        try check("crossEntropy", op: "crossEntropy")
        try check("sigmoidCrossEntropy", op: "sigmoidCrossEntropy")
    }

    @Test("optimizers")
    func optimizers() throws {
        try check("sgd", op: "sgd")
        try check("momentum", op: "momentum", ["momentum": .float(0.8)])
        try check("nesterov", op: "momentum", ["momentum": .float(0.8), "nesterov": .bool(true)])
        try check("adam1", op: "adam")
        try check("adam1000", op: "adam")
    }

    @Test("adam's first steps keep their digits in f32")
    func adamInSinglePrecision() throws {
        let operands = try operands(of: "adam1").map { $0.dtype == .f64 ? $0.converted(to: .f32) : $0 }
        let found = try OpTable.definition(of: "adam").evaluate(operands: operands)
        let wide = try OpTable.definition(of: "adam").evaluate(
            operands: operands.map { $0.dtype == .f32 ? $0.converted(to: .f64) : $0 })
        for (one, other) in zip(found, wide) { #expect(one.isClose(to: other, relative: 3e-7, absolute: 3e-8)) }
    }

    @Test("f32 is f64 rounded once", arguments: Self.elementwise)
    func singlePrecision(name: String) throws {
        let definition = try OpTable.definition(of: name)
        guard !definition.isComposite else { return }
        let narrow = try operands(of: name).map { $0.converted(to: .f32) }
        let found = try definition.evaluate(operands: narrow)[0]
        let wide = try definition.evaluate(operands: narrow.map { $0.converted(to: .f64) })[0]
        let rounded = wide.dtype == .f64 ? wide.converted(to: .f32) : wide
        #expect(found.maxAbsoluteDifference(to: rounded) == 0)
        for dtype in [DType.f16, .bf16] where wide.dtype == .f64 {
            let half = narrow.map { $0.converted(to: dtype) }
            let expected = try definition.evaluate(operands: half.map { $0.converted(to: .f32) })[0].converted(
                to: dtype)
            #expect(try definition.evaluate(operands: half)[0].maxAbsoluteDifference(to: expected) == 0)
        }
    }

    @Test("contractions and reductions of f32 are exact sums rounded once")
    func accumulation() throws {
        let ones = try HostTensor([Float](repeating: 1, count: 1 << 20), shape: [1 << 20])
        let tenth = try HostTensor([Float](repeating: 0.1, count: 1 << 20), shape: [1 << 20])
        let expected = HostTensor(scalar: Float(Double(Float(0.1)) * Double(1 << 20)))
        let dot = try OpTable.definition(of: "dot").evaluate(
            operands: [ones, tenth], attributes: ["contract": .intLists([[0], [0]])])
        #expect(dot == [expected])
        let sum = try OpTable.definition(of: "reduce").evaluate(
            operands: [tenth], attributes: ["kind": .keyword("sum"), "axes": .ints([0])])
        #expect(sum == [expected])
    }

    private func operands(of name: String) throws -> [HostTensor] {
        let file = try #require(Self.reference)
        return (0..<8).compactMap { file["\(name)/operand\($0)"] }
    }

    private func check(
        _ name: String, op: String, _ attributes: Attributes = [:], relative: Double = 1e-12
    ) throws {
        let file = try #require(Self.reference)
        let operands = try operands(of: name)
        #expect(!operands.isEmpty)
        let results = try OpTable.definition(of: op).evaluate(operands: operands, attributes: attributes)
        for (at, result) in results.enumerated() {
            let expected = try #require(file["\(name)/result\(at)"])
            #expect(
                result.isClose(to: expected, relative: relative, absolute: relative),
                "result \(at): \(result) expected \(expected)")
        }
    }
}
