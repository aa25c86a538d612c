import GraphIR
import HostTensors

/// At least one case for every operation in the table.
public let opCases: [OpCase] =
    sourceCases + elementwiseCases + movementCases + indexingCases + reductionCases + orderCases + contractionCases
    + windowCases
    + activationCases + unitCases + layerCases + normalizationCases + attentionCases + recurrentCases + structureCases
    + customCases + optimizerCases

/// The symbolic batch, briefly.
let B = symbolicB

private let position: [(TensorType, OpCase.Domain)] = [
    (TensorType(.i64), .exactly(7)), (TensorType(.i64), .exactly(3)),
]

private let sourceCases = [
    OpCase("constant", [], ["value": .tensor([[1, 2, 3], [4, 5, 6]])]),
    OpCase("iota", [], ["axis": .int(1), "shape": .dims([2, 5]), "dtype": .dtype(.i32)]),
    OpCase("random", position, ["stream": .int(2), "shape": .dims([4, 70])]),
    OpCase("randomNormal", position, ["stream": .int(2), "shape": .dims([4, 70])]),
]

private let elementwiseCases: [OpCase] = {
    let type = f64(B, 4)
    let domains: [(OpCase.Domain, [String])] = [
        (
            .anywhere,
            [
                "neg", "abs", "sign", "exp", "expm1", "tanh", "logistic", "erf", "sin", "cos", "floor", "ceil",
                "round", "isFinite",
            ]
        ),
        (.positive, ["log", "log1p", "sqrt", "rsqrt"]),
    ]
    var cases = domains.flatMap { domain, names in names.map { OpCase($0, [(type, domain)]) } }
    cases += ["add", "sub", "mul", "max", "min"].map { OpCase($0, [(type, .anywhere), (type, .anywhere)]) }
    cases += ["div", "pow", "rem"].map { OpCase($0, [(type, .positive), (type, .positive)]) }
    let integers = TensorType(.i32, [B, 4])
    cases += ["and", "or", "xor", "shiftLeft", "shiftRight"].map {
        OpCase($0, [(integers, .below(100)), (integers, .below(9))])
    }
    cases.append(OpCase("not", [(TensorType(.bool, [B, 4]), .below(2))]))
    cases.append(OpCase("not", "i32", [(integers, .below(50))]))
    cases.append(OpCase("cast", "f64 to f32", [(type, .anywhere)], ["to": .dtype(.f32)]))
    cases.append(OpCase("cast", "i32 to f64", [(integers, .below(50))], ["to": .dtype(.f64)]))
    cases += ["equal", "notEqual", "less", "lessEqual", "greater", "greaterEqual"].map {
        OpCase("compare", $0, [(integers, .below(3)), (integers, .below(3))], ["direction": .keyword($0)])
    }
    cases.append(
        OpCase("select", [(TensorType(.bool, [B, 4]), .below(2)), (type, .anywhere), (type, .anywhere)]))
    return cases
}()

private let movementCases = [
    OpCase(
        "broadcast", [(f64(B, 5), .anywhere)], ["axes": .ints([1, 3]), "shape": .dims([2, B, 3, 5])]),
    OpCase("broadcast", "of a scalar", [(f64(), .anywhere)], ["axes": .ints([]), "shape": .dims([3, 2])]),
    OpCase("reshape", [(f64(B, 4, 3), .anywhere)], ["shape": .dims([B * 2, 6])]),
    OpCase("transpose", [(f64(B, 4, 5), .anywhere)], ["permutation": .ints([2, 0, 1])]),
    OpCase(
        "slice", [(f64(B, 7, 6), .anywhere)],
        ["starts": .ints([0, 1, 2]), "sizes": .dims([B, 3, 2]), "strides": .ints([1, 2, 3])]),
    OpCase(
        "pad", "in long rows", [(f64(B, 2, 3, 20), .anywhere), (f64(), .anywhere)],
        ["low": .ints([1, 0, 2, 0]), "high": .ints([2, 1, 0, 0]), "interior": .ints([0, 0, 0, 0])]),
    OpCase(
        "pad", [(f64(B, 3), .anywhere), (f64(), .anywhere)],
        ["low": .ints([0, 1]), "high": .ints([1, 2]), "interior": .ints([0, 2])]),
    OpCase(
        "concat", [(f64(B, 3), .anywhere), (f64(B, 1), .anywhere), (f64(B, 2), .anywhere)], ["axis": .int(1)]),
    OpCase("concat", "batches", [(f64(2, 3), .anywhere), (f64(B, 3), .anywhere)], ["axis": .int(0)]),
    OpCase("reverse", [(f64(B, 3, 4), .anywhere)], ["axes": .ints([0, 2])]),
]

