import GraphIR
import HostTensors
import OrderedCollections
import Testing

/// What a user reads when shapes, types or attributes do not fit.
@Suite struct ShapeErrorTests {
    struct Misuse: Sendable, CustomTestStringConvertible {
        var op: String
        var operands: [TensorType]
        var attributes: Attributes = [:]
        var message: String
        var testDescription: String { "\(op) \(operands)" }
    }

    private static func f32(_ shape: [Dim]) -> TensorType { TensorType(.f32, shape) }
    private static let batch = Dim(symbol: "B")

    static let misuses: [Misuse] = [
        Misuse(
            op: "add", operands: [f32([batch, 3]), f32([3])],
            message: "add: operands must have one type, got f32[B,3] and f32[3] (broadcast or cast one of them first)"),
        Misuse(
            op: "log", operands: [TensorType(.i32, [2])],
            message: "log: is defined on floating-point elements, got i32[2] (cast the operand first)"),
        Misuse(
            op: "select", operands: [TensorType(.bool, [2]), f32([3]), f32([3])],
            message: "select: condition must be bool[3], got bool[2]"),
        Misuse(
            op: "dot", operands: [f32([batch, 784]), f32([128, 10])], attributes: ["contract": .intLists([[1], [0]])],
            message: "dot: 'contract' pairs axis 1 of x f32[B,784], which is 784, with axis 0 of y f32[128,10], which "
                + "is 128 (paired axes must have one size)"),
        Misuse(
            op: "dense", operands: [f32([batch, 784]), f32([128, 10]), f32([10])],
            message:
                "dense: the last axis of x f32[B,784] must be the first of w f32[128,10], which is 128 (expected w "
                + "of f32[784,10])"),
        Misuse(
            op: "dense", operands: [f32([batch, 4]), f32([4, 10]), f32([4])],
            message: "dense: b must be f32[10], got f32[4]"),
        Misuse(
            op: "reshape", operands: [f32([batch, 4])], attributes: ["shape": .dims([batch, 5])],
            message: "reshape: f32[B,4] has 4*B elements, but f32[B,5] has 5*B (choose a shape with as many elements)"),
        Misuse(
            op: "broadcast", operands: [f32([1, 4])], attributes: ["axes": .ints([0, 1]), "shape": .dims([3, 4])],
            message: "broadcast: axis 0 of f32[1,4] is 1, but axis 0 of f32[3,4] is 3 (sizes must be equal; reshape an "
                + "axis of size 1 away first)"),
        Misuse(
            op: "slice", operands: [f32([5])],
            attributes: ["starts": .ints([3]), "sizes": .dims([2]), "strides": .ints([2])],
            message: "slice: axis 0 of f32[5] is read up to position 6, but has 5 elements (start 3, size 2, stride 2 "
                + "must stay inside)"),
        Misuse(
            op: "pad", operands: [f32([5]), f32([])],
            attributes: ["low": .ints([-1]), "high": .ints([0]), "interior": .ints([0])],
            message: "pad: 'low' entries must be at least 0, got -1"),
        Misuse(
            op: "concat", operands: [f32([2, 3]), f32([2, 4])], attributes: ["axis": .int(0)],
            message: "concat: operand 1 is f32[2,4], operand 0 is f32[2,3]: all but axis 0 must agree (reshape or cast "
                + "the operands to agree)"),
        Misuse(
            op: "transpose", operands: [f32([2, 3])], attributes: ["permutation": .ints([0, 0])],
            message: "transpose: 'permutation' [0, 0] must name each axis of f32[2,3] once"),
        Misuse(
            op: "reduce", operands: [f32([2, 3])], attributes: ["kind": .keyword("sum"), "axes": .ints([2])],
            message: "reduce: 'axes' names axis 2, expected 0 to 1 (operands are f32[2,3])"),
        Misuse(
            op: "reduce", operands: [f32([2, 3])], attributes: ["kind": .keyword("sum"), "axes": .ints([1, 0])],
            message: "reduce: 'axes' [1, 0] must be in ascending order (write [0, 1])"),
        Misuse(
            op: "conv2d", operands: [f32([batch, 28, 28, 1]), f32([5, 5, 3, 20]), f32([20])],
            message: "conv2d: x f32[B,28,28,1] has 1 channels, kernel f32[5,5,3,20] takes 3 in each of 1 groups "
                + "(expected a kernel whose I is C divided by groups)"),
        Misuse(
            op: "conv2d", operands: [f32([batch, 4, 4, 1]), f32([5, 5, 1, 2]), f32([2])],
            message: "conv2d: axis H: a kernel that reaches over 5 does not fit into 4 (x f32[B,4,4,1], kernel "
                + "f32[5,5,1,2], padding [0, 0]) (pad more or take a smaller kernel)"),
        Misuse(
            op: "conv2d", operands: [f32([batch, 4, 4, 1]), f32([5, 5, 1, 2]), f32([2])],
            attributes: ["layout": .string("NHWC,HWIO,NHW")],
            message: "conv2d: layout 'NHWC,HWIO,NHW': part 3 'NHW' must have each of N C H W once"),
        Misuse(
            op: "maxPool", operands: [f32([batch, 1, 8, 3])],
            attributes: ["window": .ints([2, 2]), "strides": .ints([2, 2])],
            message: "maxPool: a window of 2 does not fit into axis 1 of f32[B,1,8,3] with padding [0, 0] (pad more or "
                + "take a smaller window)"),
        Misuse(
            op: "crossEntropy", operands: [f32([batch, 10]), TensorType(.i32, [batch, 10])],
            message: "crossEntropy: labels must be i32[B] for logits f32[B,10], got i32[B,10] (give the index of the "
                + "class, one for each example)"),
        Misuse(
            op: "dropout", operands: [f32([2]), TensorType(.i64), TensorType(.i64)],
            attributes: ["rate": .float(1), "stream": .int(0)],
            message: "dropout: 'rate' is 1.0, expected 0 or more and below 1 (it is the share of elements set to 0)"),
        Misuse(
            op: "adam", operands: Array(repeating: f32([2]), count: 4) + [TensorType(.i32), f32([])],
            message: "adam: step must be i64[], got i32[]"),
        Misuse(
            op: "relu", operands: [f32([2]), f32([2])], message: "relu takes 1 operands (x), got 2"),
        Misuse(
            op: "softmax", operands: [f32([2])], message: "softmax: attribute 'axis' is missing"),
        Misuse(
            op: "gelu", operands: [f32([2])], attributes: ["approximate": .keyword("sometimes")],
            message: "gelu: attribute 'approximate' must be one of exact, tanh, got sometimes"),
    ]

    @Test("the message says what, where and how to mend it", arguments: misuses)
    func misuse(of misuse: Misuse) {
        var builder = FunctionBuilder(name: "main")
        let operands = misuse.operands.enumerated().map { builder.input("x\($0)", $1) }
        #expect(message { try builder.emit(misuse.op, operands, misuse.attributes) } == misuse.message)
    }

    @Test("an error carries the user's place")
    func place() {
        var builder = FunctionBuilder(name: "main")
        builder.place = Place(layer: "hidden", file: "Classifier.swift", line: 14)
        let x = builder.input("x", TensorType(.i32))
        #expect(
            message { _ = try builder.unary("exp", x) }
                == "layer 'hidden' at Classifier.swift:14: exp: is defined on floating-point elements, got i32[] (cast "
                + "the operand first)")
    }
}
