import GraphTracing
import Layers

/// A convolution without a bias, normalized over the batch.
struct ConvNorm: Layer {
    let convolution: Conv2D
    let norm = BatchNorm(momentum: 0.9, epsilon: 1e-5)

    init(_ filters: Int, size: Int, stride: Int = 1) {
        let around = [size / 2, size / 2]
        convolution = Conv2D(
            filters: filters, kernelSize: [size], strides: [stride], padding: .explicit([around, around]),
            useBias: false)
    }

    func callAsFunction(_ x: Tensor) -> Tensor { norm(convolution(x)) }
}
