import GraphIR
import GraphTracing
import Layers

/// ResNet-50 v1.5 for images [B, 3, 224, 224] and 1000 classes (He et al., 2016; the stride of a stage sits in its first
/// 3×3 convolution).
public struct ResNet50: Layer {
    /// A convolution without bias, normalized over the batch.
    struct ConvNorm: Layer {
        let convolution: Conv2D
        let norm = BatchNorm(axis: 1, momentum: 0.9, epsilon: 1e-5)

        init(_ filters: Int, size: Int, stride: Int = 1) {
            let around = [size / 2, size / 2]
            convolution = Conv2D(
                filters: filters, kernelSize: [size], strides: [stride], padding: .explicit([around, around]),
                layout: .channelsFirst, useBias: false, kernelInitializer: .heNormal)
        }

        func callAsFunction(_ x: Tensor) -> Tensor { norm(convolution(x)) }
    }

    /// Down to `width` channels, a 3×3 convolution, up to four times as many, and around it all the input.
    struct Bottleneck: Layer {
        let reduce: ConvNorm
        let spatial: ConvNorm
        let expand: ConvNorm
        let shortcut: ConvNorm?

        init(_ width: Int, stride: Int, changesSize: Bool) {
            reduce = ConvNorm(width, size: 1)
            spatial = ConvNorm(width, size: 3, stride: stride)
            expand = ConvNorm(4 * width, size: 1)
            shortcut = changesSize ? ConvNorm(4 * width, size: 1, stride: stride) : nil
        }

        func callAsFunction(_ x: Tensor) -> Tensor {
            relu(expand(relu(spatial(relu(reduce(x))))) + (shortcut.map { $0(x) } ?? x))
        }
    }

    let stem = ConvNorm(64, size: 7, stride: 2)
    let pool = MaxPool2D(size: 3, strides: 2, padding: .explicit([[1, 1], [1, 1]]), layout: .channelsFirst)
    let stages = [(3, 64), (4, 128), (6, 256), (3, 512)].enumerated().map { stage, size in
        (0..<size.0).map {
            Bottleneck(size.1, stride: $0 == 0 && stage > 0 ? 2 : 1, changesSize: $0 == 0)
        }
    }
    let average = GlobalAveragePool(layout: .channelsFirst)
    let head = Dense(units: 1000)

    /// Makes the model.
    public init() {}

    /// The logits of the classes.
    public func callAsFunction(_ image: Tensor) -> Tensor {
        let features = stages.joined().reduce(pool(relu(stem(image)))) { $1($0) }
        return head(average(features))
    }

    /// The model, to be initialized and used.
    public static func module() throws -> GraphModule {
        try predicting(
            ResNet50(), name: "resnet50", input: ("image", TensorType(.f32, [Dim(symbol: "B"), 3, 224, 224])),
            output: "logits")
    }
}
