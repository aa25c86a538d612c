import GraphTracing
import Layers

/// MobileNetV2 for images [B, 96, 96, 3] and 100 classes (Sandler et al., 2018).
struct MobileNetV2: Layer {
    /// A 3×3 convolution of each channel by itself, normalized over the batch.
    struct DepthwiseNorm: Layer {
        let convolution: DepthwiseConv2D
        let norm = BatchNorm(momentum: 0.9, epsilon: 1e-5)

        init(stride: Int) {
            convolution = DepthwiseConv2D(
                kernelSize: [3], strides: [stride], padding: .explicit([[1, 1], [1, 1]]), useBias: false)
        }

        func callAsFunction(_ x: Tensor) -> Tensor { norm(convolution(x)) }
    }

    /// An inverted residual block: up to `expansion` times as many channels, each convolved, and down again.
    struct Block: Layer {
        let expand: ConvNorm?
        let depthwise: DepthwiseNorm
        let project: ConvNorm
        let isResidual: Bool

        init(_ inputs: Int, _ outputs: Int, stride: Int, expansion: Int) {
            expand = expansion > 1 ? ConvNorm(inputs * expansion, size: 1) : nil
            depthwise = DepthwiseNorm(stride: stride)
            project = ConvNorm(outputs, size: 1)
            isResidual = stride == 1 && inputs == outputs
        }

        func callAsFunction(_ x: Tensor) -> Tensor {
            let y = project(relu6(depthwise(expand.map { relu6($0(x)) } ?? x)))
            return isResidual ? x + y : y
        }
    }

    let stem = ConvNorm(32, size: 3, stride: 2)
    let blocks: [Block]
    let last = ConvNorm(1280, size: 1)
    let average = GlobalAveragePool()
    let head = Dense(units: 100)

    /// Of each stage: the expansion, the channels, the number of blocks and the stride of the first.
    private static let stages = [
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
    ]

    init() {
        var blocks: [Block] = []
        var channels = 32
        for (expansion, outputs, count, stride) in Self.stages {
            for at in 0..<count {
                blocks.append(Block(channels, outputs, stride: at == 0 ? stride : 1, expansion: expansion))
                channels = outputs
            }
        }
        self.blocks = blocks
    }

    func callAsFunction(_ image: Tensor) -> Tensor {
        head(average(relu6(last(blocks.reduce(relu6(stem(image))) { $1($0) }))))
    }
}
