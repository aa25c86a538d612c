import GraphIR
import HostTensors
import ONNX
import Testing

/// Operator sets before 13, in which attributes say what later became inputs. Expected numbers follow from the standard's text.
@Suite("Older operator sets") struct OlderSetTests {
    /// One node of an older operator set, applied to 0, 1, 2, … of a shape.
    struct Form: Sendable, CustomStringConvertible {
        let kind: String
        let opset: UInt64
        var shape = [2, 3]
        var ints: [(String, [Int64])] = []
        var lists: [(String, [Int64])] = []
        var float: [(String, Float)] = []
        var floats: [(String, [Float])] = []
        var outputs = 1
        var resultShape: [Int]?
        let expected: [Double]

        var description: String { "\(kind) \(opset)" }
    }

    static let forms: [Form] = [
        Form(kind: "Clip", opset: 7, float: [("min", 1), ("max", 3)], expected: [1, 1, 2, 3, 3, 3]),
        Form(kind: "Clip", opset: 10, float: [("max", 2)], expected: [0, 1, 2, 2, 2, 2]),
        Form(kind: "Dropout", opset: 7, float: [("ratio", 0.5)], expected: [0, 1, 2, 3, 4, 5]),
        Form(
            kind: "Slice", opset: 9, lists: [("axes", [1]), ("starts", [-2]), ("ends", [1000])], expected: [1, 2, 4, 5]),
        Form(kind: "Slice", opset: 7, lists: [("starts", [1, 0]), ("ends", [2, 2])], expected: [3, 4]),
        Form(
            kind: "Pad", opset: 10, lists: [("pads", [0, 1, 0, 0])], float: [("value", 7)],
            expected: [7, 0, 1, 2, 7, 3, 4, 5]),
        Form(kind: "ReduceSum", opset: 11, ints: [("keepdims", [0])], lists: [("axes", [1])], expected: [3, 12]),
        Form(
            kind: "Split", opset: 11, ints: [("axis", [1])], lists: [("split", [1, 2])], outputs: 2, expected: [0, 3]),
        Form(kind: "TopK", opset: 9, ints: [("axis", [1]), ("k", [2])], outputs: 2, expected: [2, 1, 5, 4]),
        Form(
            kind: "Squeeze", opset: 11, shape: [1, 2, 1], lists: [("axes", [0])], resultShape: [2, 1], expected: [0, 1]),
        Form(
            kind: "Unsqueeze", opset: 11, lists: [("axes", [0, 3])], resultShape: [1, 2, 3, 1],
            expected: [0, 1, 2, 3, 4, 5]),
        // Twice as large; the nearest position is rounded down.
        Form(
            kind: "Upsample", opset: 7, shape: [1, 1, 1, 2], floats: [("scales", [1, 1, 1, 2])], expected: [0, 0, 1, 1]),
        // All axes from 1 on are one: three ones of e⁰, e¹, e², e³ over their sum, 1 + 2.718 + 7.389 + 20.086 = 31.193.
        Form(
            kind: "Softmax", opset: 11, shape: [1, 2, 2], expected: [0.032_059, 0.087_144, 0.236_883, 0.643_914]),
        Form(kind: "Hardmax", opset: 11, shape: [1, 2, 2], expected: [0, 0, 0, 1]),
        Form(
            kind: "LogSoftmax", opset: 12, shape: [2, 2, 1], ints: [("axis", [1])],
            expected: [-1.313_262, -0.313_262, -1.313_262, -0.313_262]),
    ]

    @Test("attributes that later became inputs are read", arguments: forms)
    func attributes(form: Form) throws {
        var model = ModelBytes(opset: form.opset)
        model.input("x", form.shape.map(String.init))
        let names = (0..<form.outputs).map { "y\($0)" }
        model.node(form.kind, ["x"], names, ints: form.ints, lists: form.lists, float: form.float, floats: form.floats)
        model.output("y0")
        let module = try ONNXModel.decode(model.bytes).imported(name: "model").module
        let x = try HostTensor((0..<form.shape.reduce(1, *)).map { Float($0) }, shape: form.shape)
        let y = try #require(try Interpreter(module: module).run("predict", inputs: ["x": x])["y0"])
        #expect(y.count == form.expected.count)
        if let shape = form.resultShape { #expect(y.shape == shape) }
        for (result, expected) in zip(y.doubles(), form.expected) { #expect(abs(result - expected) < 1e-5) }
    }
}
