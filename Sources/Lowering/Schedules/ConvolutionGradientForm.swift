import GraphIR
import HostTensors
import KernelIR

/// The weight gradient of a convolution with channels innermost, which sums over pixels, as products of tiles of bf16 parts.
///
/// Its operands are split image by image, in memory of the task that works on the image. A tile of the right operand is 16 pixels
/// of a line and of the next one × 16 input channels: a word holds an element and the one a line below it, so that any tap is a
/// move by whole words. The left operand is the cotangent, 16 output channels × the same pixels.
struct ConvolutionGradientForm {
    /// The batch, the lines of an image and the pixels of a line, as in the convolution's result forward.
    let images: LoopAxis
    let lines: LoopAxis
    let pixels: LoopAxis
    /// The kernel's axes.
    let taps: [LoopAxis]
    /// The input's channels: a multiple of 32.
    let inputs: LoopAxis
    /// The output's channels.
    let outputs: LoopAxis
    let precision: Precision
    /// The pixel of the input, within its image, that a line, a pixel and a tap meet.
    let pixel: IndexExpression
    /// Pixels of an image of the input.
    let imagePixels: Int

    /// Images that a weight gradient sums before their sum is written: the same for any number of threads.
    static let imagesInSum = 8

    init?(_ contraction: Contraction, resultShape: [Dim], precision: Precision) {
        let (left, right) = (contraction.left, contraction.right)
        let position = flatten(contraction.indices, resultShape)
        let free = contraction.outputs.filter { right.step($0.variable) == 0 }
        let all = contraction.outputs + contraction.reduced
        guard let inputs = all.first(where: { left.step($0.variable) == 1 }),
            let outputs = contraction.outputs.first(where: { left.step($0.variable) == 0 }),
            contraction.outputs.count == free.count + 1, right.step(outputs.variable) == 1,
            position.step(outputs.variable) == 1, let channels = inputs.extent.constant, channels % 32 == 0,
            outputs.extent.constant != nil
        else { return nil }
        guard free.contains(where: { $0.variable == inputs.variable }) else { return nil }
        func step(_ axis: LoopAxis) -> Int { left.step(axis.variable).constant ?? 0 }
        let moving = contraction.reduced.sorted { step($0) > step($1) }
        taps = free.filter { $0.variable != inputs.variable }
        guard moving.count == 3, (moving + taps).allSatisfy({ step($0) > 0 && step($0) % channels == 0 }),
            (taps + moving.dropFirst()).allSatisfy({ $0.extent.constant != nil }), !taps.isEmpty
        else { return nil }
        (images, lines, pixels) = (moving[0], moving[1], moving[2])
        (self.inputs, self.outputs, self.precision) = (inputs, outputs, precision)
        imagePixels = step(images) / channels
        pixel = (Array(moving.dropFirst()) + taps).reduce(Dim(0)) {
            $0 + Dim(symbol: $1.variable) * Dim(step($1) / channels)
        }
    }

    /// Parts of an element.
    var parts: Int { precision.parts }
    /// Input channels.
    var channels: Int { inputs.extent.constant ?? 0 }
    /// Pixels of the input between neighbours in a line of the result, and between lines.
    var pixelStep: Int { pixel.step(pixels.variable).constant ?? 1 }
    var lineStep: Int { pixel.step(lines.variable).constant ?? 1 }
    /// Output channels, and pixels of a line, in whole tiles.
    var paddedOutputs: Int { Self.whole(outputs, 32) }
    var paddedPixels: Int { Self.whole(pixels, 16) }

    static func whole(_ axis: LoopAxis, _ block: Int) -> Int {
        ((axis.extent.constant ?? 0) + block - 1) / block * block
    }

    /// A tap's number.
    var tap: IndexExpression {
        taps.reduce(Dim(0)) { $0 * $1.extent + Dim(symbol: $1.variable) }
    }
    var tapCount: Int { taps.reduce(1) { $0 * ($1.extent.constant ?? 1) } }

    // MARK: Words and sums

    /// Pixels of an image whose words a weight gradient reads.
    var pairedPixels: Int { imagePixels + 15 * pixelStep }

    /// Words of 32 channels of an image, each a pixel's element and that of the line below.
    var pairWords: Int { pairedPixels * 32 * parts }

    /// Where a part of a pixel's words begins.
    func pair(_ pixel: IndexExpression, part: Int) -> IndexExpression {
        pixel * Dim(32 * parts) + Dim(32 * part)
    }

    /// Words of an image of the cotangent.
    var cotangentWords: Int { Self.whole(lines, 2) / 2 * paddedPixels * paddedOutputs * parts }

    /// Where a part of the cotangent's 16 outputs × 16 pixels of two lines begins.
    func cotangent(_ output: IndexExpression, part: Int) -> IndexExpression {
        let line = Dim(symbol: lines.variable) * Dim(paddedPixels / 2)
        return (line + Dim(symbol: pixels.variable)) * Dim(paddedOutputs * parts) + output * Dim(16 * parts)
            + Dim(256 * part)
    }

    /// Elements of one sum over images: 16 × 16 outputs × inputs lie together.
    var sumCount: Int { tapCount * channels * paddedOutputs }

    /// Where 16 × 16 elements of the sum that begins with an image (a multiple of those in a sum) begin.
    func sum(_ image: IndexExpression, _ input: IndexExpression, _ output: IndexExpression) -> IndexExpression {
        image * Dim(sumCount / Self.imagesInSum) + tap * Dim(channels * paddedOutputs) + input * Dim(paddedOutputs)
            + output * 16
    }

    // MARK: Whether it pays

    /// Whether tiles are faster than fused multiply-adds, by the same model as for matrices; never where memory of a task
    /// would be large.
    func isWorthwhile(on target: Target) -> Bool {
        guard 4 * (pairWords + cotangentWords + sumCount) <= 1 << 20, 4 * (pairWords + cotangentWords) <= 1 << 19,
            let lineCount = lines.extent.constant, let pixelCount = pixels.extent.constant,
            let outputCount = outputs.extent.constant
        else { return false }
        let perPixel = Double(tapCount * channels)
        let fused = Double(lineCount * pixelCount * outputCount) * perPixel / 32 / 0.85
        let tiles =
            Double(Self.whole(lines, 2) * paddedPixels * paddedOutputs) * perPixel / 8192 * target.tileProductCycles
            / 0.66
            * Double(precision.products.count)
        let splitting =
            Double(imagePixels * channels * parts) * 0.8 + Double(cotangentWords) * 0.4 + Double(sumCount) * 0.2
        return tiles + splitting < 0.75 * fused
    }
}
