import GraphTracing
import Layers

/// A U-Net for images [B, 64, 64, 3] and one mask (Ronneberger et al., 2015), of two levels.
struct UNet: Layer {
    struct Pair: Layer {
        let first: ConvNorm
        let second: ConvNorm

        init(_ width: Int) {
            first = ConvNorm(width, size: 3)
            second = ConvNorm(width, size: 3)
        }

        func callAsFunction(_ x: Tensor) -> Tensor { relu(second(relu(first(x)))) }
    }

    let down = [Pair(32), Pair(64), Pair(128)]
    let pool = MaxPool2D()
    let up = [64, 32].map { ConvTranspose2D(filters: $0, kernelSize: [2], strides: [2]) }
    let joined = [Pair(64), Pair(32)]
    let head = Conv2D(filters: 1, kernelSize: [1])

    func callAsFunction(_ image: Tensor) -> Tensor {
        let large = down[0](image)
        let middle = down[1](pool(large))
        let small = down[2](pool(middle))
        let half = joined[0](concat([up[0](small), middle], axis: 3))
        return head(joined[1](concat([up[1](half), large], axis: 3)))
    }
}