private let reductionCases: [OpCase] = {
    var cases: [OpCase] = []
    for kind in ["sum", "prod", "max", "min"] {
        for axes in [[0], [1], [0, 2], [0, 1, 2], []] {
            cases.append(
                OpCase(
                    "reduce", "\(kind) over \(axes)", [(f64(B, 4, 2), .anywhere)],
                    ["kind": .keyword(kind), "axes": .ints(axes)]))
        }
    }
    for kind in ["and", "or"] {
        cases.append(
            OpCase(
                "reduce", kind, [(TensorType(.bool, [B, 3]), .below(2))],
                ["kind": .keyword(kind), "axes": .ints([1])]))
    }
    for kind in ["max", "min"] {
        cases.append(
            OpCase("argreduce", kind, [(f64(B, 5, 2), .anywhere)], ["kind": .keyword(kind), "axis": .int(1)]))
    }
    return cases
}()

private func convCase(
    _ variant: String, _ layout: String, _ x: TensorType, _ kernel: TensorType, strides: [Int], padding: [[Int]],
    inputDilation: [Int]? = nil, kernelDilation: [Int]? = nil, groups: Int = 1
) -> OpCase {
    OpCase(
        "conv", variant, [(x, .anywhere), (kernel, .anywhere)],
        [
            "layout": .string(layout), "strides": .ints(strides), "padding": .intLists(padding),
            "inputDilation": .ints(inputDilation ?? strides.map { _ in 1 }),
            "kernelDilation": .ints(kernelDilation ?? strides.map { _ in 1 }), "groups": .int(groups),
        ])
}

private let contractionCases = [
    OpCase(
        "dot", [(f64(B, 4), .anywhere), (f64(4, 5), .anywhere)], ["contract": .intLists([[1], [0]])]),
    OpCase(
        "dot", "batched, axes crossed", [(f64(2, B, 4, 5), .anywhere), (f64(5, 2, 3, 4), .anywhere)],
        ["contract": .intLists([[2, 3], [3, 0]]), "batch": .intLists([[0], [1]])]),
    OpCase("dot", "outer", [(f64(2), .anywhere), (f64(B), .anywhere)], ["contract": .intLists([[], []])]),
    convCase(
        "plain", "NHWC,HWIO,NHWC", f64(B, 5, 6, 2), f64(3, 2, 2, 4), strides: [1, 1], padding: [[0, 0], [0, 0]]),
    convCase(
        "strided, padded, dilated", "NHWC,HWIO,NHWC", f64(B, 7, 8, 2), f64(3, 2, 2, 3), strides: [2, 3],
        padding: [[1, 2], [0, 1]], kernelDilation: [2, 1]),
    convCase(
        "NCHW, input dilated", "NCHW,OIHW,NCHW", f64(B, 2, 4, 3), f64(3, 2, 3, 2), strides: [1, 2],
        padding: [[2, 1], [1, 1]], inputDilation: [2, 3]),
    convCase(
        "grouped", "NHWC,HWIO,NHWC", f64(B, 4, 4, 4), f64(2, 2, 2, 6), strides: [2, 1], padding: [[0, 0], [1, 1]],
        groups: 2),
    convCase(
        "channel by channel", "NHWC,HWIO,NHWC", f64(B, 5, 4, 6), f64(3, 2, 1, 6), strides: [2, 1],
        padding: [[1, 1], [0, 1]], kernelDilation: [1, 2], groups: 6),
    convCase(
        "many groups", "NCHW,OIHW,NCHW", f64(B, 10, 3, 4), f64(15, 2, 2, 2), strides: [1, 2],
        padding: [[1, 0], [1, 1]], inputDilation: [2, 1], groups: 5),
    convCase(
        "more padding than kernel", "NHWC,HWIO,NHWC", f64(B, 3, 3, 1), f64(1, 2, 1, 2), strides: [1, 1],
        padding: [[1, 2], [3, 2]]),
    convCase("one axis, mixed layout", "WNC,OWI,NWC", f64(6, B, 2), f64(3, 2, 2), strides: [2], padding: [[1, 0]]),
    convCase(
        "three axes", "NDHWC,DHWIO,NDHWC", f64(B, 3, 4, 3, 2), f64(2, 2, 2, 2, 2), strides: [1, 2, 1],
        padding: [[0, 1], [1, 0], [0, 0]]),
]

