/// A two-dimensional convolution of images in NCHW by kernels in OIHW, padded so that a stride of 1 keeps the size.
struct ConvShape: SweepShape {
    let batch: Int
    let inputs: Int
    let outputs: Int
    let height: Int
    let width: Int
    let kernel: Int
    let stride: Int

    init(_ draw: inout SweepDraw) {
        kernel = draw.pick([1, 3, 3, 5, 7])
        stride = draw.pick([1, 1, 2])
        inputs = draw.logUniform(1...256)
        outputs = draw.logUniform(8...256)
        height = draw.logUniform(7...112)
        width = height
        // As many images as make about a hundred million multiply-adds, sixteen at most.
        let one = inputs * outputs * kernel * kernel * height * width / (stride * stride)
        batch = min(draw.pick([1, 4, 16]), max(1, 100_000_000 / max(1, one)))
    }

    private var padding: Int { kernel / 2 }
    private var outputHeight: Int { (height + 2 * padding - kernel) / stride + 1 }
    private var outputWidth: Int { (width + 2 * padding - kernel) / stride + 1 }

    var name: String { "conv \(batch)×\(inputs)×\(height)×\(width) → \(outputs), \(kernel)×\(kernel) stride \(stride)" }

    var graph: String {
        let result = "f32[\(batch),\(outputs),\(outputHeight),\(outputWidth)]"
        let pad = "[\(padding),\(padding)]"
        return """
            module v1 @sweep {
              func @main(%x: f32[\(batch),\(inputs),\(height),\(width)] "x", %w: f32[\(outputs),\(inputs),\(kernel),\(kernel)] "w") {
                %0 = conv %x, %w layout "NCHW,OIHW,NCHW" strides [\(stride),\(stride)] padding \(pad),\(pad) inputDilation [1,1] kernelDilation [1,1] : \(result)
                output %0 : \(result) "y"
              }
            }

            """
    }

    var flops: Double { 2 * Double(count) * Double(inputs * kernel * kernel) }
    var bytesRead: Double { 4 * Double(batch * inputs * height * width + outputs * inputs * kernel * kernel) }
    var bytesWritten: Double { 4 * Double(count) }
    var count: Int { batch * outputs * outputHeight * outputWidth }

    func expected(_ index: Int, _ given: [UnsafeBufferPointer<Float>]) -> (value: Double, margin: Double) {
        let x = index % outputWidth
        let y = index / outputWidth % outputHeight
        let output = index / (outputWidth * outputHeight) % outputs
        let image = index / (outputWidth * outputHeight * outputs)
        var (sum, total) = (0.0, 0.0)
        for input in 0..<inputs {
            for dy in 0..<kernel {
                for dx in 0..<kernel {
                    let (row, column) = (y * stride + dy - padding, x * stride + dx - padding)
                    guard (0..<height).contains(row), (0..<width).contains(column) else { continue }
                    let element = given[0][((image * inputs + input) * height + row) * width + column]
                    let weight = given[1][((output * inputs + input) * kernel + dy) * kernel + dx]
                    sum += Double(element) * Double(weight)
                    total += abs(Double(element) * Double(weight))
                }
            }
        }
        return (sum, summationMargin(inputs * kernel * kernel, total))
    }
}
