import GraphTracing
import Layers

/// Every layer, one row a way to use it.
let layerRows: [LayerRow] =
    convolutionRows + poolingRows + shapingRows + normalizationRows + recurrentRows + attentionRows + activationRows

private let convolutionRows: [LayerRow] = [
    LayerRow("Dense", Dense(units: 3, activation: .tanh)),
    LayerRow("Conv1D", Conv1D(filters: 5, kernelSize: 3)),
    LayerRow("Conv1D causal", Conv1D(filters: 5, kernelSize: 3, padding: .causal, dilation: 2)),
    LayerRow("Conv2D", Conv2D(filters: 5, kernelSize: [3, 2], strides: [2, 1], activation: .silu)),
    LayerRow("Conv2D same", Conv2D(filters: 3, kernelSize: 4, strides: 2, padding: .same)),
    LayerRow("Conv2D dilated", Conv2D(filters: 3, kernelSize: 3, dilation: [2, 1], useBias: false)),
    LayerRow("Conv2D grouped", Conv2D(filters: 6, kernelSize: 3, padding: .same, groups: 2)),
    LayerRow("Conv2D first", Conv2D(filters: 5, kernelSize: 3, layout: .channelsFirst)),
    LayerRow("Conv3D", Conv3D(filters: 3, kernelSize: [2, 3, 2])),
    LayerRow("DepthwiseConv1D", DepthwiseConv1D(kernelSize: 3, multiplier: 2)),
    LayerRow("DepthwiseConv2D", DepthwiseConv2D(kernelSize: 3, multiplier: 2, padding: .same)),
    LayerRow("SeparableConv1D", SeparableConv1D(filters: 5, kernelSize: 3)),
    LayerRow("SeparableConv2D", SeparableConv2D(filters: 5, kernelSize: 3, multiplier: 2, strides: 2)),
    LayerRow("ConvTranspose1D", ConvTranspose1D(filters: 3, kernelSize: 4, strides: 2)),
    LayerRow("ConvTranspose2D", ConvTranspose2D(filters: 3, kernelSize: [3, 2], strides: [2, 3])),
    LayerRow(
        "ConvTranspose2D same",
        ConvTranspose2D(filters: 3, kernelSize: 4, strides: 2, padding: .same, activation: .tanh)),
    LayerRow("ConvTranspose3D", ConvTranspose3D(filters: 2, kernelSize: 3, strides: 2, padding: .same)),
]

private let poolingRows: [LayerRow] = [
    LayerRow("MaxPool1D", MaxPool1D(size: 3, strides: 2)),
    LayerRow("MaxPool1D same", MaxPool1D(size: 4, strides: 2, padding: .same)),
    LayerRow("MaxPool2D", MaxPool2D()),
    LayerRow("MaxPool2D same", MaxPool2D(size: [3, 2], strides: 2, padding: .same)),
    LayerRow("MaxPool3D", MaxPool3D()),
    LayerRow("AveragePool1D", AveragePool1D(size: 3, strides: 2)),
    LayerRow("AveragePool1D same", AveragePool1D(size: 4, strides: 2, padding: .same)),
    LayerRow("AveragePool2D", AveragePool2D()),
    LayerRow("AveragePool2D same", AveragePool2D(size: [3, 2], strides: 2, padding: .same)),
    LayerRow("AveragePool3D", AveragePool3D()),
    LayerRow("GlobalMaxPool", GlobalMaxPool()),
    LayerRow("GlobalAveragePool", GlobalAveragePool(keepDims: true)),
    LayerRow("GlobalAveragePool first", GlobalAveragePool(layout: .channelsFirst)),
]

private let shapingRows: [LayerRow] = [
    LayerRow("Flatten", Flatten()), LayerRow("Reshape", Reshape([3, -1])), LayerRow("Permute", Permute([3, 1, 2])),
    LayerRow("RepeatVector", RepeatVector(3)),
    LayerRow("ZeroPadding1D", ZeroPadding1D(before: [1], after: [2])),
    LayerRow("ZeroPadding2D", ZeroPadding2D([2, 1])),
    LayerRow("ZeroPadding3D", ZeroPadding3D()),
    LayerRow("Cropping1D", Cropping1D(before: [1], after: [2])), LayerRow("Cropping2D", Cropping2D([2, 1])),
    LayerRow("Cropping3D", Cropping3D()),
    LayerRow("UpSampling1D", UpSampling1D(size: 3)), LayerRow("UpSampling2D", UpSampling2D(size: [2, 3])),
    LayerRow("UpSampling3D", UpSampling3D()),
    LayerRow("TimeDistributed", TimeDistributed(Dense(units: 3))),
]

private let normalizationRows: [LayerRow] = [
    LayerRow("BatchNorm", BatchNorm()), LayerRow("BatchNorm first", BatchNorm(axis: 1, momentum: 0.9)),
    LayerRow("LayerNorm", LayerNorm()), LayerRow("LayerNorm of two axes", LayerNorm(axis: 1)),
    LayerRow("RMSNorm", RMSNorm()), LayerRow("GroupNorm", GroupNorm(groups: 2)),
    LayerRow("Embedding", Embedding(vocabulary: 7, size: 3, dtype: .f64)), LayerRow("PReLU", PReLU()),
]

private let recurrentRows: [LayerRow] = [
    LayerRow("SimpleRNN", SimpleRNN(units: 3)),
    LayerRow("SimpleRNN relu", SimpleRNN(units: 3, activation: .relu, returnsSequences: true)),
    LayerRow("LSTM", LSTM(units: 3)), LayerRow("LSTM sequences", LSTM(units: 3, returnsSequences: true)),
    LayerRow("GRU", GRU(units: 3)), LayerRow("GRU sequences", GRU(units: 3, returnsSequences: true)),
    LayerRow("Bidirectional", Bidirectional(LSTM(units: 3, returnsSequences: true))),
    LayerRow("Bidirectional sum", Bidirectional(LSTM(units: 3), merge: .sum)),
]

private let attentionRows: [LayerRow] = [
    LayerRow("MultiHeadAttention", MultiHeadAttention(heads: 2, size: 3)),
    LayerRow("MultiHeadAttention causal", MultiHeadAttention(heads: 2, size: 3, isCausal: true)),
    {
        let layer = MultiHeadAttention(heads: 2, size: 3)
        return LayerRow("MultiHeadAttention masked", layer, with: ["mask"]) { layer($0[0], mask: $0[1]) }
    }(),
    LayerRow("MultiHeadAttention grouped", MultiHeadAttention(heads: 4, size: 3, keyHeads: 2)),
    LayerRow(
        "TransformerEncoder", TransformerEncoder(heads: 2, size: 4, units: 6, isCausal: true, rotary: Rotary())),
    LayerRow("TransformerEncoder after", TransformerEncoder(heads: 2, size: 3, units: 6, norm: .after)),
    {
        let layer = TransformerDecoder(heads: 2, size: 3, units: 6)
        return LayerRow("TransformerDecoder", layer, with: ["memory"]) { layer($0[0], memory: $0[1]) }
    }(),
]

private let activationRows: [LayerRow] = [
    Activation.identity, .relu, .gelu, .geluTanh, .silu, .tanh, .sigmoid, .softmax, .logSoftmax, .exponential,
    .leakyRelu(), .elu(), .celu(alpha: 2), .selu, .mish, .softplus, .softsign, .relu6, .hardSigmoid, .hardSwish,
    .hardTanh, .tanhShrink, .logSigmoid,
].map { LayerRow("activation \($0)", Activate($0)) }
