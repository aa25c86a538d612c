import GraphTracing
import Layers

/// Every layer, one row a way to use it.
let layerRows: [LayerRow] =
    convolutionRows + poolingRows + shapingRows + activationRows

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

private let activationRows: [LayerRow] = [
    Activation.identity, .relu, .gelu, .geluTanh, .silu, .tanh, .sigmoid, .softmax, .logSoftmax, .exponential,
    .leakyRelu(), .elu(), .celu(alpha: 2), .selu, .mish, .softplus, .softsign, .relu6, .hardSigmoid, .hardSwish,
    .hardTanh, .tanhShrink, .logSigmoid,
].map { LayerRow("activation \($0)", Activate($0)) }