private let windowCases = ["sum", "max", "min"].flatMap { kind -> [OpCase] in
    let attributes: Attributes = [
        "kind": .keyword(kind), "window": .ints([1, 3, 2, 1]), "strides": .ints([1, 2, 1, 1]),
        "padding": .intLists([[0, 0], [1, 0], [0, 1], [0, 0]]),
    ]
    let x = f64(B, 6, 5, 2)
    let large: Attributes = [
        "kind": .keyword(kind), "window": .ints([1, 9, 8, 1]), "strides": .ints([1, 2, 3, 1]),
        "padding": .intLists([[0, 0], [1, 2], [0, 1], [0, 0]]),
    ]
    let y = f64(B, 9, 11, 2)
    return [
        OpCase("reduceWindow", kind, [(x, .anywhere)], attributes),
        OpCase("windowScatter", kind, [(x, .anywhere), (f64(B, 3, 5, 2), .anywhere)], attributes),
        OpCase("reduceWindow", "\(kind) of many", [(y, .anywhere)], large),
        OpCase("windowScatter", "\(kind) of many", [(y, .anywhere), (f64(B, 2, 2, 2), .anywhere)], large),
    ]
}

private let activationCases = [
    OpCase("relu", [(f64(B, 4), .anywhere)]), OpCase("gelu", [(f64(B, 4), .anywhere)]),
    OpCase("gelu", "tanh", [(f64(B, 4), .anywhere)], ["approximate": .keyword("tanh")]),
    OpCase("silu", [(f64(B, 4), .anywhere)]),
    OpCase("softmax", [(f64(B, 4), .anywhere)], ["axis": .int(1)]),
    OpCase("softmax", "over the batch", [(f64(B, 4), .anywhere)], ["axis": .int(0)]),
    OpCase("logSoftmax", [(f64(B, 4), .anywhere)], ["axis": .int(1)]),
    OpCase("logSumExp", [(f64(B, 4, 3), .anywhere)], ["axes": .ints([0, 2])]),
    OpCase("logSumExp", "of rows", [(f64(B, 4), .anywhere)], ["axes": .ints([1])]),
    OpCase("crossEntropy", [(f64(B, 5), .anywhere), (TensorType(.i32, [B]), .below(5))]),
    OpCase("sigmoidCrossEntropy", [(f64(B, 2), .anywhere), (f64(B, 2), .positive)]),
]

private let layerCases = [
    OpCase("dense", [(f64(B, 4), .anywhere), (f64(4, 3), .anywhere), (f64(3), .anywhere)]),
    OpCase(
        "conv2d", [(f64(B, 5, 5, 2), .anywhere), (f64(3, 3, 2, 3), .anywhere), (f64(3), .anywhere)],
        ["strides": .ints([2, 1]), "padding": .intLists([[1, 1], [0, 0]])]),
    OpCase(
        "conv2d", "NCHW", [(f64(B, 2, 4, 4), .anywhere), (f64(3, 2, 2, 2), .anywhere), (f64(3), .anywhere)],
        ["layout": .string("NCHW,OIHW,NCHW")]),
    OpCase(
        "maxPool", [(f64(B, 4, 6, 2), .anywhere)],
        ["window": .ints([2, 2]), "strides": .ints([2, 2])]),
    OpCase(
        "avgPool", [(f64(B, 4, 6, 2), .anywhere)],
        ["window": .ints([2, 2]), "strides": .ints([2, 2])]),
    OpCase(
        "avgPool", "NCHW, padded", [(f64(B, 2, 5, 4), .anywhere)],
        [
            "window": .ints([3, 2]), "strides": .ints([2, 1]), "padding": .intLists([[1, 1], [0, 1]]),
            "layout": .string("NCHW"),
        ]),
    OpCase("dropout", [(f64(B, 40), .anywhere)] + position, ["rate": .float(0.3), "stream": .int(1)]),
    OpCase("dropout", "of nothing", [(f64(B, 4), .anywhere)] + position, ["rate": .float(0), "stream": .int(1)]),
]

private let optimizerCases: [OpCase] = {
    let (p, rate) = (f64(B, 3), (f64(), OpCase.Domain.positive))
    return [
        OpCase("sgd", [(p, .anywhere), (p, .anywhere), rate]),
        OpCase("momentum", [(p, .anywhere), (p, .anywhere), (p, .anywhere), rate], ["momentum": .float(0.8)]),
        OpCase(
            "momentum", "Nesterov", [(p, .anywhere), (p, .anywhere), (p, .anywhere), rate],
            ["nesterov": .bool(true)]),
        OpCase(
            "adam",
            [
                (p, .anywhere), (p, .anywhere), (p, .anywhere), (p, .positive), (TensorType(.i64), .exactly(3)), rate,
            ]),
    ]
}()
