import GraphTracing
import Layers

/// ResNet-18 for images [B, 32, 32, 3] and 10 classes (He et al., 2016, with the stem of its networks for small images).
struct ResNet18: Layer {
    struct Block: Layer {
        let first: ConvNorm
        let second: ConvNorm
        let shortcut: ConvNorm?

        init(_ width: Int, stride: Int) {
            first = ConvNorm(width, size: 3, stride: stride)
            second = ConvNorm(width, size: 3)
            shortcut = stride > 1 ? ConvNorm(width, size: 1, stride: stride) : nil
        }

        func callAsFunction(_ x: Tensor) -> Tensor {
            relu(second(relu(first(x))) + (shortcut.map { $0(x) } ?? x))
        }
    }

    let stem = ConvNorm(64, size: 3)
    let blocks = [(64, 1), (128, 2), (256, 2), (512, 2)].flatMap { width, stride in
        [Block(width, stride: stride), Block(width, stride: 1)]
    }
    let average = GlobalAveragePool()
    let head = Dense(units: 10)

    func callAsFunction(_ image: Tensor) -> Tensor {
        head(average(blocks.reduce(relu(stem(image))) { $1($0) }))
    }
}
