import GraphIR
import HostTensors

/// The other activations.
let unitCases: [OpCase] =
    [
        "relu6", "elu", "selu", "softplus", "logSigmoid", "softsign", "mish", "hardSigmoid", "hardSwish", "hardTanh",
        "leakyRelu",
    ].map { OpCase($0, [(f64(B, 5), .anywhere)]) } + [
        OpCase("leakyRelu", "steep", [(f64(B, 5), .anywhere)], ["slope": .float(0.3)]),
        OpCase("elu", "alpha 2", [(f64(B, 5), .anywhere)], ["alpha": .float(2)]),
        OpCase("prelu", [(f64(B, 5), .anywhere), (f64(5), .positive)]),
        OpCase("prelu", "one slope", [(f64(B, 5), .anywhere), (f64(), .positive)]),
    ]

/// Normalization in training and inference.
let normalizationCases: [OpCase] = [
    OpCase(
        "layerNorm", [(f64(B, 6), .anywhere), (f64(6), .positive), (f64(6), .anywhere)], ["axis": .int(1)]),
    OpCase(
        "layerNorm", "of two axes", [(f64(B, 3, 4), .anywhere), (f64(3, 4), .positive), (f64(3, 4), .anywhere)],
        ["axis": .int(1), "epsilon": .float(0.01)]),
    OpCase("rmsNorm", [(f64(B, 6), .anywhere), (f64(6), .positive)], ["axis": .int(1)]),
    OpCase(
        "groupNorm", [(f64(B, 3, 6), .anywhere), (f64(6), .positive), (f64(6), .anywhere)],
        ["axis": .int(2), "groups": .int(2)]),
    OpCase(
        "groupNorm", "channels first", [(f64(B, 4, 3), .anywhere), (f64(4), .positive), (f64(4), .anywhere)],
        ["axis": .int(1), "groups": .int(2)]),
    OpCase(
        "batchNorm", [(f64(B, 4, 3), .anywhere), (f64(3), .positive), (f64(3), .anywhere)], ["axis": .int(2)]),
    OpCase(
        "batchNorm", "channels first", [(f64(B, 3, 4), .anywhere), (f64(3), .positive), (f64(3), .anywhere)],
        ["axis": .int(1)]),
    OpCase(
        "batchNormInference",
        [(f64(B, 4, 3), .anywhere)]
            + [.positive, .anywhere, .anywhere, .positive].map { (f64(3), $0) }, ["axis": .int(2)]),
]

private func heads(_ count: Int, _ length: Dim, _ size: Int) -> (TensorType, OpCase.Domain) {
    (f64(B, Dim(count), length, Dim(size)), .anywhere)
}

/// Attention with its variants, and rows of a table.
let attentionCases: [OpCase] = [
    OpCase("embedding", [(f64(7, 4), .anywhere), (TensorType(.i32, [B, 3]), .below(7))]),
    OpCase("attention", [heads(2, 3, 4), heads(2, 5, 4), heads(2, 5, 3)]),
    OpCase("attention", "causal", [heads(2, 4, 3), heads(2, 4, 3), heads(2, 4, 2)], ["causal": .bool(true)]),
    OpCase(
        "attention", "causal, after a prefix", [heads(1, 2, 3), heads(1, 5, 3), heads(1, 5, 2)],
        ["causal": .bool(true), "scale": .float(0.7)]),
    OpCase("attention", "grouped heads", [heads(4, 3, 2), heads(2, 4, 2), heads(2, 4, 2)]),
    OpCase(
        "maskedAttention",
        [heads(2, 3, 4), heads(2, 5, 4), heads(2, 5, 3), (TensorType(.bool, [B, 1, 3, 5]), .below(2))]),
    OpCase(
        "maskedAttention", "of each head, causal",
        [heads(4, 3, 2), heads(2, 3, 2), heads(2, 3, 2), (TensorType(.bool, [1, 4, 3, 3]), .below(2))],
        ["causal": .bool(true)]),
    OpCase(
        "maskedAttention", "of keys",
        [heads(2, 3, 2), heads(2, 4, 2), heads(2, 4, 3), (TensorType(.bool, [B, 1, 1, 4]), .below(2))]),
    OpCase("attentionWeights", [heads(2, 3, 4), heads(2, 5, 4), (f64(1, 2, 3, 5), .anywhere)]),
    OpCase(
        "attentionWeights", "grouped heads, causal, a bias of keys",
        [heads(4, 3, 2), heads(2, 4, 2), (f64(B, 4, 1, 4), .anywhere)],
        ["causal": .bool(true)]),
    OpCase(
        "attentionWeights", "causal, a bias that hides all",
        [heads(2, 3, 2), heads(2, 4, 2), (f64(1, 1, 1, 4), .exactly(-.infinity))], ["causal": .bool(true)]),
    OpCase(
        "maskedAttentionWeights",
        [
            heads(2, 3, 4), heads(1, 5, 4), (f64(B, 1, 3, 5), .anywhere), (TensorType(.bool, [B, 2, 3, 1]), .below(2)),
        ], ["scale": .float(0.7)]),
]

/// Cells.
let recurrentCases: [OpCase] = [
    OpCase(
        "lstmCell",
        [f64(B, 3), f64(B, 2), f64(B, 2), f64(3, 8), f64(2, 8), f64(8)].map { ($0, .anywhere) }),
    OpCase(
        "gruCell", [f64(B, 3), f64(B, 2), f64(3, 6), f64(2, 6), f64(6), f64(6)].map { ($0, .anywhere) }),
]
